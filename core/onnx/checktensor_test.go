package onnx

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
	"google.golang.org/protobuf/proto"
)

func TestCheckTensor(t *testing.T) {
	typ := func(e onnxpb.TensorProto_DataType) *int32 { return proto.Int32(int32(e)) }
	good := []*onnxpb.TensorProto{
		{DataType: typ(onnxpb.TensorProto_FLOAT), FloatData: []float32{1}},
		{DataType: typ(onnxpb.TensorProto_FLOAT), Dims: []int64{0, math.MaxInt64}},
		{DataType: typ(onnxpb.TensorProto_COMPLEX64), Dims: []int64{2}, FloatData: make([]float32, 4)},
		{DataType: typ(onnxpb.TensorProto_DOUBLE), Dims: []int64{2}, DoubleData: make([]float64, 2)},
		{DataType: typ(onnxpb.TensorProto_INT64), Dims: []int64{2}, Int64Data: make([]int64, 2)},
		{DataType: typ(onnxpb.TensorProto_UINT32), Dims: []int64{2}, Uint64Data: make([]uint64, 2)},
		{DataType: typ(onnxpb.TensorProto_BOOL), Dims: []int64{2}, Int32Data: make([]int32, 2)},
		{DataType: typ(onnxpb.TensorProto_INT4), Dims: []int64{3}, Int32Data: make([]int32, 2)},
		{DataType: typ(onnxpb.TensorProto_UINT4), Dims: []int64{3}, RawData: make([]byte, 2)},
		{DataType: typ(onnxpb.TensorProto_STRING), Dims: []int64{1}, StringData: [][]byte{[]byte("a")}},
	}
	for _, tensor := range good {
		assert.NoError(t, checkTensor(tensor, payload{}), "checkTensor(%v)", tensor)
	}
	bad := []*onnxpb.TensorProto{
		{DataType: typ(onnxpb.TensorProto_FLOAT)},
		{Dims: []int64{0}},
		{DataType: proto.Int32(99), Dims: []int64{0}},
		{DataType: typ(onnxpb.TensorProto_FLOAT), Dims: []int64{-1}},
		{DataType: typ(onnxpb.TensorProto_FLOAT), Dims: []int64{math.MaxInt64, math.MaxInt64}},
		{DataType: typ(onnxpb.TensorProto_STRING), Dims: []int64{1}, RawData: []byte("a")},
		{DataType: typ(onnxpb.TensorProto_INT64), Dims: []int64{1}, FloatData: []float32{1}},
	}
	for _, tensor := range bad {
		err := checkTensor(tensor, payload{})
		assert.ErrorIs(t, err, ErrInvalidModel, "checkTensor(%v): %v, want ErrInvalidModel", tensor, err)
	}
}
