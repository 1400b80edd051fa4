package sim_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// streamed runs a plan without keeping its trace, and keeps what was given.
func streamed(t *testing.T, d *sim.Driver, p *plan.Plan) *trace.Trace {
	t.Helper()
	var events []trace.Event
	begun := 0
	got, err := d.Stream(t.Context(), p, func(*trace.Trace) error { begun++; return nil }, func(e *trace.Event) error {
		require.Equal(t, 1, begun, "an event before the header")
		events = append(events, *e)
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, got.Events)
	got.Events = events
	return got
}

// What is streamed is the trace that Run keeps, event for event, with faults and without.
func TestStreamIsTheTrace(t *testing.T) {
	for seed := range uint64(30) {
		p, prof := mapped(rand.New(rand.NewPCG(seed, 5)), 40)
		d := &sim.Driver{Profile: prof, Link: sim.Ideal{}}
		want, err := d.Run(t.Context(), p)
		require.NoError(t, err)
		assert.Equal(t, want, streamed(t, d, p), "seed %d", seed)
	}
	f := plantest.Good(t)
	f.Faults = nil
	p := plantest.Compiled(t, f)
	const ms = time.Millisecond
	p.Faults = []plan.Fault{{Device: -1, Link: 0, At: 5 * ms, For: ms, Detect: ms}}
	d := &sim.Driver{Cost: sim.Constant(time.Millisecond)}
	want, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	require.Positive(t, want.Restarts)
	assert.Equal(t, want, streamed(t, d, p))
}

// The memory of a streamed run does not grow with its frames.
func TestStreamIsFlat(t *testing.T) {
	allocated := func(frames int64) uint64 {
		f := plantest.Good(t)
		f.Workload.Frames = frames
		p := plantest.Compiled(t, f)
		d := &sim.Driver{Cost: sim.Constant(time.Millisecond)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := d.Stream(t.Context(), p, func(*trace.Trace) error { return nil }, func(*trace.Event) error { return nil })
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		return after.TotalAlloc - before.TotalAlloc
	}
	few, many := allocated(1000), allocated(20_000)
	assert.Less(t, many, few+64<<10, "%d bytes for 1000 frames, %d for 20,000", few, many)
}

func TestStreamEnds(t *testing.T) {
	p := plantest.Compiled(t, plantest.Good(t))
	d := &sim.Driver{Cost: sim.Constant(time.Millisecond)}
	full := errors.New("disk full")
	n := 0
	_, err := d.Stream(t.Context(), p, func(*trace.Trace) error { return nil }, func(*trace.Event) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	require.ErrorIs(t, err, full)
	assert.Equal(t, 3, n, "events went on")
	_, err = d.Stream(t.Context(), p, func(*trace.Trace) error { return full }, func(*trace.Event) error { return nil })
	require.ErrorIs(t, err, full)
}
