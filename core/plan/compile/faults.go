package compile

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// faults checks the file's faults and returns them as a plan has them.
func faults(f *planfile.File) ([]plan.Fault, error) {
	var faults []plan.Fault
	var errs []error
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
			fault.Device, fault.Link = of.Device, of.Link
			if err := apart(f, faults, &fault, path); err != nil {
				errs = append(errs, err)
			}
			faults = append(faults, fault)
		}
	}
	return faults, errors.Join(errs...)
}

// apart reports whether a fault overlaps one of the same device or link.
func apart(f *planfile.File, faults []plan.Fault, fault *plan.Fault, path string) error {
	name := (&plan.Plan{Platform: f.Platform}).Target(fault)
	for j := range faults {
		o := &faults[j]
		switch {
		case o.Device != fault.Device || o.Link != fault.Link:
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

// targets returns a fault for each device or link that one is of, with no more than that.
func targets(f *planfile.File, s *planfile.FaultSpec, at string) ([]plan.Fault, error) {
	if (s.Device == "") == (s.Link == "") {
		return nil, f.Errorf(at, "%w: a fault is of a device or of a link; give one of both", planfile.ErrFault)
	}
	names, pattern, kind := f.Platform.DeviceNames(), s.Device, "device"
	if s.Link != "" {
		pattern, kind, names = s.Link, "link", nil
		for i := range f.Platform.Links {
			names = append(names, f.Platform.Links[i].Name)
		}
	}
	var all []plan.Fault
	for i, name := range names {
		fits := name == pattern
		if strings.Contains(pattern, "*") && !fits {
			var err error
			if fits, err = path.Match(pattern, name); err != nil {
				return nil, f.Errorf(at+"."+kind, "%w: %q is no pattern; write a * for any text, as in cam*", planfile.ErrFault,
					pattern)
			}
		}
		switch {
		case !fits:
		case kind == "device":
			all = append(all, plan.Fault{Device: i, Link: -1})
		default:
			all = append(all, plan.Fault{Device: -1, Link: i})
		}
	}
	if len(all) == 0 {
		return nil, f.Errorf(at+"."+kind, "%w: there is no %s %q; the %ss are %s", planfile.ErrFault, kind, pattern, kind,
			list(names))
	}
	return all, nil
}
