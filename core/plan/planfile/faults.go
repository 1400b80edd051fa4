package planfile

import (
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
)

// FaultSpec is a fault as written: of a device or of a link and of its copies, or of all whose names
// fit a pattern such as cam*, each on its own. It happens At a time, For a time; or again and again at random.
// That of a link happens in the simulator only.
type FaultSpec struct {
	Device string        `yaml:"device,omitempty"`
	Link   string        `yaml:"link,omitempty"`
	At     time.Duration `yaml:"at,omitempty"`
	For    time.Duration `yaml:"for,omitempty"`
	Detect time.Duration `yaml:"detect,omitempty"` // default Detection

	// MTBF is the mean of exponentially distributed times from the start or a repair to the next
	// crash, and MTTR that of times of repair. Crash and Repair give other distributions.
	MTBF   time.Duration  `yaml:"mtbf,omitempty"`
	MTTR   time.Duration  `yaml:"mttr,omitempty"`
	Crash  *failure.Times `yaml:"crash,omitempty"`
	Repair *failure.Times `yaml:"repair,omitempty"`
	Until  time.Duration  `yaml:"until,omitempty"` // no crash from then on; 0: as long as the run lasts
}

// Random reports whether it happens at random times.
func (s *FaultSpec) Random() bool {
	return s.MTBF != 0 || s.MTTR != 0 || s.Crash != nil || s.Repair != nil || s.Until != 0
}

// CheckFault checks when a fault happens, which stands at path. It returns its process, if that is
// at random times.
func (f *File) CheckFault(s *FaultSpec, path string) (*failure.Process, error) {
	switch {
	case s.Detect < 0 || s.Detect > plan.MaxLinkTime:
		return nil, f.Errorf(path+".detect", "%w: it is detected after %v; expected more than 0 and at most %v, or nothing "+
			"for %v", ErrFault, s.Detect, plan.MaxLinkTime, plan.Detection)
	case s.Random():
		return f.process(s, path)
	case s.At < 0 || s.At > failure.MaxTime:
		return nil, f.Errorf(path+".at", "%w: it begins at %v; expected a time since the run's start, such as 2s, and at "+
			"most 100 years", ErrFault, s.At)
	case s.For > failure.MaxTime:
		return nil, f.Errorf(path+".for", "%w: it lasts for %v; expected at most 100 years, such as for: 500ms", ErrFault,
			s.For)
	case s.For <= 0:
		return nil, f.Errorf(path, "%w: it lasts for %v; expected more than 0, such as for: 500ms, or random times, such as "+
			"mtbf: 10m and mttr: 5s", ErrFault, s.For)
	}
	return nil, nil
}

// process checks a fault at random times.
func (f *File) process(s *FaultSpec, path string) (*failure.Process, error) {
	p := &failure.Process{Until: s.Until}
	switch {
	case s.At != 0 || s.For != 0:
		return nil, f.Errorf(path, "%w: it has both a time (at, for) and random times; remove one of both", ErrFault)
	case s.Until < 0:
		return nil, f.Errorf(path+".until", "%w: it ends at %v; expected a time since the run's start, such as 10m, or "+
			"nothing for no end", ErrFault, s.Until)
	}
	for _, t := range []struct {
		to        *failure.Times
		mean      time.Duration
		of        *failure.Times
		short, in string
		example   string
	}{
		{&p.Crash, s.MTBF, s.Crash, "mtbf", "crash", "mtbf: 10m"},
		{&p.Repair, s.MTTR, s.Repair, "mttr", "repair", "mttr: 5s"},
	} {
		at := path
		switch {
		case (t.mean == 0) == (t.of == nil):
			return nil, f.Errorf(path, "%w: at random times, it needs either %s or %s; give one of both, such as %s", ErrFault,
				t.short, t.in, t.example)
		case t.of != nil:
			at, *t.to = path+"."+t.in, *t.of
		default:
			at, *t.to = path+"."+t.short, failure.Times{Kind: failure.Exponential, Mean: t.mean}
		}
		if err := t.to.Check(); err != nil {
			return nil, f.Errorf(at, "%w: %s: %w", ErrFault, at[len(path)+1:], err)
		}
	}
	return p, nil
}
