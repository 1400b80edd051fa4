package shape

import (
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Pace says how fast the bytes of a Sender leave. It is used from the goroutine of Run only.
type Pace interface {
	// After returns when n bytes from offset of a token have left that can leave from a time on, as
	// far as is known now: math.MaxInt64 is not yet. Both are in ns on the Sender's clock.
	After(at, offset, n int64) int64
}

// Common is a Pace that depends on others, who send too. Who changes it calls Sender.Changed.
type Common interface {
	Pace
	// Busy says that a token that was handed over at a time is the next one to leave, and Idle that
	// none is.
	Busy(at int64)
	Idle()
	// Next returns when After may change by itself.
	Next() int64
}

// Constant returns the pace of a link's bandwidth: at once without one.
func Constant(link *plan.Link) Pace { return constant{link} }

type constant struct{ link *plan.Link }

func (c constant) After(at, _, n int64) int64 { return at + int64(c.link.Serialisation(n)) }

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

// Timed returns the pace of a link's bandwidth, or of rates if these are not nil, with nothing in
// the link's outages. Both count from the run's start on the Sender's clock.
func Timed(link *plan.Link, rates *profile.Rates, start *Start) Pace {
	return &timed{link, rates, impairment.NewOutages(link.Outages), start}
}

type timed struct {
	link    *plan.Link
	rates   *profile.Rates
	outages *impairment.Outages
	start   *Start
}

func (t *timed) After(at, _, n int64) int64 {
	since := t.start.since(at)
	if t.rates != nil {
		return at + t.outages.AfterBytes(since, n, t.rates) - since
	}
	return at + t.outages.After(since, int64(t.link.Serialisation(n))) - since
}
