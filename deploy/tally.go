package deploy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// tally collects a run's trace and counts firings.
type tally struct {
	plan    *plan.Plan
	trace   sorted
	fired   []int64           // by actor
	target  []int64           // by actor: firings of the complete run
	batches map[string]uint64 // received, by device
}

// sorted is a trace whose events are put in order when asked for.
type sorted struct{ trace.Trace }

func newTally(p *plan.Plan) *tally {
	return &tally{
		plan: p, fired: make([]int64, len(p.Work)), target: targets(p), batches: map[string]uint64{},
		trace: sorted{trace.Trace{Plan: p.Name, Driver: "deploy", Seed: p.Seed, Emulated: p.Emulated()}},
	}
}

// add takes a trace batch. Errors wrap ErrTrace.
func (t *tally) add(msg *nats.Msg) error {
	device := msg.Subject[strings.LastIndexByte(msg.Subject, '.')+1:]
	b, err := wire.DecodeBatch(msg.Data)
	if err != nil {
		return fmt.Errorf("%w: device %s: %w", ErrTrace, device, err)
	}
	if want := t.batches[device]; b.Seq != want {
		return fmt.Errorf("%w: device %s sent batch %d, expected %d", ErrTrace, device, b.Seq, want)
	}
	t.batches[device]++
	for i := range b.Records {
		e, err := b.Records[i].Event(t.plan, device)
		if err != nil {
			return fmt.Errorf("%w: device %s: %w", ErrTrace, device, err)
		}
		if e.Kind == trace.Firing {
			t.fired[e.Actor]++
		}
		t.trace.Events = append(t.trace.Events, e)
	}
	values := b.Values
	for _, r := range b.Results {
		if r.Actor < 0 || int(r.Actor) >= len(t.plan.Work) {
			return fmt.Errorf("%w: device %s: result of actor %d", ErrTrace, device, r.Actor)
		}
		t.trace.Results = append(t.trace.Results, trace.Result{
			Instance: t.plan.Work[r.Actor].Instance, Frame: r.Frame, Values: values[:r.N:r.N],
		})
		values = values[r.N:]
	}
	return nil
}

// done reports whether every actor has fired as often as it has to.
func (t *tally) done() bool {
	for a, n := range t.fired {
		if n < t.target[a] {
			return false
		}
	}
	return true
}

// complete reports whether all batches that agents sent have been added.
func (t *tally) complete(sent map[string]uint64) bool {
	for device, n := range sent {
		if t.batches[device] < n {
			return false
		}
	}
	return true
}

// counted returns the frames after the warm-up that all sinks have taken.
func (t *tally) counted() int64 {
	least := t.plan.Workload.Frames
	for a, w := range t.plan.Work {
		if w.Sink {
			least = min(least, t.fired[a])
		}
	}
	return least - t.plan.Workload.Warmup
}

// sort puts events in the order of their ends, then devices, and results in that of
// instances and frames.
func (s *sorted) sort() {
	slices.SortStableFunc(s.Events, func(a, b trace.Event) int {
		if c := cmp.Compare(a.End, b.End); c != 0 {
			return c
		}
		return cmp.Compare(a.Device, b.Device)
	})
	slices.SortStableFunc(s.Results, func(a, b trace.Result) int {
		if c := cmp.Compare(a.Instance, b.Instance); c != 0 {
			return c
		}
		return cmp.Compare(a.Frame, b.Frame)
	})
}
