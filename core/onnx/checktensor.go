package onnx

import (
	"math"

	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
)

// checkTensor proves that a constant holds as much data as its shape says;
// packed is data that is not in the tensor itself, if there is such.
func checkTensor(t *onnxpb.TensorProto, packed payload) error {
	info := weightInfo(t.GetName(), t)
	if _, ok := elemKinds[info.Elem]; !ok {
		return invalid("unknown element type %d", t.GetDataType())
	}
	n := info.Elements()
	if n < 0 || n == math.MaxInt64 {
		return invalid("impossible shape %v", t.Dims)
	}
	if packed.field == fieldSparse {
		return nil // the runtime checks what is in it
	}
	if len(t.RawData) > 0 {
		if want := info.Bytes(); int64(len(t.RawData)) != want {
			return invalid("%d bytes of data, shape %v of %s wants %d", len(t.RawData), t.Dims, info.Elem, want)
		}
		return nil
	}
	have, want := listed(t), n
	if packed.field != 0 && packed.field == listField(info.Elem) {
		have = varints(packed.data)
	}
	switch onnxpb.TensorProto_DataType(t.GetDataType()) {
	case onnxpb.TensorProto_COMPLEX64, onnxpb.TensorProto_COMPLEX128:
		want = count.Mul(2, n)
	}
	if width := elemKinds[info.Elem].bits; width > 0 && width < 8 { // packed
		want = info.Bytes()
	}
	if have != want {
		return invalid("%d values of data, shape %v of %s wants %d", have, t.Dims, info.Elem, want)
	}
	return nil
}

// listed counts the values in the list that the format prescribes for the
// tensor's element type.
func listed(t *onnxpb.TensorProto) int64 {
	switch onnxpb.TensorProto_DataType(t.GetDataType()) {
	case onnxpb.TensorProto_FLOAT, onnxpb.TensorProto_COMPLEX64:
		return int64(len(t.FloatData))
	case onnxpb.TensorProto_DOUBLE, onnxpb.TensorProto_COMPLEX128:
		return int64(len(t.DoubleData))
	case onnxpb.TensorProto_INT64:
		return int64(len(t.Int64Data))
	case onnxpb.TensorProto_UINT32, onnxpb.TensorProto_UINT64:
		return int64(len(t.Uint64Data))
	case onnxpb.TensorProto_STRING:
		return int64(len(t.StringData))
	default:
		return int64(len(t.Int32Data))
	}
}

// listField is the field for a list of integers of an element type, 0 for
// others.
func listField(e Elem) protowire.Number {
	switch e {
	case Float32, Float64, String, Elem(onnxpb.TensorProto_COMPLEX64), Elem(onnxpb.TensorProto_COMPLEX128):
		return 0
	case Int64:
		return fieldInt64Data
	case Uint32, Uint64:
		return fieldUint64Data
	}
	return fieldInt32Data
}
