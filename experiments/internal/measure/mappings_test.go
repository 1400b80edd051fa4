package measure

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunMapped(t *testing.T) {
	r, d := testRunner(t, "mapped")
	r.Truth = nil
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, s.Rows, 9, "%d rows, sweep", len(s.Rows))
	require.Equal(t, result.OfMappings, s.Kind, "%d rows, sweep", len(s.Rows))
	require.LessOrEqual(t, len(s.TwoEndpoints)+len(s.Factors), 0, "%d rows, sweep", len(s.Rows))
	require.Len(t, s.Unverified, 1, "%d rows, sweep", len(s.Rows))
	require.True(t, s.Emulated, "%d rows, sweep", len(s.Rows))
	measured := map[string]int{}
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Measured == nil {
			continue
		}
		measured[row.Group]++
		for _, w := range []plan.WorkloadKind{plan.SingleStream, plan.Offline} {
			_, err := os.Stat(filepath.Join(r.Dir, "traces", "deploy", TraceFile(row.Case, w)))
			assert.NoError(t, err)
		}
		for _, q := range result.Quantities() {
			e, _, ok := row.ErrorOf(q, result.Stored)
			require.True(t, ok, "%s: error of the %s", row.Title(), q)
			assert.LessOrEqual(t, math.Abs(e), 1e-9, "%s: error of the %s", row.Title(), q)
		}
		assert.Nil(t, row.Quality, "%s: quality %v, equal %q, slowed by", row.Title(), row.Quality, row.Equal)
		assert.Equal(t, (row.Codec == "none"), (row.Equal == "bit-equal"), "%s: quality %v, equal %q, slowed by", row.Title(),
			row.Quality, row.Equal)
		assert.LessOrEqual(t, math.Abs(row.Slowdown-40./3), 0.05, "%s: quality %v, equal %q, slowed by", row.Title(),
			row.Quality, row.Equal)
	}
	assert.Equal(t, map[string]int{"": 3, "rows": 2, "parts": 2}, measured, "measured")
	assert.Len(t, d.Ran, 2*7, "%d runs measured, want two for each row", len(d.Ran))
	for _, g := range result.GroupErrors(s) {
		if g.Prediction != result.Stored {
			continue
		}
		if g.Rows > 0 {
			assert.LessOrEqual(t, *g.Median, 1e-9)
		}
		assert.Equal(t, measured[strings.Replace(g.Group, result.Baselines, "", 1)], g.Rows+g.NotSettled)
	}
}

// A quick run measures the first case of every group beside all on the endpoint.
func TestQuickMapped(t *testing.T) {
	r, d := testRunner(t, "mapped")
	r.Effort = sweep.Quick
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	var measured []string
	for _, row := range s.Rows {
		if row.Measured != nil && row.Baseline == "" {
			measured = append(measured, row.FullLabel())
		}
	}
	got := strings.Join(measured, ", ")
	assert.Equal(t, "PP3 | PP4, tail to gateway", got, "measured %s in %d runs", got, len(d.Ran))
	assert.Len(t, d.Ran, 2*3, "measured %s in %d runs", got, len(d.Ran))
}
