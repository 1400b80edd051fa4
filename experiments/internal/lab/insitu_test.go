package lab

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func toyPlan(t *testing.T) (*plan.Plan, *profile.Profile) {
	t.Helper()
	s, models := exptest.Spec(t, "toy"), exptest.Model(t)
	plans, err := sweep.ProfilePlans(s, models)
	if err != nil {
		t.Fatal(err)
	}
	x, err := sweep.New(s, models)
	if err != nil {
		t.Fatal(err)
	}
	e, l := s.Endpoints[0].Name, s.Links[0].Name
	x.Slow(e, 400)
	cut := x.Cases(e, l)[4] // behind baselines and the normalised frame
	p, err := compile.Compile(x.File(cut, x.Single(8)), models)
	if err != nil {
		t.Fatal(err)
	}
	return p, exptest.Profile(plans)
}

func TestProfileInSitu(t *testing.T) {
	p, base := toyPlan(t)
	var ran *plan.Plan
	d := &exptest.Driver{Name: "deploy", Fail: func(p *plan.Plan) error { ran = p; return nil }}
	entries, err := ProfileInSitu(t.Context(), d, p, base)
	if err != nil {
		t.Fatal(err)
	}
	for a, w := range p.Work {
		e := entries[w.CostKey]
		if e.Median() != exptest.Cost(p, a) || int64(len(e.Samples))%atOnce.frames != 0 {
			t.Errorf("%s: %d samples, median %v; want %d a firing, %v", w.CostKey, len(e.Samples), e.Median(), atOnce.frames, exptest.Cost(p, a))
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
	d := &exptest.Driver{Name: "deploy", Spoil: func(_ *plan.Plan, t *trace.Trace) { t.Events = t.Events[:0] }}
	if _, err := ProfileInSitu(t.Context(), d, p, base); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("got %v", err)
	}
	failed := errors.New("failed")
	d = &exptest.Driver{Name: "deploy", Fail: func(*plan.Plan) error { return failed }}
	if _, err := ProfileInSitu(t.Context(), d, p, base); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
}
