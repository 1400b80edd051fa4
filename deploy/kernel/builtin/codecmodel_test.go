package builtin

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
			{"decode", decodeModel, slices.DeleteFunc(slices.Clone(tc.coded), func(n string) bool { return n == modelEnergy }),
				[]string{modelValues}},
		} {
			data, err := side.model(tc.name)
			require.NoError(t, err)
			var m onnxpb.ModelProto
			require.NoError(t, proto.Unmarshal(data, &m))
			in, out := names(m.GetGraph().GetInput()), names(m.GetGraph().GetOutput())
			assert.Equal(t, side.in, in, "%s %s: from %v to %v, want from %v", side.name, tc.name, in, out, side.in)
			assert.Equal(t, side.out, out, "%s %s: from %v to %v, want from %v", side.name, tc.name, in, out, side.in)
			again, err := side.model(tc.name)
			require.NoError(t, err, "%s %s: two calls differ", side.name, tc.name)
			assert.Equal(t, data, again, "%s %s: two calls differ", side.name, tc.name)
		}
	}
	for _, tc := range []struct {
		name string
		err  error
	}{{codec.None, errNoModel}, {codec.JPEG, errNoModel}, {codec.Int8Channel, errNoModel}, {"int8+zstd", errNoModel},
		{"zip", codec.ErrUnknown}, {"zstd+int8", codec.ErrChain}} {
		_, enc := encodeModel(tc.name)
		_, dec := decodeModel(tc.name)
		require.ErrorIs(t, enc, tc.err, "models of %s", tc.name)
		assert.ErrorIs(t, dec, tc.err, "models of %s", tc.name)
	}
}
