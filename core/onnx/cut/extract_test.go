package cut

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	assert.Equal(t, []string{"cond", "x", "w", "a"}, m.Nodes()[1].Uses(), "the If uses")
	cuts, err := InOrder(m)
	want := []string{"cond+1=x,cond", "a+2=x,cond,a", "b+1=a,b", "y=y"}
	require.NoError(t, err, "InOrder()")
	require.Equal(t, want, show(cuts), "InOrder()")
	c := cuts[1]
	assert.EqualValues(t, 0, c.HeadParams, "parameters %d head, %d tail; want 0, and 4 of the graph and 2 of the bodies",
		c.HeadParams, c.TailParams)
	assert.EqualValues(t, 4+2, c.TailParams, "parameters %d head, %d tail; want 0, and 4 of the graph and 2 of the bodies",
		c.HeadParams, c.TailParams)
	sub, err := Extract(m, cuts[1], cuts[2])
	require.NoError(t, err)
	s := onnxtest.MustParse(t, sub)
	got := onnxtest.Names(s.Inputs())
	assert.Equal(t, []string{"x", "cond", "a"}, got, "the segment has inputs %q, weights %v", got, s.Initializers())
	assert.NotNil(t, s.Initializer("w"), "the segment has inputs %q, weights %v", got, s.Initializers())
	lost := onnxtest.Edit(t, branchNet(t).Encoded(), func(m *onnxpb.ModelProto) {
		m.Graph.Node[1].Attribute[0].G.Node[0].Input[0] = "ghost"
	})
	_, err = onnx.Parse(lost)
	require.ErrorIs(t, err, onnx.ErrInvalidModel, "a body using a lost tensor: error")
	assert.Contains(t, err.Error(), "ghost", "a body using a lost tensor: error")
}

func TestExtractSegment(t *testing.T) {
	n := onnxtest.SkipInputNet(t)
	n.Metadata("labels", "a,b")
	m := n.Model()
	cuts, err := InOrder(m)
	require.NoError(t, err)
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
		require.NoError(t, err, "Extract(%d, %d)", tt.from, tt.to)
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
			assert.Equal(t, got.want, got.have, "segment %d to %d: %s", tt.from, tt.to, got.what)
		}
		assert.Len(t, s.Initializers(), tt.weights, "segment %d to %d has %d weights", tt.from, tt.to, len(s.Initializers()))
		pb := decoded(t, data)
		md := pb.MetadataProps
		require.Len(t, md, 1, "segment %d to %d: metadata %v, operator sets", tt.from, tt.to, md)
		assert.Equal(t, "a,b", md[0].GetValue(), "segment %d to %d: metadata %v, operator sets", tt.from, tt.to, md)
		assert.EqualValues(t, build.Opset, pb.OpsetImport[0].GetVersion(), "segment %d to %d: metadata %v, operator sets",
			tt.from, tt.to, md)
		again, err := Extract(m, from, to)
		require.NoError(t, err, "segment %d to %d differs when extracted again", tt.from, tt.to)
		assert.Equal(t, data, again, "segment %d to %d differs when extracted again", tt.from, tt.to)
	}
}

func TestExtractRefuses(t *testing.T) {
	m := onnxtest.ResidualNet(t).Model()
	cuts, err := InOrder(m)
	require.NoError(t, err)
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
			require.ErrorIs(t, err, ErrNoCut, "error %v, want ErrNoCut", err)
			assert.Contains(t, err.Error(), tt.want, "error %v, want ErrNoCut", err)
			in, out := SegmentIO(m, tt.from, tt.to)
			assert.Nil(t, in, "SegmentIO = %v, %v, want nil", in, out)
			assert.Nil(t, out, "SegmentIO = %v, %v, want nil", in, out)
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
	require.NoError(t, err)
	sub, err := Extract(m, chain[0], chain[1])
	require.NoError(t, err)
	pb := decoded(t, sub)
	got := len(pb.Graph.Input)
	assert.Equal(t, 1, got, "the segment has %d declared inputs and IR version %d, want 1 and 4", got, pb.GetIrVersion())
	assert.EqualValues(t, 4, pb.GetIrVersion(), "the segment has %d declared inputs and IR version %d, want 1 and 4", got,
		pb.GetIrVersion())
}

func TestExtractNeedsShapes(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, -1, 4)
	n.Node("Relu", []string{"x"}, []string{"y"})
	n.Output("y", onnx.Float32, -1, 4)
	m := n.Model()
	_, err := Extract(m, Cut{Tensors: m.Inputs()}, Cut{Tensors: m.Outputs()})
	assert.ErrorIs(t, err, onnx.ErrNoShape, "error %v, want ErrNoShape", err)
}

func decoded(t *testing.T, data []byte) *onnxpb.ModelProto {
	t.Helper()
	pb := &onnxpb.ModelProto{}
	require.NoError(t, proto.Unmarshal(data, pb))
	return pb
}
