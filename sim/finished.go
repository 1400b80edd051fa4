package sim

import (
	"fmt"
	"slices"
)

// finished proves that every sink fired for every frame. If one did not, the
// error names the actor of its flow that came least far, and what it waits for.
func (r *run) finished() error {
	for a, w := range r.plan.Work {
		if n := r.saved[a]; w.Sink && n != r.plan.Workload.Frames {
			return fmt.Errorf("%w: sink %s fired %d of %d times; %s",
				ErrStalled, r.graph.Actors[a].Name, n, r.plan.Workload.Frames, r.stalled(a))
		}
	}
	return nil
}

func (r *run) fired(a int) int64 { return r.engineOf(a).Fired(a) }

// stalled describes the actor that holds up a sink: of its flow, the one with
// the fewest firings, and of several the first.
func (r *run) stalled(sink int) string {
	worst := sink
	for _, flow := range r.laws.Flows {
		if !slices.Contains(flow, sink) {
			continue
		}
		for _, a := range flow {
			if r.fired(a) < r.fired(worst) || r.fired(a) == r.fired(worst) && a < worst {
				worst = a
			}
		}
	}
	what := fmt.Sprintf("actor %s stalled before frame %d", r.graph.Actors[worst].Name, r.fired(worst))
	inputs, outputs := r.engineOf(worst).Blocked(worst)
	for _, f := range inputs {
		what += ", waits for tokens in FIFO " + r.graph.FIFOName(f)
	}
	for _, f := range outputs {
		what += ", waits for room in FIFO " + r.graph.FIFOName(f)
	}
	return what
}
