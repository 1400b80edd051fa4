package onnx_test

import (
	"bytes"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// A skeleton shows all that a model does, at every cut.
func TestSkeletonIsCutAsItsModel(t *testing.T) {
	for _, of := range onnxtest.All() {
		t.Run(of.Name, func(t *testing.T) {
			m, err := of.Parse()
			require.NoError(t, err)
			b, err := m.Skeleton()
			require.NoError(t, err)
			s, err := onnx.ParseSkeleton(b)
			require.NoError(t, err)
			assert.True(t, s.IsSkeleton())
			assert.False(t, m.IsSkeleton())
			assert.Equal(t, m.SHA256(), s.SHA256())
			assert.Equal(t, m.Inputs(), s.Inputs())
			assert.Equal(t, m.Outputs(), s.Outputs())
			assert.Equal(t, m.Opsets(), s.Opsets())
			require.Len(t, s.Nodes(), len(m.Nodes()))
			for i, n := range m.Nodes() {
				assert.Equal(t, n.Op(), s.Nodes()[i].Op())
				assert.Equal(t, n.PerFrame(), s.Nodes()[i].PerFrame())
				for _, o := range n.Outputs() {
					assert.Equal(t, m.Tensor(o), s.Tensor(o))
					assert.Equal(t, m.Sendable(o), s.Sendable(o), o)
					had, varies := m.Span(o)
					has, also := s.Span(o)
					assert.Equal(t, had, has)
					assert.Equal(t, varies, also)
				}
			}
			whole, err := compile.NewModel(m)
			if err != nil {
				_, also := compile.NewModel(s)
				require.Error(t, also)
				assert.Equal(t, err.Error(), also.Error())
				return
			}
			hollow, err := compile.NewModel(s)
			require.NoError(t, err)
			assert.Equal(t, whole.Cuts, hollow.Cuts)
			assert.Equal(t, whole.Ports, hollow.Ports)
			_, err = cut.Extract(s, hollow.Cuts[0], hollow.Cuts[len(hollow.Cuts)-1])
			require.ErrorIs(t, err, onnx.ErrNoWeights)
			again, err := s.Skeleton()
			require.NoError(t, err)
			assert.Equal(t, b, again, "the skeleton of a skeleton is another one")
		})
	}
}

func TestSkeletonLeavesWeightsOut(t *testing.T) {
	left := int64(0)
	for _, of := range onnxtest.All() {
		m, err := of.Parse()
		require.NoError(t, err)
		b, err := m.Skeleton()
		require.NoError(t, err)
		large := int64(0)
		for _, w := range m.Initializers() {
			if n := int64(len(w.RawData)); n >= 1024 {
				large += n
			}
		}
		if left += large; large > 0 {
			assert.Less(t, int64(len(b)), int64(len(of.Data))-large+200*int64(len(m.Initializers()))+1000, of.Name)
		}
	}
	assert.Greater(t, left, int64(8000), "no model has large weights")
}

// Large constants in nodes are zeros; small ones, which shapes may depend on, stay.
func TestSkeletonOfLargeConstants(t *testing.T) {
	ones := func(n int) []byte { return bytes.Repeat([]byte{0, 0, 128, 63}, n) }
	data := onnxtest.Edit(t, onnxtest.Residual().Data, func(m *onnxpb.ModelProto) {
		for name, n := range map[string]int{"large": 256, "small": 255} {
			m.Graph.Node = append(m.Graph.Node, &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{name},
				Attribute: []*onnxpb.AttributeProto{{
					Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: &onnxpb.TensorProto{
						DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT)), Dims: []int64{int64(n)}, RawData: ones(n),
					},
				}}})
		}
	})
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	b, err := m.Skeleton()
	require.NoError(t, err)
	s, err := onnx.ParseSkeleton(b)
	require.NoError(t, err)
	assert.Equal(t, m.Tensor("large"), s.Tensor("large"))
	assert.True(t, bytes.Contains(b, ones(255)))
	assert.False(t, bytes.Contains(b, ones(256)))
	assert.True(t, bytes.Contains(data, ones(256)), "the model itself changed")
}

// What runs have shown of tensors stays known.
func TestSkeletonOfAProbedModel(t *testing.T) {
	m := onnxtest.Probed(t, 3, 0, 5)
	b, err := m.Skeleton()
	require.NoError(t, err)
	s, err := onnx.ParseSkeleton(b)
	require.NoError(t, err)
	varying := 0
	for _, n := range m.Nodes() {
		for _, o := range n.Outputs() {
			assert.Equal(t, m.Tensor(o), s.Tensor(o))
			assert.Equal(t, m.Sendable(o), s.Sendable(o))
			had, ok := m.Span(o)
			has, also := s.Span(o)
			assert.Equal(t, had, has)
			assert.Equal(t, ok, also)
			if ok {
				varying++
			}
		}
	}
	assert.Positive(t, varying)
	whole, err := compile.NewModel(m)
	require.NoError(t, err)
	hollow, err := compile.NewModel(s)
	require.NoError(t, err)
	assert.Equal(t, whole.Cuts, hollow.Cuts)
}

func TestBadSkeletons(t *testing.T) {
	of := onnxtest.Residual()
	_, err := onnx.ParseSkeleton(of.Data)
	assert.EqualError(t, err, "invalid ONNX model: it is no skeleton: its metadata edgeprune.skeleton_of is \"\", "+
		"which is no SHA-256")
	_, err = onnx.ParseSkeleton(onnxtest.External().Data)
	require.ErrorIs(t, err, onnx.ErrExternalRange)
	m, err := of.Parse()
	require.NoError(t, err)
	b, err := m.Skeleton()
	require.NoError(t, err)
	for n := range len(b) {
		_, err := onnx.ParseSkeleton(b[:n])
		require.Error(t, err, "%d of %d bytes", n, len(b))
	}
}
