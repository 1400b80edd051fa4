package sim_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowPlan is a camera with a frame every 40 ms before an actor that takes 100 ms.
func slowPlan(drop admission.Policy, queue int) (*plan.Plan, *sim.Driver) {
	b := enginetest.NewBuilder("slow", 6, 1, 1)
	b.Chain(1, 1, 0, 1)
	p := b.Plan()
	p.Workload = plan.Workload{Kind: plan.Camera, Frames: 6, Period: 40 * time.Millisecond, Drop: drop, Queue: queue}
	prof := enginetest.Profile()
	prof.Transport = profile.Transport{}
	prof.Entries[enginetest.Count] = profile.Entry{Samples: []time.Duration{1}}
	prof.Entries[enginetest.Sink] = profile.Entry{Samples: []time.Duration{100 * time.Millisecond}}
	return p, &sim.Driver{Profile: prof}
}

// entered returns the numbers of the frames that entered, and how many captures each was behind the
// newest one then.
func entered(t *testing.T, tr *trace.Trace, period int64) (numbers, ages []int64) {
	t.Helper()
	for _, e := range tr.Events {
		if e.Kind == trace.Capture {
			assert.Equal(t, (e.Number-1)*period, e.Start, "it was captured on time")
			numbers, ages = append(numbers, e.Number), append(ages, e.End/period+1-e.Number)
		}
	}
	return numbers, ages
}

func TestCameraThatDrops(t *testing.T) {
	for _, queue := range []int{1, 2} {
		p, d := slowPlan(admission.Newest, queue)
		tr, err := d.Run(t.Context(), p)
		require.NoError(t, err)
		numbers, ages := entered(t, tr, 40e6)
		require.Len(t, numbers, 6)
		require.Len(t, tr.Captured, 1)
		c := tr.Captured[0]
		assert.Positive(t, c.Dropped)
		assert.Equal(t, c.Captured, 6+c.Dropped+c.Waiting)
		for i, age := range ages {
			assert.Less(t, age, int64(queue), "frame %d: no older than the queue is long", i)
		}
	}
	p, d := slowPlan(admission.Oldest, 1)
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	_, ages := entered(t, tr, 40e6)
	assert.Positive(t, ages[len(ages)-1], "what was captured since was dropped")
	assert.Positive(t, tr.Captured[0].Dropped)

	// What blocks drops nothing, however late frames are.
	p, d = slowPlan(admission.Block, 0)
	tr, err = d.Run(t.Context(), p)
	require.NoError(t, err)
	numbers, _ := entered(t, tr, 40e6)
	assert.Empty(t, numbers, "frames wait for their turn from when they are due")
	assert.Empty(t, tr.Captured)
}

// A run whose laws don't hold is an error.
func TestCameraStreamed(t *testing.T) {
	p, d := slowPlan(admission.Newest, 1)
	whole, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	var drops int64
	tr, err := d.Stream(t.Context(), p, func(*trace.Trace) error { return nil }, func(e *trace.Event) error {
		if e.Kind == trace.Drop {
			drops++
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, whole.Captured, tr.Captured)
	assert.Equal(t, whole.Captured[0].Dropped, drops)
}

// A camera goes on for ever; a run that can't, does not.
func TestCameraOfAStalledRun(t *testing.T) {
	b := enginetest.NewBuilder("stalled", 6, 1)
	c := b.Chain(1, 1, 0, 0)
	b.FIFO(c[1], c[1], 1, 0, 1) // it waits for a token of its own
	_, d := slowPlan(admission.Newest, 1)
	b.Plan().Workload = plan.Workload{Kind: plan.Camera, Frames: 6, Period: 40 * time.Millisecond, Drop: admission.Newest}
	_, err := d.Run(t.Context(), b.Plan())
	require.ErrorIs(t, err, sim.ErrStalled)
}

// A camera goes on while a firing takes longer than anything that is waited for.
func TestCameraOfASlowRun(t *testing.T) {
	p, d := slowPlan(admission.Newest, 1)
	d.Profile.Entries[enginetest.Sink] = profile.Entry{Samples: []time.Duration{100 * time.Second}}
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	assert.Greater(t, tr.Captured[0].Dropped, int64(5*100*25-100))
}

// A run goes on after faults that last long, whether its camera drops frames meanwhile or not.
func TestLongFaults(t *testing.T) {
	for _, drop := range []admission.Policy{"", admission.Newest} {
		for _, f := range []plan.Fault{{Device: 1, Link: -1}, {Device: -1, Link: 0}} {
			p, d := slowPlan(drop, 0)
			f.At, f.For, f.Detect = 150*time.Millisecond, 2*time.Minute, time.Second
			p.Faults = []plan.Fault{f}
			tr, err := d.Run(t.Context(), p)
			require.NoError(t, err, "drop %q, %+v", drop, f)
			assert.Equal(t, 1, tr.Restarts)
			for _, c := range tr.Captured {
				assert.Greater(t, c.Dropped, int64(2900), "%+v", f)
			}
		}
	}
}
