package onnx

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
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
	// BFloat16 is run by ONNX Runtime, and is no type of tokens.
	BFloat16 = Elem(onnxpb.TensorProto_BFLOAT16)
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
	BFloat16:                                {"bfloat16", 16},
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

// Sendable reports whether tensors of the type can cross between devices: those that ONNX
// Runtime's Go interface has memory for.
func (e Elem) Sendable() bool {
	switch e {
	case Float32, Float16, Float64, Uint8, Int8, Uint16, Int16, Uint32, Int32, Uint64, Int64, Bool:
		return true
	}
	return false
}

// String returns the type's name as Go and numpy write it, e.g. "float32".
func (e Elem) String() string {
	if k, ok := elemKinds[e]; ok {
		return k.name
	}
	if e == 0 {
		return "unknown"
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

// TensorInfo is the name and type of one tensor. A dimension of -1 is not
// known; a nil Shape is a tensor of unknown rank, an empty one a scalar.
type TensorInfo struct {
	Name  string
	Elem  Elem
	Shape []int64
}

// Elements returns the number of elements, or -1 if the shape is not static.
func (t TensorInfo) Elements() int64 {
	if t.Shape == nil {
		return -1
	}
	return count.Product(t.Shape)
}

// Bytes returns the size of the tensor's data, or -1 if the shape is not
// static or the elements have no fixed size.
func (t TensorInfo) Bytes() int64 {
	n, width := t.Elements(), elemKinds[t.Elem].bits
	if n < 0 || width == 0 {
		return -1
	}
	if width < 8 { // packed
		perByte := 8 / width
		return n/perByte + min(n%perByte, 1)
	}
	return count.Mul(n, width/8)
}

// String returns e.g. "image float32[1,3,224,224]".
func (t TensorInfo) String() string { return t.Name + " " + t.Type() }

// Type returns e.g. "float32[1,3,224,224]", with -1 for an open dimension and "?" for
// an unknown number of them.
func (t TensorInfo) Type() string {
	if t.Shape == nil {
		return t.Elem.String() + "[?]"
	}
	return t.Elem.String() + strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ",")
}

// infoOf reads a declared type. What is not a tensor has element type 0.
func infoOf(v *onnxpb.ValueInfoProto) TensorInfo {
	t := v.GetType().GetTensorType()
	info := TensorInfo{Name: v.GetName(), Elem: Elem(t.GetElemType())}
	if t == nil || t.Shape == nil {
		return info
	}
	info.Shape = make([]int64, len(t.Shape.Dim))
	for i, d := range t.Shape.Dim {
		info.Shape[i] = -1
		if v, ok := d.GetValue().(*onnxpb.TensorShapeProto_Dimension_DimValue); ok && v.DimValue >= 0 {
			info.Shape[i] = v.DimValue
		}
	}
	return info
}

// weightInfo is the type of an initializer or constant.
func weightInfo(name string, t *onnxpb.TensorProto) TensorInfo {
	return TensorInfo{Name: name, Elem: Elem(t.GetDataType()), Shape: append([]int64{}, t.GetDims()...)}
}

// infoProto declares a type; what is not known is left out.
func infoProto(t TensorInfo) *onnxpb.ValueInfoProto {
	v := &onnxpb.ValueInfoProto{Name: proto.String(t.Name)}
	if t.Elem == 0 {
		return v
	}
	tensor := &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(t.Elem))}
	if t.Shape != nil {
		tensor.Shape = &onnxpb.TensorShapeProto{}
		for _, d := range t.Shape {
			dim := &onnxpb.TensorShapeProto_Dimension{}
			if d >= 0 {
				dim.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}
			}
			tensor.Shape.Dim = append(tensor.Shape.Dim, dim)
		}
	}
	v.Type = &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: tensor}}
	return v
}
