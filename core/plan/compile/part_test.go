package compile_test

import (
	"encoding/json"
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
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		got := strings.Join(plantest.Actors(p), " ")
		assert.Equal(t, c.actors, got, "actors %s\nwant", got)
		var crossing []string
		for f, link := range p.Routes {
			if q := p.Graph.FIFOs[f]; link >= 0 {
				w := p.Work[q.From]
				crossing = append(crossing, w.Outputs[q.OutPort]+"->"+p.Work[q.To].Inputs[q.InPort])
			}
		}
		slices.Sort(crossing)
		assert.Equal(t, c.crossing, strings.Join(crossing, " "), "crossing")
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
		require.True(t, w.Branch, "%s: branch %v, key", p.Graph.Actors[a].Name, w.Branch)
		assert.False(t, keys[w.CostKey], "%s: branch %v, key", p.Graph.Actors[a].Name, w.Branch)
		keys[w.CostKey] = true
		data, err := plantest.Models(t).Segment(p, a)
		require.NoError(t, err)
		m, err := onnx.Parse(data)
		require.NoError(t, err)
		for side, s := range map[string]struct {
			got  []onnx.TensorInfo
			want []string
		}{"in": {m.Inputs(), w.Inputs}, "out": {m.Outputs(), w.Outputs}} {
			assert.NotEmpty(t, s.got, "%s: no %s", p.Graph.Actors[a].Name, side)
			for _, name := range s.got {
				assert.Contains(t, s.want, name.Name, "%s: %s %v", p.Graph.Actors[a].Name, side, s.got)
			}
		}
	}
}

// A plan that comes from JSON has the parts' names, tensors and keys.
func TestBranchesInJSON(t *testing.T) {
	p := plantest.Compiled(t, branches(
		t, planfile.Assign{Unit: "camera-box.cpu", Through: "net/trunk"}, planfile.Assign{Unit: "server.cpu"},
	))
	data, err := json.Marshal(p)
	require.NoError(t, err)
	var q plan.Plan
	require.NoError(t, json.Unmarshal(data, &q))
	a := q.Graph.Actor("net[near:join]")
	require.GreaterOrEqual(t, a, 0)
	require.True(t, q.Work[a].Branch)
	require.Equal(t, p.Work[a].CostKey, q.CostKey(a, q.UnitOf(a)))
	want := `["relu1" > "boxes" "classes"]`
	assert.Contains(t, p.Work[a].CostKey, want, "key %s, want %s in it", p.Work[a].CostKey, want)
	got := q.Tensor(q.Graph.Actor("net[trunk]"), 0)
	assert.Equal(t, "net.relu1", got, "tensor %s, want net.relu1", got)
	if got := p.Graph.Actor("net[trunk]"); got < 0 || p.Tensor(got, 0) != "net.relu1" {
		t.Errorf("actor %d", got)
	}
}

// Before it is mapped, the model is one actor whatever its parts.
func TestGraphOfBranches(t *testing.T) {
	g, err := compile.Graph(branches(t), plantest.Models(t))
	require.NoError(t, err)
	a := g.Actor("net")
	assert.GreaterOrEqual(t, a, 0)
	require.Len(t, g.Actors, 3)
	assert.Len(t, g.Actors[a].Out, 2)
}

// The plans for NanoDet, which is fetched only by name, lack nothing but the model.
func TestPlansForNanoDet(t *testing.T) {
	for _, name := range []string{"nanodet-row.yaml", "nanodet-branches.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		f, err := planfile.Parse(name, data)
		require.NoError(t, err)
		_, err = compile.Compile(f, nil)
		require.ErrorIs(t, err, compile.ErrNoModel, "got %v, want only", err)
		assert.NotContains(t, err.Error(), "\n", "got %v, want only", err)
	}
}
