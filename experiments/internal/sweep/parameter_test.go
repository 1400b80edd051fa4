package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

func gatedExperiment(t *testing.T) *Experiment {
	t.Helper()
	x, err := New(exptest.Spec(t, "gated"), exptest.Model(t))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestSweepCases(t *testing.T) {
	x := gatedExperiment(t)
	var got []string
	for _, c := range x.Cases("slow", "wired") {
		got = append(got, fmt.Sprintf("%s %s %q %g raw=%v", c.Label, c.Codec, c.Baseline, c.Value, c.RawFrame))
		if c.Param != "look.threshold" || c.PP != -1 || c.Endpoint != "slow" || c.Link != "wired" {
			t.Errorf("case %+v", c)
		}
	}
	want := []string{
		`all on endpoint none "endpoint" 0 raw=false`, `all on server, raw none "raw" 0 raw=true`, `all on server, JPEG jpeg "jpeg" 0 raw=true`,
		`threshold 0 (always on) none "" 0 raw=false`, `threshold 5 none "" 5 raw=false`, `threshold 9 none "" 9 raw=false`,
		`threshold 0 (always on) int8 "" 0 raw=false`, `threshold 5 int8 "" 5 raw=false`, `threshold 9 int8 "" 9 raw=false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Source and sink stay on the endpoint in every case, as in the sweep's mapping,
// and the parameter has its value; the specification keeps its own.
func TestSweepMapping(t *testing.T) {
	x := gatedExperiment(t)
	on := map[string]string{}
	for _, c := range x.Cases("slow", "wired") {
		p, err := compile.Compile(x.File(c, x.Single(2)), x.Models)
		if err != nil {
			t.Fatal(err)
		}
		var there []string
		for a, w := range p.Work {
			name := p.Graph.Actors[a].Name
			if p.DeviceOf(a).Name == "slow" {
				there = append(there, name)
			}
			if (w.Source || w.Sink) && p.DeviceOf(a).Name != "slow" {
				t.Errorf("%s: %s lies on %s", c.FullLabel(), name, p.DeviceOf(a).Name)
			}
			if name == "look" && p.Graph.Actors[a].Params["threshold"] != c.Value {
				t.Errorf("%s: params %v", c.FullLabel(), p.Graph.Actors[a].Params)
			}
		}
		on[c.FullLabel()] = strings.Join(there, " ")
	}
	for label, want := range map[string]string{
		"all on endpoint": "source look gate normalise net[0:3] last sink", "all on server, raw": "source sink",
		"threshold 5": "source look gate normalise net[0:1] last sink", "threshold 9": "source look gate normalise net[0:1] last sink",
	} {
		if on[label] != want {
			t.Errorf("%s: on the endpoint are %q, want %q", label, on[label], want)
		}
	}
	if x.Spec.Application.Actors[1].Params != nil {
		t.Error("the specification was changed")
	}
}

func TestSweepWhoseSourceLiesOnTheServer(t *testing.T) {
	s := exptest.Spec(t, "gated")
	s.Sweep.Mapping = []planfile.Assign{{Unit: spec.OnServer}}
	if _, err := New(s, exptest.Model(t)); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), "the source lies on the server") {
		t.Errorf("got %v", err)
	}
}

func TestShownPlan(t *testing.T) {
	for name, says := range map[string]string{"toy": "with all endpoints at once", "gated": "of endpoint slow on link wired"} {
		p, which, err := Shown(exptest.Spec(t, name), exptest.Model(t), nil)
		if err != nil || !strings.HasSuffix(which, says) || len(p.Work) < 6 {
			t.Errorf("%s: %q, %v", name, which, err)
		}
	}
}

func TestShare(t *testing.T) {
	x := gatedExperiment(t)
	k := x.Kind.(*parameter)
	plans, err := ProfilePlans(x.Spec, x.Models)
	if err != nil {
		t.Fatal(err)
	}
	if plans[0].Graph.Actors[1].Params["threshold"] != 0.0 || plans[len(plans)-1].Graph.Actors[1].Params["threshold"] == 0.0 {
		t.Error("plans whose part always runs don't come first")
	}
	entries := exptest.Profile(plans).Entries
	always, _ := k.keys(plans[0])
	other, _ := k.keys(plans[len(plans)-1])
	entries[other] = profile.Entry{Samples: []time.Duration{7}}
	x.Share(entries, plans, nil)
	if a, b := entries[always].Samples, entries[other].Samples; !slices.Equal(a, b) || !slices.Contains(a, 7) || len(a) != 3 {
		t.Errorf("pooled %v and %v", a, b)
	}
	entries[other] = profile.Entry{Samples: []time.Duration{9}}
	x.Share(entries, plans, plans[len(plans)-1])
	if got := entries[always].Samples; !slices.Equal(got, []time.Duration{9}) {
		t.Errorf("shared %v", got)
	}
	toyExperiment(t).Share(nil, nil, nil) // no parameter is swept
}
