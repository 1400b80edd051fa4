// Package metrics computes endpoint time, latency, throughput, traffic and the
// times of the parts from a trace, the same way for both drivers. It may not
// run anything, nor fill in what a trace lacks.
package metrics

import (
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Measure computes the outcome of one instance of the application from the
// trace of a run of p. The first Warmup frames are left out. Endpoint time is
// the measure of the union of a frame's firings and sends on the device of the
// instance's source. Latency counts from the source's firing, or from when the frame was
// captured, or was scheduled to be under a Camera workload. Every frame that entered must have
// left, each actor fired and each boundary token sent and received exactly once,
// except for what an atr of 0 skips, which must not be there, and frames under way
// when a Partial run ended; if not, the error wraps ErrMissing, ErrDoubled or
// ErrUnasked. Fewer than two counted frames are ErrTooFew.
func Measure(p *plan.Plan, t *trace.Trace, instance string) (result.Outcome, error) {
	in, err := newInstance(p, instance)
	if err != nil {
		return result.Outcome{}, err
	}
	line, err := trace.NewLine(t)
	if err != nil {
		return result.Outcome{}, err
	}
	frames, err := in.collect(t, line)
	if err != nil {
		return result.Outcome{}, err
	}
	var counted []*frame
	for i, f := range frames {
		if what := in.unasked(f); what != "" {
			return result.Outcome{}, in.errorf(f.number, ErrUnasked, what)
		}
		what := in.lacks(f)
		switch {
		case what == "" && f.number != int64(i) && t.Partial == "":
			return result.Outcome{}, in.errorf(int64(i), ErrMissing, "the frame")
		case what == "" && f.number >= p.Workload.Warmup:
			counted = append(counted, f)
		case what != "" && t.Partial == "":
			return result.Outcome{}, in.errorf(f.number, ErrMissing, what)
		}
	}
	if len(counted) < 2 {
		return result.Outcome{}, in.tooFew(len(counted))
	}
	out, err := in.tallied(counted).outcome(t)
	out.Failures = in.failures(t)
	return out, err
}

// Enough reports whether a run of p may stop sampling: every instance has at least
// MinFrames counted frames, and then the 95 % interval of its throughput, where frames enter
// as fast as they can, or else of its median endpoint time is within Precision of it and
// that of its median latency is settled; or it has reached the limit of frames. Frames under
// way don't count. A Precision of 0 leaves only the limit.
func Enough(p *plan.Plan, t *trace.Trace) bool {
	line, err := trace.NewLine(t)
	if err != nil {
		return false
	}
	for _, name := range Instances(p) {
		in, err := newInstance(p, name)
		if err != nil {
			return false
		}
		frames, err := in.collect(t, line)
		if err != nil {
			return false
		}
		var counted []*frame
		done := int64(0)
		for _, f := range frames {
			if in.lacks(f) != "" {
				continue
			}
			done++
			if f.number >= p.Workload.Warmup {
				counted = append(counted, f)
			}
		}
		limit := p.Workload.Frames > 0 && done >= p.Workload.Frames
		if !limit && !in.tallied(counted).converged() {
			return false
		}
	}
	return true
}

// Instances returns the names of the application's instances in p, in the order of the plan.
func Instances(p *plan.Plan) []string {
	var names []string
	known := map[string]bool{}
	for i := range p.Work {
		if name := p.Work[i].Instance; !known[name] {
			known[name] = true
			names = append(names, name)
		}
	}
	return names
}
