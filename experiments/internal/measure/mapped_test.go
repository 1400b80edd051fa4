package measure

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

func mappedSpace(t *testing.T) *space {
	t.Helper()
	sp, err := newSpace(testSpec(t, "mapped"), toyModel(t))
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

// The baselines stand before every case under every codec, and a case says whether the
// raw frame leaves the endpoint.
func TestMappedCases(t *testing.T) {
	var got []string
	for _, c := range mappedSpace(t).cases("camera", "") {
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
	sp := mappedSpace(t)
	sp.slowdowns["camera"], sp.slowdowns["gateway"] = 4, 2
	on := map[string]string{}
	for _, c := range sp.cases("camera", "") {
		f := sp.file(c, sp.single(2))
		p, err := plan.Compile(f, sp.models)
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
	if sp.spec.Application.Actors[2].Parts != nil {
		t.Error("the specification was changed")
	}
}

func TestRunMapped(t *testing.T) {
	r, d := testRunner(t, "mapped")
	r.Truth = nil
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 9 || !s.Mapped() || len(s.TwoEndpoints)+len(s.Factors) > 0 || len(s.Unverified) != 1 || !s.Emulated {
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
			if e, _, ok := row.ErrorOf(q); !ok || math.Abs(e) > 1e-9 {
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
	if len(d.ran) != 2*7 {
		t.Errorf("%d runs measured, want two for each row", len(d.ran))
	}
	for _, g := range result.GroupErrors(s) {
		if g.MedianError == nil || *g.MedianError > 1e-9 || g.Cases != measured[strings.Replace(g.Group, result.Baselines, "", 1)] {
			t.Errorf("%+v", g)
		}
	}
}

// A quick run measures the first case of every group beside all on the endpoint.
func TestQuickMapped(t *testing.T) {
	r, d := testRunner(t, "mapped")
	r.Effort = Quick
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
	if got := strings.Join(measured, ", "); got != "PP3 | PP4, tail to gateway" || len(d.ran) != 2*3 {
		t.Errorf("measured %s in %d runs", got, len(d.ran))
	}
}

// What can only be said of a mapping once the model is there has a place, too.
func TestMappingOfUnknownActors(t *testing.T) {
	s := testSpec(t, "mapped")
	s.Mappings[1].Cases[0].Mapping[0].Actors = []string{"net/nose"}
	if _, err := newSpace(s, toyModel(t)); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), `experiment.yaml:43:48: bad mapping: there is no actor "net/nose"`) {
		t.Errorf("got %v", err)
	}
	s = testSpec(t, "mapped")
	s.Mappings[1].Parts[0].Makes = []string{"nothing"}
	if _, err := newSpace(s, toyModel(t)); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), "experiment.yaml:40:14: bad actor: part head of actor net") {
		t.Errorf("got %v", err)
	}
}

func TestShownMapping(t *testing.T) {
	p, which, err := testSpec(t, "mapped").ShownPlan(toyModel(t), nil)
	if err != nil || !strings.HasSuffix(which, "of endpoint camera, rows: PP3 | PP4") || len(p.Platform.Devices) != 3 {
		t.Errorf("%q, %v", which, err)
	}
}

// Mappings have no cuts that codecs could be compared at.
func TestCodecsOfMappings(t *testing.T) {
	table := CodecTable{Spec: testSpec(t, "mapped"), Models: toyModel(t)}
	if _, err := table.Run(t.Context(), nil, nil, 3); !errors.Is(err, ErrCut) {
		t.Errorf("got %v, want ErrCut", err)
	}
}
