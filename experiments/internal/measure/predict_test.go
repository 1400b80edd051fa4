package measure

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// predictor simulates by sim what is fresh, and by a simulator on which all takes as many
// times longer as the reference computation what is corrected; that took 1 ms then.
type predictor struct {
	sim   driver.Driver
	fresh []profile.Costs
}

func (p *predictor) Fresh(costs profile.Costs) driver.Driver {
	p.fresh = append(p.fresh, costs)
	return p.sim
}

func (p *predictor) Then(*plan.Plan) (time.Duration, bool) { return time.Millisecond, true }

func (p *predictor) Corrected(now time.Duration) driver.Driver {
	return stretched{p.sim, float64(now) / float64(time.Millisecond)}
}

// stretched makes all times of a run longer.
type stretched struct {
	driver.Driver
	by float64
}

func (s stretched) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	t, err := s.Driver.Run(ctx, p)
	for i := range t.Events {
		e := &t.Events[i]
		e.Start, e.End = int64(float64(e.Start)*s.by), int64(float64(e.End)*s.by)
	}
	return t, err
}

// predicting returns a runner whose machine has become twice as slow as the stored profile
// says: the deployment and the costs that are measured now are, the stored ones aren't.
func predicting(t *testing.T, experiment string) (*Runner, *predictor) {
	t.Helper()
	r, d := testRunner(t, experiment)
	r.Deploy = stretched{d, 2}
	p := &predictor{sim: stretched{r.Sim, 2}}
	r.Predict = p
	r.Refresh = func(_ context.Context, p *plan.Plan, _ ...*plan.Plan) (profile.Costs, error) {
		return profile.Costs{"": {p.Name: {Samples: []time.Duration{1}}}}, nil
	}
	r.Reference = func(context.Context) (time.Duration, error) { return 2 * time.Millisecond, nil }
	return r, p
}

// The prediction beside a measurement is the one made before the run. What is simulated
// from costs measured seconds before, and what is corrected by the drift, has a name of
// its own.
func TestThreePredictionsOfARow(t *testing.T) {
	r, p := predicting(t, "toy")
	// The stored profile corrected by the reference: as slow as the machine is.
	p.sim = stretched{&exptest.Driver{Name: "sim"}, 1}
	r.Refresh = nil
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	measured := 0
	for _, row := range s.All() {
		if row.Measured == nil {
			assert.Nil(t, row.Corrected, "%s was not measured", row.Title())
			continue
		}
		measured++
		stored, _, ok := row.ErrorOf(result.Latency, result.Stored)
		require.True(t, ok)
		assert.InDelta(t, -0.5, stored, 1e-3, "%s: the stored prediction knows nothing of the drift", row.Title())
		corrected, _, ok := row.ErrorOf(result.Latency, result.Corrected)
		require.True(t, ok)
		assert.InDelta(t, 0, corrected, 1e-3, row.Title())
		require.NotNil(t, row.Drift)
		assert.InDelta(t, 2, row.Drift.Ratio(), 1e-9)
		assert.Nil(t, row.Fresh, "nothing was measured again")
	}
	assert.Greater(t, measured, 5)
}

func TestFreshPredictionOfARow(t *testing.T) {
	r, p := predicting(t, "toy")
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	measured := 0
	for _, row := range s.All() {
		if row.Measured == nil {
			continue
		}
		measured++
		fresh, _, ok := row.ErrorOf(result.EndpointTime, result.Fresh)
		require.True(t, ok)
		assert.InDelta(t, 0, fresh, 1e-3, row.Title())
		stored, _, _ := row.ErrorOf(result.EndpointTime, result.Stored)
		assert.InDelta(t, -0.5, stored, 1e-3, "%s: the headline must be the stored prediction", row.Title())
		e, _ := row.Error()
		assert.Equal(t, stored, e)
	}
	kept, err := filepath.Glob(filepath.Join(r.Dir, "profiles", "*.json"))
	require.NoError(t, err)
	assert.Len(t, kept, len(p.fresh))
	assert.Greater(t, measured, len(p.fresh), "all on the endpoint is measured once, both endpoints at once together")
}

// A broken-off run goes on with the predictions that were made beside its measurements.
func TestPredictionsResume(t *testing.T) {
	r, p := predicting(t, "toy")
	first, err := r.Run(t.Context())
	require.NoError(t, err)
	again, q := predicting(t, "toy")
	again.Dir = r.Dir
	second, err := again.Run(t.Context())
	require.NoError(t, err)
	assert.Less(t, len(q.fresh), len(p.fresh))
	for i := range first.Rows {
		assert.Equal(t, first.Rows[i].Fresh, second.Rows[i].Fresh, first.Rows[i].Title())
		assert.Equal(t, first.Rows[i].Corrected, second.Rows[i].Corrected)
		assert.Equal(t, first.Rows[i].Drift, second.Rows[i].Drift)
	}
}
