package onnx

import (
	"encoding/binary"
	"math/bits"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of the format that skimming needs.
const (
	fieldGraph       = 7 // of ModelProto
	fieldNode        = 1 // of GraphProto
	fieldInitializer = 5 // of GraphProto
	fieldAttribute   = 5 // of NodeProto
	fieldTensor      = 5 // of AttributeProto
	fieldDataType    = 2 // of TensorProto, as those below
	fieldFloatData   = 4
	fieldInt32Data   = 5
	fieldInt64Data   = 7
	fieldRawData     = 9
	fieldDoubleData  = 10
	fieldUint64Data  = 11
)

// minAlias is the size in bytes from which on weights are left in place.
const minAlias = 1024

// slot says which tensor of the main graph weights belong to: the index of an
// initializer, with node -1, or of a node's attribute.
type slot struct{ node, index int }

// payload is the content of the one field that holds a tensor's data.
type payload struct {
	field protowire.Number
	data  []byte
}

// skimmer copies a model without its large weights, which stay where they are
// in the file: memory for them is not taken twice.
type skimmer struct {
	found               map[slot]payload
	nodes, initializers int
}

// skim returns the model without large weights, and these. What is malformed
// is copied as it is, for the decoder to refuse.
func skim(data []byte) ([]byte, map[slot]payload) {
	s := skimmer{found: map[slot]payload{}}
	out := s.message(data, func(num protowire.Number, v []byte) []byte {
		if num != fieldGraph {
			return nil
		}
		return s.message(v, s.graph)
	})
	if out == nil {
		return data, nil
	}
	return out, s.found
}

// message copies a message; change returns the new content of a field that
// holds bytes, or nil to keep it. The result is nil if nothing changes.
func (s *skimmer) message(b []byte, change func(num protowire.Number, v []byte) []byte) []byte {
	var out []byte
	kept := 0 // bytes of b that are copied
	for at := 0; at < len(b); {
		num, typ, n := protowire.ConsumeField(b[at:])
		if n < 0 {
			return nil
		}
		if typ == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(b[at:])
			v, _ := protowire.ConsumeBytes(b[at+tag:])
			if w := change(num, v); w != nil {
				out = append(out, b[kept:at]...)
				out = protowire.AppendTag(out, num, typ)
				out = protowire.AppendBytes(out, w)
				kept = at + n
			}
		}
		at += n
	}
	if kept == 0 {
		return nil
	}
	return append(out, b[kept:]...)
}

func (s *skimmer) graph(num protowire.Number, v []byte) []byte {
	switch num {
	case fieldInitializer:
		s.initializers++
		return s.tensor(v, slot{-1, s.initializers - 1})
	case fieldNode:
		s.nodes++
		if len(v) < minAlias {
			return nil
		}
		attributes := 0
		return s.message(v, func(num protowire.Number, v []byte) []byte {
			if num != fieldAttribute {
				return nil
			}
			attributes++
			return s.attribute(v, slot{s.nodes - 1, attributes - 1})
		})
	}
	return nil
}

// attribute skims an attribute that holds one tensor.
func (s *skimmer) attribute(b []byte, at slot) []byte {
	tensors := 0
	s.message(b, func(num protowire.Number, v []byte) []byte {
		if num == fieldTensor {
			tensors++
		}
		return nil
	})
	if tensors != 1 {
		return nil
	}
	return s.message(b, func(num protowire.Number, v []byte) []byte {
		if num != fieldTensor {
			return nil
		}
		return s.tensor(v, at)
	})
}

// tensor takes the data out of a tensor if it is one field and large: raw data,
// packed floats, which are the same bytes, or in an initializer a packed list
// of integers.
func (s *skimmer) tensor(b []byte, at slot) []byte {
	if len(b) < minAlias {
		return nil
	}
	var p payload
	var from, end, fields int
	elem := onnxpb.TensorProto_UNDEFINED
	for i := 0; i < len(b); {
		num, typ, n := protowire.ConsumeField(b[i:])
		if n < 0 {
			return nil
		}
		_, _, tag := protowire.ConsumeTag(b[i:])
		switch num {
		case fieldDataType:
			v, _ := protowire.ConsumeVarint(b[i+tag:])
			elem = onnxpb.TensorProto_DataType(v)
		case fieldFloatData, fieldDoubleData, fieldRawData, fieldInt32Data, fieldInt64Data, fieldUint64Data:
			fields++
			if typ == protowire.BytesType {
				p.data, _ = protowire.ConsumeBytes(b[i+tag:])
				p.field, from, end = num, i, i+n
			}
		}
		i += n
	}
	var fits bool
	switch p.field {
	case fieldRawData:
		fits = true
	case fieldFloatData:
		fits = elem == onnxpb.TensorProto_FLOAT && len(p.data)%4 == 0
	case fieldDoubleData:
		fits = elem == onnxpb.TensorProto_DOUBLE && len(p.data)%8 == 0
	default: // the last number is not cut short
		fits = at.node < 0 && len(p.data) > 0 && p.data[len(p.data)-1] < 0x80
	}
	if fields != 1 || len(p.data) < minAlias || !fits {
		return nil
	}
	s.found[at] = p
	return append(append(make([]byte, 0, len(b)-(end-from)), b[:from]...), b[end:]...)
}

// restore puts the weights that skim left in place into the decoded model. It
// returns the lists of integers, which stay packed.
func restore(g *onnxpb.GraphProto, found map[slot]payload) map[*onnxpb.TensorProto]payload {
	packed := map[*onnxpb.TensorProto]payload{}
	for at, p := range found {
		switch {
		case at.node >= 0:
			g.Node[at.node].Attribute[at.index].T.RawData = p.data
		case p.field == fieldRawData || p.field == fieldFloatData || p.field == fieldDoubleData:
			g.Initializer[at.index].RawData = p.data
		default:
			packed[g.Initializer[at.index]] = p
		}
	}
	return packed
}

// unpacked returns a tensor with its list of integers decoded, if that is
// packed.
func (m *Model) unpacked(t *onnxpb.TensorProto) *onnxpb.TensorProto {
	p, ok := m.packed[t]
	if !ok {
		return t
	}
	full := &onnxpb.TensorProto{Dims: t.Dims, DataType: t.DataType, Name: t.Name}
	for b := p.data; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			break
		}
		switch p.field {
		case fieldInt32Data:
			full.Int32Data = append(full.Int32Data, int32(v))
		case fieldInt64Data:
			full.Int64Data = append(full.Int64Data, int64(v))
		default:
			full.Uint64Data = append(full.Uint64Data, v)
		}
		b = b[n:]
	}
	return full
}

// varints counts the values of a packed list.
func varints(b []byte) int64 {
	n := int64(0)
	for len(b) >= 8 { // a value's last byte has no top bit
		n += int64(bits.OnesCount64(^binary.LittleEndian.Uint64(b) & 0x8080808080808080))
		b = b[8:]
	}
	for _, c := range b {
		n += int64(^c >> 7 & 1)
	}
	return n
}
