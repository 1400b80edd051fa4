package measure

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// toy returns a runner of the toy experiment and its fake deployment.
func toy(t testing.TB) (*Runner, *exptest.Driver) { return testRunner(t, "toy") }

// testRunner returns a runner of an experiment of exptest and its fake deployment.
func testRunner(t testing.TB, name string) (*Runner, *exptest.Driver) {
	t.Helper()
	x, err := sweep.New(exptest.Spec(t, name), exptest.Model(t))
	require.NoError(t, err)
	plans, err := sweep.ProfilePlans(x.Spec, x.Models)
	require.NoError(t, err)
	prof := exptest.Profile(plans)
	d := &exptest.Driver{Name: "deploy"}
	return &Runner{
		Experiment: x, Dir: t.TempDir(), Sim: &exptest.Driver{Name: "sim"}, Deploy: d,
		Oracle: &exptest.Oracle{}, Truth: quality.Classes{1}, Progress: &exptest.Progress{}, Now: time.Now, Workers: 2,
		WholeModel: func(u plan.Unit) (time.Duration, error) { return x.WholeModel(prof, u) },
	}, d
}
