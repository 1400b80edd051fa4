package onnx

import (
	"encoding/binary"

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
	fieldRawData     = 9
	fieldDoubleData  = 10
)

// minAlias is the size in bytes from which on weights are left in place.
const minAlias = 1024

// slot says which tensor of the main graph weights belong to: the index of an
// initializer, with node -1, or of a node's attribute.
type slot struct{ node, index int }

// skimmer copies a model without its large weights, which stay where they are
// in the file: memory for them is not taken twice.
type skimmer struct {
	raw                 map[slot][]byte
	nodes, initializers int
}

// skim returns the model without large weights, and these. What is malformed
// is copied as it is, for the decoder to refuse.
func skim(data []byte) ([]byte, map[slot][]byte) {
	s := skimmer{raw: map[slot][]byte{}}
	out := s.message(data, func(num protowire.Number, v []byte) []byte {
		if num != fieldGraph {
			return nil
		}
		return s.message(v, s.graph)
	})
	if out == nil {
		return data, nil
	}
	return out, s.raw
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

// tensor takes the data out of a tensor if it is one field of raw data, or of
// packed floats, which are the same bytes.
func (s *skimmer) tensor(b []byte, at slot) []byte {
	if len(b) < minAlias {
		return nil
	}
	var raw []byte
	var from, end, fields int
	elem := onnxpb.TensorProto_UNDEFINED
	field := protowire.Number(0)
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
		case fieldFloatData, fieldDoubleData, fieldRawData:
			fields++
			if typ == protowire.BytesType {
				raw, _ = protowire.ConsumeBytes(b[i+tag:])
				field, from, end = num, i, i+n
			}
		}
		i += n
	}
	fits := field == fieldRawData || field == fieldFloatData && elem == onnxpb.TensorProto_FLOAT && len(raw)%4 == 0 ||
		field == fieldDoubleData && elem == onnxpb.TensorProto_DOUBLE && len(raw)%8 == 0
	if fields != 1 || len(raw) < minAlias || !fits {
		return nil
	}
	s.raw[at] = raw
	return append(append(make([]byte, 0, len(b)-(end-from)), b[:from]...), b[end:]...)
}

// restore puts the weights that skim left in place into the decoded model.
func restore(g *onnxpb.GraphProto, raw map[slot][]byte) {
	for at, data := range raw {
		if at.node < 0 {
			g.Initializer[at.index].RawData = data
		} else {
			g.Node[at.node].Attribute[at.index].T.RawData = data
		}
	}
}

// varints counts the values of a packed list.
func varints(b []byte) int64 {
	n := int64(0)
	for len(b) >= 8 { // a value's last byte has no top bit
		w := binary.LittleEndian.Uint64(b)
		for i := range 8 {
			n += int64(^w >> (8*i + 7) & 1)
		}
		b = b[8:]
	}
	for _, c := range b {
		n += int64(^c >> 7 & 1)
	}
	return n
}
