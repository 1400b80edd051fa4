package failure

import (
	"cmp"
	"slices"
	"time"
)

// Down is a time at which something was down, in ns since the run's start.
type Down struct{ FromNs, ToNs int64 }

// Observed is what a run has seen of the failures of one thing.
type Observed struct {
	Availability float64 `json:"availability"` // share of the run's time in which it was up
	Crashes      int     `json:"crashes"`
	// MTBF is how long it was up in all, over how often it crashed, and MTTR how long it was down, over
	// the same; nil: it never crashed, so that neither is known.
	MTBF *time.Duration `json:"mtbf_ns,omitempty"`
	MTTR *time.Duration `json:"mttr_ns,omitempty"`
}

// Observe returns what was seen in a run of endNs, in which something was down at times that may
// overlap. What begins while it is down is no other crash.
func Observe(down []Down, endNs int64) Observed {
	sorted := slices.Clone(down)
	slices.SortFunc(sorted, func(a, b Down) int { return cmp.Compare(a.FromNs, b.FromNs) })
	o := Observed{Availability: 1}
	lost, until := int64(0), int64(-1)
	for _, d := range sorted {
		from, to := min(max(d.FromNs, until), endNs), min(d.ToNs, endNs)
		if d.FromNs > until && d.FromNs < endNs {
			o.Crashes++
		}
		lost += max(to-from, 0)
		until = max(until, d.ToNs)
	}
	if endNs > 0 {
		o.Availability = 1 - float64(lost)/float64(endNs)
	}
	if n := time.Duration(o.Crashes); n > 0 {
		up, repair := time.Duration(endNs-lost)/n, time.Duration(lost)/n
		o.MTBF, o.MTTR = &up, &repair
	}
	return o
}
