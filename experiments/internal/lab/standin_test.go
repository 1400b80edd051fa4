package lab

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Stand-ins are run as long as a firing was seen too seldom, and keys are those of
// the plan itself.
func TestProfileInSituWithStandIns(t *testing.T) {
	x, err := sweep.New(exptest.Spec(t, "gated"), exptest.Model(t))
	require.NoError(t, err)
	compile := func(v float64) *plan.Plan {
		c := x.Cases("slow", "wired")[3]
		c.Value = v
		p, err := compile.Compile(x.File(c, x.Single(2)), x.Models)
		require.NoError(t, err)
		return p
	}
	never, mixed, always := compile(255), compile(5), compile(0)
	base := exptest.Profile([]*plan.Plan{never, mixed, always})
	for _, tt := range []struct {
		name     string
		of       *plan.Plan
		standIns []*plan.Plan
		runs     int
	}{{"always on", always, nil, 1}, {"mixed", mixed, []*plan.Plan{always, never}, 1},
		{"never on", never, []*plan.Plan{always, never}, 2}} {
		d := &exptest.Driver{Name: "deploy"}
		costs, err := ProfileInSitu(t.Context(), d, OneMachine, tt.of, base, tt.standIns...)
		require.NoError(t, err, "%s: %d runs", tt.name, len(d.Ran))
		require.Len(t, d.Ran, tt.runs, "%s: %d runs", tt.name, len(d.Ran))
		assert.NoError(t, sweep.Covers((&profile.Profile{}).With(costs), []*plan.Plan{tt.of}), tt.name)
		gate := profile.Skipped(tt.of.Work[2].CostKey)
		assert.Equal(t, (tt.of != always), (len(costs[""][gate].Samples) > 0), "%s: samples of a gate that is shut", tt.name)
	}
	_, err = ProfileInSitu(t.Context(), &exptest.Driver{}, OneMachine, never, base)
	assert.ErrorIs(t, err, profile.ErrMissing, "without stand-ins")
}
