package codec

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// The tensors of the models. Values and Coded have one dimension, of any
// length; Scale and ZeroPoint, which only Int8 has, one element.
const (
	Values    = "values"     // float32: what is coded
	Coded     = "coded"      // float16 or uint8: what is sent
	Scale     = "scale"      // float32
	ZeroPoint = "zero_point" // uint8
)

// Energy is an output of Int8's EncodeModel, one float32: the sum of the squared
// values. Where it or the scale is not finite, or the scale is below MinScale, the
// other outputs are not what Int8 promises: values were infinite, NaN, or close to
// the limits of float32.
const Energy = "energy"

// EncodeModel returns the ONNX model that codes a tensor, flattened, as FP16 or Int8
// does. Inputs: Values. Outputs, in this order: Coded and, for Int8, Scale, ZeroPoint
// and Energy. Other codecs are ErrNoModel, ErrUnknown or ErrChain.
func EncodeModel(name string) ([]byte, error) {
	b := build.New("encode-" + name)
	b.Input(Values, onnx.Float32, -1)
	switch name {
	case FP16:
		b.Output(Coded, onnx.Float16, -1)
		b.Node("Cast", []string{Values}, []string{Coded}, build.Attr{Name: "to", Value: int(onnx.Float16)})
	case Int8:
		b.Output(Coded, onnx.Uint8, -1)
		b.Output(Scale, onnx.Float32, 1)
		b.Output(ZeroPoint, onnx.Uint8, 1)
		b.Node("DynamicQuantizeLinear", []string{Values}, []string{Coded, "scale_scalar", "zero_point_scalar"})
		b.Output(Energy, onnx.Float32, 1)
		b.Node("ReduceSumSquare", []string{Values}, []string{Energy})
		vector := b.Ints("vector", []int64{1}, 1)
		b.Node("Reshape", []string{"scale_scalar", vector}, []string{Scale})
		b.Node("Reshape", []string{"zero_point_scalar", vector}, []string{ZeroPoint})
	default:
		return nil, noModel(name)
	}
	return b.Bytes()
}

// DecodeModel returns the ONNX model that undoes EncodeModel's: its outputs but
// Energy are the inputs, in the same order, and Values is the output.
func DecodeModel(name string) ([]byte, error) {
	b := build.New("decode-" + name)
	switch name {
	case FP16:
		b.Input(Coded, onnx.Float16, -1)
		b.Node("Cast", []string{Coded}, []string{Values}, build.Attr{Name: "to", Value: int(onnx.Float32)})
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
	if _, err := Parse(name); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s; only %s and %s have", ErrNoModel, name, FP16, Int8)
}
