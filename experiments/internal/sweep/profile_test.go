package sweep

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The profile plans hold every cost of every case, whole models first.
func TestProfilePlansCoverAllCases(t *testing.T) {
	s, models := exptest.Spec(t, "toy"), exptest.Model(t)
	plans, err := ProfilePlans(s, models)
	require.NoError(t, err)
	prof := exptest.Profile(plans)
	x, err := New(s, models)
	require.NoError(t, err)
	var all []*plan.Plan
	for _, e := range s.Endpoints {
		for _, l := range s.Links {
			for _, c := range x.Cases(e.Name, l.Name) {
				for _, w := range []plan.Workload{x.Single(3), x.Offline(3)} {
					p, err := compile.Compile(x.File(c, w), models)
					require.NoError(t, err)
					all = append(all, p)
				}
			}
		}
	}
	assert.NoError(t, Covers(prof, all))
	codecs := false
	for _, p := range plans {
		here := false
		for _, a := range p.Graph.Actors {
			here = here || a.Kernel == "encode"
		}
		if codecs {
			assert.True(t, here, "%s comes after plans with codecs", p.Name)
		}
		codecs = here
	}
	assert.Equal(t, float64(nominalSlowdown), plans[0].Platform.Devices[0].Units[0].Slowdown,
		"profiled with pauses for a slowdown")
	for key := range prof.Entries {
		delete(prof.Entries, key)
		break
	}
	assert.ErrorIs(t, Covers(prof, all), profile.ErrMissing, "one cost less")
}

func TestWholeModel(t *testing.T) {
	x := toyExperiment(t)
	plans, err := ProfilePlans(x.Spec, x.Models)
	require.NoError(t, err)
	prof := exptest.Profile(plans)
	d, err := x.WholeModel(prof, x.Spec.Endpoints[0].Unit)
	require.NoError(t, err, "got %v, %v; want the three segments in one session", d, err)
	assert.Equal(t, 3*time.Millisecond, d, "got %v, %v; want the three segments in one session", d, err)
	_, err = x.WholeModel(prof, plan.Unit{Name: "gpu"})
	assert.ErrorIs(t, err, profile.ErrMissing, "a unit that no endpoint")
	_, err = x.WholeModel(&profile.Profile{}, x.Spec.Endpoints[0].Unit)
	assert.ErrorIs(t, err, profile.ErrMissing, "an empty profile")
}
