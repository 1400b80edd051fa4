package compile_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A convolution and its activation in two parts of the detector break a fusion, if
// the parts run in two sessions.
func TestBorders(t *testing.T) {
	parts := func(trunk ...string) []planfile.PartSpec {
		return []planfile.PartSpec{{Name: "trunk", Makes: trunk}, {Name: "near", Makes: []string{"box0", "class0"}},
			{Name: "rest"}}
	}
	broken := compile.Border{
		From: "net[trunk]", To: "net[near:rest]", Tensors: []string{"relu2.conv"}, Broken: []string{"Conv+Relu"},
		Instead: []string{"relu2"},
	}
	alone := broken
	alone.To = "net[rest]"
	for _, c := range []struct {
		name    string
		parts   []planfile.PartSpec
		mapping []planfile.Assign
		want    []compile.Border
	}{
		{"between blocks", parts("relu1"), plantest.Through("net/trunk"), nil},
		{"within a block", parts("relu1", "relu2.conv"), plantest.Through("net/trunk"), []compile.Border{broken}},
		{"within a block, on one unit", parts("relu1", "relu2.conv"), plantest.Through("sink"), nil},
		{"to another part than the next", parts("relu1", "relu2.conv"), []planfile.Assign{
			{Unit: "camera-box.cpu", Actors: []string{"normalise", "net/trunk", "net/rest"}}, {Unit: "server.cpu"},
		}, []compile.Border{alone}},
		{"by partition points", nil, plantest.Through("net/relu1"), nil},
	} {
		f := withModel(t, "detector", []string{"image"}, []string{"boxes", "classes"}, c.mapping)
		f.Application.Actors[1].Parts = c.parts
		got, err := compile.Borders(plantest.Compiled(t, f), plantest.Models(t))
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

// What an actor is part of stands in its work: its name may hold brackets, begin as an
// instance's does, or be any other.
func TestNamesAreNotParsed(t *testing.T) {
	f := withModel(t, "detector", []string{"image"}, []string{"boxes", "classes"}, plantest.Through("one/net[a]/trunk"))
	app := &f.Application
	app.Actors[1].Name, app.FIFOs[0].To = "one/net[a]", "one/net[a].image"
	app.FIFOs[1].From, app.FIFOs[2].From = "one/net[a].boxes", "one/net[a].classes"
	app.Actors[1].Parts = []planfile.PartSpec{{Name: "trunk", Makes: []string{"relu2.conv"}}, {Name: "rest"}}
	f.Instances[0].Name = "one"
	p := plantest.Compiled(t, f)
	a := p.Graph.Actor("one/one/net[a][trunk]")
	require.GreaterOrEqual(t, a, 0, "actors %q", plantest.Actors(p))
	assert.Equal(t, "one/net[a]", p.Work[a].Actor)
	assert.Equal(t, "one/net[a].relu1", p.Tensor(a, 0))
	for i := range p.Graph.Actors {
		p.Graph.Actors[i].Name = string(rune('a' + i))
	}
	borders, err := compile.Borders(p, plantest.Models(t))
	require.NoError(t, err)
	require.Len(t, borders, 1)
	assert.Equal(t, []string{"Conv+Relu"}, borders[0].Broken)
}

// A partition point on the way of a convolution to a sum far behind leaves the sum
// out of it, as all points there do.
func TestBordersOfPartitionPoints(t *testing.T) {
	n := plantest.NewNet("pyramid")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.Block("relu0", "image", 3, 4)
	n.Conv("side", "relu0", 4, 4)
	n.Block("relu1", "relu0", 4, 4)
	n.Block("relu2", "relu1", 4, 4)
	n.Op("Add", "sum", 4, "side", "relu2")
	n.Block("out", "sum", 4, 1)
	n.Output("out", onnx.Float32, 1, 1, 8, 8)
	m, err := n.Model()
	require.NoError(t, err)
	f := withModel(t, "pyramid", []string{"image"}, []string{"out"}, plantest.Through("net/relu1+1"))
	p, err := compile.Compile(f, compile.Models{"pyramid": m})
	require.NoError(t, err)
	got, err := compile.Borders(p, compile.Models{"pyramid": m})
	want := []compile.Border{{From: "net[0:2]", To: "net[2:4]", Tensors: []string{"side"}, Broken: []string{"Conv+Add"},
		Instead: []string{"sum"}}}
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
