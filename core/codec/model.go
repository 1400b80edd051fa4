package codec

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// The tensors of the models. Values and Coded have one dimension, of any
// length; Scale and ZeroPoint, which only Int8 has, one element.
const (
	Values    = "values"     // float32: what is coded
	Coded     = "coded"      // float16 or uint8: what is sent
	Scale     = "scale"      // float32
	ZeroPoint = "zero_point" // uint8
)

// EncodeModel returns the ONNX model that codes a tensor, flattened. It is the
// definition of FP16 and Int8. Inputs: Values. Outputs, in this order: Coded
// and, for Int8, Scale and ZeroPoint. Other codecs are ErrNoModel or ErrUnknown.
func EncodeModel(name string) ([]byte, error) {
	b := onnx.NewBuilder("encode-" + name)
	b.Input(Values, onnx.Float32, -1)
	switch name {
	case FP16:
		b.Output(Coded, onnx.Float16, -1)
		b.Node("Cast", []string{Values}, []string{Coded}, onnx.Attr{Name: "to", Value: int(onnx.Float16)})
	case Int8:
		b.Output(Coded, onnx.Uint8, -1)
		b.Output(Scale, onnx.Float32, 1)
		b.Output(ZeroPoint, onnx.Uint8, 1)
		b.Node("DynamicQuantizeLinear", []string{Values}, []string{Coded, "scale_scalar", "zero_point_scalar"})
		vector := b.Ints("vector", []int64{1}, 1)
		b.Node("Reshape", []string{"scale_scalar", vector}, []string{Scale})
		b.Node("Reshape", []string{"zero_point_scalar", vector}, []string{ZeroPoint})
	default:
		return nil, noModel(name)
	}
	return b.Bytes()
}

// DecodeModel returns the ONNX model that undoes EncodeModel's: its outputs
// are the inputs, in the same order, and Values is the output.
func DecodeModel(name string) ([]byte, error) {
	b := onnx.NewBuilder("decode-" + name)
	switch name {
	case FP16:
		b.Input(Coded, onnx.Float16, -1)
		b.Node("Cast", []string{Coded}, []string{Values}, onnx.Attr{Name: "to", Value: int(onnx.Float32)})
	case Int8:
		b.Input(Coded, onnx.Uint8, -1)
		b.Input(Scale, onnx.Float32, 1)
		b.Input(ZeroPoint, onnx.Uint8, 1)
		scalar := b.Ints("scalar", nil, 0)
		b.Node("Reshape", []string{Scale, scalar}, []string{"scale_scalar"})
		b.Node("Reshape", []string{ZeroPoint, scalar}, []string{"zero_point_scalar"})
		b.Node("DequantizeLinear", []string{Coded, "scale_scalar", "zero_point_scalar"}, []string{Values})
	default:
		return nil, noModel(name)
	}
	b.Output(Values, onnx.Float32, -1)
	return b.Bytes()
}

func noModel(name string) error {
	if !slices.Contains(Names(), name) {
		return unknown(name)
	}
	return fmt.Errorf("%w: %s; only %s and %s have", ErrNoModel, name, FP16, Int8)
}
