package metrics

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// moment is a time on a device's clock, in ns since the run's start there.
type moment struct {
	device string
	at     int64
}

// latest returns how long after a time on a device's clock the last sink's firing of a frame
// ended: what the run's clocks leave open.
func (in *instance) latest(f *frame, after moment) clocks.Interval {
	last := clocks.Interval{Low: math.MinInt64, High: math.MinInt64}
	for _, m := range f.ended {
		i := in.line.Between(after.device, after.at, m.device, m.at)
		last = clocks.Interval{Low: max(last.Low, i.Low), High: max(last.High, i.High)}
	}
	return last
}

// left returns when a frame's last result was there, on the clock of the instance's sink.
func (in *instance) left(f *frame) clocks.Interval { return in.latest(f, moment{device: in.exit}) }

// began returns when a frame's latency begins: when it was captured, or at the scheduled
// release of a camera's or a Poisson frame, or else with the source's firing.
func (in *instance) began(f *frame) moment {
	if f.captured.set {
		return moment{in.endpoint, f.captured.start}
	}
	if in.due.Scheduled() {
		return moment{in.endpoint, in.due.At(f.number)}
	}
	return moment{in.endpoint, f.entered}
}

// roundTrip returns, of a frame whose sinks lie on other clocks than its source, the time from
// where the latency begins to when the endpoint's clock has what tells of every result: the
// sink's firing there, or a token that it sends back. ok is false where such tokens don't
// come, or one clock has all.
func (in *instance) roundTrip(f *frame) (ns int64, ok bool) {
	if len(f.back) < in.sinks || !slices.ContainsFunc(f.ended, func(m moment) bool {
		return !in.line.Same(m.device, in.endpoint)
	}) {
		return 0, false
	}
	last := int64(math.MinInt64)
	for _, at := range f.back {
		last = max(last, at)
	}
	return last - in.began(f).at, true
}

// spans are times that clocks may leave open.
type spans struct {
	middle    samples
	low, high quantile.Counts // of those of several clocks
}

// add adds a time; several says whether the run has several clocks, and so may any.
func (s *spans) add(i clocks.Interval, several bool) {
	s.middle.Add(i.Middle())
	if several {
		s.low.Add(i.Low)
		s.high.Add(i.High)
	}
}

// describe sums up times. Clock bounds how far off both the median and the mean can be, as
// their clocks leave them open.
func (s *spans) describe(stop string) result.Stat {
	d := describe(s.middle, stop)
	if s.low.N() > 0 {
		low, high := describe(&s.low, ""), describe(&s.high, "")
		if off := max(d.Median-low.Median, high.Median-d.Median, d.Mean-low.Mean, high.Mean-d.Mean); off > rounding {
			d.Clock = off
		}
	}
	return d
}

// rounding is what sums of times on one clock may differ by, in s.
const rounding = 1e-12
