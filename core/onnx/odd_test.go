package onnx_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
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

// ops are the operators of a model's nodes in order.
func ops(m *onnx.Model) []string {
	var list []string
	for i := range m.Nodes() {
		list = append(list, m.Nodes()[i].Op())
	}
	return list
}

// part decodes the sub-model between two cuts of all.
func part(t *testing.T, m *onnx.Model, from, to int) *onnxpb.ModelProto {
	t.Helper()
	cuts, _, err := cut.All(m, cut.Limits{})
	require.NoError(t, err)
	at := func(i int) cut.Cut { return cuts[(i+len(cuts))%len(cuts)] }
	data, err := cut.Extract(m, at(from), at(to))
	require.NoError(t, err)
	pb := &onnxpb.ModelProto{}
	require.NoError(t, proto.Unmarshal(data, pb))
	return pb
}

func TestNodesAreSorted(t *testing.T) {
	m, err := onnxtest.Unsorted().Parse()
	require.NoError(t, err)
	assert.Equal(t, []string{"Sigmoid", "ReduceMax", "Greater", "Exp", "If", "Add", "Neg"}, ops(m))
	for i := range m.Nodes() {
		for _, u := range m.Nodes()[i].Uses() {
			if at, made := m.MadeBy(u); made {
				assert.Less(t, at, i, "%s is made behind its use", u)
			}
		}
	}
	_, err = onnx.Parse(onnxtest.Edit(t, onnxtest.Loop().Data, func(m *onnxpb.ModelProto) {
		for _, n := range m.Graph.Node {
			for _, body := range onnx.Bodies(n) {
				slices.Reverse(body.Node)
			}
		}
	}))
	require.ErrorIs(t, err, onnx.ErrDangling, "a body that isn't sorted is refused, as ONNX Runtime does")
	assert.Contains(t, err.Error(), "only behind its use")
}

// Nodes in the right order stay as they are, and a long chain the wrong way round takes no
// stack and no time that grows with its square.
func TestSortingKeepsWhatItCan(t *testing.T) {
	const n = 20000
	chain := func(reverse bool) []byte {
		b := build.New("chain")
		b.Input("t0", onnx.Float32, 1)
		name := func(i int) string { return "t" + string(rune('0'+i%10)) + "." + string(rune(0x4e00+i)) }
		last := "t0"
		for i := range n {
			last = b.Node("Neg", []string{last}, []string{name(i)})
		}
		b.Output(last, onnx.Float32, 1)
		data, err := b.Bytes()
		require.NoError(t, err)
		if reverse {
			data = onnxtest.Edit(t, data, func(m *onnxpb.ModelProto) { slices.Reverse(m.Graph.Node) })
		}
		return data
	}
	forward, err := onnx.Parse(chain(false))
	require.NoError(t, err)
	back, err := onnx.Parse(chain(true))
	require.NoError(t, err)
	for i := range n {
		require.Equal(t, forward.Nodes()[i].Output(0), back.Nodes()[i].Output(0), "node %d", i)
	}
}

func TestOutputDeclaredTwice(t *testing.T) {
	m, err := onnxtest.Repeated().Parse()
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "c"}, onnxtest.Names(m.Outputs()))
	assert.Equal(t, []string{"b", "c", "b"}, m.Delivered())
	assert.Len(t, part(t, m, 1, -1).Graph.Output, 2, "the tail gives it once")
}

func TestOperatorSets(t *testing.T) {
	m, err := onnxtest.Learned().Parse()
	require.NoError(t, err)
	assert.Equal(t, []onnx.Version{{Domain: "ai.onnx.ml", Version: 3}}, m.Opsets())
	for name, change := range map[string]func(m *onnxpb.ModelProto){
		"built in, not imported": func(m *onnxpb.ModelProto) { m.Graph.Node[1].Domain = proto.String("com.microsoft") },
		"imported twice": func(m *onnxpb.ModelProto) {
			again := &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx"), Version: proto.Int64(18)}
			m.OpsetImport = append(m.OpsetImport, again)
		},
		"before 7": func(m *onnxpb.ModelProto) { m.OpsetImport[0].Version = proto.Int64(6) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.Parse(onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), change))
			assert.NoError(t, err)
		})
	}
}

func TestLastOfTwoInitializersCounts(t *testing.T) {
	data := onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), func(m *onnxpb.ModelProto) {
		first := proto.Clone(m.Graph.Initializer[0]).(*onnxpb.TensorProto)
		clear(first.RawData)
		m.Graph.Initializer = append([]*onnxpb.TensorProto{first}, m.Graph.Initializer...)
	})
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	once := onnxtest.MustParse(t, onnxtest.ChainNet(t).Encoded())
	assert.Equal(t, work.Params(once), work.Params(m))
	assert.True(t, proto.Equal(part(t, once, 0, -1), part(t, m, 0, -1)), "the part has other weights")
}

