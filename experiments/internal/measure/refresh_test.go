package measure

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// Every measured row is predicted again, right before it is measured, from costs
// that are kept.
func TestRefreshedPredictions(t *testing.T) {
	r, d := toy(t)
	refreshed := 0
	r.Refresh = func(_ context.Context, p *plan.Plan, _ ...*plan.Plan) (map[string]profile.Entry, error) {
		refreshed++
		return map[string]profile.Entry{"key": {Samples: []time.Duration{1}}}, nil
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, _ := filepath.Glob(filepath.Join(r.Dir, "profiles", "*.json"))
	if want := (len(d.Ran)-1)/2 + 1; refreshed != want || len(kept) != want {
		t.Errorf("%d refreshed, %d kept; want %d: a measured row each, and one of all endpoints", refreshed, len(kept), want)
	}
	simulated := 0
	for _, name := range r.Sim.(*exptest.Driver).Ran {
		if strings.HasPrefix(name, "toy/together") {
			simulated++
		}
	}
	if simulated != 2 {
		t.Errorf("all endpoints at once were simulated %d times, want 2", simulated)
	}
}

func TestFramesFitTheTime(t *testing.T) {
	r, _ := toy(t)
	r.Experiment.Spec.Workload = spec.Load{MinFrames: 8, MaxFrames: 40, TimeLimit: 2 * time.Second}
	for _, tt := range []struct {
		latency float64 // in s
		effort  sweep.Effort
		want    int64
	}{{1, sweep.Standard, 8}, {0.1, sweep.Standard, 20}, {0.001, sweep.Standard, 40}, {1, sweep.Complete, 40}} {
		r.Effort = tt.effort
		row := result.Row{Stored: &result.Outcome{Latency: result.Stat{Median: tt.latency}}}
		if got := r.frames(&row); got != tt.want {
			t.Errorf("latency %g s: %d frames, want %d", tt.latency, got, tt.want)
		}
	}
}
