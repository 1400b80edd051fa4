package cut

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"google.golang.org/protobuf/proto"
)

// branchNet has an If whose branches read x and a weight of the main graph.
func branchNet(t testing.TB) onnxtest.Net {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1, 4)
	n.Input("cond", onnx.Elem(onnxpb.TensorProto_BOOL))
	n.Floats("w", make([]float32, 4), 4)
	n.Value("a", onnx.Float32, 1, 4)
	n.Node("Relu", []string{"x"}, []string{"a"})
	n.Value("b", onnx.Float32, 1, 4)
	branch := func(op, in string) build.Attr {
		inner := build.New(op)
		inner.Floats("k", []float32{2}, 1)
		inner.Node("Mul", []string{in, "k"}, []string{"local"})
		inner.Node(op, []string{"local", "w"}, []string{"res"})
		inner.Output("res", onnx.Float32, 1, 4)
		return build.Attr{Name: op, Value: inner}
	}
	n.Node("If", []string{"cond"}, []string{"b"}, branch("Mul", "x"), branch("Sub", "a"))
	n.Node("Add", []string{"a", "b"}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 4)
	return n
}

func TestBodiesUseOuterTensors(t *testing.T) {
	m := branchNet(t).Model()
	if got := m.Nodes()[1].Uses(); !slices.Equal(got, []string{"cond", "x", "w", "a"}) {
		t.Errorf("the If uses %q", got)
	}
	cuts, err := InOrder(m)
	if want := []string{"cond+1=x,cond", "a+2=x,cond,a", "b+1=a,b", "y=y"}; err != nil || !slices.Equal(show(cuts), want) {
		t.Fatalf("InOrder() = %q, %v, want %q", show(cuts), err, want)
	}
	if c := cuts[1]; c.HeadParams != 0 || c.TailParams != 4+2 {
		t.Errorf("parameters %d head, %d tail; want 0, and 4 of the graph and 2 of the bodies", c.HeadParams, c.TailParams)
	}
	sub, err := Extract(m, cuts[1], cuts[2])
	if err != nil {
		t.Fatal(err)
	}
	s := onnxtest.MustParse(t, sub)
	if got := onnxtest.Names(s.Inputs()); !slices.Equal(got, []string{"x", "cond", "a"}) || s.Initializer("w") == nil {
		t.Errorf("the segment has inputs %q, weights %v", got, s.Initializers())
	}
	lost := onnxtest.Edit(t, branchNet(t).Encoded(), func(m *onnxpb.ModelProto) {
		m.Graph.Node[1].Attribute[0].G.Node[0].Input[0] = "ghost"
	})
	if _, err := onnx.Parse(lost); !errors.Is(err, onnx.ErrInvalidModel) || !strings.Contains(err.Error(), "ghost") {
		t.Errorf("a body using a lost tensor: error %v", err)
	}
}

func TestExtractSegment(t *testing.T) {
	n := onnxtest.SkipInputNet(t)
	n.Metadata("labels", "a,b")
	m := n.Model()
	cuts, err := InOrder(m)
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
		data, err := Extract(m, from, to)
		if err != nil {
			t.Fatalf("Extract(%d, %d): %v", tt.from, tt.to, err)
		}
		s := onnxtest.MustParse(t, data)
		in, out := SegmentIO(m, from, to)
		for _, got := range []struct {
			what       string
			have, want []string
		}{
			{"inputs", onnxtest.Names(s.Inputs()), tt.inputs}, {"SegmentIO inputs", onnxtest.Names(in), tt.inputs},
			{"outputs", onnxtest.Names(s.Outputs()), tt.outputs}, {"SegmentIO outputs", onnxtest.Names(out), tt.outputs},
			{"PassThrough", onnxtest.Names(PassThrough(from, to)), tt.by},
		} {
			if !slices.Equal(got.have, got.want) {
				t.Errorf("segment %d to %d: %s %q, want %q", tt.from, tt.to, got.what, got.have, got.want)
			}
		}
		if len(s.Initializers()) != tt.weights {
			t.Errorf("segment %d to %d has %d weights, want %d", tt.from, tt.to, len(s.Initializers()), tt.weights)
		}
		pb := decoded(t, data)
		if md := pb.MetadataProps; len(md) != 1 || md[0].GetValue() != "a,b" || pb.OpsetImport[0].GetVersion() != build.Opset {
			t.Errorf("segment %d to %d: metadata %v, operator sets %v", tt.from, tt.to, md, pb.OpsetImport)
		}
		again, err := Extract(m, from, to)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("segment %d to %d differs when extracted again (%v)", tt.from, tt.to, err)
		}
	}
}

func TestExtractRefuses(t *testing.T) {
	m := onnxtest.ResidualNet(t).Model()
	cuts, err := InOrder(m)
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
		{"not separating", Cut{Name: "relu1", Tensors: []onnx.TensorInfo{{Name: "relu1"}}}, cuts[6], `graph input "x"`},
		{"other model", cuts[0], Cut{Name: "z", Tensors: []onnx.TensorInfo{{Name: "z"}}}, `no tensor "z"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Extract(m, tt.from, tt.to)
			if !errors.Is(err, ErrNoCut) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want ErrNoCut with %q", err, tt.want)
			}
			if in, out := SegmentIO(m, tt.from, tt.to); in != nil || out != nil {
				t.Errorf("SegmentIO = %v, %v, want nil", in, out)
			}
		})
	}
}

func TestExtractOldIRVersion(t *testing.T) {
	data := onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), func(m *onnxpb.ModelProto) {
		m.IrVersion = proto.Int64(3)
		m.OpsetImport[0].Version = proto.Int64(8)
		for _, w := range m.Graph.Initializer {
			m.Graph.Input = append(m.Graph.Input, onnxtest.Declaration(w.GetName(), onnx.Float32, w.Dims...))
		}
	})
	m := onnxtest.MustParse(t, data)
	chain, err := Chain(m)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := Extract(m, chain[0], chain[1])
	if err != nil {
		t.Fatal(err)
	}
	pb := decoded(t, sub)
	if got := len(pb.Graph.Input); got != 1 || pb.GetIrVersion() != 4 {
		t.Errorf("the segment has %d declared inputs and IR version %d, want 1 and 4", got, pb.GetIrVersion())
	}
}

func TestExtractNeedsShapes(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, -1, 4)
	n.Node("Relu", []string{"x"}, []string{"y"})
	n.Output("y", onnx.Float32, -1, 4)
	m := n.Model()
	_, err := Extract(m, Cut{Tensors: m.Inputs()}, Cut{Tensors: m.Outputs()})
	if !errors.Is(err, onnx.ErrNoShape) {
		t.Errorf("error %v, want ErrNoShape", err)
	}
}

func decoded(t *testing.T, data []byte) *onnxpb.ModelProto {
	t.Helper()
	pb := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(data, pb); err != nil {
		t.Fatal(err)
	}
	return pb
}
