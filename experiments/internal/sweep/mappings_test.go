package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
)

func mappedExperiment(t *testing.T) *Experiment {
	t.Helper()
	x, err := New(exptest.Spec(t, "mapped"), exptest.Model(t))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The baselines stand before every case under every codec, and a case says whether the
// raw frame leaves the endpoint.
func TestMappedCases(t *testing.T) {
	var got []string
	for _, c := range mappedExperiment(t).Cases("camera", "") {
		got = append(got, fmt.Sprintf("%s: %s %s %q raw=%v", c.Group, c.Label, c.Codec, c.Baseline, c.RawFrame))
		if c.Endpoint != "camera" || c.Link != "" || c.PP != -1 || c.Instances != 1 {
			t.Errorf("case %+v", c)
		}
	}
	want := []string{
		`: all on endpoint none "endpoint" raw=false`, `: all on server, raw none "raw" raw=true`, `: all on server, JPEG jpeg "jpeg" raw=true`,
		`rows: PP3 | PP4 none "" raw=false`, `rows: PP3 | PP4 fp16 "" raw=false`, `rows: PP2 | PP4 none "" raw=true`, `rows: PP2 | PP4 fp16 "" raw=true`,
		`parts: tail to gateway none "" raw=false`, `parts: tail to gateway fp16 "" raw=false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every case has all devices and links, slowed as asked; a group's parts divide the
// model of its cases only.
func TestMappedPlans(t *testing.T) {
	x := mappedExperiment(t)
	x.Slow("camera", 4)
	x.Slow("gateway", 2)
	on := map[string]string{}
	for _, c := range x.Cases("camera", "") {
		f := x.File(c, x.Single(2))
		p, err := compile.Compile(f, x.Models)
		if err != nil {
			t.Fatal(err)
		}
		if d := p.Platform.Devices; len(d) != 3 || len(p.Platform.Links) != 3 || d[0].Units[0].Slowdown != 4 || d[1].Units[0].Slowdown != 2 || d[1].Role != plan.Gateway || d[2].Units[0].Slowdown != 1 {
			t.Errorf("platform %+v", p.Platform)
		}
		var all []string
		for a, actor := range p.Graph.Actors {
			if actor.Kernel != "encode" && actor.Kernel != "decode" {
				all = append(all, actor.Name+"@"+p.DeviceOf(a).Name)
			}
		}
		if !strings.HasPrefix(f.Plan, "mapped/camera/"+map[string]string{"": string(c.Baseline)}[c.Group]+c.Group+"/"+c.Label) {
			t.Errorf("plan %q", f.Plan)
		}
		on[c.Label] = strings.Join(all, " ")
	}
	for label, want := range map[string]string{
		"all on endpoint":    "source@camera normalise@camera net[0:3]@camera sink@camera",
		"all on server, raw": "source@camera normalise@server net[0:3]@server sink@server",
		"PP3 | PP4":          "source@camera normalise@camera net[0:1]@camera net[1:2]@gateway net[2:3]@server sink@server",
		"tail to gateway":    "source@camera normalise@camera net[head:body]@camera net[tail]@gateway sink@server",
	} {
		if on[label] != want {
			t.Errorf("%s: %s, want %s", label, on[label], want)
		}
	}
	if x.Spec.Application.Actors[2].Parts != nil {
		t.Error("the specification was changed")
	}
}

// What can only be said of a mapping once the model is there has a place, too.
func TestMappingOfUnknownActors(t *testing.T) {
	s := exptest.Spec(t, "mapped")
	s.Mappings[1].Cases[0].Mapping[0].Actors = []string{"net/nose"}
	if _, err := New(s, exptest.Model(t)); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), `experiment.yaml:43:48: bad mapping: there is no actor "net/nose"`) {
		t.Errorf("got %v", err)
	}
	s = exptest.Spec(t, "mapped")
	s.Mappings[1].Parts[0].Makes = []string{"nothing"}
	if _, err := New(s, exptest.Model(t)); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), "experiment.yaml:40:14: bad actor: part head of actor net") {
		t.Errorf("got %v", err)
	}
}

func TestShownMapping(t *testing.T) {
	p, which, err := Shown(exptest.Spec(t, "mapped"), exptest.Model(t), nil)
	if err != nil || !strings.HasSuffix(which, "of endpoint camera, rows: PP3 | PP4") || len(p.Platform.Devices) != 3 {
		t.Errorf("%q, %v", which, err)
	}
}
