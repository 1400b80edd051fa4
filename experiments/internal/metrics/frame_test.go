package metrics

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEndpointTimeIsTheMeasureOfTheUnion(t *testing.T) {
	for _, c := range []struct {
		name string
		busy []span
		want int64 // ns
	}{
		{"nothing", nil, 0},
		{"one", []span{{5, 9, true}}, 4},
		{"apart", []span{{5, 9, true}, {20, 21, true}}, 5},
		{"touching", []span{{5, 9, true}, {9, 12, true}}, 7},
		{"overlapping, out of order", []span{{8, 12, true}, {5, 9, true}}, 7},
		{"one in another", []span{{5, 20, true}, {8, 9, true}, {10, 11, true}}, 15},
		{"empty ones", []span{{5, 5, true}, {7, 7, true}}, 0},
	} {
		assert.Equal(t, c.want, (&frame{busy: c.busy}).endpointTime(), c.name)
	}
}

func TestEndpointTimeAgreesWithCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var busy []span
		occupied := map[int64]bool{}
		for range rapid.IntRange(0, 8).Draw(t, "spans") {
			from := rapid.Int64Range(0, 40).Draw(t, "from")
			to := from + rapid.Int64Range(0, 10).Draw(t, "length")
			busy = append(busy, span{from, to, true})
			for i := from; i < to; i++ {
				occupied[i] = true
			}
		}
		got := (&frame{busy: busy}).endpointTime()
		require.EqualValues(t, len(occupied), got, "%v of %v", got, busy)
	})
}

func TestDescribeKeepsItsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(rapid.Float64Range(0, 1e3), 1, 60).Draw(t, "samples")
		st := described(samples, "")
		order := []float64{st.Min, st.Low, st.Median, st.High, st.Max}
		require.True(t, slices.IsSorted(order), "out of order")
		require.LessOrEqual(t, st.P95, st.P99, "out of order")
		require.LessOrEqual(t, st.P99, st.Max, "out of order")
		if st.Median > st.P95 {
			require.LessOrEqual(t, len(samples), 1, "out of order")
		}
		slices.Reverse(samples)
		require.Equal(t, st, described(samples, ""), "the order of samples matters")
	})
}

func TestFeedbackOnTheEndpointIsNoBoundary(t *testing.T) {
	in, err := newInstance(testPlan(0), "")
	require.NoError(t, err)
	assert.Equal(t, []int{1}, in.boundaries, "boundaries %v, endpoint", in.boundaries)
	assert.Equal(t, "board", in.endpoint, "boundaries %v, endpoint", in.boundaries)
}

func TestAllOnEndpointSendsNothing(t *testing.T) {
	p := testPlan(0)
	for i := range p.Work {
		p.Work[i].Device = 0
	}
	p.Routes = []int{-1, -1, -1, -1}
	tr := frames(20, 20, 20)
	kept := tr.Events[:0]
	for _, e := range tr.Events {
		if e.Actor >= 0 {
			e.Device = "board"
			kept = append(kept, e)
		}
	}
	tr.Events = kept
	o, err := Measure(p, tr, "")
	require.NoError(t, err)
	near(t, "endpoint time", o.EndpointTime.Median, 0.028) // 2 + 20 + 5 + 1 ms
	assert.EqualValues(t, 0, o.BoundaryBytes, "%d bytes, parts", o.BoundaryBytes)
	assert.Len(t, o.Parts, 4, "%d bytes, parts", o.BoundaryBytes)
}

func TestLatencyEndsAtTheLastSink(t *testing.T) {
	p := testPlan(0)
	p.Work[2].Sink = true // the tail is a sink as well, and ends before the other
	o, err := Measure(p, frames(20, 20), "")
	require.NoError(t, err)
	near(t, "latency", o.Latency.Median, 0.040)
}

func TestEnoughNeedsAllInstances(t *testing.T) {
	p := testPlan(0)
	p.Workload = plan.Workload{Frames: 40, MinFrames: 6, Precision: 0.02}
	tr := frames(20, 20, 20, 20, 20, 20)
	require.True(t, Enough(p, tr), "one steady instance is enough")
	other := testPlan(0)
	for i, w := range other.Work {
		w.Instance = "b"
		p.Work = append(p.Work, w)
		p.Graph.Actors = append(p.Graph.Actors, other.Graph.Actors[i])
	}
	assert.False(t, Enough(p, tr), "an instance without a frame needs more")
	tr.Events = append(tr.Events, tr.Events[0])
	assert.False(t, Enough(testPlan(0), tr), "a doubled event is never enough")
}
