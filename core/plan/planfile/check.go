package planfile

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
)

// Check reports what is wrong with the actors, the platform, the instances and
// the workload, each on its own.
func (f *File) Check() error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, f.Errorf(path, format, args...)) }
	if len(f.Platform.Devices) == 0 {
		add("$.platform", "%w: it has no devices", ErrPlatform)
	}
	seen := map[string]bool{}
	for i, d := range f.Platform.Devices {
		path := fmt.Sprintf("$.platform.devices[%d]", i)
		if d.Name == "" || strings.ContainsAny(d.Name, ". */>") || seen[d.Name] {
			add(path+".name", "%w: device name %q must be unique and without dots, spaces, slashes, '*' and '>'",
				ErrPlatform, d.Name)
		}
		seen[d.Name] = true
		if roles := []plan.Role{plan.Endpoint, plan.Gateway, plan.Server}; !slices.Contains(roles, d.Role) {
			add(path+".role", "%w: role %q of device %s; expected endpoint, gateway or server%s", ErrPlatform, d.Role, d.Name,
				nearest.Hint(d.Role, roles))
		}
		if len(d.Units) == 0 {
			add(path, "%w: device %s has no units", ErrPlatform, d.Name)
		}
		for j, u := range d.Units {
			upath := fmt.Sprintf("%s.units[%d]", path, j)
			switch {
			case u.Name == "" || slices.ContainsFunc(d.Units[:j], func(v plan.Unit) bool { return v.Name == u.Name }):
				add(upath, "%w: unit name %q of device %s must be unique and not empty", ErrPlatform, u.Name, d.Name)
			case u.Lanes < 0 || u.Threads < 0:
				add(upath, "%w: unit %s.%s: lanes and threads must be at least 1", ErrPlatform, d.Name, u.Name)
			case u.Lanes > plan.MaxLanes || u.Threads > plan.MaxThreads:
				add(upath, "%w: unit %s.%s: %d lanes and %d threads; at most %d and %d", ErrPlatform, d.Name, u.Name, u.Lanes,
					u.Threads, plan.MaxLanes, plan.MaxThreads)
			case u.Slowdown != 0 && !(u.Slowdown >= 1 && u.Slowdown <= math.MaxFloat64):
				add(upath+".slowdown", "%w: unit %s.%s: slowdown %g; a unit can't be emulated faster than the machine, "+
					"expected at least 1", ErrPlatform, d.Name, u.Name, u.Slowdown)
			}
			if err := u.Provider.Check(); err != nil {
				add(upath+".provider", "%w: unit %s.%s: %w", ErrPlatform, d.Name, u.Name, err)
			}
		}
	}
	errs = append(errs, f.checkPower(), f.checkLinks(seen), f.checkMedia())
	if len(f.Instances) == 0 {
		add("$.instances", "%w: there are no instances; at least one with a mapping is needed", ErrMapping)
	}
	instances := map[string]bool{}
	for i, inst := range f.Instances {
		path := fmt.Sprintf("$.instances[%d]", i)
		if instances[inst.Name] {
			add(path+".name", "%w: two instances are named %q; give every one a name of its own", ErrMapping, inst.Name)
		}
		instances[inst.Name] = true
		if inst.Codec != "" {
			if _, err := codec.Parse(inst.Codec); err != nil {
				add(path+".codec", "%w: %w", ErrCodec, err)
			}
		}
	}
	_, counted := f.groups()
	return errors.Join(append(errs, counted, f.CheckActors(), f.checkEnds(), f.checkWorkload(), f.checkCosts())...)
}

// checkPower checks the power figures of the devices.
func (f *File) checkPower() error {
	var errs []error
	for i, d := range f.Platform.Devices {
		if d.Power == nil {
			continue
		}
		var units []string
		for _, u := range d.Units {
			units = append(units, u.Name)
		}
		if err := d.Power.Check(units); err != nil {
			errs = append(errs, f.Errorf(fmt.Sprintf("$.platform.devices[%d].power", i), "%w: device %s: %w", ErrPlatform,
				d.Name, err))
		}
	}
	return errors.Join(errs...)
}
