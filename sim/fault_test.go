package sim

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	faults = flag.Int("sim.faults", 1000, "random faulty runs")
	seed   = flag.Uint64("sim.seed", 0, "replay the faulty run of this seed")
)

// TestFaultsLoseNothing lets devices die and links fail in random plans: all
// results are there once each and in order, memory keeps its bounds, and the run is
// the same again.
func TestFaultsLoseNothing(t *testing.T) {
	first, n := uint64(1), *faults
	if *seed > 0 {
		first, n = *seed, 1
	}
	restarts, alone := 0, 0
	for s := range uint64(n) {
		r, err := faultyRun(first + s)
		require.NoError(t, err, "%v\nreplay: go test ./sim -run TestFaultsLoseNothing -sim.seed=%d", err, first+s)
		restarts += r.trace.Restarts
		for i := range r.trace.Events {
			if e := &r.trace.Events[i]; e.Kind == trace.Firing && e.Device != r.plan.DeviceOf(e.Actor).Name {
				alone++
			}
		}
	}
	if n > 100 {
		assert.False(t, restarts < n || alone < n, "only %d interruptions and %d firings without the peer in %d runs",
			restarts, alone, n)
	}
}

// faultyRun makes the run of a seed, twice, and checks all that has to hold.
func faultyRun(seed uint64) (*run, error) {
	p := faulty(seed)
	r, err := watched(p)
	if err != nil {
		return nil, fmt.Errorf("without faults: %w", err)
	}
	if problems := enginetest.Problems(p, r.trace); len(problems) > 0 {
		return nil, fmt.Errorf("without faults: %v", problems)
	}
	spoil(p, rand.New(rand.NewPCG(seed, 1<<40)), r.trace.Events[len(r.trace.Events)-1].End)
	var first []byte
	for range 2 {
		if r, err = watched(p); err != nil {
			return nil, fmt.Errorf("faults %+v: %w", p.Faults, err)
		}
		if err := lanes(r); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := trace.Write(&b, r.trace); err != nil {
			return nil, err
		}
		if first != nil && !bytes.Equal(first, b.Bytes()) {
			return nil, fmt.Errorf("faults %+v: the same run gave another trace", p.Faults)
		}
		first = b.Bytes()
	}
	return r, nil
}

// watched runs a plan and looks after every event whether FIFOs keep their bounds.
func watched(p *plan.Plan) (*run, error) {
	r, err := (&Driver{Cost: hashed{}}).newRun(p)
	if err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	for n := 0; !r.over(); n++ {
		if n > 2_000_000 {
			return nil, fmt.Errorf("%w: %d events", ErrStalled, n)
		}
		at := r.events.peek().device
		if err := r.step(); err != nil {
			return nil, err
		}
		d := &r.devices[at]
		for _, f := range d.slice.FIFOs {
			if held := r.engines[at].Held(f.FIFO); held > p.Graph.FIFOs[f.FIFO].Capacity {
				return nil, fmt.Errorf("at %d ns: FIFO %s holds %d tokens on %s, capacity %d", r.now, p.Graph.FIFOName(f.FIFO),
					held, d.name, p.Graph.FIFOs[f.FIFO].Capacity)
			}
		}
	}
	r.end()
	if err := r.finished(); err != nil {
		return nil, err
	}
	return r, trace.Check(r.trace, r.laws)
}

// lanes checks that no unit runs more firings at a time than it has lanes.
func lanes(r *run) error {
	tr := &trace.Trace{}
	fired := map[int]int64{}
	for _, e := range r.trace.Events {
		if e.Kind == trace.Firing {
			e.Frame = fired[e.Actor]
			fired[e.Actor]++
			tr.Events = append(tr.Events, e)
		}
	}
	return trace.Check(tr, trace.Laws{Lanes: r.laws.Lanes})
}
