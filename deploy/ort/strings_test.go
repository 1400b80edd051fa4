package ort

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Strings go in and come out; a sequence comes out as what it is, beside tensors.
func TestStringsAndSequences(t *testing.T) {
	loadLibrary(t)
	data := modelBytes(t, func(b *build.Builder) {
		b.Import("", 20)
		b.Input("s", onnx.String, 2)
		b.Input("x", onnx.Float16, -1)
		b.Output("same", onnx.String, 2)
		b.Output("twice", onnx.String, -1)
		b.Output("list", 0)
		b.Output("y", onnx.Float16, -1)
		b.Node("Identity", []string{"s"}, []string{"same"})
		b.Node("StringConcat", []string{"s", "s"}, []string{"twice"})
		b.Node("Cast", []string{"x"}, []string{"f"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
		b.Node("SequenceConstruct", []string{"f", "f"}, []string{"list"})
		b.Node("Identity", []string{"x"}, []string{"y"})
	})
	data = onnxtest.Edit(t, data, func(m *onnxpb.ModelProto) {
		of := onnxtest.Declaration("", onnx.Float32, 3).Type
		m.Graph.Output[2].Type = &onnxpb.TypeProto{Value: &onnxpb.TypeProto_SequenceType{
			SequenceType: &onnxpb.TypeProto_Sequence{ElemType: of},
		}}
	})
	s, err := NewSession(data, Options{})
	require.NoError(t, err)
	defer s.Close()
	in, err := NewStrings([]int64{2}, []string{"a", "größer"})
	require.NoError(t, err)
	defer in.Close()
	x := tensor(t, onnx.Float16, []int64{3}, []byte{0, 60, 0, 64, 0, 66})
	out, err := s.RunAlloc([]*Tensor{in, x}, map[string][]int64{"y": {3}})
	require.NoError(t, err)
	for i, want := range [][]string{{"a", "größer"}, {"aa", "größergrößer"}} {
		got, err := out[i].Contents()
		require.NoError(t, err)
		assert.Equal(t, Strings, out[i].Kind())
		assert.Equal(t, want, got)
		assert.Equal(t, []int64{2}, out[i].Shape())
	}
	assert.Equal(t, Sequence, out[2].Kind())
	_, err = out[2].Contents()
	require.ErrorIs(t, err, ErrTensor)
	assert.Empty(t, out[3].Kind())
	assert.Equal(t, x.Data(), out[3].Data(), "an open shape of halves, made known")
	for _, o := range out {
		assert.NoError(t, o.Close())
	}
	assert.Error(t, s.RunOpen([]*Tensor{in, x}, make([]*Tensor, 4)), "RunOpen is for numbers")
}

func TestBadStrings(t *testing.T) {
	loadLibrary(t)
	for _, tc := range []struct {
		shape  []int64
		values []string
	}{{nil, []string{"a"}}, {[]int64{2}, []string{"a"}}, {[]int64{0}, nil}, {[]int64{-1}, []string{"a"}}} {
		_, err := NewStrings(tc.shape, tc.values)
		assert.ErrorIs(t, err, ErrTensor, "%v", tc.shape)
	}
}
