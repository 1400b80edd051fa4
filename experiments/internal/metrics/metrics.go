// Package metrics computes endpoint time, latency, throughput, traffic and the
// times of the parts from a trace, the same way for both drivers. It may not
// run anything, nor fill in what a trace lacks.
package metrics

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Measure computes the outcome of one instance of the application from the
// trace of a run of p. The first Warmup frames are left out. Endpoint time is
// the measure of the union of a frame's firings and sends on the device of the
// instance's source. Latency counts from the source's firing, or from the
// scheduled release under a Camera workload. Every frame that entered must have
// left, each actor fired and each boundary token sent and received exactly once,
// except for what an atr of 0 skips, which must not be there, and frames under way
// when a Partial run ended; if not, the error wraps ErrMissing, ErrDoubled or
// ErrUnasked. Fewer than two counted frames are ErrTooFew.
func Measure(p *plan.Plan, t *trace.Trace, instance string) (result.Outcome, error) {
	in, err := newInstance(p, instance)
	if err != nil {
		return result.Outcome{}, err
	}
	frames, err := in.collect(t)
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
		return result.Outcome{}, fmt.Errorf("plan %s, instance %q: %w: %d after %d of warm-up, at least 2 are needed; raise workload.frames",
			p.Name, instance, ErrTooFew, len(counted), p.Workload.Warmup)
	}
	out, err := in.outcome(counted, in.stopReason(t, counted))
	out.Assumed = t.Assumed
	return out, err
}

// Enough reports whether a run of p may stop sampling: every instance has at
// least MinFrames counted frames and the 95 % interval of its median endpoint
// time is within Precision of it, or it has reached the limit of frames. Frames
// under way don't count. A Precision of 0 leaves only the limit.
func Enough(p *plan.Plan, t *trace.Trace) bool {
	for _, name := range Instances(p) {
		in, err := newInstance(p, name)
		if err != nil {
			return false
		}
		frames, err := in.collect(t)
		if err != nil {
			return false
		}
		var times []float64
		done := int64(0)
		for _, f := range frames {
			if in.lacks(f) != "" {
				continue
			}
			done++
			if f.number >= p.Workload.Warmup {
				times = append(times, f.endpointTime())
			}
		}
		limit := p.Workload.Frames > 0 && done >= p.Workload.Frames
		if !limit && !converged(p.Workload, times) {
			return false
		}
	}
	return true
}

func converged(w plan.Workload, times []float64) bool {
	return w.Precision > 0 && int64(len(times)) >= w.MinFrames && precise(times, w.Precision)
}

// Instances returns the names of the application's instances in p, sorted.
func Instances(p *plan.Plan) []string {
	var names []string
	for i := range p.Work {
		names = append(names, p.Work[i].Instance)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (in *instance) stopReason(t *trace.Trace, counted []*frame) string {
	w := in.plan.Workload
	if t.Partial != "" {
		return "ended early: " + t.Partial
	}
	if converged(w, endpointTimes(counted)) {
		return fmt.Sprintf("interval of the median within %g %%", 100*w.Precision)
	}
	return "limit of frames"
}

func (in *instance) outcome(counted []*frame, stop string) (result.Outcome, error) {
	n := len(counted)
	latencies := make([]float64, n)
	bytes := make([]int64, n)
	left := make([]int64, n)
	for i, f := range counted {
		entered := f.entered
		if in.plan.Workload.Kind == plan.Camera {
			entered = f.number * int64(in.plan.Workload.Period)
		}
		latencies[i] = seconds(f.left - entered)
		bytes[i] = f.bytes
		left[i] = f.left
	}
	slices.Sort(left)
	intervals := make([]float64, n-1)
	for i := range intervals {
		intervals[i] = seconds(left[i+1] - left[i])
	}
	interval, spread := stratified(map[int][]float64{0: intervals})
	if interval <= 0 {
		return result.Outcome{}, in.errorf(counted[n-1].number, ErrMissing, "time between the first and the last result")
	}
	slices.Sort(bytes)
	o := result.Outcome{
		EndpointTime:  Describe(endpointTimes(counted), stop),
		Latency:       Describe(latencies, stop),
		ThroughputFPS: 1 / interval, ThroughputSpread: spread / interval / interval,
		BoundaryBytes: bytes[(n-1)/2],
		Parts:         in.parts(counted, stop),
	}
	if len(in.dynamic) > 0 {
		sum := int64(0)
		for _, b := range bytes {
			sum += b
		}
		o.BoundaryBytes = (sum + int64(n)/2) / int64(n)
		times := in.timesByATR(counted)
		o.Modes = modes(times, stop)
		o.MeanEndpointTime, o.MeanSpread = stratified(times)
	}
	return o, nil
}

// parts returns the time of every actor, then of every boundary FIFO: how long
// a token occupies the sender's side, and its one-way time. The one-way time is
// meaningful on one machine only, whose devices share a clock.
func (in *instance) parts(counted []*frame, stop string) []result.Part {
	var parts []result.Part
	add := func(name string, kind result.PartKind, on bool, of func(*frame) (int64, bool)) {
		var samples []float64
		for _, f := range counted {
			if t, there := of(f); there {
				samples = append(samples, seconds(t))
			}
		}
		if len(samples) == 0 { // skipped in every frame
			return
		}
		parts = append(parts, result.Part{Name: name, Kind: kind, OnEndpoint: on, Time: Describe(samples, stop)})
	}
	for i, a := range in.actors {
		on := in.plan.DeviceOf(a).Name == in.endpoint
		add(in.plan.Graph.Actors[a].Name, result.Segment, on, func(f *frame) (int64, bool) { return f.firings[i].length(), f.firings[i].set })
	}
	for i, q := range in.boundaries {
		name := in.plan.Graph.FIFOName(q)
		on := in.plan.DeviceOf(in.plan.Graph.FIFOs[q].From).Name == in.endpoint
		add(name, result.Link, on, func(f *frame) (int64, bool) { return f.sends[i].length(), f.sends[i].set })
		add(name, result.OneWay, false, func(f *frame) (int64, bool) { return f.received[i].end - f.sends[i].start, f.sends[i].set })
	}
	return parts
}

func endpointTimes(frames []*frame) []float64 {
	times := make([]float64, len(frames))
	for i, f := range frames {
		times[i] = f.endpointTime()
	}
	return times
}

func seconds(ns int64) float64 { return float64(ns) / 1e9 }
