package onnx

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxStructBytes bounds the memory that a model takes beside its file: nodes,
// names, types and small weights. About 100,000 nodes with types take as much.
const maxStructBytes = 200 << 20

// What the decoder allocates, in bytes, estimated from its structs.
const (
	messageBytes = 256
	stringBytes  = 40 // beside the text
	scalarBytes  = 16
)

var graphProto = (&onnxpb.GraphProto{}).ProtoReflect().Descriptor()

// meter estimates what decoding takes before it is done: two bytes of a file
// may become 200 of memory.
type meter struct{ bytes, messages int64 }

// checkBudget refuses a model whose parts would take more than maxStructBytes.
func checkBudget(data []byte, md protoreflect.MessageDescriptor) error {
	var m meter
	m.add(data, md, 0)
	if m.bytes > maxStructBytes {
		return fmt.Errorf(
			"%w: %d nodes, types and other parts would take more than %d MiB of memory beside the weights; is the file what "+
				"it should be?",
			ErrTooLarge, m.messages, maxStructBytes>>20)
	}
	return nil
}

func (m *meter) add(b []byte, md protoreflect.MessageDescriptor, depth int) {
	m.messages++
	m.bytes += messageBytes
	for len(b) > 0 && m.bytes <= maxStructBytes {
		num, typ, n := protowire.ConsumeField(b)
		if n < 0 {
			return // the decoder says what is wrong
		}
		_, _, tag := protowire.ConsumeTag(b)
		fd := md.Fields().ByNumber(num)
		switch {
		case fd == nil:
			m.bytes += int64(n)
			if num == fieldSparse && md == graphProto { // liftSparse makes an initializer of it
				m.messages++
				m.bytes += 2 * messageBytes
			}
		case typ != protowire.BytesType:
			m.bytes += scalarBytes
		default:
			v, _ := protowire.ConsumeBytes(b[tag:])
			m.field(v, fd, depth)
		}
		b = b[n:]
	}
}

func (m *meter) field(v []byte, fd protoreflect.FieldDescriptor, depth int) {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		if depth < maxNesting {
			m.add(v, fd.Message(), depth+1)
		}
	case protoreflect.StringKind, protoreflect.BytesKind:
		m.bytes += stringBytes + int64(len(v))
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		m.bytes += int64(len(v))
	default:
		m.bytes += 8 * varints(v)
	}
}
