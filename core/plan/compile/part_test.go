package compile_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
)

// branches divides the detector into its trunk and its heads, as mapped.
func branches(t *testing.T, mapping ...planfile.Assign) *planfile.File {
	f := withModel(t, "detector", []string{"image"}, []string{"boxes", "classes"}, mapping)
	f.Application.Actors[1].Parts = []planfile.PartSpec{
		{Name: "trunk", Makes: []string{"relu1"}}, {Name: "near", Makes: []string{"box0", "class0"}},
		{Name: "far", Makes: []string{"box1", "class1"}}, {Name: "join"},
	}
	return f
}

// Parts are actors: neighbours on one unit become one, others are joined by a FIFO
// for every tensor and reader.
func TestBranches(t *testing.T) {
	server := planfile.Assign{Unit: "server.cpu"}
	camera := func(names ...string) planfile.Assign { return planfile.Assign{Unit: "camera-box.cpu", Actors: names} }
	for _, c := range []struct {
		actors, crossing string
		mapping          []planfile.Assign
	}{
		{
			"normalise@server net[trunk:join]@server sink@server", "", []planfile.Assign{server},
		},
		{
			"normalise@camera-box net[trunk:near]@camera-box net[far:join]@server sink@server",
			"box0->box0 class0->class0 relu1->relu1",
			[]planfile.Assign{{Unit: "camera-box.cpu", Through: "net/near"}, server},
		},
		{
			"normalise@camera-box net[trunk]@camera-box net[near]@server net[far]@camera-box net[join]@server sink@server",
			"box1->box1 class1->class1 relu1->relu1",
			[]planfile.Assign{camera("normalise", "net/trunk", "net/far"), server},
		},
	} {
		p := plantest.Compiled(t, branches(t, c.mapping...))
		if got := strings.Join(plantest.Actors(p), " "); got != c.actors {
			t.Errorf("actors %s\nwant %s", got, c.actors)
		}
		var crossing []string
		for f, link := range p.Routes {
			if q := p.Graph.FIFOs[f]; link >= 0 {
				w := p.Work[q.From]
				crossing = append(crossing, w.Outputs[q.OutPort]+"->"+p.Work[q.To].Inputs[q.InPort])
			}
		}
		slices.Sort(crossing)
		if got := strings.Join(crossing, " "); got != c.crossing {
			t.Errorf("crossing %q, want %q", got, c.crossing)
		}
		checkParts(t, p)
	}
}

// checkParts extracts the parts of the plan and compares keys.
func checkParts(t *testing.T, p *plan.Plan) {
	t.Helper()
	keys := map[string]bool{}
	for a, w := range p.Work {
		if w.Model == "" {
			continue
		}
		if !w.Branch || keys[w.CostKey] {
			t.Errorf("%s: branch %v, key %s", p.Graph.Actors[a].Name, w.Branch, w.CostKey)
		}
		keys[w.CostKey] = true
		data, err := plantest.Models(t).Segment(p, a)
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for side, s := range map[string]struct {
			got  []onnx.TensorInfo
			want []string
		}{"in": {m.Inputs(), w.Inputs}, "out": {m.Outputs(), w.Outputs}} {
			if len(s.got) == 0 {
				t.Errorf("%s: no %s", p.Graph.Actors[a].Name, side)
			}
			for _, name := range s.got {
				if !slices.Contains(s.want, name.Name) {
					t.Errorf("%s: %s %v, want %q", p.Graph.Actors[a].Name, side, s.got, s.want)
				}
			}
		}
	}
}

// A plan that comes from JSON has the parts' names, tensors and keys.
func TestBranchesInJSON(t *testing.T) {
	p := plantest.Compiled(t, branches(t, planfile.Assign{Unit: "camera-box.cpu", Through: "net/trunk"}, planfile.Assign{Unit: "server.cpu"}))
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q plan.Plan
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	a := q.Graph.Actor("net[near:join]")
	if a < 0 || !q.Work[a].Branch || q.CostKey(a, q.UnitOf(a)) != p.Work[a].CostKey {
		t.Fatalf("got %+v", q.Work)
	}
	if want := `["relu1" > "boxes" "classes"]`; !strings.Contains(p.Work[a].CostKey, want) {
		t.Errorf("key %s, want %s in it", p.Work[a].CostKey, want)
	}
	if got := q.Tensor(q.Graph.Actor("net[trunk]"), 0); got != "net.relu1" {
		t.Errorf("tensor %s, want net.relu1", got)
	}
	if got := p.Graph.Actor("net[trunk]"); got < 0 || p.Tensor(got, 0) != "net.relu1" {
		t.Errorf("actor %d", got)
	}
}

// Before it is mapped, the model is one actor whatever its parts.
func TestGraphOfBranches(t *testing.T) {
	g, err := compile.Graph(branches(t), plantest.Models(t))
	if err != nil {
		t.Fatal(err)
	}
	if a := g.Actor("net"); a < 0 || len(g.Actors) != 3 || len(g.Actors[a].Out) != 2 {
		t.Errorf("got %+v", g.Actors)
	}
}

// The plans for NanoDet, which is fetched only by name, lack nothing but the model.
func TestPlansForNanoDet(t *testing.T) {
	for _, name := range []string{"nanodet-row.yaml", "nanodet-branches.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := planfile.Parse(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := compile.Compile(f, nil); !errors.Is(err, compile.ErrNoModel) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want only %v", err, compile.ErrNoModel)
		}
	}
}
