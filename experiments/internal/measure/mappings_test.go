package measure

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func TestRunMapped(t *testing.T) {
	r, d := testRunner(t, "mapped")
	r.Truth = nil
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 9 || s.Kind != result.OfMappings || len(s.TwoEndpoints)+len(s.Factors) > 0 || len(s.Unverified) != 1 || !s.Emulated {
		t.Fatalf("%d rows, sweep %+v", len(s.Rows), s)
	}
	measured := map[string]int{}
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Measured == nil {
			continue
		}
		measured[row.Group]++
		for _, w := range []plan.WorkloadKind{plan.SingleStream, plan.Offline} {
			if _, err := os.Stat(filepath.Join(r.Dir, "traces", "deploy", TraceFile(row.Case, w))); err != nil {
				t.Error(err)
			}
		}
		for _, q := range result.Quantities() {
			if e, _, ok := row.ErrorOf(q, result.Stored); !ok || math.Abs(e) > 1e-9 {
				t.Errorf("%s: error of the %s %g, %v", row.Title(), q, e, ok)
			}
		}
		if row.Quality != nil || (row.Equal == "bit-equal") != (row.Codec == "none") || math.Abs(row.Slowdown-40./3) > 0.05 {
			t.Errorf("%s: quality %v, equal %q, slowed by %g", row.Title(), row.Quality, row.Equal, row.Slowdown)
		}
	}
	if want := map[string]int{"": 3, "rows": 2, "parts": 2}; !maps.Equal(measured, want) {
		t.Errorf("measured %v, want %v", measured, want)
	}
	if len(d.Ran) != 2*7 {
		t.Errorf("%d runs measured, want two for each row", len(d.Ran))
	}
	for _, g := range result.GroupErrors(s) {
		if g.Prediction != result.Stored {
			continue
		}
		if g.Rows > 0 && *g.Median > 1e-9 || g.Rows+g.NotSettled != measured[strings.Replace(g.Group, result.Baselines, "", 1)] {
			t.Errorf("%+v", g)
		}
	}
}

// A quick run measures the first case of every group beside all on the endpoint.
func TestQuickMapped(t *testing.T) {
	r, d := testRunner(t, "mapped")
	r.Effort = sweep.Quick
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var measured []string
	for _, row := range s.Rows {
		if row.Measured != nil && row.Baseline == "" {
			measured = append(measured, row.FullLabel())
		}
	}
	if got := strings.Join(measured, ", "); got != "PP3 | PP4, tail to gateway" || len(d.Ran) != 2*3 {
		t.Errorf("measured %s in %d runs", got, len(d.Ran))
	}
}
