package coordinator

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// tally collects a run's trace and knows how far its actors are.
type tally struct {
	plan    *plan.Plan
	trace   sorted
	fired   []int64 // by actor: one more than the last frame that it is known to have fired
	results delivery.Results
	target  []int64 // by actor: frames of the complete run

	batches *delivery.Incoming
	probed  func(device string, r *wire.Record) // takes probes of clocks
}

// sorted is a trace whose events are put in order when asked for.
type sorted struct{ trace.Trace }

func newTally(p *plan.Plan) *tally {
	n := len(p.Work)
	return &tally{
		plan: p, fired: make([]int64, n), results: make(delivery.Results, n), target: targets(p),
		batches: delivery.NewIncoming(), probed: func(string, *wire.Record) {},
		trace: sorted{trace.Trace{Plan: p.Name, Driver: "deploy", Seed: p.Seed, Emulated: p.Emulated()}},
	}
}

// add takes a trace batch and returns what its sender may forget. A batch that
// came before has no effect; one after a lost one neither: it will come again.
// Errors wrap ErrTrace.
func (t *tally) add(msg *nats.Msg) (device string, ack wire.Received, err error) {
	device = wire.Sender(msg.Subject)
	b, err := wire.DecodeBatch(msg.Data)
	if err != nil {
		return device, ack, fmt.Errorf("%w: device %s: %w", ErrTrace, device, err)
	}
	from := delivery.Source{Device: device, Epoch: b.Epoch}
	if t.batches.Due(from, b) {
		if err := t.take(device, b); err != nil {
			return device, ack, fmt.Errorf("%w: device %s: %w", ErrTrace, device, err)
		}
		t.batches.Took(from)
	}
	return device, t.batches.Received(from), nil
}

// take takes all of a batch, or nothing if that is an error.
func (t *tally) take(device string, b *wire.Batch) error {
	events := make([]trace.Event, 0, len(b.Records))
	for i := range b.Records {
		if b.Records[i].Kind == wire.Probed {
			continue
		}
		e, err := b.Records[i].Event(t.plan, device)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	taken, results, values := slices.Clone(t.results), []trace.Result(nil), b.Values
	for _, r := range b.Results {
		due, err := taken.Take(r.Actor, r.Frame)
		if err != nil {
			return err
		}
		if due {
			results = append(results, trace.Result{
				Instance: t.plan.Work[r.Actor].Instance, Frame: r.Frame, Values: values[:r.N:r.N],
			})
		}
		values = values[r.N:]
	}
	for i := range b.Records {
		if b.Records[i].Kind == wire.Probed {
			t.probed(device, &b.Records[i])
		}
	}
	for _, e := range events {
		if e.Kind == trace.Firing {
			t.fired[e.Actor] = max(t.fired[e.Actor], e.Frame+1)
		}
	}
	t.trace.Events, t.trace.Results = append(t.trace.Events, events...), append(t.trace.Results, results...)
	t.results = taken
	return nil
}

// recorded returns how many events and results there are.
func (t *tally) recorded() int { return len(t.trace.Events) + len(t.trace.Results) }

// done reports whether all sinks have taken all frames; exactly asks for the same
// of every actor that fires for every frame, which the records of a run with restarts
// can't tell.
func (t *tally) done(exactly bool) bool {
	for a := range t.target {
		asked := exactly && t.plan.Graph.Actors[a].Kind != graph.DynamicProcessing || t.plan.Work[a].Sink
		if asked && t.frames(a) < t.target[a] {
			return false
		}
	}
	return true
}

// frames returns how many frames an actor is known to have fired for.
func (t *tally) frames(a int) int64 { return max(t.fired[a], t.results[a]) }

// checkResults proves that every sink that records results has recorded one for
// every frame, and more only where that is allowed. That they came once and in
// order, add has seen to.
func (t *tally) checkResults(more bool) error {
	for a, w := range t.plan.Work {
		if n := t.results[a]; w.Sink && n > 0 && (n < t.target[a] || n > t.target[a] && !more) {
			return fmt.Errorf("%w: sink %s: results of %d frames, expected %d", trace.ErrConservation,
				t.plan.Graph.Actors[a].Name, n, t.target[a])
		}
	}
	return nil
}

// counted returns the frames after the warm-up that all sinks have taken.
func (t *tally) counted() int64 {
	least := t.plan.Workload.Frames
	for a, w := range t.plan.Work {
		if w.Sink {
			least = min(least, t.frames(a))
		}
	}
	return least - t.plan.Workload.Warmup
}

// sort puts events in the order of their ends, then devices, and results in that of
// instances and frames. An error says why the clocks of the events can't be compared.
func (s *sorted) sort() error {
	line, err := trace.NewLine(&s.Trace)
	if err != nil {
		line = &trace.Line{} // each clock's own order is what is left
	}
	line.Sort(s.Events)
	slices.SortStableFunc(s.Results, func(a, b trace.Result) int {
		if c := cmp.Compare(a.Instance, b.Instance); c != 0 {
			return c
		}
		return cmp.Compare(a.Frame, b.Frame)
	})
	return err
}
