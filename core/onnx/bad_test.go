package onnx_test

import (
	"bytes"
	"math"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func TestBadFunctionsAndVersions(t *testing.T) {
	type model = *onnxpb.ModelProto
	for _, tt := range []struct {
		name   string
		change func(model)
		is     error
		want   string
	}{
		{"newer format", func(m model) { m.IrVersion = proto.Int64(14) }, onnx.ErrOpset, "IR version 14"},
		{"old operator set", func(m model) { m.OpsetImport[0].Version = proto.Int64(0) }, onnx.ErrOpset, "operator set 0"},
		{"custom operator", func(m model) { m.Functions = nil }, onnx.ErrCustomOp, `Swish "a"`},
		{"custom operator in a function", func(m model) { m.Functions[0].Node[0].Domain = proto.String("com.example") },
			onnx.ErrCustomOp, `Swish "a" needs com.example.Sigmoid`},
		{"function twice", func(m model) { m.Functions = append(m.Functions, m.Functions[0]) }, onnx.ErrDuplicate, "Swish"},
		{"function that calls itself", func(m model) {
			m.Functions[0].Node[0].OpType, m.Functions[0].Node[0].Domain = proto.String("Swish"), proto.String("local")
		}, onnx.ErrCycle, "Swish -> Swish"},
		{"dangling name in a function", func(m model) { m.Functions[0].Node[1].Input[0] = "ghost" }, onnx.ErrDangling,
			`"ghost"`},
		{"output that a function does not make", func(m model) { m.Functions[0].Output[0] = "ghost" }, onnx.ErrDangling,
			`"ghost"`},
		{"duplicate name in a function", func(m model) { m.Functions[0].Node[1].Output[0] = "v" }, onnx.ErrDuplicate, `"v"`},
		{"sparse initializer without a name", func(m model) { onnxtest.AddSparse(m.Graph, nil) }, onnx.ErrInvalidModel,
			"no name"},
		{"malformed sparse initializer", func(m model) { onnxtest.AddSparse(m.Graph, []byte{0x0a, 9}) },
			onnx.ErrInvalidModel, "sparse"},
		{"sparse initializer of an impossible shape", func(m model) {
			onnxtest.AddSparse(m.Graph, onnxtest.SparseTensor("s", []int64{math.MaxInt64, 8}, []int64{0}, []float32{1}))
		}, onnx.ErrInvalidModel, "impossible shape"},
		{"sparse initializer with its values elsewhere", func(m model) {
			values, err := proto.Marshal(&onnxpb.TensorProto{Name: proto.String("s"), DataType: proto.Int32(1),
				DataLocation: onnxpb.TensorProto_EXTERNAL.Enum()})
			require.NoError(t, err)
			onnxtest.AddSparse(m.Graph, protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), values))
		}, onnx.ErrUnsupported, "in another file"},
		{"10^9 elements without data", func(m model) { m.Graph.Initializer[0].Dims = []int64{1000, 1000, 1000} },
			onnx.ErrInvalidModel, "wants 4000000000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := onnx.Parse(onnxtest.Edit(t, onnxtest.Function().Data, tt.change))
			if err == nil {
				err = m.Runnable()
			}
			require.ErrorIs(t, err, tt.is)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}

func TestBadBodies(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(body *onnxpb.GraphProto)
		is     error
		want   string
	}{
		"made twice":     {func(g *onnxpb.GraphProto) { g.Node[1].Output[0] = "go.on" }, onnx.ErrDuplicate, `"go.on"`},
		"makes an input": {func(g *onnxpb.GraphProto) { g.Node[1].Output[0] = "state" }, onnx.ErrDuplicate, `"state"`},
		"used too early": {func(g *onnxpb.GraphProto) { g.Node[0].Input[0] = "next" }, onnx.ErrDangling, `"next"`},
		"lost output": {func(g *onnxpb.GraphProto) { g.Output[1].Name = proto.String("ghost") }, onnx.ErrDangling,
			`"ghost"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.Parse(onnxtest.Edit(t, onnxtest.Loop().Data, func(m *onnxpb.ModelProto) {
				for _, n := range m.Graph.Node {
					if n.GetOpType() == "Loop" {
						tt.change(n.Attribute[0].G)
					}
				}
			}))
			require.ErrorIs(t, err, tt.is)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}

// Files that are small and would take much memory.
func TestMemoryIsBounded(t *testing.T) {
	graph := func(content []byte) []byte {
		b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 8)
		return protowire.AppendBytes(protowire.AppendTag(b, 7, protowire.BytesType), content)
	}
	list := protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), bytes.Repeat([]byte{1}, 40<<20))
	for name, data := range map[string][]byte{
		"empty nodes": graph(bytes.Repeat([]byte{0x0a, 0}, 5<<20)),
		"empty names": graph(protowire.AppendBytes(
			protowire.AppendTag(nil, 1, protowire.BytesType), bytes.Repeat([]byte{0x0a, 0}, 5<<20),
		)),
		"short numbers": graph(protowire.AppendBytes(
			protowire.AppendTag(nil, 1, protowire.BytesType),
			protowire.AppendBytes(protowire.AppendTag(nil, 5, protowire.BytesType),
				protowire.AppendBytes(protowire.AppendTag(nil, 8, protowire.BytesType), list[:30<<20])))),
		"sparse initializers": graph(bytes.Repeat([]byte{0x7a, 0}, 5<<20)),
		"imports":             bytes.Repeat([]byte{0x42, 0}, 5<<20),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := onnx.Parse(data)
			runtime.ReadMemStats(&after)
			assert.ErrorIs(t, err, onnx.ErrTooLarge, "error %v, want ErrTooLarge", err)
			took := after.TotalAlloc - before.TotalAlloc
			assert.LessOrEqual(t, took, uint64(64<<20), "%d bytes were allocated for a file of %d", took, len(data))
		})
	}
}

// Weights stay in the file's bytes, be they raw or a list of floats.
func TestLargeWeightsAreNotCopied(t *testing.T) {
	const n = 1 << 20
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i)
	}
	build := func() []byte {
		b := build.New("large")
		b.Input("x", onnx.Float32, n)
		b.Floats("w", values, n)
		b.Node("Add", []string{"x", "w"}, []string{"y"})
		b.Output("y", onnx.Float32, n)
		data, err := b.Bytes()
		require.NoError(t, err)
		return data
	}
	raw := build()
	listed := onnxtest.Edit(t, raw, func(m *onnxpb.ModelProto) {
		m.Graph.Initializer[0].RawData, m.Graph.Initializer[0].FloatData = nil, values
	})
	constant := onnxtest.Edit(t, raw, func(m *onnxpb.ModelProto) {
		w := m.Graph.Initializer[0]
		m.Graph.Initializer = nil
		m.Graph.Node = append([]*onnxpb.NodeProto{
			{OpType: proto.String("Constant"), Output: []string{"w"}, Attribute: []*onnxpb.AttributeProto{
				{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: w},
			}}}, m.Graph.Node...)
	})
	for name, data := range map[string][]byte{"raw": raw, "listed": listed, "constant": constant} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m, err := onnx.Parse(data)
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			took := after.TotalAlloc - before.TotalAlloc
			assert.LessOrEqual(t, took, uint64(1<<20), "%d bytes were allocated", took)
			cuts, err := cut.InOrder(m)
			require.NoError(t, err)
			part, err := cut.Extract(m, cuts[0], cuts[1])
			require.NoError(t, err, "%d parameters", work.Params(m))
			require.EqualValues(t, n, work.Params(m), "%d parameters", work.Params(m))
			at := bytes.Index(raw, []byte{0, 0, 128, 63, 0, 0, 0, 64})
			assert.True(t, bytes.Contains(part, raw[at:at+4*n-4]), "the part has other weights")
		})
	}
}

// So do lists of integers, of which a byte may be one value.
func TestListsOfIntegersStayPacked(t *testing.T) {
	const n = 8 << 20
	b := build.New("large")
	b.Input("x", onnx.Int8, n)
	b.Raw("w", onnx.Int8, make([]byte, n), n)
	b.Node("Add", []string{"x", "w"}, []string{"y"})
	b.Output("y", onnx.Int8, n)
	data, err := b.Bytes()
	require.NoError(t, err)
	data = onnxtest.Edit(t, data, func(m *onnxpb.ModelProto) {
		w := m.Graph.Initializer[0]
		w.RawData, w.Int32Data = nil, make([]int32, n)
		w.Int32Data[7] = -2
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := onnx.Parse(data)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	took := after.TotalAlloc - before.TotalAlloc
	assert.LessOrEqual(t, took, uint64(1<<20), "%d bytes were allocated", took)
	part, err := cut.Extract(m, cut.Cut{Tensors: m.Inputs()}, cut.Cut{Tensors: m.Outputs()})
	require.NoError(t, err)
	pb := &onnxpb.ModelProto{}
	err = proto.Unmarshal(part, pb)
	require.NoError(t, err, "the part has other weights")
	require.Len(t, pb.Graph.Initializer[0].Int32Data, n, "the part has other weights")
	assert.EqualValues(t, -2, pb.Graph.Initializer[0].Int32Data[7], "the part has other weights")
	short := onnxtest.Edit(t, data,
		func(m *onnxpb.ModelProto) { m.Graph.Initializer[0].Int32Data = m.Graph.Initializer[0].Int32Data[1:] })
	_, err = onnx.Parse(short)
	require.ErrorIs(t, err, onnx.ErrInvalidModel, "a value too few")
	assert.Contains(t, err.Error(), "8388607 values", "a value too few")
}

func TestUnknownFieldsAreKept(t *testing.T) {
	unknown := protowire.AppendString(protowire.AppendTag(nil, 1000, protowire.BytesType), "from the future")
	training := protowire.AppendString(protowire.AppendTag(nil, 20, protowire.BytesType), "")
	data := onnxtest.Edit(t, onnxtest.Residual().Data, func(m *onnxpb.ModelProto) {
		m.ProtoReflect().SetUnknown(append(bytes.Clone(unknown), training...))
		m.Graph.ProtoReflect().SetUnknown(unknown)
		m.Graph.Node[0].ProtoReflect().SetUnknown(unknown)
		m.Graph.Initializer[0].ProtoReflect().SetUnknown(unknown)
		m.Graph.Input[0].ProtoReflect().SetUnknown(unknown)
	})
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	cuts, err := cut.InOrder(m)
	require.NoError(t, err)
	part, err := cut.Extract(m, cuts[0], cuts[3])
	require.NoError(t, err)
	n := bytes.Count(part, unknown)
	assert.Equal(t, 5, n, "%d of 5 unknown fields are left", n)
	pb := &onnxpb.ModelProto{}
	err = proto.Unmarshal(part, pb)
	require.NoError(t, err, "the part has training information still")
	assert.Len(t, pb.ProtoReflect().GetUnknown(), len(unknown), "the part has training information still")
}
