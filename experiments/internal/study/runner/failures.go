package runner

import "github.com/edgeprune/edgeprune/experiments/internal/result"

// failuresOf adds up what instances had of faults.
type failuresOf struct {
	known      bool
	least      float64 // availability
	recoveries float64
	took       float64 // s, their sum
}

func (x *failuresOf) add(f *result.Failures) {
	if f == nil {
		return
	}
	if a := f.Availability(); !x.known || a < x.least {
		x.known, x.least = true, a
	}
	n := float64(f.Recovery.N)
	x.recoveries, x.took = x.recoveries+n, x.took+n*f.Recovery.Mean
}

// put gives the metrics that are known.
func (x *failuresOf) put(put func(name string, of ...float64)) {
	if x.known {
		put("availability", x.least)
	}
	if x.recoveries > 0 {
		put("recovery_time", x.took/x.recoveries)
	}
}
