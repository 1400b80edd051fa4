package builtin

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// The tensors of the models. modelValues and modelCoded have one dimension, of any
// length; modelScale and modelZeroPoint, which only Int8 has, one element.
const (
	modelValues    = "values"     // float32: what is coded
	modelCoded     = "coded"      // float16 or uint8: what is sent
	modelScale     = "scale"      // float32
	modelZeroPoint = "zero_point" // uint8
)

// modelEnergy is an output of Int8's encodeModel, one float32: the sum of the squared
// values. Where it or the scale is not finite, or the scale is below codec.MinScale, the
// other outputs are not what Int8 promises: values were infinite, NaN, or close to
// the limits of float32.
const modelEnergy = "energy"

// encodeModel returns the ONNX model that codes a tensor, flattened, as FP16 or Int8
// does. Inputs: modelValues. Outputs, in this order: modelCoded and, for Int8, modelScale,
// modelZeroPoint and modelEnergy. Other codecs are errNoModel, codec.ErrUnknown or
// codec.ErrChain.
func encodeModel(name string) ([]byte, error) {
	b := build.New("encode-" + name)
	b.Input(modelValues, onnx.Float32, -1)
	switch name {
	case codec.FP16:
		b.Output(modelCoded, onnx.Float16, -1)
		b.Node("Cast", []string{modelValues}, []string{modelCoded}, build.Attr{Name: "to", Value: int(onnx.Float16)})
	case codec.Int8:
		b.Output(modelCoded, onnx.Uint8, -1)
		b.Output(modelScale, onnx.Float32, 1)
		b.Output(modelZeroPoint, onnx.Uint8, 1)
		b.Node("DynamicQuantizeLinear", []string{modelValues}, []string{modelCoded, "scale_scalar", "zero_point_scalar"})
		b.Output(modelEnergy, onnx.Float32, 1)
		b.Node("ReduceSumSquare", []string{modelValues}, []string{modelEnergy})
		vector := b.Ints("vector", []int64{1}, 1)
		b.Node("Reshape", []string{"scale_scalar", vector}, []string{modelScale})
		b.Node("Reshape", []string{"zero_point_scalar", vector}, []string{modelZeroPoint})
	default:
		return nil, noModel(name)
	}
	return b.Bytes()
}

// decodeModel returns the ONNX model that undoes encodeModel's: its outputs but
// modelEnergy are the inputs, in the same order, and modelValues is the output.
func decodeModel(name string) ([]byte, error) {
	b := build.New("decode-" + name)
	switch name {
	case codec.FP16:
		b.Input(modelCoded, onnx.Float16, -1)
		b.Node("Cast", []string{modelCoded}, []string{modelValues}, build.Attr{Name: "to", Value: int(onnx.Float32)})
	case codec.Int8:
		b.Input(modelCoded, onnx.Uint8, -1)
		b.Input(modelScale, onnx.Float32, 1)
		b.Input(modelZeroPoint, onnx.Uint8, 1)
		scalar := b.Ints("scalar", nil, 0)
		b.Node("Reshape", []string{modelScale, scalar}, []string{"scale_scalar"})
		b.Node("Reshape", []string{modelZeroPoint, scalar}, []string{"zero_point_scalar"})
		b.Node("DequantizeLinear", []string{modelCoded, "scale_scalar", "zero_point_scalar"}, []string{modelValues})
	default:
		return nil, noModel(name)
	}
	b.Output(modelValues, onnx.Float32, -1)
	return b.Bytes()
}

// errNoModel: the codec has no ONNX model.
var errNoModel = errors.New("codec has no model")

func noModel(name string) error {
	if _, err := codec.Parse(name); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s; only %s and %s have", errNoModel, name, codec.FP16, codec.Int8)
}
