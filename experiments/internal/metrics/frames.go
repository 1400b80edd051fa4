package metrics

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Frames compute what Measure does of a run that is summed up, but for the times of the parts:
// from what becomes of every frame. As long as all instances together have at most exactFrames
// frames, quantiles are those of Measure; beyond that they come from sketches, see
// quantile.Sketch, so that memory does not grow with the frames.
type Frames struct {
	plan  *plan.Plan
	of    []*tally // by index of the instance in a summary
	index map[string]int
}

// exactFrames bounds the frames whose times are kept as they are.
const exactFrames = 200_000

// NewFrames returns the Frames of p, that have seen none.
func NewFrames(p *plan.Plan) (*Frames, error) {
	counted := p.Workload.Frames - p.Workload.Warmup
	if err := CheckFrames(p); err != nil {
		return nil, fmt.Errorf("plan %s: %w", p.Name, err)
	}
	f := &Frames{plan: p, index: map[string]int{}}
	all, err := newInstances(p)
	if err != nil {
		return nil, err
	}
	kept := exactly
	if counted*int64(len(all)) > exactFrames {
		if _, err := quantile.NewSketch(); err != nil {
			return nil, err
		}
		kept = sketched
	}
	for i, in := range all {
		f.index[in.name] = i
		f.of = append(f.of, in.lean(int(counted), kept))
	}
	return f, nil
}

// sketched keeps samples as their distribution.
func sketched() samples {
	s, err := quantile.NewSketch()
	if err != nil {
		panic(err) // its parameters are constants, which NewFrames has tried
	}
	return sketch{s}
}

// sketch is a Sketch of samples in ns, or bytes.
type sketch struct{ *quantile.Sketch }

// Add implements samples.
func (s sketch) Add(v int64) { s.Sketch.Add(time.Duration(v)) }

// N implements samples.
func (s sketch) N() int { return int(s.Sketch.N()) }

// Mean implements samples.
func (s sketch) Mean() float64 { return s.Sketch.Sum() / float64(max(s.N(), 1)) }

// Error implements samples.
func (s sketch) Error() float64 {
	if s.Min() == s.Max() {
		return 0
	}
	return quantile.SketchError
}

// Add takes the next frame, which it does not keep.
func (f *Frames) Add(of *summary.Frame) error {
	if of.Number < f.plan.Workload.Warmup {
		return nil
	}
	took := of.EndedNs - of.BeganNs
	f.of[of.Instance].count(&passing{
		number: of.Number, endpoint: of.EndpointNs, bytes: of.Bytes, atr: of.ATR,
		latency: clocks.Interval{Low: took, High: took}, left: clocks.Interval{Low: of.EndedNs, High: of.EndedNs},
	}, false)
	return nil
}

// Outcome returns that of an instance in the run that the frames were of.
func (f *Frames) Outcome(instance string, s *summary.Run) (result.Outcome, error) {
	at, ok := f.index[instance]
	if !ok {
		return result.Outcome{}, fmt.Errorf("plan %s: %w: %q", f.plan.Name, ErrInstance, instance)
	}
	t := f.of[at]
	n := float64(max(t.endpoint.N(), 1))
	return t.outcomeOf(s.Header, func(part int) float64 {
		if part < len(t.in.actors) {
			return float64(s.Actors[t.in.actors[part]].Ns) / n
		}
		return float64(s.Sends[t.in.boundaries[(part-len(t.in.actors))/2]].Ns) / n
	})
}
