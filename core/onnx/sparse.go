package onnx

import (
	"fmt"
	"unicode/utf8"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Field numbers of SparseTensorProto, and those of the fields that hold one. The generated
// code doesn't know them, so that sparse tensors are kept as they are.
const (
	fieldSparse     = 15 // of GraphProto: initializers
	fieldValues     = 1  // of SparseTensorProto, as those below: a tensor, which bears the name
	fieldSparseDims = 3

	fieldName     = 8 // of TensorProto, as those below
	fieldExternal = 13
	fieldLocation = 14
)

// mostSparseDims bounds the dimensions of a sparse tensor, of which a byte may be one.
const mostSparseDims = 64

// sparseOf returns the sparse initializers among a graph's unknown fields.
func sparseOf(g *onnxpb.GraphProto) [][]byte {
	var list [][]byte
	for rest := g.ProtoReflect().GetUnknown(); len(rest) > 0; {
		num, typ, n := protowire.ConsumeField(rest)
		if n < 0 {
			break
		}
		if num == fieldSparse && typ == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(rest)
			v, _ := protowire.ConsumeBytes(rest[tag:])
			list = append(list, v)
		}
		rest = rest[n:]
	}
	return list
}

// liftSparse makes initializers of a graph's sparse ones: their names and types; what is in
// them goes to packed.
func liftSparse(g *onnxpb.GraphProto, packed map[*onnxpb.TensorProto]payload) error {
	list := sparseOf(g)
	if len(list) == 0 {
		return nil
	}
	for _, data := range list {
		t, err := sparseTensor(data)
		if err != nil {
			return err
		}
		packed[t] = payload{fieldSparse, data}
		g.Initializer = append(g.Initializer, t)
	}
	g.ProtoReflect().SetUnknown(without(g.ProtoReflect().GetUnknown(), fieldSparse))
	return nil
}

// sparseTensor reads the name and the type of a sparse tensor.
func sparseTensor(data []byte) (*onnxpb.TensorProto, error) {
	t := &onnxpb.TensorProto{}
	for rest := data; len(rest) > 0; {
		num, typ, n := protowire.ConsumeField(rest)
		if n < 0 {
			return nil, invalid("a sparse initializer is malformed")
		}
		_, _, tag := protowire.ConsumeTag(rest)
		switch {
		case num == fieldValues && typ == protowire.BytesType:
			v, _ := protowire.ConsumeBytes(rest[tag:])
			if err := sparseValues(t, v); err != nil {
				return nil, err
			}
		case num == fieldSparseDims && typ == protowire.VarintType:
			d, _ := protowire.ConsumeVarint(rest[tag:])
			t.Dims = append(t.Dims, int64(d))
		case num == fieldSparseDims && typ == protowire.BytesType: // packed
			v, _ := protowire.ConsumeBytes(rest[tag:])
			for len(v) > 0 {
				d, n := protowire.ConsumeVarint(v)
				if n < 0 {
					return nil, invalid("the shape of a sparse initializer is malformed")
				}
				if t.Dims, v = append(t.Dims, int64(d)), v[n:]; len(t.Dims) > mostSparseDims {
					break
				}
			}
		}
		if len(t.Dims) > mostSparseDims {
			return nil, invalid("a sparse initializer has more than %d dimensions", mostSparseDims)
		}
		rest = rest[n:]
	}
	return t, nil
}

// sparseValues reads the name and the type of a sparse tensor's values, and nothing else of
// them: what it takes doesn't grow with data.
func sparseValues(t *onnxpb.TensorProto, data []byte) error {
	elsewhere := false
	for len(data) > 0 {
		num, typ, n := protowire.ConsumeField(data)
		if n < 0 {
			return invalid("the values of a sparse initializer are malformed")
		}
		_, _, tag := protowire.ConsumeTag(data)
		switch v := data[tag:n]; {
		case num == fieldDataType && typ == protowire.VarintType:
			e, _ := protowire.ConsumeVarint(v)
			t.DataType = proto.Int32(int32(e))
		case num == fieldName && typ == protowire.BytesType:
			name, _ := protowire.ConsumeBytes(v)
			if !utf8.Valid(name) {
				return invalid("the name of a sparse initializer is not UTF-8")
			}
			t.Name = proto.String(string(name))
		case num == fieldLocation && typ == protowire.VarintType:
			at, _ := protowire.ConsumeVarint(v)
			elsewhere = elsewhere || int32(at) == int32(onnxpb.TensorProto_EXTERNAL)
		case num == fieldExternal && typ == protowire.BytesType:
			elsewhere = true
		}
		data = data[n:]
	}
	if elsewhere {
		return fmt.Errorf("%w: sparse initializer %q has its values in another file; save the model in one file",
			ErrUnsupported, t.GetName())
	}
	return nil
}

// appendSparse adds a sparse initializer to fields of a graph.
func appendSparse(fields, data []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(fields, fieldSparse, protowire.BytesType), data)
}
