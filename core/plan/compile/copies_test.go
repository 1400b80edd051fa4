package compile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoHeads reads its input in both of its heads.
func twoHeads(t *testing.T) compile.Models {
	t.Helper()
	n := plantest.NewNet("detector")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.Block("boxes", "image", 3, 2)
	n.Block("classes", "image", 3, 2)
	n.Output("boxes", onnx.Float32, 1, 2, 8, 8)
	n.Output("classes", onnx.Float32, 1, 2, 8, 8)
	m, err := n.Model()
	require.NoError(t, err)
	return compile.Models{"detector": m}
}

func twoHeadsPlan(t *testing.T, models compile.Models, change func(*planfile.File),
	mapping ...planfile.Assign) *plan.Plan {
	t.Helper()
	f := withModel(t, "detector", []string{"image"}, []string{"boxes", "classes"}, mapping)
	f.Application.Actors[1].Parts = []planfile.PartSpec{{Name: "left", Makes: []string{"boxes"}}, {Name: "right"}}
	change(f)
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	return p
}

// copiers returns the FIFOs of the plan's copying actors.
func copiers(p *plan.Plan) string {
	var list []string
	for f, name := range plantest.FIFOs(p) {
		q := p.Graph.FIFOs[f]
		if p.Graph.Actors[q.From].Kernel == "pass" || p.Graph.Actors[q.To].Kernel == "pass" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// What a kernel gives a model is copied where several sessions read it, beside the
// kernel, and not where one does.
func TestInputOfTwoParts(t *testing.T) {
	models := twoHeads(t)
	for last, want := range map[string]string{
		"normalise": "", "sink": "",
		"net/left": "normalise.image->pass(normalise.image).in pass(normalise.image).out0->net[left].image " +
			"pass(normalise.image).out1->net[right].image",
	} {
		p := twoHeadsPlan(t, models, func(*planfile.File) {}, plantest.Through(last)...)
		assert.Equal(t, want, copiers(p), "through %s", last)
		if a := p.Graph.Actor("pass(normalise.image)"); a >= 0 {
			maker := p.Graph.Actor("normalise")
			assert.Same(t, p.UnitOf(maker), p.UnitOf(a), "work")
			require.False(t, p.Work[a].Source, "work")
			require.False(t, p.Work[a].Sink, "work")
			assert.Equal(t, "normalise.image", p.Tensor(a, 1), "work")
		}
	}
}

// Delay tokens and capacity are those of every copy, and a codec takes the copy that
// crosses, under the name of what was copied.
func TestCopiesKeepTheFIFO(t *testing.T) {
	p := twoHeadsPlan(t, twoHeads(t), func(f *planfile.File) {
		q := &f.Application.FIFOs[slices.IndexFunc(
			f.Application.FIFOs, func(q planfile.FIFOSpec) bool { return q.To == "net.image" },
		)]
		q.Delay, q.Capacity = 1, 5
		f.Instances[0].Codec = "int8-static"
		f.Instances[0].Calibration = map[string]codec.Affine{}
		for _, tensor := range []string{"normalise.image", "net.boxes", "net.classes"} {
			f.Instances[0].Calibration[tensor] = codec.Affine{Scale: []float32{1}, ZeroPoint: []uint8{0}}
		}
	}, plantest.Through("net/left")...)
	delays, coded := 0, 0
	for f, q := range p.Graph.FIFOs {
		from := &p.Graph.Actors[q.From]
		if from.Kernel == "pass" && p.Graph.Actors[q.To].Kernel == "onnx" {
			assert.False(t, q.Delay != 1 || q.Capacity != 5, "%s: delay %d, capacity", p.Graph.FIFOName(f), q.Delay)
		}
		delays += q.Delay
		if from.Kernel == "encode" && p.Work[q.From].Tensor == "normalise.image" {
			coded++
		}
	}
	assert.Equal(t, 2, delays, "%d delay tokens and %d codecs, want 2 and 1", delays, coded)
	assert.Equal(t, 1, coded, "%d delay tokens and %d codecs, want 2 and 1", delays, coded)
}

// In a dynamic part a copying actor is one of its members.
func TestCopiesInADynamicPart(t *testing.T) {
	f := plantest.Gated(t)
	at := slices.IndexFunc(f.Application.Actors, func(a planfile.ActorSpec) bool { return a.Model != "" })
	spec := &f.Application.Actors[at]
	spec.Parts = []planfile.PartSpec{{Name: "first", Makes: []string{"relu1"}}, {Name: "rest"}}
	f.Instances[0].Mapping = []planfile.Assign{
		{Unit: "server.cpu", Actors: []string{spec.Name + "/rest"}}, {Unit: "camera-box.cpu"},
	}
	n := plantest.NewNet("classifier")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.Block("relu1", "image", 3, 3)
	n.Op("Add", "sum", 3, "relu1", "image")
	n.Block("relu2", "sum", 3, 2)
	n.Output("relu2", onnx.Float32, 1, 2, 8, 8)
	m, err := n.Model()
	require.NoError(t, err)
	models := plantest.Models(t)
	models[spec.Model] = m
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	copier := slices.IndexFunc(p.Graph.Actors,
		func(a graph.Actor) bool { return a.Kernel == "pass" && strings.HasPrefix(a.Name, "pass(") })
	parts := graph.DPGs(p.Graph)
	require.GreaterOrEqual(t, copier, 0, "actors %q, parts", plantest.Actors(p))
	require.Len(t, parts, 1, "actors %q, parts", plantest.Actors(p))
	require.Contains(t, parts[0].Inner, copier, "actors %q, parts", plantest.Actors(p))
	a := &p.Graph.Actors[copier]
	assert.Equal(t, graph.DynamicProcessing, a.Kind, "copying actor")
	assert.True(t, a.In[len(a.In)-1].Control, "copying actor")
}
