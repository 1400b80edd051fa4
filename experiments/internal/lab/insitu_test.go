package lab

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func toyPlan(t *testing.T) (*plan.Plan, *profile.Profile) {
	t.Helper()
	s, models := exptest.Spec(t, "toy"), exptest.Model(t)
	plans, err := sweep.ProfilePlans(s, models)
	require.NoError(t, err)
	x, err := sweep.New(s, models)
	require.NoError(t, err)
	e, l := s.Endpoints[0].Name, s.Links[0].Name
	x.Slow(e, 400)
	cut := x.Cases(e, l)[4] // behind baselines and the normalised frame
	p, err := compile.Compile(x.File(cut, x.Single(8)), models)
	require.NoError(t, err)
	return p, exptest.Profile(plans)
}

func TestProfileInSitu(t *testing.T) {
	p, base := toyPlan(t)
	var ran *plan.Plan
	d := &exptest.Driver{Name: "deploy", Fail: func(p *plan.Plan) error { ran = p; return nil }}
	costs, err := ProfileInSitu(t.Context(), d, OneMachine, p, base)
	require.NoError(t, err)
	for a, w := range p.Work {
		e := costs[""][w.CostKey]
		assert.Equal(t, exptest.Cost(p, a), e.Median(), "%s: %d samples, median %v; want %d a firing", w.CostKey,
			len(e.Samples), e.Median(), atOnce.frames)
		assert.EqualValues(t, 0, int64(len(e.Samples))%atOnce.frames, "%s: %d samples, median %v; want %d a firing",
			w.CostKey, len(e.Samples), e.Median(), atOnce.frames)
	}
	for _, l := range ran.Platform.Links {
		assert.False(t, l.Shaped(), "link %s is shaped", l.Name)
	}
	k := ran.Platform.Devices[0].Units[0].Slowdown
	assert.Less(t, k, float64(400), "endpoint slowed by %g; want less than 400, so that a frame takes %v", k, inSituFrame)
	assert.Greater(t, k, float64(1), "endpoint slowed by %g; want less than 400, so that a frame takes %v", k, inSituFrame)
	k = p.Platform.Devices[0].Units[0].Slowdown
	assert.Equal(t, 400.0, k, "the plan itself was changed")
	assert.True(t, p.Platform.Links[0].Shaped(), "the plan itself was changed")
}

func TestProfileInSituMissesNothing(t *testing.T) {
	p, base := toyPlan(t)
	d := &exptest.Driver{Name: "deploy", Spoil: func(_ *plan.Plan, t *trace.Trace) { t.Events = t.Events[:0] }}
	_, err := ProfileInSitu(t.Context(), d, OneMachine, p, base)
	assert.ErrorIs(t, err, profile.ErrMissing)
	failed := errors.New("failed")
	d = &exptest.Driver{Name: "deploy", Fail: func(*plan.Plan) error { return failed }}
	_, err = ProfileInSitu(t.Context(), d, OneMachine, p, base)
	assert.ErrorIs(t, err, failed)
}
