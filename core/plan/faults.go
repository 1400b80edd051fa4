package plan

import (
	"errors"
	"fmt"
	"time"
)

// Detection is how long nothing is heard of a device before those at the other
// ends of its links count it as lost, in both drivers, unless a fault says otherwise:
// long enough for two of the heartbeats that an agent gives every half second.
const Detection = 1250 * time.Millisecond

// FaultSpec is a fault as written: of a device or of a link. It happens in the
// simulator only.
type FaultSpec struct {
	Device string        `yaml:"device,omitempty"`
	Link   string        `yaml:"link,omitempty"`
	At     time.Duration `yaml:"at"`
	For    time.Duration `yaml:"for"`
	Detect time.Duration `yaml:"detect,omitempty"` // default Detection
}

// Fault is an interruption of a run. The process of a device dies At a time since
// the run's start, as if killed, loses all but its records, and is started again after
// For; or nothing crosses a link for that long, and what is on it is lost. The
// devices at the other ends count the peer as lost when it has been away for
// longer than Detect.
type Fault struct {
	Device int           `json:"device"` // index in Platform.Devices, -1 for a link's
	Link   int           `json:"link"`   // index in Platform.Links, -1 for a device's
	At     time.Duration `json:"at_ns"`
	For    time.Duration `json:"for_ns"`
	Detect time.Duration `json:"detect_ns"`
}

// end returns when the fault is over.
func (f *Fault) end() time.Duration { return f.At + f.For }

// faults checks the file's faults and returns them as a plan has them.
func (f *File) faults() ([]Fault, error) {
	var faults []Fault
	var errs []error
	for i, s := range f.Faults {
		path := fmt.Sprintf("$.faults[%d]", i)
		fault, err := f.fault(s, path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for j := range faults {
			o := &faults[j]
			if o.Device == fault.Device && o.Link == fault.Link && fault.At <= o.end() && o.At <= fault.end() {
				errs = append(errs, f.errorf(path+".at", "%w: %s%s fails from %v to %v already; let one fault end before the next begins",
					ErrFault, s.Device, s.Link, o.At, o.end()))
			}
		}
		faults = append(faults, fault)
	}
	return faults, errors.Join(errs...)
}

func (f *File) fault(s FaultSpec, path string) (Fault, error) {
	fault := Fault{Device: -1, Link: -1, At: s.At, For: s.For, Detect: s.Detect}
	if fault.Detect == 0 {
		fault.Detect = Detection
	}
	switch {
	case (s.Device == "") == (s.Link == ""):
		return fault, f.errorf(path, "%w: a fault is of a device or of a link; give one of both", ErrFault)
	case s.At < 0:
		return fault, f.errorf(path+".at", "%w: it begins at %v; expected a time since the run's start, such as 2s", ErrFault, s.At)
	case s.For <= 0:
		return fault, f.errorf(path, "%w: it lasts for %v; expected more than 0, such as for: 500ms", ErrFault, s.For)
	case s.Detect < 0:
		return fault, f.errorf(path+".detect", "%w: it is detected after %v; expected more than 0, or nothing for %v", ErrFault, s.Detect, Detection)
	}
	if s.Device != "" {
		if fault.Device = f.Platform.Device(s.Device); fault.Device < 0 {
			return fault, f.errorf(path+".device", "%w: there is no device %q; the devices are %s", ErrFault, s.Device, f.deviceNames())
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
		return fault, f.errorf(path+".link", "%w: there is no link %q; the links are %s", ErrFault, s.Link, list(names))
	}
	return fault, nil
}
