package kernel

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

func TestCodecModels(t *testing.T) {
	names := func(vs []*onnxpb.ValueInfoProto) []string {
		var out []string
		for _, v := range vs {
			out = append(out, v.GetName())
		}
		return out
	}
	for _, tc := range []struct {
		name  string
		coded []string
	}{
		{codec.FP16, []string{modelCoded}},
		{codec.Int8, []string{modelCoded, modelScale, modelZeroPoint, modelEnergy}},
	} {
		for _, side := range []struct {
			name    string
			model   func(string) ([]byte, error)
			in, out []string
		}{
			{"encode", encodeModel, []string{modelValues}, tc.coded},
			{"decode", decodeModel, slices.DeleteFunc(slices.Clone(tc.coded), func(n string) bool { return n == modelEnergy }), []string{modelValues}},
		} {
			data, err := side.model(tc.name)
			if err != nil {
				t.Fatal(err)
			}
			var m onnxpb.ModelProto
			if err := proto.Unmarshal(data, &m); err != nil {
				t.Fatal(err)
			}
			if in, out := names(m.GetGraph().GetInput()), names(m.GetGraph().GetOutput()); !slices.Equal(in, side.in) || !slices.Equal(out, side.out) {
				t.Errorf("%s %s: from %v to %v, want from %v to %v", side.name, tc.name, in, out, side.in, side.out)
			}
			if again, err := side.model(tc.name); err != nil || !bytes.Equal(again, data) {
				t.Errorf("%s %s: two calls differ (%v)", side.name, tc.name, err)
			}
		}
	}
	for _, tc := range []struct {
		name string
		err  error
	}{{codec.None, errNoModel}, {codec.JPEG, errNoModel}, {codec.Int8Channel, errNoModel}, {"int8+zstd", errNoModel}, {"zip", codec.ErrUnknown}, {"zstd+int8", codec.ErrChain}} {
		_, enc := encodeModel(tc.name)
		_, dec := decodeModel(tc.name)
		if !errors.Is(enc, tc.err) || !errors.Is(dec, tc.err) {
			t.Errorf("models of %s: %v and %v, want %v", tc.name, enc, dec, tc.err)
		}
	}
}
