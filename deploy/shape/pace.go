package shape

import (
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Pace says how fast the bytes of a Sender leave. It is used from the goroutine of Run only.
type Pace interface {
	// After returns when n bytes have left that can leave from a time on, as far as is known
	// now; both in ns on the Sender's clock.
	After(at, n int64) int64
}

// Common is a Pace that depends on others, who send too. Who changes it calls Sender.Changed.
type Common interface {
	Pace
	// Busy says that bytes wait to leave from a time on, and Idle that none do.
	Busy(at int64)
	Idle(at int64)
}

// Constant returns the pace of a link's bandwidth: at once without one.
func Constant(link *plan.Link) Pace { return constant{link} }

type constant struct{ link *plan.Link }

func (c constant) After(at, n int64) int64 { return at + int64(c.link.Serialisation(n)) }

// Start is when a run begins on a device, in ns on its clock. Its methods may be called from
// any goroutine; the zero Start is not known yet.
type Start struct{ at atomic.Int64 }

// Set says when the run begins.
func (s *Start) Set(at int64) { s.at.Store(at) }

// since returns a time since the run's start; 0 before it.
func (s *Start) since(at int64) int64 {
	start := s.at.Load()
	if start == 0 {
		return 0
	}
	return max(at-start, 0)
}

// Traced returns the pace of a bandwidth over time, which counts from the run's start on the
// Sender's clock.
func Traced(rates *profile.Rates, start *Start) Pace { return &traced{rates, start} }

type traced struct {
	rates *profile.Rates
	start *Start
}

func (t *traced) After(at, n int64) int64 {
	since := t.start.since(at)
	return at + t.rates.After(since, n) - since
}