// Sparse initializers go into the parts that need them, as they are.
func TestSparseInitializersAreKept(t *testing.T) {
	m, err := onnxtest.Sparse().Parse()
	require.NoError(t, err)
	assert.Equal(t, "s float32[6,6]", m.Tensor("s").String())
	require.EqualValues(t, 2*36+1, work.Params(m))
	s, t2 := onnxtest.SparseTensor("s", []int64{6, 6}, []int64{0, 7, 35}, []float32{1, 2, 3}),
		onnxtest.SparseTensor("t", []int64{6, 6}, []int64{1, 8, 30}, []float32{3, 2, 1})
	for _, c := range []struct {
		from, to    int
		first, last bool
	}{{0, -1, true, true}, {0, 1, true, false}, {1, -1, false, true}} {
		data, err := proto.Marshal(part(t, m, c.from, c.to))
		require.NoError(t, err)
		assert.Equal(t, c.first, bytes.Contains(data, s), "s in part %d to %d", c.from, c.to)
		assert.Equal(t, c.last, bytes.Contains(data, t2), "t in part %d to %d", c.from, c.to)
	}
	probed, err := m.Extended(nil, nil, m.Outputs())
	require.NoError(t, err)
	assert.Equal(t, 1, bytes.Count(probed, s))
}

// What reading a sparse initializer takes doesn't grow with hostile content.
func TestSparseInitializersOfManyParts(t *testing.T) {
	field := func(num protowire.Number, content []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), content)
	}
	for name, tensor := range map[string][]byte{
		"dimensions":        field(3, bytes.Repeat([]byte{1}, 10<<20)),
		"single dimensions": bytes.Repeat([]byte{0x18, 1}, 5<<20),
		"external data":     field(1, bytes.Repeat([]byte{0x6a, 0}, 5<<20)),
		"strings":           field(1, bytes.Repeat([]byte{0x32, 0}, 5<<20)),
		"malformed":         field(1, []byte{0x32, 9}),
		"location":          field(1, []byte{0x70, 1}),
		"name":              field(1, []byte{0x42, 1, 0xff}),
	} {
		data := onnxtest.Edit(t, onnxtest.Sparse().Data, func(m *onnxpb.ModelProto) { onnxtest.AddSparse(m.Graph, tensor) })
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := onnx.Parse(data)
		runtime.ReadMemStats(&after)
		require.Error(t, err, name)
		assert.True(t, errors.Is(err, onnx.ErrInvalidModel) || errors.Is(err, onnx.ErrUnsupported), "%s: %v", name, err)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(40<<20), name) // the bytes, copied a few times
	}
}

// A sparse initializer takes the memory of what is in it.
func TestSparseInitializersStaySmall(t *testing.T) {
	const side = 1 << 20
	data := onnxtest.Edit(t, onnxtest.Sparse().Data, func(m *onnxpb.ModelProto) {
		onnxtest.AddSparse(m.Graph, onnxtest.SparseTensor("huge", []int64{side, side}, []int64{5}, []float32{1}))
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := onnx.Parse(data)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

// Constants in other files are initializers, which are not read before a part is written.
func TestConstantsInOtherFilesAreInitializers(t *testing.T) {
	m, err := onnxtest.Constants().Parse()
	require.NoError(t, err)
	assert.NotContains(t, ops(m), "Constant")
	assert.NotNil(t, m.Initializer("outer"))
	assert.NotNil(t, m.Initializer("inner"), "of the branch")
	tail := part(t, m, -2, -1)
	for _, w := range tail.Graph.Initializer {
		assert.NotEqual(t, "outer", w.GetName(), "the tail doesn't need it")
	}
}

// 3 GB of constants take no memory.
func TestLargeConstantsInOtherFiles(t *testing.T) {
	const n = 3 << 30 / 4 / 2
	value := &onnxpb.TensorProto{DataType: proto.Int32(int32(onnx.Float32)), Dims: []int64{n}}
	onnx.SetExternal(value, "big", 0, 4*n)
	data := onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), func(m *onnxpb.ModelProto) {
		for _, name := range []string{"k1", "k2"} {
			m.Graph.Node = append(m.Graph.Node, &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{name},
				Attribute: []*onnxpb.AttributeProto{{Name: proto.String("value"), T: value}}})
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := onnx.ParseFiles(data, zeros{"big": 4 * n})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

// What shares its name with something else, or is given by its body, stays where it is.
func TestConstantsOfBodiesThatStay(t *testing.T) {
	data := onnxtest.Edit(t, onnxtest.Constants().Data, func(m *onnxpb.ModelProto) {
		for _, n := range m.Graph.Node {
			for i, body := range onnx.Bodies(n) {
				if i == 0 {
					body.Output[0].Name = proto.String("inner")
				}
			}
		}
	})
	m, err := onnx.ParseFiles(data, onnxtest.Constants().Files)
	require.NoError(t, err)
	assert.Nil(t, m.Initializer("inner"))
	require.NotNil(t, m.Initializer("outer"))
}
