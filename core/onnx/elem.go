package onnx

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// Elem is the element type of a tensor, with the numbers of the ONNX format.
type Elem int32

// The element types that this project computes with.
const (
	Float32 = Elem(onnxpb.TensorProto_FLOAT)
	Float16 = Elem(onnxpb.TensorProto_FLOAT16)
	Uint8   = Elem(onnxpb.TensorProto_UINT8)
	Int8    = Elem(onnxpb.TensorProto_INT8)
	Int32   = Elem(onnxpb.TensorProto_INT32)
	Int64   = Elem(onnxpb.TensorProto_INT64)
	Bool    = Elem(onnxpb.TensorProto_BOOL)
	Float64 = Elem(onnxpb.TensorProto_DOUBLE)
	Uint16  = Elem(onnxpb.TensorProto_UINT16)
	Int16   = Elem(onnxpb.TensorProto_INT16)
	Uint32  = Elem(onnxpb.TensorProto_UINT32)
	Uint64  = Elem(onnxpb.TensorProto_UINT64)
	String  = Elem(onnxpb.TensorProto_STRING)
)

// elemKinds gives the name and the width in bits of every element type; a
// string has no width.
var elemKinds = map[Elem]struct {
	name string
	bits int64
}{
	Float32: {"float32", 32}, Float16: {"float16", 16}, Uint8: {"uint8", 8},
	Int8: {"int8", 8}, Int32: {"int32", 32}, Int64: {"int64", 64},
	Uint16: {"uint16", 16}, Int16: {"int16", 16}, String: {"string", 0}, Bool: {"bool", 8},
	Float64: {"float64", 64}, Uint32: {"uint32", 32}, Uint64: {"uint64", 64},
	Elem(onnxpb.TensorProto_COMPLEX64):      {"complex64", 64},
	Elem(onnxpb.TensorProto_COMPLEX128):     {"complex128", 128},
	Elem(onnxpb.TensorProto_BFLOAT16):       {"bfloat16", 16},
	Elem(onnxpb.TensorProto_FLOAT8E4M3FN):   {"float8e4m3fn", 8},
	Elem(onnxpb.TensorProto_FLOAT8E4M3FNUZ): {"float8e4m3fnuz", 8},
	Elem(onnxpb.TensorProto_FLOAT8E5M2):     {"float8e5m2", 8},
	Elem(onnxpb.TensorProto_FLOAT8E5M2FNUZ): {"float8e5m2fnuz", 8},
	Elem(onnxpb.TensorProto_UINT4):          {"uint4", 4},
	Elem(onnxpb.TensorProto_INT4):           {"int4", 4},
	// Newer than the generated code.
	23: {"float4e2m1", 4}, 24: {"float8e8m0", 8}, 25: {"uint2", 2}, 26: {"int2", 2},
}

// Size returns the bytes of one element, rounded up for types narrower than a
// byte; 0 for strings and for types this package does not know.
func (e Elem) Size() int64 { return (elemKinds[e].bits + 7) / 8 }

// String returns the type's name as Go and numpy write it, e.g. "float32".
func (e Elem) String() string {
	if k, ok := elemKinds[e]; ok {
		return k.name
	}
	return fmt.Sprintf("elem(%d)", int32(e))
}

// ElemNamed returns the element type of the name that String gives it.
func ElemNamed(name string) (e Elem, ok bool) {
	e, ok = elemsByName[name]
	return e, ok
}

var elemsByName = func() map[string]Elem {
	byName := make(map[string]Elem, len(elemKinds))
	for e, k := range elemKinds {
		byName[k.name] = e
	}
	return byName
}()
