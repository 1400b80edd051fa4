package tensorfile

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestProto(t *testing.T) {
	for name, pb := range map[string]*onnxpb.TensorProto{
		"raw": {DataType: proto.Int32(int32(onnx.Int64)), Dims: []int64{2},
			RawData: []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}},
		"int64":   {DataType: proto.Int32(int32(onnx.Int64)), Dims: []int64{2}, Int64Data: []int64{1, 2}},
		"uint64":  {DataType: proto.Int32(int32(onnx.Uint64)), Dims: []int64{2}, Uint64Data: []uint64{1, 2}},
		"int32":   {DataType: proto.Int32(int32(onnx.Int32)), Dims: []int64{2}, Int32Data: []int32{1, 2}},
		"bool":    {DataType: proto.Int32(int32(onnx.Bool)), Dims: []int64{2}, Int32Data: []int32{1, 0}},
		"float16": {DataType: proto.Int32(int32(onnx.Float16)), Dims: []int64{2}, Int32Data: []int32{0x3c00, 0x4000}},
		"float64": {DataType: proto.Int32(int32(onnx.Float64)), Dims: []int64{2}, DoubleData: []float64{1, 2}},
	} {
		data, err := proto.Marshal(pb)
		require.NoError(t, err)
		got, err := Proto(data)
		require.NoError(t, err, name)
		assert.Equal(t, got.Bytes(), int64(len(got.Data)), name)
		assert.Equal(t, []int64{2}, got.Shape, name)
		assert.Equal(t, 1.0, numbers[got.Elem](got.Data), name)
	}
	data, err := proto.Marshal(&onnxpb.TensorProto{
		DataType: proto.Int32(int32(onnx.String)), Dims: []int64{1}, StringData: [][]byte{[]byte("a")},
	})
	require.NoError(t, err)
	got, err := Proto(data)
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, got.Strings)
}

func TestBadProto(t *testing.T) {
	for name, pb := range map[string]*onnxpb.TensorProto{
		"too few elements": {DataType: proto.Int32(1), Dims: []int64{3}, FloatData: []float32{1}},
		"too few strings":  {DataType: proto.Int32(int32(onnx.String)), Dims: []int64{2}, StringData: [][]byte{{}}},
		"in another file":  {DataType: proto.Int32(1), DataLocation: onnxpb.TensorProto_EXTERNAL.Enum()},
		"wide elements":    {DataType: proto.Int32(15), Dims: []int64{1}, Int32Data: []int32{1}},
		"no type":          {Dims: []int64{1}, RawData: []byte{1}},
	} {
		data, err := proto.Marshal(pb)
		require.NoError(t, err)
		_, err = Proto(data)
		assert.ErrorIs(t, err, ErrFile, name)
	}
}
