package planfile

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
)

// MaxCopies bounds a count, so that a slip of the pen is no load of the machine.
const MaxCopies = 100_000

// Share is a part of the copies of a counted instance: they run on copies of a device, over
// copies of a link, in place of those that the mapping names.
type Share struct {
	Device string  `yaml:"device,omitempty"` // "": that of the mapping
	Link   string  `yaml:"link,omitempty"`   // "": those that the device has beside those that the mix names
	Share  float64 `yaml:"share"`            // of all copies, above 0 and up to 1
}

// group is what a count makes copies of.
type group struct {
	path      string // of the instance or the device with the count
	n         int
	instances []int // that are copied, as written
	devices   []int // that are copied; of a mix, the one that a share's device replaces
	mix       []Share
}

// deviceOf returns the device of a unit, device.unit.
func deviceOf(unit string) string {
	d, _, _ := strings.Cut(unit, ".")
	return d
}

// devices returns the names of the devices that an instance has to do with, each once.
func (i *Instance) devices() []string {
	var all []string
	add := func(unit string) {
		if d := deviceOf(unit); !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	for _, a := range i.Mapping {
		add(a.Unit)
	}
	if i.Fallback != nil {
		add(i.Fallback.Unit)
	}
	return all
}

// mixed reports whether an instance may run on a device, or over a link, by its mix.
func (i *Instance) mixed(is func(s *Share) bool) bool {
	return slices.ContainsFunc(i.Mix, func(s Share) bool { return is(&s) })
}

// groups returns what is counted, in the order of the file.
func (f *File) groups() ([]group, error) {
	var groups []group
	var errs []error
	for i := range f.Platform.Devices {
		g, err := f.countedDevice(i)
		if errs = append(errs, err); g != nil && err == nil {
			groups = append(groups, *g)
		}
	}
	for i := range f.Instances {
		g, err := f.countedInstance(i)
		if errs = append(errs, err); g != nil && err == nil {
			groups = append(groups, *g)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return groups, f.apart(groups)
}

// checkCount checks a number of copies; given says whether there is one.
func (f *File) checkCount(path string, n int) (given bool, err error) {
	given = n != 0 || f.written == nil && f.doc.Has(path+".count")
	if given && (n < 1 || n > MaxCopies) {
		err = f.Errorf(path+".count", "%w: a count of %d; expected 1 to %d", ErrMapping, n, MaxCopies)
	}
	return given, err
}

func (f *File) countedDevice(i int) (*group, error) {
	d := &f.Platform.Devices[i]
	path := fmt.Sprintf("$.platform.devices[%d]", i)
	given, err := f.checkCount(path, d.Count)
	switch {
	case err != nil || !given:
		return nil, err
	case d.Role != plan.Endpoint:
		return nil, f.Errorf(path+".count", "%w: device %s is no endpoint; only endpoints are counted", ErrPlatform, d.Name)
	}
	g := &group{path: path, n: d.Count, devices: []int{i}}
	for k := range f.Instances {
		if slices.Contains(f.Instances[k].devices(), d.Name) {
			g.instances = append(g.instances, k)
		}
	}
	return g, nil
}

func (f *File) countedInstance(i int) (*group, error) {
	in := &f.Instances[i]
	path := fmt.Sprintf("$.instances[%d]", i)
	given, err := f.checkCount(path, in.Count)
	switch {
	case err != nil:
		return nil, err
	case !given && len(in.Mix) > 0:
		return nil, f.Errorf(path+".mix", "%w: a mix is of the copies of a counted instance; add count", ErrMapping)
	case !given:
		return nil, nil
	}
	g := &group{path: path, n: in.Count, instances: []int{i}, mix: in.Mix}
	for _, name := range in.devices() {
		if d := f.Platform.Device(name); d >= 0 && f.Platform.Devices[d].Role == plan.Endpoint {
			g.devices = append(g.devices, d)
		}
	}
	switch {
	case len(g.devices) == 0:
		return nil, f.Errorf(path+".count", "%w: each copy of an instance has endpoints of its own, and this one has "+
			"actors on "+
			"none; map some to an endpoint", ErrMapping)
	case len(g.mix) > 0 && len(g.devices) > 1:
		return nil, f.Errorf(path+".mix", "%w: a mix replaces one endpoint, and the instance has actors on %d; map it to one",
			ErrMapping, len(g.devices))
	}
	return g, f.checkMix(g)
}

// checkMix checks the mix of a counted instance.
func (f *File) checkMix(g *group) error {
	var errs []error
	sum := 0.0
	for k := range g.mix {
		s := &g.mix[k]
		path := fmt.Sprintf("%s.mix[%d]", g.path, k)
		sum += s.Share
		switch {
		case s.Device == "" && s.Link == "":
			errs = append(errs, f.Errorf(path, "%w: a part of a mix needs a device or a link", ErrMapping))
		case !(s.Share > 0 && s.Share <= 1):
			errs = append(errs, f.Errorf(path+".share", "%w: a share of %g; expected more than 0 and at most 1", ErrMapping,
				s.Share))
		default:
			errs = append(errs, f.checkShareDevice(g, s, path), f.checkShareLinks(g, s, path))
		}
	}
	if err := errors.Join(errs...); err != nil || len(g.mix) == 0 {
		return err
	}
	if math.Abs(sum-1) > 1e-9 {
		return f.Errorf(g.path+".mix", "%w: the shares of the mix sum to %.4g; expected 1", ErrMapping, sum)
	}
	return nil
}

// checkShareDevice checks the device of a part of a mix.
func (f *File) checkShareDevice(g *group, s *Share, path string) error {
	if s.Device == "" {
		return nil
	}
	at := f.Platform.Device(s.Device)
	if at < 0 || f.Platform.Devices[at].Role != plan.Endpoint {
		return f.Errorf(path+".device", "%w: there is no endpoint %q; the endpoints are %s%s", ErrMapping, s.Device,
			graph.ListNames(f.endpoints()), nearest.Hint(s.Device, f.endpoints()))
	}
	d, from := &f.Platform.Devices[at], f.Platform.Devices[g.devices[0]].Name
	for _, a := range f.Instances[g.instances[0]].Mapping {
		unit, ours := strings.CutPrefix(a.Unit, from+".")
		if ours && d.Name != from && !slices.ContainsFunc(d.Units, func(u plan.Unit) bool { return u.Name == unit }) {
			var units []string
			for _, u := range d.Units {
				units = append(units, u.Name)
			}
			return f.Errorf(path+".device", "%w: device %s has no unit %q, which the mapping uses of %s; it has %s%s",
				ErrMapping, d.Name, unit, from, graph.ListNames(units), nearest.Hint(unit, units))
		}
	}
	return nil
}

func (f *File) endpoints() []string {
	var names []string
	for i := range f.Platform.Devices {
		if d := &f.Platform.Devices[i]; d.Role == plan.Endpoint {
			names = append(names, d.Name)
		}
	}
	return names
}

// checkShareLinks checks that a copy by a part of a mix has one link to each other device.
func (f *File) checkShareLinks(g *group, s *Share, path string) error {
	if s.Link != "" {
		at := slices.IndexFunc(f.Platform.Links, func(l plan.Link) bool { return l.Name == s.Link })
		if at < 0 {
			var names []string
			for _, l := range f.Platform.Links {
				names = append(names, l.Name)
			}
			return f.Errorf(path+".link", "%w: there is no link %q; the links are %s%s", ErrMapping, s.Link,
				graph.ListNames(names), nearest.Hint(s.Link, names))
		}
		if f.endOf(&f.Platform.Links[at]) < 0 {
			return f.Errorf(path+".link", "%w: link %s does not have one end at an endpoint, which a copy takes the place of",
				ErrMapping, s.Link)
		}
	}
	to := map[string]string{}
	for _, at := range f.linksOf(g, s) {
		l := &f.Platform.Links[at]
		far := l.Between[1-f.endOf(l)]
		if other, twice := to[far]; twice {
			return f.Errorf(path, "%w: copies on %s would have two links to %s, %s and %s; name both in the mix, each in a "+
				"part of "+
				"its own", ErrMapping, f.class(g, s), far, other, l.Name)
		}
		to[far] = l.Name
	}
	return nil
}

// class returns the device that copies by a part of a mix are copies of.
func (f *File) class(g *group, s *Share) string {
	if s.Device != "" {
		return s.Device
	}
	return f.Platform.Devices[g.devices[0]].Name
}

// endOf returns which end of a link, 0 or 1, lies at an endpoint; -1 unless one does.
func (f *File) endOf(l *plan.Link) int {
	end := -1
	for k, name := range l.Between {
		if d := f.Platform.Device(name); len(l.Between) == 2 && d >= 0 && f.Platform.Devices[d].Role == plan.Endpoint {
			if end >= 0 {
				return -1
			}
			end = k
		}
	}
	return end
}

// linksOf returns the links that a copy by a part of a mix has copies of.
func (f *File) linksOf(g *group, s *Share) []int {
	class := f.class(g, s)
	var links []int
	for i := range f.Platform.Links {
		l := &f.Platform.Links[i]
		named := slices.ContainsFunc(g.mix, func(o Share) bool { return o.Link == l.Name })
		if named && l.Name == s.Link || !named && f.endOf(l) >= 0 && slices.Contains(l.Between, class) {
			links = append(links, i)
		}
	}
	return links
}

// alternative reports whether copies choose a link by a mix, so that there may be others between
// its devices.
func (f *File) alternative(link string) bool {
	return slices.ContainsFunc(f.Instances, func(i Instance) bool {
		return i.mixed(func(s *Share) bool { return s.Link == link })
	})
}

// apart refuses devices that would be copied twice, or that other instances use beside the
// copied one.
func (f *File) apart(groups []group) error {
	var errs []error
	for k := range groups {
		g := &groups[k]
		for i := range f.Instances {
			if slices.Contains(g.instances, i) {
				continue
			}
			for _, d := range f.copied(g) {
				in := &f.Instances[i]
				if slices.Contains(in.devices(), d) || in.mixed(func(s *Share) bool { return s.Device == d }) {
					errs = append(errs, f.Errorf(g.path+".count", "%w: instance %s also uses device %s; to copy both, give the "+
						"count to "+
						"the device", ErrMapping, in.Name, d))
				}
			}
		}
		for _, o := range groups[:k] {
			if slices.ContainsFunc(g.instances, func(i int) bool { return slices.Contains(o.instances, i) }) {
				errs = append(errs, f.Errorf(g.path+".count", "%w: both an instance and its device, or two of its devices, have a "+
					"count; leave one", ErrMapping))
			}
		}
	}
	return errors.Join(errs...)
}

// copied names the devices that copies of a group are copies of.
func (f *File) copied(g *group) []string {
	var names []string
	for _, d := range g.devices {
		names = append(names, f.Platform.Devices[d].Name)
	}
	for _, s := range g.mix {
		if s.Device != "" && !slices.Contains(names, s.Device) {
			names = append(names, s.Device)
		}
	}
	return names
}

// SetCount has so many copies of an endpoint, and of what runs on it: by the count of the
// instance that uses it, if that has one, else by the device's own.
func (f *File) SetCount(device string, n int) {
	for i := range f.Instances {
		in := &f.Instances[i]
		of := slices.Contains(in.devices(), device) || in.mixed(func(s *Share) bool { return s.Device == device })
		if in.Count > 0 && of {
			in.Count = n
			return
		}
	}
	if d := f.Platform.Device(device); d >= 0 {
		f.Platform.Devices[d].Count = n
	}
}
