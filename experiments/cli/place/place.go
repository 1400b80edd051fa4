// Package place says which device of a testbed stands for which device of an experiment. It
// may not connect to one.
package place

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/urfave/cli/v2"
)

// ErrFew says that a testbed has fewer devices than an experiment needs.
var ErrFew = errors.New("the testbed has too few devices")

// Wanted is what a command line says of it.
type Wanted struct {
	On      []string // each EXPERIMENTDEVICE=TESTBEDDEVICE
	Without []string // endpoints to leave out
}

// The names of the flags.
const (
	onFlag      = "on"
	withoutFlag = "without"
)

// Flags are those of every command that runs experiments on a testbed.
func Flags() []cli.Flag {
	return []cli.Flag{
		&cli.GenericFlag{Name: onFlag, Value: &input.List{}, Usage: "with an experiment and --testbed: " +
			"`EXPERIMENTDEVICE=TESTBEDDEVICE`, as slow=jetson1; may be given several times",
			DefaultText: "the device of the same name, or the only ones that are left"},
		&cli.GenericFlag{Name: withoutFlag, Value: &input.List{}, Usage: "with an experiment and --testbed: leave this " +
			"`ENDPOINT` of the experiment out; may be given several times"},
	}
}

// Of returns what a command line says.
func Of(c *cli.Context) Wanted {
	list := func(name string) []string {
		if l, ok := c.Generic(name).(*input.List); ok {
			return *l
		}
		return nil
	}
	return Wanted{On: list(onFlag), Without: list(withoutFlag)}
}

// Named returns the part of w that is about devices of an experiment.
func (w Wanted) Named(s *spec.Spec) Wanted {
	known := s.DeviceNames()
	var own Wanted
	for _, text := range w.On {
		if name, _, _ := strings.Cut(text, "="); slices.Contains(known, name) {
			own.On = append(own.On, text)
		}
	}
	for _, name := range w.Without {
		if slices.Contains(known, name) {
			own.Without = append(own.Without, name)
		}
	}
	return own
}

