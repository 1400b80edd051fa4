package ort

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"

	ortgo "github.com/yalue/onnxruntime_go"
)

// emptyTensor makes the runtime's value of a shape without elements. The runtime's Go
// interface wants memory all the same, which is not read.
func emptyTensor(t ortgo.TensorElementDataType, shape []int64) (ortgo.Value, error) {
	v, err := ortgo.NewCustomDataTensor(ortgo.Shape(shape), AlignedBytes(Alignment), t)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTensor, err)
	}
	return v, nil
}

// unusedInput is the name of the input that withUnusedInput adds.
const unusedInput = "edgeprune-unused"

// withUnusedInput gives a model without inputs one that nothing reads, and returns a tensor
// for it: the runtime's Go interface runs no model without inputs. What stands behind a
// model's bytes is merged into it (Protocol Buffers, Encoding: Last One Wins).
func withUnusedInput(model []byte) ([]byte, *Tensor, error) {
	one := &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: 1}}
	of := &onnxpb.TypeProto_Tensor{
		ElemType: proto.Int32(int32(onnx.Float32)),
		Shape:    &onnxpb.TensorShapeProto{Dim: []*onnxpb.TensorShapeProto_Dimension{one}},
	}
	more, err := proto.Marshal(&onnxpb.ModelProto{Graph: &onnxpb.GraphProto{Input: []*onnxpb.ValueInfoProto{{
		Name: proto.String(unusedInput), Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: of}},
	}}}})
	if err != nil {
		return nil, nil, fmt.Errorf("ort: new session: %w", err)
	}
	t, err := NewTensor(onnx.Float32, []int64{1}, AlignedBytes(4))
	return slices.Concat(model, more), t, err
}
