package compile_test

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
)

func TestSegment(t *testing.T) {
	p := plantest.Compiled(t, plantest.Good(t))
	a := p.Graph.Actor("net[1:3]")
	data, err := plantest.Models(t).Segment(p, a)
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	in, out := m.Inputs(), m.Outputs()
	if len(in) != 1 || len(out) != 1 || in[0].Name != p.Work[a].Inputs[0] || out[0].Name != p.Work[a].Outputs[0] || work.MACs(m) != 64*4*36+64*2*36 {
		t.Errorf("segment from %v to %v with %d MACs", in, out, work.MACs(m))
	}
	if _, err := plantest.Models(t).Segment(p, p.Graph.Actor("camera")); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("segment of the camera: %v", err)
	}
	if _, err := (compile.Models{}).Segment(p, a); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("segment without models: %v", err)
	}
	other := compile.Models{"classifier": plantest.Models(t)["detector"]}
	if _, err := other.Segment(p, a); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("segment of another model: %v", err)
	}
}
