package measure

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

func toyPlan(t *testing.T) (*plan.Plan, *profile.Profile) {
	t.Helper()
	spec, models := toySpec(t), toyModel(t)
	plans, err := spec.ProfilePlans(models)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := newSpace(spec, models)
	if err != nil {
		t.Fatal(err)
	}
	e, l := spec.Endpoints[0].Name, spec.Links[0].Name
	sp.slowdowns[e] = 400
	cut := sp.cases(e, l)[4] // behind baselines and the normalised frame
	p, err := plan.Compile(sp.file(cut, sp.single(8)), models)
	if err != nil {
		t.Fatal(err)
	}
	return p, toyProfile(plans)
}

func TestProfileInSitu(t *testing.T) {
	p, base := toyPlan(t)
	var ran *plan.Plan
	d := &driver{name: "deploy", fail: func(p *plan.Plan) error { ran = p; return nil }}
	entries, err := ProfileInSitu(t.Context(), d, p, base)
	if err != nil {
		t.Fatal(err)
	}
	for a, w := range p.Work {
		e := entries[w.CostKey]
		if e.Median() != cost(p, a) || len(e.Samples)%inSituFrames != 0 {
			t.Errorf("%s: %d samples, median %v; want %d a firing, %v", w.CostKey, len(e.Samples), e.Median(), inSituFrames, cost(p, a))
		}
	}
	for _, l := range ran.Platform.Links {
		if l.Shaped() {
			t.Errorf("link %s is shaped", l.Name)
		}
	}
	if k := ran.Platform.Devices[0].Units[0].Slowdown; k >= 400 || k <= 1 {
		t.Errorf("endpoint slowed by %g; want less than 400, so that a frame takes %v", k, inSituFrame)
	}
	if k := p.Platform.Devices[0].Units[0].Slowdown; k != 400 || !p.Platform.Links[0].Shaped() {
		t.Error("the plan itself was changed")
	}
}

func TestProfileInSituMissesNothing(t *testing.T) {
	p, base := toyPlan(t)
	d := &driver{name: "deploy", spoil: func(_ *plan.Plan, t *trace.Trace) { t.Events = t.Events[:0] }}
	if _, err := ProfileInSitu(t.Context(), d, p, base); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("got %v", err)
	}
	failed := errors.New("failed")
	d = &driver{name: "deploy", fail: func(*plan.Plan) error { return failed }}
	if _, err := ProfileInSitu(t.Context(), d, p, base); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
}

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
	if want := (len(d.ran)-1)/2 + 1; refreshed != want || len(kept) != want {
		t.Errorf("%d refreshed, %d kept; want %d: a measured row each, and one of all endpoints", refreshed, len(kept), want)
	}
	simulated := 0
	for _, name := range r.Sim.(*driver).ran {
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
	r.Spec.Workload = Load{MinFrames: 8, MaxFrames: 40, TimeLimit: 2 * time.Second}
	for _, tt := range []struct {
		latency float64 // in s
		effort  Effort
		want    int64
	}{{1, Standard, 8}, {0.1, Standard, 20}, {0.001, Standard, 40}, {1, Complete, 40}} {
		r.Effort = tt.effort
		row := result.Row{Sim: &result.Outcome{Latency: result.Stat{Median: tt.latency}}}
		if got := r.frames(&row); got != tt.want {
			t.Errorf("latency %g s: %d frames, want %d", tt.latency, got, tt.want)
		}
	}
}
