package lab

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// Stand-ins are run as long as a firing was seen too seldom, and keys are those of
// the plan itself.
func TestProfileInSituWithStandIns(t *testing.T) {
	x, err := sweep.New(exptest.Spec(t, "gated"), exptest.Model(t))
	if err != nil {
		t.Fatal(err)
	}
	compile := func(v float64) *plan.Plan {
		c := x.Cases("slow", "wired")[3]
		c.Value = v
		p, err := compile.Compile(x.File(c, x.Single(2)), x.Models)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	never, mixed, always := compile(255), compile(5), compile(0)
	base := exptest.Profile([]*plan.Plan{never, mixed, always})
	for _, tt := range []struct {
		name     string
		of       *plan.Plan
		standIns []*plan.Plan
		runs     int
	}{{"always on", always, nil, 1}, {"mixed", mixed, []*plan.Plan{always, never}, 1}, {"never on", never, []*plan.Plan{always, never}, 2}} {
		d := &exptest.Driver{Name: "deploy"}
		entries, err := ProfileInSitu(t.Context(), d, tt.of, base, tt.standIns...)
		if err != nil || len(d.Ran) != tt.runs {
			t.Fatalf("%s: %d runs, want %d; %v", tt.name, len(d.Ran), tt.runs, err)
		}
		if err := sweep.Covers(&profile.Profile{Entries: entries}, []*plan.Plan{tt.of}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if gate := profile.Skipped(tt.of.Work[2].CostKey); (len(entries[gate].Samples) > 0) != (tt.of != always) {
			t.Errorf("%s: samples of a gate that is shut: %v", tt.name, entries[gate])
		}
	}
	if _, err := ProfileInSitu(t.Context(), &exptest.Driver{}, never, base); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("without stand-ins: %v", err)
	}
}
