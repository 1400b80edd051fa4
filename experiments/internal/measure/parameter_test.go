package measure

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunSweep(t *testing.T) {
	r, d := testRunner(t, "gated")
	r.Effort = sweep.Complete
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, s.Rows, 2*2*9, "%d rows, swept", len(s.Rows))
	require.NotNil(t, s.Swept, "%d rows, swept", len(s.Rows))
	require.Equal(t, (result.Swept{Param: "look.threshold", Quality: "accuracy", Loss: 0.1}), *s.Swept, "%d rows, swept",
		len(s.Rows))
	assert.LessOrEqual(t, len(s.TwoEndpoints)+len(s.Factors), 0, "two endpoints %v, factors", s.TwoEndpoints)
	for i := range s.Rows {
		row := &s.Rows[i]
		e, ok := row.Error()
		require.True(t, ok, "%s: error %g, %v, quality", row.FullLabel(), e, ok)
		assert.LessOrEqual(t, math.Abs(e), 1e-9, "%s: error %g, %v, quality", row.FullLabel(), e, ok)
		assert.Equal(t, 1.0, row.Quality["accuracy"], "%s: error %g, %v, quality", row.FullLabel(), e, ok)
		// Frames 1 to 10 count, and are worth 1 to 9 and 0.
		want := map[float64]float64{0: 1, 5: 0.5, 9: 0.1}[row.Value]
		assert.LessOrEqual(t, math.Abs(row.Measured.Share()-want), 1e-9,
			"%s: the part ran in %g of the measured and %g of the simulated frames", row.FullLabel(), row.Measured.Share(),
			row.Stored.Share())
		assert.LessOrEqual(t, math.Abs(row.Stored.Share()-want), 1e-9,
			"%s: the part ran in %g of the measured and %g of the simulated frames", row.FullLabel(), row.Measured.Share(),
			row.Stored.Share())
		assert.Equal(t, (row.Codec == "none"), (row.Equal != ""), "%s: equal", row.FullLabel())
	}
	require.Len(t, s.Rows, 36, "%d runs of %d rows; want one each, all on the endpoint on one link only", len(d.Ran),
		len(s.Rows))
	assert.Len(t, d.Ran, 36-2, "%d runs of %d rows; want one each, all on the endpoint on one link only", len(d.Ran),
		len(s.Rows))
	asked := r.Oracle.(*exptest.Oracle).Asked
	// six values, JPEG, and the whole network with each value
	assert.Len(t, asked, 10, "the oracle was asked %d times, want 10", len(asked))
	plans, _ := filepath.Glob(filepath.Join(r.Dir, "plans", "*.yaml"))
	assert.Len(t, plans, 36, "%d plans kept", len(plans))
	trades := result.Trades(s)
	require.Len(t, trades, 8, "trades")
	assert.Equal(t, 9.0, trades[0].Value, "trades")
	d.Ran = nil
	_, err = r.Run(t.Context())
	require.NoError(t, err, "resumed")
	assert.Empty(t, d.Ran, "resumed")
}

func TestSimulatedSweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Deploy = nil
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	for _, row := range s.Rows {
		require.NotNil(t, row.Stored, "row")
		assert.Nil(t, row.Measured, "row")
		assert.Equal(t, 1.0, row.Quality["accuracy"], "row")
	}
}

// Measured are the value always on and the predicted trade of every codec, and others spread
// over the list: of one, its first.
func TestChosenValues(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Experiment.Spec.Measure.Cuts = 1
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	measured := map[string][]string{}
	for _, row := range s.Rows {
		if row.Measured != nil {
			group := row.Endpoint + " " + row.Link
			measured[group] = append(measured[group], fmt.Sprintf("%g %s", row.Value, row.Codec))
		}
	}
	base := []string{"0 none", "0 none", "0 jpeg"}
	for group, want := range map[string][]string{
		"slow wired": {"0 none", "9 none", "0 int8", "9 int8"}, "fast wireless": {"0 none", "9 none", "0 int8", "9 int8"},
	} {
		got := measured[group]
		assert.Equal(t, append(slices.Clone(base), want...), got, "%s: measured %v, want %v after the baselines", group, got,
			want)
	}
	r, _ = testRunner(t, "gated")
	r.Effort = sweep.Quick
	s, err = r.Run(t.Context())
	require.NoError(t, err, "quick: %d rows, want 3 baselines and 3 values", len(s.Rows))
	assert.Len(t, s.Rows, 6, "quick: %d rows, want 3 baselines and 3 values", len(s.Rows))
}

func TestWrongResultOfASweep(t *testing.T) {
	r, d := testRunner(t, "gated")
	r.Effort = sweep.Quick
	d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if strings.Contains(p.Name, "threshold 9") {
			tr.Results[4].Values[0]++
		}
	}
	s, err := r.Run(t.Context())
	require.ErrorIs(t, err, ErrWrong)
	require.NotNil(t, s)
	require.NotEmpty(t, s.Rows[5].Failed)
	require.NotNil(t, s.Rows[3].Measured)
}

// Frames that differ are all run; where they don't, a time limit holds.
func TestFramesOfASweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	for _, row := range s.Rows {
		n := 10
		if row.Value == 0 && row.Endpoint == "slow" {
			n = 4 // of at least 10 ms each
		}
		if row.Measured != nil && row.Endpoint == "slow" {
			assert.False(t, row.Measured.EndpointTime.N != n || row.Stored.EndpointTime.N != n,
				"%s: %d frames measured, %d simulated", row.FullLabel(), row.Measured.EndpointTime.N, row.Stored.EndpointTime.N)
		}
	}
}

// A case that is not always on has stand-ins for its fresh profile.
func TestRefreshedSweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Predict = &predictor{sim: r.Sim}
	standIns := map[string]int{}
	r.Refresh = func(_ context.Context, p *plan.Plan, instead ...*plan.Plan) (profile.Costs, error) {
		standIns[p.Name] = len(instead)
		for i, q := range instead {
			require.Len(t, q.Work, len(p.Work), "%s: stand-in %d has %d actors, params", p.Name, i, len(q.Work))
			assert.Equal(t, []float64{0, 255}[i], q.Graph.Actors[1].Params["threshold"], "%s: stand-in %d has %d actors, params",
				p.Name, i, len(q.Work))
		}
		return profile.Costs{"": {"key": {Samples: []time.Duration{1}}}}, nil
	}
	_, err := r.Run(t.Context())
	require.NoError(t, err)
	for name, n := range standIns {
		want := map[bool]int{true: 2, false: 0}[strings.Contains(name, "threshold 5") ||
			strings.Contains(name, "threshold 9")]
		assert.Equal(t, want, n, "%s: %d stand-ins", name, n)
	}
}
