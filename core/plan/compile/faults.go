package compile

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// faults checks the file's faults and returns them as a plan has them.
func faults(f *planfile.File) ([]plan.Fault, error) {
	var faults []plan.Fault
	var errs []error
	earlier := map[target][]plan.Fault{}
	for i := range f.Faults {
		s, path := &f.Faults[i], fmt.Sprintf("$.faults[%d]", i)
		fault := plan.Fault{Device: -1, Link: -1, At: s.At, For: s.For, Detect: s.Detect}
		if fault.Detect == 0 {
			fault.Detect = plan.Detection
		}
		targets, err := targets(f, s, path)
		if err == nil {
			fault.Random, err = f.CheckFault(s, path)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, of := range targets {
			fault.Device, fault.Link = of.device, of.link
			if err := apart(f, earlier[of], &fault, path); err != nil {
				errs = append(errs, err)
			}
			faults, earlier[of] = append(faults, fault), append(earlier[of], fault)
		}
	}
	return faults, errors.Join(errs...)
}

// target is the device or the link that a fault is of, by its index; the other one is -1.
type target struct{ device, link int }

// apart reports whether a fault overlaps an earlier one of the same device or link.
func apart(f *planfile.File, earlier []plan.Fault, fault *plan.Fault, path string) error {
	for j := range earlier {
		o, name := &earlier[j], (&plan.Plan{Platform: f.Platform}).Target(fault)
		switch {
		case o.Random != nil || fault.Random != nil:
			return f.Errorf(path, "%w: %s has faults already, and they may overlap with random ones; leave one of both",
				planfile.ErrFault, name)
		case fault.At <= o.End() && o.At <= fault.End():
			return f.Errorf(path+".at", "%w: %s fails from %v to %v already; let one fault end before the next begins",
				planfile.ErrFault, name, o.At, o.End())
		}
	}
	return nil
}

// targets returns what a fault is of. A name is that of a device or link and of its copies, as it is
// elsewhere in the file.
func targets(f *planfile.File, s *planfile.FaultSpec, at string) ([]target, error) {
	if (s.Device == "") == (s.Link == "") {
		return nil, f.Errorf(at, "%w: a fault is of a device or of a link; give one of both", planfile.ErrFault)
	}
	var names, copyOf []string
	pattern, kind := s.Device, "device"
	if s.Link != "" {
		pattern, kind = s.Link, "link"
		for i := range f.Platform.Links {
			l := &f.Platform.Links[i]
			names, copyOf = append(names, l.Name), append(copyOf, l.CopyOf)
		}
	} else {
		for i := range f.Platform.Devices {
			d := &f.Platform.Devices[i]
			names, copyOf = append(names, d.Name), append(copyOf, d.CopyOf)
		}
	}
	var all []target
	for i, name := range names {
		fits := name == pattern || copyOf[i] == pattern
		if strings.Contains(pattern, "*") && !fits {
			var err error
			if fits, err = path.Match(unparted(pattern), unparted(name)); err != nil {
				return nil, f.Errorf(at+"."+kind, "%w: %q is no pattern; write a * for any text, as in cam*", planfile.ErrFault,
					pattern)
			}
		}
		switch {
		case !fits:
		case kind == "device":
			all = append(all, target{i, -1})
		default:
			all = append(all, target{-1, i})
		}
	}
	if len(all) == 0 {
		return nil, f.Errorf(at+"."+kind, "%w: there is no %s %q; the %ss are %s%s", planfile.ErrFault, kind, pattern, kind,
			list(names), nearest.Hint(pattern, names))
	}
	return all, nil
}

// unparted returns a name without the slashes at which package path would part it.
func unparted(name string) string { return strings.ReplaceAll(name, "/", "\x00") }
