package result

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
)

// Failures is what an instance of the application had of the faults of a run.
type Failures struct {
	Targets []Target `json:"targets"` // devices and links with faults that the instance uses
	// Recovery is, of the crashes of all targets, the time from a crash to the first result that
	// needed what had crashed.
	Recovery Stat `json:"recovery"`
	// Unrecovered counts the crashes after which no such result came.
	Unrecovered int `json:"unrecovered,omitempty"`
}

// Target is a device or a link with faults.
type Target struct {
	Name string `json:"name"` // such as "device server"
	failure.Observed
}

// Availability returns the least of the targets'.
func (f *Failures) Availability() float64 {
	least := 1.
	for _, t := range f.Targets {
		least = min(least, t.Availability)
	}
	return least
}

// targets says in lines for people, each behind the name of the run, what devices and links had. All
// instances of a run that use one say the same of it.
func (f *Failures) targets(name string) []string {
	if f == nil {
		return nil
	}
	var all []string
	for _, t := range f.Targets {
		line := fmt.Sprintf("%s: %s was up for %.2f %% of the time", name, t.Name, 100*t.Availability)
		if t.Crashes > 0 {
			line += fmt.Sprintf(", failed %s, %v after it was up on average, and was down for %v", often(t.Crashes),
				t.MTBF.Round(time.Millisecond), t.MTTR.Round(time.Millisecond))
		}
		all = append(all, line)
	}
	return all
}

// text says in lines for people, each behind a name, what the instance had.
func (f *Failures) text(name string) []string {
	if f == nil {
		return nil
	}
	var all []string
	if r := f.Recovery; r.N > 0 {
		all = append(all, fmt.Sprintf("%s: from a failure to the next result that needed what had failed: median %v, "+
			"mean %v, longest %v", name, ofSeconds(r.Median), ofSeconds(r.Mean), ofSeconds(r.Max)))
	}
	if f.Unrecovered > 0 {
		all = append(all, fmt.Sprintf("%s: no result that needed what had failed came after the last failures, %d in number",
			name, f.Unrecovered))
	}
	return all
}

func often(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
