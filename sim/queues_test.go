package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A plan whose fault comes long after its end has the queues that it has without, though they
// are found in another way.
func TestQueuesOfPlansWithFaults(t *testing.T) {
	waited := 0
	for seed := range uint64(60) {
		p := faulty(seed)
		d := &Driver{Cost: hashed{}}
		want, err := d.Summarize(t.Context(), p)
		require.NoError(t, err, "seed %d", seed)
		p.Faults = []plan.Fault{{Device: 0, Link: -1, At: time.Hour, For: 1, Detect: 1}}
		got, err := d.Summarize(t.Context(), p)
		require.NoError(t, err, "seed %d", seed)
		require.Equal(t, want.Units, got.Units, "seed %d", seed)
		require.Equal(t, want.Links, got.Links, "seed %d", seed)
		require.Equal(t, want.Sources, got.Sources, "seed %d", seed)
		for i, f := range want.FIFOs {
			if least, most := p.Graph.Rate(i); least != most {
				assert.Nil(t, got.FIFOs[i].Queue)
				assert.Nil(t, f.Most)
				continue
			}
			assert.Equal(t, *f.Most, *got.FIFOs[i].Most, "seed %d, %s", seed, p.Graph.FIFOName(i))
			if *f.Most > 0 {
				waited++
			}
			if f.Queue == nil {
				assert.Nil(t, got.FIFOs[i].Queue)
				continue
			}
			assert.InDelta(t, *f.Queue, *got.FIFOs[i].Queue, 1e-9, "seed %d, %s", seed, p.Graph.FIFOName(i))
		}
	}
	assert.Greater(t, waited, 100)
}

// The greatest number that waits lies between that of tokens which waited for longer than an
// instant, and that of tokens which were there at one instant.
func TestMostThatWait(t *testing.T) {
	for seed := range uint64(60) {
		p := faulty(seed)
		d := &Driver{Cost: hashed{}}
		tr, err := d.Run(t.Context(), p)
		require.NoError(t, err)
		s, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		came, taken := make([][]int64, len(p.Graph.FIFOs)), make([][]int64, len(p.Graph.FIFOs))
		for i := range tr.Events {
			e := &tr.Events[i]
			for f, q := range p.Graph.FIFOs {
				_, rate := p.Graph.Rate(f)
				for range rate {
					if e.Kind == trace.Firing && e.Actor == q.To {
						taken[f] = append(taken[f], e.Start) // no time lies between firings
					}
					if e.Kind == trace.Firing && e.Actor == q.From && p.Work[q.From].Device == p.Work[q.To].Device {
						came[f] = append(came[f], e.End)
					}
				}
				if e.Kind == trace.Recv && e.FIFO == f {
					came[f] = append(came[f], e.End)
				}
			}
		}
		for f, q := range p.Graph.FIFOs {
			least, rate := p.Graph.Rate(f)
			if least != rate || p.Graph.Actors[q.To].In[q.InPort].Control {
				continue
			}
			for range q.Delay {
				came[f] = append(came[f], 0)
			}
			slices.Sort(came[f])
			low, high := 0, 0
			for _, at := range slices.Concat(came[f], taken[f]) {
				upTo := func(times []int64, end int64) (n int) {
					n, _ = slices.BinarySearch(times, end)
					return n
				}
				low = max(low, upTo(came[f], at+1)-upTo(taken[f], at+1))
				high = max(high, upTo(came[f], at+1)-upTo(taken[f], at))
			}
			most := *s.FIFOs[f].Most
			assert.LessOrEqual(t, low, most, "seed %d, %s", seed, p.Graph.FIFOName(f))
			assert.GreaterOrEqual(t, high, most, "seed %d, %s", seed, p.Graph.FIFOName(f))
		}
	}
}

// Frames that are due and wait for their source are counted.
func TestFramesThatWait(t *testing.T) {
	p := faulty(3)
	p.Workload.Kind, p.Workload.Frames, p.Workload.Period, p.Workload.Drop = plan.Camera, 20, 1000, ""
	d := &Driver{Cost: Constant(4000)}
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	s, err := d.Summarize(t.Context(), p)
	require.NoError(t, err)
	require.NotEmpty(t, s.Sources)
	for _, w := range s.Sources {
		sum, most := int64(0), int64(0)
		for _, e := range tr.Events {
			if e.Kind == trace.Firing && e.Actor == w.Actor {
				sum += e.Start - 1000*e.Frame
				most = max(most, min((e.Start+999)/1000, 20)-e.Frame)
			}
		}
		assert.InDelta(t, float64(sum)/float64(s.End), w.Queue, 1e-9)
		assert.GreaterOrEqual(t, int64(w.Most), most)
		assert.Greater(t, w.Most, 3)
	}
}

// Counts that don't add up are errors.
func TestBrokenCounts(t *testing.T) {
	summed := func() *run {
		p := faulty(7)
		r, err := (&Driver{Cost: hashed{}}).newRun(p)
		require.NoError(t, err)
		r.sums, err = r.newSums(nil)
		require.NoError(t, err)
		r.quiet = true
		require.NoError(t, r.run(t.Context()))
		return r
	}
	for name, c := range map[string]struct {
		breaks func(r *run)
		want   string
	}{
		"": {func(*run) {}, ""},
		"a token is lost": {func(r *run) {
			i := slices.IndexFunc(r.fifos, func(b carried) bool { return b.name != "" })
			r.fifos[i].sums.received--
		}, "trace breaks a conservation law: FIFO "},
		"a frame does not leave": {func(r *run) { r.sums.flows[0].first-- }, "frames have left, expected "},
		"a captured frame is lost": {func(r *run) {
			r.trace.Captured = append(r.trace.Captured, trace.Captured{Actor: 0, Name: "camera"})
		}, "source camera: 0 frames captured, 0 dropped, 0 left waiting, and it fired "},
		"an actor fires too rarely": {func(r *run) {
			e, err := engine.New(r.devices[0].slice, engine.Options{})
			require.NoError(t, err)
			r.engines[0] = e // which has fired nothing
			r.laws.Flows = [][]int{{
				slices.IndexFunc(r.plan.Work, func(w plan.Work) bool { return r.where[w.Device] == 0 }),
				slices.IndexFunc(r.plan.Work, func(w plan.Work) bool { return r.where[w.Device] == 1 }),
			}}
		}, "of the same flow"},
		"an actor fires unasked": {func(r *run) {
			r.sums.varying[r.sums.at[r.laws.Parts[0].Inner[0]]].fired++
		}, "frames have an atr of 1 or more"},
		"a unit does too much": {func(r *run) { r.sums.end = 1 }, "was busy for"},
	} {
		r := summed()
		require.NotEmpty(t, r.laws.Parts, "the plan has a dynamic part")
		c.breaks(r)
		s, err := r.summary()
		require.NoError(t, err, name)
		err = r.checkCounts(s)
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, trace.ErrConservation, name)
		assert.ErrorContains(t, err, c.want, name)
	}
}
