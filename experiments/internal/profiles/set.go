package profiles

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Set is what the profiles say that the devices and links of a platform name.
type Set struct {
	links   map[string]*profile.Link // by the plan's names; see Links
	media   map[string]*profile.Medium
	devices map[string]*Device // by the plan's names
	paths   map[string]string  // of their files, as the plan names them
	all     []string           // devices of the platform, with a profile or without
}

// Named reads the profiles that the devices and links of a platform name, relative to the file
// that names them. Errors name the device or link and its profile.
func Named(pf *plan.Platform, file string) (*Set, error) {
	s := &Set{devices: map[string]*Device{}, paths: map[string]string{}}
	for i := range pf.Devices {
		d := &pf.Devices[i]
		s.all = append(s.all, d.Name)
		if d.Profile == "" {
			continue
		}
		path := d.Profile
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		read, err := ReadDevice(path)
		if err != nil {
			return nil, fmt.Errorf("profile of device %s: %w", d.Name, err)
		}
		s.devices[d.Name], s.paths[d.Name] = read, d.Profile
	}
	var err error
	if s.links, err = Links(pf, filepath.Dir(file)); err != nil {
		return nil, err
	}
	if s.media, err = Media(pf, filepath.Dir(file)); err != nil {
		return nil, err
	}
	return s, nil
}

// Of returns the set for the devices and links of a compiled plan, in which copies cost what those
// do that they are copies of.
func (s *Set) Of(pf *plan.Platform) *Set {
	of := &Set{links: maps.Clone(s.links), devices: maps.Clone(s.devices), paths: maps.Clone(s.paths), all: s.all,
		media: s.media}
	for i := range pf.Devices {
		if d := &pf.Devices[i]; s.devices[d.CopyOf] != nil {
			of.devices[d.Name], of.paths[d.Name] = s.devices[d.CopyOf], s.paths[d.CopyOf]
		}
	}
	for i := range pf.Links {
		l := &pf.Links[i]
		if read := s.links[cmp.Or(l.CopyOf, l.Name)]; read != nil { // a mix may have moved an end of one that is no copy
			own := *read
			own.Between = [2]string{l.Between[0], l.Between[1]}
			of.links[l.Name] = &own
		}
	}
	return of
}

// Empty reports whether nothing names a profile or a trace.
func (s *Set) Empty() bool { return len(s.devices)+len(s.links)+len(s.media) == 0 }

// Any reports whether a device names a profile, All whether every one does.
func (s *Set) Any() bool { return len(s.devices) > 0 }

// All reports whether every device of the platform names a profile.
func (s *Set) All() bool { return s.Any() && len(s.Bare()) == 0 }

// Profiled names the devices of the platform that name a profile.
func (s *Set) Profiled() []string {
	return slices.DeleteFunc(slices.Clone(s.all), func(name string) bool { return s.devices[name] == nil })
}

// Bare names the devices of the platform that name none.
func (s *Set) Bare() []string {
	return slices.DeleteFunc(slices.Clone(s.all), func(name string) bool { return s.devices[name] != nil })
}

// Device returns the profile that a device names, and its path; nil if it names none.
func (s *Set) Device(name string) (d *Device, path string) { return s.devices[name], s.paths[name] }

// Links names the links of the platform that name a profile or a trace, sorted.
func (s *Set) Links() []string { return slices.Sorted(maps.Keys(s.links)) }

// Profile returns base with the costs of the devices and links that name a profile in place of
// its own for these. base is not changed.
func (s *Set) Profile(base *profile.Profile) *profile.Profile {
	p := *base
	if len(s.links) > 0 {
		p.Links = maps.Clone(base.Links)
		if p.Links == nil {
			p.Links = map[string]*profile.Link{}
		}
		maps.Copy(p.Links, s.links)
	}
	if len(s.media) > 0 {
		p.Media = s.media
	}
	p.Devices = maps.Clone(base.Devices)
	if p.Devices == nil {
		p.Devices = map[string]*profile.Device{}
	}
	for name, d := range s.devices {
		p.Devices[name] = d.Profile()
	}
	return &p
}

// Covers reports what the profiles lack for plans: an error wrapping profile.ErrMissing that
// names the file, and the command that measures it.
func (s *Set) Covers(plans []*plan.Plan) error {
	for _, pl := range plans {
		for a, w := range pl.Work {
			on := pl.DeviceOf(a).Name
			d := s.devices[on]
			if d == nil {
				continue
			}
			own := profile.Profile{Devices: map[string]*profile.Device{d.Device: d.Profile()}}
			if _, err := own.CostOn(d.Device, w.CostKey); err != nil {
				return fmt.Errorf("profile %s of device %s: %w", s.paths[on], on, err)
			}
		}
	}
	return nil
}

// CheckModels proves that the profiles are of the models that are at hand, by name and
// SHA-256. Errors wrap ErrOtherModel.
func (s *Set) CheckModels(sums map[string]string) error {
	for _, on := range slices.Sorted(maps.Keys(s.devices)) {
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			of := s.devices[on].sums(name)
			if len(of) > 0 && !slices.Contains(of, sums[name]) {
				return fmt.Errorf("%w: %s is of model %s with SHA-256 %.8s, and the one at hand has %.8s; profile that one",
					ErrOtherModel, s.paths[on], name, strings.Join(of, " "), sums[name])
			}
		}
	}
	return nil
}

// sums lists the SHA-256 of the models of a name.
func (d *Device) sums(name string) []string {
	var list []string
	for _, m := range d.Models {
		if m.Name == name {
			list = append(list, m.SHA256)
		}
	}
	return list
}

// Models returns, by name, the models without their weights that all profiles of the set have.
// The names of others are left out. Errors wrap ErrOtherModel where profiles are of two models
// of one name, or ErrFile.
func (s *Set) Models(names []string) (map[string]*onnx.Model, error) {
	found := map[string]*onnx.Model{}
	for _, name := range names {
		var sum, from string
		for _, on := range slices.Sorted(maps.Keys(s.devices)) {
			for _, m := range slices.Backward(s.devices[on].Models) { // the one that was added last
				if m.Name != name {
					continue
				}
				switch {
				case sum == "":
					opened, err := m.Open()
					if err != nil {
						return nil, fmt.Errorf("%s: %w", s.paths[on], err)
					}
					sum, from, found[name] = m.SHA256, s.paths[on], opened
				case sum != m.SHA256:
					return nil, fmt.Errorf("%w: %s is of model %s with SHA-256 %.8s, and %s of one with %.8s; profile both devices "+
						"with one model", ErrOtherModel, from, name, sum, s.paths[on], m.SHA256)
				}
				break
			}
		}
	}
	return found, nil
}

// String names the profiles and what they are of, for the origin of figures.
func (s *Set) String() string {
	var list []string
	for _, on := range s.all {
		if d := s.devices[on]; d != nil {
			f := &d.Fingerprint
			what := cmp.Or(f.Board, f.Processor, f.System)
			list = append(list, fmt.Sprintf("%s as %s (%s, %s, measured %s, %s)", on, filepath.Base(s.paths[on]), d.Device, what,
				d.Created.UTC().Format("2006-01-02"), d.Digest()))
		}
	}
	return strings.Join(list, "; ")
}
