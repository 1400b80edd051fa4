package onnx

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

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
