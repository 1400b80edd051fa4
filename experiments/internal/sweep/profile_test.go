package sweep

import (
	"errors"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
)

// The profile plans hold every cost of every case, whole models first.
func TestProfilePlansCoverAllCases(t *testing.T) {
	s, models := exptest.Spec(t, "toy"), exptest.Model(t)
	plans, err := ProfilePlans(s, models)
	if err != nil {
		t.Fatal(err)
	}
	prof := exptest.Profile(plans)
	x, err := New(s, models)
	if err != nil {
		t.Fatal(err)
	}
	var all []*plan.Plan
	for _, e := range s.Endpoints {
		for _, l := range s.Links {
			for _, c := range x.Cases(e.Name, l.Name) {
				for _, w := range []plan.Workload{x.Single(3), x.Offline(3)} {
					p, err := compile.Compile(x.File(c, w), models)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, p)
				}
			}
		}
	}
	if err := Covers(prof, all); err != nil {
		t.Error(err)
	}
	codecs := false
	for _, p := range plans {
		here := false
		for _, a := range p.Graph.Actors {
			here = here || a.Kernel == "encode"
		}
		if codecs && !here {
			t.Errorf("%s comes after plans with codecs", p.Name)
		}
		codecs = here
	}
	if k := plans[0].Platform.Devices[0].Units[0].Slowdown; k != nominalSlowdown {
		t.Errorf("profiled with pauses for a slowdown of %g", k)
	}
	for key := range prof.Entries {
		delete(prof.Entries, key)
		break
	}
	if err := Covers(prof, all); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("one cost less: %v", err)
	}
}

func TestWholeModel(t *testing.T) {
	x := toyExperiment(t)
	plans, err := ProfilePlans(x.Spec, x.Models)
	if err != nil {
		t.Fatal(err)
	}
	prof := exptest.Profile(plans)
	if d, err := x.WholeModel(prof, x.Spec.Endpoints[0].Unit); err != nil || d != 3*time.Millisecond {
		t.Errorf("got %v, %v; want the three segments in one session", d, err)
	}
	if _, err := x.WholeModel(prof, plan.Unit{Name: "gpu"}); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("a unit that no endpoint has: %v", err)
	}
	if _, err := x.WholeModel(&profile.Profile{}, x.Spec.Endpoints[0].Unit); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("an empty profile: %v", err)
	}
}
