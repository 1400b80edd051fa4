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
	if err != nil {
		t.Fatal(err)
	}
	return compile.Models{"detector": m}
}

func twoHeadsPlan(t *testing.T, models compile.Models, change func(*planfile.File), mapping ...planfile.Assign) *plan.Plan {
	t.Helper()
	f := withModel(t, "detector", []string{"image"}, []string{"boxes", "classes"}, mapping)
	f.Application.Actors[1].Parts = []planfile.PartSpec{{Name: "left", Makes: []string{"boxes"}}, {Name: "right"}}
	change(f)
	p, err := compile.Compile(f, models)
	if err != nil {
		t.Fatal(err)
	}
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
		"net/left": "normalise.image->pass(normalise.image).in pass(normalise.image).out0->net[left].image pass(normalise.image).out1->net[right].image",
	} {
		p := twoHeadsPlan(t, models, func(*planfile.File) {}, plantest.Through(last)...)
		if got := copiers(p); got != want {
			t.Errorf("through %s: %q, want %q", last, got, want)
		}
		if a := p.Graph.Actor("pass(normalise.image)"); a >= 0 {
			maker := p.Graph.Actor("normalise")
			if p.UnitOf(a) != p.UnitOf(maker) || p.Work[a].Source || p.Work[a].Sink || p.Tensor(a, 1) != "normalise.image" {
				t.Errorf("work %+v", p.Work[a])
			}
		}
	}
}

// Delay tokens and capacity are those of every copy, and a codec takes the copy that
// crosses, under the name of what was copied.
func TestCopiesKeepTheFIFO(t *testing.T) {
	p := twoHeadsPlan(t, twoHeads(t), func(f *planfile.File) {
		q := &f.Application.FIFOs[slices.IndexFunc(f.Application.FIFOs, func(q planfile.FIFOSpec) bool { return q.To == "net.image" })]
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
		if from.Kernel == "pass" && p.Graph.Actors[q.To].Kernel == "onnx" && (q.Delay != 1 || q.Capacity != 5) {
			t.Errorf("%s: delay %d, capacity %d", p.Graph.FIFOName(f), q.Delay, q.Capacity)
		}
		delays += q.Delay
		if from.Kernel == "encode" && p.Work[q.From].Tensor == "normalise.image" {
			coded++
		}
	}
	if delays != 2 || coded != 1 {
		t.Errorf("%d delay tokens and %d codecs, want 2 and 1", delays, coded)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	models := plantest.Models(t)
	models[spec.Model] = m
	p, err := compile.Compile(f, models)
	if err != nil {
		t.Fatal(err)
	}
	copier := slices.IndexFunc(p.Graph.Actors, func(a graph.Actor) bool { return a.Kernel == "pass" && strings.HasPrefix(a.Name, "pass(") })
	parts := graph.DPGs(p.Graph)
	if copier < 0 || len(parts) != 1 || !slices.Contains(parts[0].Inner, copier) {
		t.Fatalf("actors %q, parts %+v", plantest.Actors(p), parts)
	}
	if a := &p.Graph.Actors[copier]; a.Kind != graph.DynamicProcessing || !a.In[len(a.In)-1].Control {
		t.Errorf("copying actor %+v", a)
	}
}
