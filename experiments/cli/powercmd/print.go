package powercmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/trace/states"
)

// print writes what was found for people.
func (f *found) print(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if len(f.Meters) == 0 {
		fmt.Fprintln(t, "no power meter can be read")
	}
	for _, m := range f.Meters {
		fmt.Fprintf(t, "%s, of %s; a new value every %v (%s)\n", m.Name, m.Of, m.Period, m.PeriodFrom)
		for _, r := range m.Rails {
			shows, in := "watts", "beside the total"
			if r.Counter {
				shows = "joules"
				if r.WrapJoules > 0 {
					shows += fmt.Sprintf(", from 0 again at %.6g", r.WrapJoules)
				}
			}
			if r.InTotal {
				in = "in the total"
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", r.Label, shows, in, r.Source)
		}
	}
	for _, m := range f.Missing {
		fmt.Fprintf(t, "missing: %s: %s\n", m.Name, m.Why)
	}
	if len(f.Measured) > 0 {
		fmt.Fprintf(t, "measured for %.3f s\n", f.Seconds)
	}
	for _, r := range f.Measured {
		if r.Energy == nil {
			fmt.Fprintf(t, "  %s %s\tmissing: %s\n", r.Meter, r.Rail, r.Why)
			continue
		}
		fmt.Fprintf(t, "  %s %s\t%.4g W\t%.4g J ± %.2g J\t%d readings cover %.1f %%\n", r.Meter, r.Rail, *r.Watts,
			r.Energy.Joules, r.Energy.BoundJoules, r.Samples, 100*r.Energy.Coverage())
	}
	switch {
	case f.Total != nil:
		fmt.Fprintf(t, "  total\t%.4g W\t%.4g J ± %.2g J\n", f.Total.Watts(), f.Total.Joules, f.Total.BoundJoules)
	case len(f.Measured) > 0:
		fmt.Fprintln(t, "  total\tmissing, as one of its rails is")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printEnergies writes what a recording shows of a run for people.
func printEnergies(w io.Writer, device string, e *states.Energies) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "device %s\t%.3f s\t%.4g W\t%.4g J ± %.2g J\t%.1f %% covered\n", device, float64(e.Run.WholeNs)*1e-9,
		e.Run.Watts(), e.Run.Joules, e.Run.BoundJoules, 100*e.Run.Coverage())
	switch {
	case e.Frames == 0:
		fmt.Fprintln(t, "per frame\tmissing: it fired for none")
	case e.PerFrame == nil:
		fmt.Fprintln(t, "per frame\tmissing: the recording does not cover all of the run")
	default:
		fmt.Fprintf(t, "per frame\t%d frames\t\t%.4g J ± %.2g J\n", e.Frames, *e.PerFrame,
			e.Run.BoundJoules/float64(e.Frames))
	}
	for i := range e.States {
		s := &e.States[i]
		fmt.Fprintf(t, "while %s\t%.3f s\t%s\n", s.Name, s.Seconds, forState(s))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}
