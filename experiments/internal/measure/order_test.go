package measure

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// slower stretches all times of a trace.
func slower(t *trace.Trace, k int64) {
	for i := range t.Events {
		e := &t.Events[i]
		e.Start, e.End, e.Kernel = e.Start*k, e.End*k, e.Kernel*k
	}
}

// The predicted best of every prediction is measured although measuring a row changes what
// is predicted of it, so that a regret is known of each.
func TestPredictedBestIsMeasured(t *testing.T) {
	r, _ := toy(t)
	r.Experiment.Spec.Measure.Cuts = 1
	refreshed := map[string]bool{} // cases whose costs were measured again
	name := func(p *plan.Plan) string { return p.Name[:strings.LastIndexByte(p.Name, ' ')] }
	r.Refresh = func(_ context.Context, p *plan.Plan, _ ...*plan.Plan) (profile.Costs, error) {
		refreshed[name(p)] = true
		return profile.Costs{"": {"key": {Samples: []time.Duration{1}}}}, nil
	}
	r.Sim.(*exptest.Driver).Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if refreshed[name(p)] {
			slower(tr, 3)
		}
	}
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	require.NotNil(t, s.Search)
	assert.True(t, s.Search.Complete, "after %d rounds", s.Search.Rounds)
	assert.LessOrEqual(t, s.Search.Rounds, mostRounds)
	for _, g := range result.Groups(s.Rows) {
		for _, p := range result.Predictions() {
			best := result.PredictedBest(g.Rows, p)
			require.NotNil(t, best, "%s, %s", g.Name(), p)
			assert.NotNil(t, best.Measured, "%s, %s: %s was not measured", g.Name(), p, best.FullLabel())
		}
	}
}

// What headlines are computed from is measured before anything else.
func TestHeadlineComesFirst(t *testing.T) {
	r, d := toy(t)
	r.Deploy = nil
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	first := map[string]bool{}
	for _, i := range r.Experiment.Headline(s.Rows, sweep.Standard) {
		first["toy/"+s.Rows[i].Endpoint+"/"+s.Rows[i].Link+"/"+s.Rows[i].Label+" "+s.Rows[i].Codec] = true
	}
	r.Deploy = d
	_, err = r.Run(t.Context())
	require.NoError(t, err)
	others := false
	for _, ran := range d.Ran {
		if strings.HasPrefix(ran, "toy/together") {
			continue
		}
		of := strings.TrimSuffix(strings.TrimSuffix(ran, " single-stream"), " offline")
		assert.False(t, others && first[of], "%s comes after a row that no headline needs", ran)
		others = others || !first[of]
	}
	assert.True(t, others, "nothing but headlines was measured")
}

// A predicted best that fails is not tried again, and the search says that it is over.
func TestFailedPredictedBest(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	broken := errors.New("broken")
	d.Fail = func(p *plan.Plan) error {
		if strings.Contains(p.Name, "relu") {
			return broken
		}
		return nil
	}
	s, err := r.Run(t.Context())
	require.ErrorIs(t, err, broken)
	seen := map[string]int{}
	for _, ran := range d.Ran {
		seen[ran]++
		assert.Equal(t, 1, seen[ran], ran)
	}
	assert.NotNil(t, s.Search)
}