// Known returns an error, which is the user's to correct, if w is about a device that none of
// the experiments has.
func (w Wanted) Known(of []*spec.Spec) error {
	var names []string
	for _, s := range of {
		names = append(names, s.DeviceNames()...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var errs []error
	unknown := func(flag, text, name string) {
		if !slices.Contains(names, name) {
			errs = append(errs, input.Error(fmt.Errorf("--%s %s: no experiment has a device %q%s; they have %s", flag, text,
				name, nearest.Hint(name, names), list(names))))
		}
	}
	for _, text := range w.On {
		name, _, _ := strings.Cut(text, "=")
		unknown(onFlag, text, name)
	}
	for _, name := range w.Without {
		unknown(withoutFlag, name, name)
	}
	return errors.Join(errs...)
}

// Devices returns, by device of an experiment, the device of the testbed that stands for it:
// the one that w says, else the one of the same name, else one of those that are left, where
// it doesn't matter which. Endpoints that w leaves out are not in it. Errors are the user's to correct.
func Devices(s *spec.Spec, w Wanted, testbed []string) (map[string]string, error) {
	p := &placing{spec: s, testbed: testbed, at: map[string]string{}, out: map[string]bool{}}
	if err := errors.Join(p.leaveOut(w.Without), p.asSaid(w.On)); err != nil {
		return nil, input.Error(err)
	}
	for _, name := range p.open() {
		if slices.Contains(p.free(), name) {
			p.at[name] = name
		}
	}
	if err := p.rest(); err != nil {
		return nil, input.Error(err)
	}
	return p.at, nil
}

// placing is a placement in the making.
type placing struct {
	spec    *spec.Spec
	testbed []string
	at      map[string]string
	out     map[string]bool // left out
}

// open lists the devices of the experiment that have no place yet, in its order.
func (p *placing) open() []string {
	return slices.DeleteFunc(p.spec.DeviceNames(), func(name string) bool { return p.out[name] || p.at[name] != "" })
}

// free lists the devices of the testbed that stand for none.
func (p *placing) free() []string {
	taken := slices.Collect(maps.Values(p.at))
	return slices.DeleteFunc(slices.Clone(p.testbed), func(name string) bool { return slices.Contains(taken, name) })
}

func (p *placing) unknown(flag, what, name string) error {
	known := p.spec.DeviceNames()
	return fmt.Errorf("--%s %s: experiment %s has no device %q%s; it has %s", flag, what, p.spec.Experiment, name,
		nearest.Hint(name, known), strings.Join(known, ", "))
}

func (p *placing) leaveOut(names []string) error {
	var errs []error
	for _, name := range names {
		switch {
		case !slices.Contains(p.spec.DeviceNames(), name):
			errs = append(errs, p.unknown(withoutFlag, name, name))
		case p.spec.Endpoint(name) == nil:
			errs = append(errs, fmt.Errorf("--without %s: only endpoints can be left out", name))
		case len(p.spec.Mappings) > 0:
			errs = append(errs, fmt.Errorf("--without %s: the mappings of experiment %s name it", name, p.spec.Experiment))
		default:
			p.out[name] = true
		}
	}
	if len(p.out) > 0 && len(p.out) == len(p.spec.Endpoints) {
		errs = append(errs, errors.New("--without: all endpoints are left out; frames come from one"))
	}
	return errors.Join(errs...)
}

func (p *placing) asSaid(on []string) error {
	var errs []error
	for _, text := range on {
		if err := p.put(text); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// put puts a device as --on says.
func (p *placing) put(text string) error {
	name, device, ok := strings.Cut(text, "=")
	switch {
	case !ok || name == "" || device == "":
		return fmt.Errorf("--on %s: expected EXPERIMENTDEVICE=TESTBEDDEVICE, as --on %s=%s", text, p.spec.DeviceNames()[0],
			first(p.testbed))
	case !slices.Contains(p.spec.DeviceNames(), name):
		return p.unknown(onFlag, text, name)
	case p.out[name]:
		return fmt.Errorf("--on %s: --without leaves endpoint %s out", text, name)
	case !slices.Contains(p.testbed, device):
		return fmt.Errorf("--on %s: the testbed has no device %q%s; it has %s", text, device,
			nearest.Hint(device, p.testbed), list(p.testbed))
	case p.at[name] != "":
		return fmt.Errorf("--on %s: device %s of the experiment is on %s already", text, name, p.at[name])
	}
	for other, taken := range p.at {
		if taken == device {
			return fmt.Errorf("--on %s: device %s of the testbed stands for %s already; each can stand for one only", text,
				device, other)
		}
	}
	p.at[name] = device
	return nil
}

// rest puts the devices that are left where it doesn't matter which is which: endpoints of
// equal units, or a single device.
func (p *placing) rest() error {
	open, free := p.open(), p.free()
	if len(open) == 0 {
		return nil
	}
	if len(open) != len(free) || !p.alike(open) {
		return p.ask(open, free)
	}
	for i, name := range open {
		p.at[name] = free[i]
	}
	return nil
}

// alike reports whether devices of the experiment differ in name and speed only, which is the
// testbed's own.
func (p *placing) alike(names []string) bool {
	for _, name := range names[1:] {
		a, b := p.spec.Endpoint(names[0]), p.spec.Endpoint(name)
		if a == nil || b == nil {
			return false
		}
		u, v := a.Unit, b.Unit
		u.Slowdown, v.Slowdown = 1, 1
		if u.Key() != v.Key() {
			return false
		}
	}
	return true
}

// ask says what the user must say.
func (p *placing) ask(open, free []string) error {
	var ons []string
	for i, name := range open {
		device := "DEVICE"
		if i < len(free) {
			device = free[i]
		}
		ons = append(ons, fmt.Sprintf("--on %s=%s", name, device))
	}
	text := fmt.Sprintf("experiment %s: which device of the testbed is %s? Free are %s", p.spec.Experiment,
		strings.Join(open, ", which is "), list(free))
	if len(free) >= len(open) {
		return fmt.Errorf("%s; say so, as by %s", text, strings.Join(ons, " "))
	}
	if len(p.spec.Mappings) > 0 || len(open)-len(free) >= len(p.spec.Endpoints)-len(p.out) {
		return fmt.Errorf("%s: %w; experiment %s needs %d", text, ErrFew, p.spec.Experiment,
			len(p.spec.DeviceNames())-len(p.out))
	}
	var without []string
	for i, name := range open {
		if i >= len(free) {
			ons[i] = "--without " + name
		}
		without = append(without, ons[i])
	}
	return fmt.Errorf("%s: %w; leave endpoints out, as by %s", text, ErrFew, strings.Join(without, " "))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func first(names []string) string {
	if len(names) == 0 {
		return "DEVICE"
	}
	return names[0]
}
