package metrics

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// stream gives the events of a trace to a Stream.
func stream(p *plan.Plan, t *trace.Trace) (result.Outcome, *Stream, error) {
	s, err := NewStream(p, "")
	if err != nil {
		return result.Outcome{}, nil, err
	}
	for i := range t.Events {
		if err := s.Add(&t.Events[i]); err != nil {
			return result.Outcome{}, s, err
		}
	}
	o, err := s.Outcome(t)
	return o, s, err
}

// byEnd merges the frames of a trace, as drivers write them.
func byEnd(t *trace.Trace) {
	slices.SortStableFunc(t.Events, func(a, b trace.Event) int { return cmp.Compare(a.End, b.End) })
}

// What is computed without keeping events is what Measure computes, to the last bit.
func TestStreamIsMeasure(t *testing.T) {
	gated := gatedPlan(t)
	rapid.Check(t, func(t *rapid.T) {
		p := testPlan(0)
		made := &trace.Trace{Assumed: []string{"something"}}
		kind := rapid.SampledFrom([]plan.WorkloadKind{plan.SingleStream, plan.Offline, plan.Camera}).Draw(t, "kind")
		modes := rapid.Bool().Draw(t, "modes")
		n := rapid.Int64Range(2, 60).Draw(t, "frames")
		at := int64(0)
		for i := range n {
			at += rapid.Int64Range(1, 40).Draw(t, "gap") // frames overlap
			if modes {
				at += 60
				made.Events = append(made.Events, gatedFrame(i, at, rapid.IntRange(0, 1).Draw(t, "atr"))...)
				continue
			}
			head := rapid.Int64Range(1, 3).Draw(t, "head")
			made.Events = append(made.Events, oneFrame(i, at+5*i, head)...)
		}
		if modes {
			copied := *gated
			p = &copied
		}
		byEnd(made)
		p.Workload = plan.Workload{Kind: kind, Frames: n, Warmup: rapid.Int64Range(0, n-2).Draw(t, "warmup"),
			Period: 1e6, Precision: 0.1, MinFrames: 8}
		want, err := Measure(p, made, "")
		if err != nil { // results at one time
			_, _, err := stream(p, made)
			require.Error(t, err)
			return
		}
		got, s, err := stream(p, made)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Empty(t, s.frames, "frames are held")
		require.LessOrEqual(t, len(s.free), 20, "frames are not used again")
	})
}

func TestStreamErrors(t *testing.T) {
	whole := func() *trace.Trace {
		made := frames(50, 10, 30)
		byEnd(made)
		return made
	}
	plain := func() *plan.Plan {
		p := testPlan(0)
		p.Workload.Frames = 3
		return p
	}
	gated := func() *plan.Plan {
		p := gatedPlan(t)
		p.Workload.Frames = 3
		return p
	}
	for name, c := range map[string]struct {
		p    *plan.Plan
		made *trace.Trace
		want error
	}{
		"an event lost":  {plain(), &trace.Trace{Events: slices.Delete(whole().Events, 3, 4)}, ErrMissing},
		"a frame lost":   {plain(), frames(50, 10), ErrMissing},
		"a firing twice": {plain(), &trace.Trace{Events: slices.Insert(whole().Events, 2, whole().Events[1])}, ErrDoubled},
		"a firing of a frame that is whole": {
			plain(), &trace.Trace{Events: append(whole().Events, whole().Events[0])}, ErrDoubled,
		},
		"a firing that was skipped": {
			gated(), &trace.Trace{Events: append(gatedTrace(1, 0, 1).Events, firing("server", "net", net, 1, 900*ms, 901*ms))},
			ErrUnasked,
		},
	} {
		_, _, err := stream(c.p, c.made)
		require.ErrorIs(t, err, c.want, name)
	}
	p := plain()
	p.Workload.Warmup = 2
	_, _, err := stream(p, whole())
	require.ErrorIs(t, err, ErrTooFew)
	_, err = NewStream(plain(), "nobody")
	assert.ErrorIs(t, err, ErrInstance)
}
