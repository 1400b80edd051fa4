package onnx

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// branchNet has an If whose branches read x and a weight of the main graph.
func branchNet(t testing.TB) net {
	n := newNet(t)
	n.Input("x", Float32, 1, 4)
	n.Input("cond", Elem(onnxpb.TensorProto_BOOL))
	n.Floats("w", make([]float32, 4), 4)
	n.Value("a", Float32, 1, 4)
	n.Node("Relu", []string{"x"}, []string{"a"})
	n.Value("b", Float32, 1, 4)
	n.Node("If", []string{"cond"}, []string{"b"})
	n.Node("Add", []string{"a", "b"}, []string{"y"})
	n.Output("y", Float32, 1, 4)
	branch := func(op, in string) *onnxpb.AttributeProto {
		inner := NewBuilder(op)
		inner.Floats("k", []float32{2}, 1)
		inner.Node("Mul", []string{in, "k"}, []string{"local"})
		inner.Node(op, []string{"local", "w"}, []string{"res"})
		inner.Output("res", Float32, 1, 4)
		return &onnxpb.AttributeProto{Name: proto.String(op), Type: onnxpb.AttributeProto_GRAPH.Enum(), G: inner.m.Graph}
	}
	n.m.Graph.Node[1].Attribute = append(n.m.Graph.Node[1].Attribute, branch("Mul", "x"), branch("Sub", "a"))
	return n
}

func TestBodiesUseOuterTensors(t *testing.T) {
	m := branchNet(t).model()
	if got := m.nodes[1].uses; !slices.Equal(got, []string{"cond", "x", "w", "a"}) {
		t.Errorf("the If uses %q", got)
	}
	cuts, err := m.Cuts()
	if want := []string{"cond+1=x,cond", "a+2=x,cond,a", "b+1=a,b", "y=y"}; err != nil || !slices.Equal(show(cuts), want) {
		t.Fatalf("Cuts() = %q, %v, want %q", show(cuts), err, want)
	}
	if c := cuts[1]; c.HeadParams != 0 || c.TailParams != 4+2 {
		t.Errorf("parameters %d head, %d tail; want 0, and 4 of the graph and 2 of the bodies", c.HeadParams, c.TailParams)
	}
	sub, err := m.Extract(cuts[1], cuts[2])
	if err != nil {
		t.Fatal(err)
	}
	s := mustParse(t, sub)
	if got := names(s.Inputs()); !slices.Equal(got, []string{"x", "cond", "a"}) || s.weights["w"] == nil {
		t.Errorf("the segment has inputs %q, weights %v", got, s.weights)
	}
	lost := edit(t, branchNet(t).bytes(), func(m *onnxpb.ModelProto) {
		m.Graph.Node[1].Attribute[0].G.Node[0].Input[0] = "ghost"
	})
	if _, err := Parse(lost); !errors.Is(err, ErrInvalidModel) || !strings.Contains(err.Error(), "ghost") {
		t.Errorf("a body using a lost tensor: error %v", err)
	}
}

func TestExtractSegment(t *testing.T) {
	n := skipInputNet(t)
	n.Metadata("labels", "a,b")
	m := n.model()
	cuts, err := m.Cuts()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		from, to            int
		inputs, outputs, by []string
		weights             int
	}{
		{0, 1, []string{"x"}, []string{"early"}, []string{"scale", "id"}, 1},
		{1, 2, []string{"early"}, []string{"mid"}, []string{"scale", "id", "early"}, 1},
		{1, 3, []string{"scale", "early"}, []string{"scaled"}, []string{"id", "early"}, 1},
		{2, 3, []string{"scale", "mid"}, []string{"scaled"}, []string{"id", "early"}, 0},
		{0, 3, []string{"x", "scale"}, []string{"scaled", "early"}, []string{"id"}, 2},
	}
	for _, tt := range tests {
		from, to := cuts[tt.from], cuts[tt.to]
		data, err := m.Extract(from, to)
		if err != nil {
			t.Fatalf("Extract(%d, %d): %v", tt.from, tt.to, err)
		}
		s := mustParse(t, data)
		in, out := m.SegmentIO(from, to)
		for _, got := range []struct {
			what       string
			have, want []string
		}{
			{"inputs", names(s.Inputs()), tt.inputs}, {"SegmentIO inputs", names(in), tt.inputs},
			{"outputs", names(s.Outputs()), tt.outputs}, {"SegmentIO outputs", names(out), tt.outputs},
			{"PassThrough", names(PassThrough(from, to)), tt.by},
		} {
			if !slices.Equal(got.have, got.want) {
				t.Errorf("segment %d to %d: %s %q, want %q", tt.from, tt.to, got.what, got.have, got.want)
			}
		}
		if len(s.weights) != tt.weights {
			t.Errorf("segment %d to %d has %d weights, want %d", tt.from, tt.to, len(s.weights), tt.weights)
		}
		if md := s.pb.MetadataProps; len(md) != 1 || md[0].GetValue() != "a,b" || s.pb.OpsetImport[0].GetVersion() != Opset {
			t.Errorf("segment %d to %d: metadata %v, operator sets %v", tt.from, tt.to, md, s.pb.OpsetImport)
		}
		again, err := m.Extract(from, to)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("segment %d to %d differs when extracted again (%v)", tt.from, tt.to, err)
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	m := residualNet(t).model()
	cuts, err := m.Cuts()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		from, to Cut
		want     string
	}{
		{"backwards", cuts[6], cuts[2], `graph input "x"`},
		{"nothing between", cuts[2], cuts[2], "nothing is computed"},
		{"not separating", Cut{Name: "relu1", Tensors: []TensorInfo{{Name: "relu1"}}}, cuts[6], `graph input "x"`},
		{"other model", cuts[0], Cut{Name: "z", Tensors: []TensorInfo{{Name: "z"}}}, `no tensor "z"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := m.Extract(tt.from, tt.to)
			if !errors.Is(err, ErrNoCut) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want ErrNoCut with %q", err, tt.want)
			}
			if in, out := m.SegmentIO(tt.from, tt.to); in != nil || out != nil {
				t.Errorf("SegmentIO = %v, %v, want nil", in, out)
			}
		})
	}
}

func TestExtractOldIRVersion(t *testing.T) {
	data := edit(t, chainNet(t).bytes(), func(m *onnxpb.ModelProto) {
		m.IrVersion = proto.Int64(3)
		m.OpsetImport[0].Version = proto.Int64(8)
		for _, w := range m.Graph.Initializer {
			m.Graph.Input = append(m.Graph.Input, valueInfo(w.GetName(), Float32, w.Dims))
		}
	})
	m := mustParse(t, data)
	chain, err := m.ChainCuts()
	if err != nil {
		t.Fatal(err)
	}
	sub, err := m.Extract(chain[0], chain[1])
	if err != nil {
		t.Fatal(err)
	}
	s := mustParse(t, sub)
	if got := len(s.pb.Graph.Input); got != 1 || s.pb.GetIrVersion() != 4 {
		t.Errorf("the segment has %d declared inputs and IR version %d, want 1 and 4", got, s.pb.GetIrVersion())
	}
}

func TestExtractNeedsShapes(t *testing.T) {
	n := newNet(t)
	n.Input("x", Float32, -1, 4)
	n.Node("Relu", []string{"x"}, []string{"y"})
	n.Output("y", Float32, -1, 4)
	m := n.model()
	_, err := m.Extract(Cut{Tensors: m.Inputs()}, Cut{Tensors: m.Outputs()})
	if !errors.Is(err, ErrNoShape) {
		t.Errorf("error %v, want ErrNoShape", err)
	}
}
