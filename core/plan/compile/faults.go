package compile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// faults checks the file's faults and returns them as a plan has them.
func faults(f *planfile.File) ([]plan.Fault, error) {
	var faults []plan.Fault
	var errs []error
	for i, s := range f.Faults {
		path := fmt.Sprintf("$.faults[%d]", i)
		fault, err := fault(f, s, path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for j := range faults {
			o := &faults[j]
			if o.Device == fault.Device && o.Link == fault.Link && fault.At <= o.End() && o.At <= fault.End() {
				errs = append(errs, f.Errorf(path+".at", "%w: %s%s fails from %v to %v already; let one fault end before "+
					"the next begins",
					planfile.ErrFault, s.Device, s.Link, o.At, o.End()))
			}
		}
		faults = append(faults, fault)
	}
	return faults, errors.Join(errs...)
}

func fault(f *planfile.File, s planfile.FaultSpec, path string) (plan.Fault, error) {
	fault := plan.Fault{Device: -1, Link: -1, At: s.At, For: s.For, Detect: s.Detect}
	if fault.Detect == 0 {
		fault.Detect = plan.Detection
	}
	switch {
	case (s.Device == "") == (s.Link == ""):
		return fault, f.Errorf(path, "%w: a fault is of a device or of a link; give one of both", planfile.ErrFault)
	case s.At < 0:
		return fault, f.Errorf(path+".at", "%w: it begins at %v; expected a time since the run's start, such as 2s",
			planfile.ErrFault, s.At)
	case s.For <= 0:
		return fault, f.Errorf(path, "%w: it lasts for %v; expected more than 0, such as for: 500ms",
			planfile.ErrFault, s.For)
	case s.Detect < 0:
		return fault, f.Errorf(path+".detect", "%w: it is detected after %v; expected more than 0, or nothing for %v",
			planfile.ErrFault, s.Detect, plan.Detection)
	}
	if s.Device != "" {
		if fault.Device = f.Platform.Device(s.Device); fault.Device < 0 {
			return fault, f.Errorf(path+".device", "%w: there is no device %q; the devices are %s",
				planfile.ErrFault, s.Device, strings.Join(f.Platform.DeviceNames(), ", "))
		}
		return fault, nil
	}
	var names []string
	for i, l := range f.Platform.Links {
		if names = append(names, l.Name); l.Name == s.Link {
			fault.Link = i
		}
	}
	if fault.Link < 0 {
		return fault, f.Errorf(path+".link", "%w: there is no link %q; the links are %s",
			planfile.ErrFault, s.Link, list(names))
	}
	return fault, nil
}
