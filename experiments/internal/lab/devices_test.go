package lab

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unequal are devices on which a firing takes as many times longer as is said.
type unequal map[string]int64

func (u unequal) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	t, err := (&exptest.Driver{Name: "deploy"}).Run(ctx, p)
	for i := range t.Events {
		t.Events[i].Kernel *= u[t.Events[i].Device]
	}
	return t, err
}

func placedToy(t *testing.T) (*sweep.Experiment, []*plan.Plan) {
	t.Helper()
	s := exptest.Spec(t, "toy").Placed(map[string]string{"slow": "jetson1", "fast": "jetson2", "server": "gpu"})
	x, err := sweep.New(s, exptest.Model(t))
	require.NoError(t, err)
	plans, err := sweep.ProfilePlans(x.Spec, x.Models)
	require.NoError(t, err)
	return x, plans
}

// Equal units of two devices have two costs, and a device that has no sample takes none from
// elsewhere as its own.
func TestRoundsOfDevices(t *testing.T) {
	x, plans := placedToy(t)
	turns, err := x.Turns()
	require.NoError(t, err)
	testbed := unequal{"jetson1": 7, "jetson2": 3, "gpu": 1}
	r := &Rounds{Driver: testbed, Owner: EachDevice, Base: exptest.Profile(plans), Turns: plansOf(turns)}
	for range 3 { // all codecs have had their turn
		require.NoError(t, r.Round(t.Context(), noStep))
	}
	p := r.Profile()
	require.NoError(t, sweep.Covers(p, plans))
	for _, q := range plans {
		for a, w := range q.Work {
			device := q.DeviceOf(a).Name
			e, err := p.CostOn(device, w.CostKey)
			require.NoError(t, err, device)
			assert.Equal(t, exptest.Cost(q, a)*time.Duration(testbed[device]), e.Median(), "%s on %s", w.CostKey, device)
			assert.Empty(t, e.Basis)
			assert.Empty(t, e.References, "nobody timed the reference computation there")
		}
	}
	e, err := p.CostOn("gpu", plans[0].Work[0].CostKey)
	require.NoError(t, err)
	assert.Contains(t, e.Basis, "scaled", "frames come from the endpoints only")
}

// All endpoints at once fire the same on several devices.
func TestProfileInSituOfDevices(t *testing.T) {
	x, plans := placedToy(t)
	f, _, err := x.TogetherFile(x.Single(3))
	require.NoError(t, err)
	p, err := compile.Compile(f, x.Models)
	require.NoError(t, err)
	testbed := unequal{"jetson1": 7, "jetson2": 3, "gpu": 1}
	costs, err := ProfileInSitu(t.Context(), testbed, EachDevice, p, exptest.Profile(plans))
	require.NoError(t, err)
	source := p.Work[0].CostKey
	assert.Equal(t, 7*costs["gpu"][p.Work[len(p.Work)-1].CostKey].Median(), costs["jetson1"][source].Median())
	assert.Equal(t, 3*50*time.Microsecond, costs["jetson2"][source].Median())
	assert.NotContains(t, costs, "")
}
