package onnx

import (
	"errors"
	"fmt"
	"io"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// maxNesting bounds the depth of messages: about 60 subgraphs in each other.
const maxNesting = 200

// modelFields are the wire types of ModelProto's fields.
var modelFields = map[protowire.Number]protowire.Type{
	1: protowire.VarintType, 2: protowire.BytesType, 3: protowire.BytesType, 4: protowire.BytesType,
	5: protowire.VarintType, 6: protowire.BytesType, 7: protowire.BytesType, 8: protowire.BytesType,
	14: protowire.BytesType, 20: protowire.BytesType, 25: protowire.BytesType,
}

// decode reads the wire format and tells a truncated model from other files.
// Large weights stay in data; lists of integers among them are returned.
func decode(data []byte) (*onnxpb.ModelProto, map[*onnxpb.TensorProto]payload, error) {
	if len(data) == 0 {
		return nil, nil, fmt.Errorf("%w: the file is empty", ErrNotONNX)
	}
	if lfs(data) { // it may be read as fields of unknown numbers
		return nil, nil, fmt.Errorf("%w: %s", ErrNotONNX, otherKind(data))
	}
	known := 0
	for rest := data; len(rest) > 0; {
		at := len(data) - len(rest)
		num, typ, n := protowire.ConsumeField(rest)
		if n < 0 {
			if known > 0 && errors.Is(protowire.ParseError(n), io.ErrUnexpectedEOF) && otherKind(data) == "" {
				return nil, nil,
					fmt.Errorf("%w: the %d bytes end inside the field that begins at byte %d; fetch or export the file again",
						ErrTruncated, len(data), at)
			}
			return nil, nil, notONNX(data, "no protobuf field at byte %d", at)
		}
		want, ok := modelFields[num]
		if ok && want != typ {
			return nil, nil, notONNX(data, "field %d at byte %d has another type than in ONNX", num, at)
		}
		if ok {
			known++
		}
		rest = rest[n:]
	}
	small, found := skim(data)
	pb := &onnxpb.ModelProto{}
	if err := checkBudget(small, pb.ProtoReflect().Descriptor()); err != nil {
		return nil, nil, err
	}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxNesting}).Unmarshal(small, pb); err != nil {
		return nil, nil, notONNX(data, "malformed: %w", err)
	}
	if pb.Graph == nil {
		return nil, nil, notONNX(data, "it holds no graph")
	}
	packed := restore(pb.Graph, found)
	if err := liftSparse(pb.Graph, packed); err != nil {
		return nil, nil, err
	}
	return pb, packed, nil
}

// notONNX says what the bytes are instead of a model, if that can be told, or else what is
// wrong with them.
func notONNX(data []byte, format string, args ...any) error {
	if what := otherKind(data); what != "" {
		return fmt.Errorf("%w: %s", ErrNotONNX, what)
	}
	return fmt.Errorf("%w: "+format, append([]any{ErrNotONNX}, args...)...)
}
