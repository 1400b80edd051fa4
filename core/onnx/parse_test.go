package onnx_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestParseRefusesOtherFiles(t *testing.T) {
	noGraph := onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), func(m *onnxpb.ModelProto) { m.Graph = nil })
	broken := append(onnxtest.ChainNet(t).Encoded(), 0x3a, 1, 0xff) // a graph that is no message
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "empty"},
		{"noise", []byte{0xff, 0x00, 0x7f}, "byte 0"},
		{"other message", []byte{0x0a, 1, 'x'}, "field 1"},
		{"no graph", noGraph, "no graph"},
		{"broken graph", broken, "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := onnx.Parse(tt.data)
			require.ErrorIs(t, err, onnx.ErrNotONNX, "error %v, want one of ErrNotONNX", err)
			require.True(t, strings.HasPrefix(err.Error(), "not an ONNX model: "), "error %v, want one of ErrNotONNX", err)
			assert.Contains(t, err.Error(), tt.want, "error %v, want one of ErrNotONNX", err)
		})
	}
}

func TestParseTruncated(t *testing.T) {
	data := onnxtest.HeadsNet(t).Encoded()
	truncated := 0
	for n := range data {
		_, err := onnx.Parse(data[:n])
		if !errors.Is(err, onnx.ErrNotONNX) {
			require.ErrorIs(t, err, onnx.ErrInvalidModel, "the first %d of %d bytes: error", n, len(data))
		}
		if errors.Is(err, onnx.ErrTruncated) {
			truncated++
		}
	}
	// only some at the ends of fields look otherwise
	assert.GreaterOrEqual(t, truncated, len(data)-40, "%d of %d truncations were seen as such", truncated, len(data))
}

func TestParseChecks(t *testing.T) {
	type model = *onnxpb.ModelProto
	tests := []struct {
		name   string
		change func(m model)
		is     error
		want   string
	}{
		{"no IR version", func(m model) { m.IrVersion = nil }, onnx.ErrInvalidModel, "IR version"},
		{"no operator set", func(m model) { m.OpsetImport = nil }, onnx.ErrInvalidModel, "no operator set"},
		{"unknown operator set", func(m model) { m.OpsetImport[0].Version = proto.Int64(0) }, onnx.ErrUnsupported,
			"operator set 0"},
		{"new operator set", func(m model) { m.OpsetImport[0].Version = proto.Int64(27) }, onnx.ErrOpset, "operator set 27"},
		{"domain not imported", func(m model) { m.Graph.Node[1].Domain = proto.String("com.example") },
			onnx.ErrInvalidModel, `Relu "relu0"`},
		{"no operator", func(m model) { m.Graph.Node[1].OpType = nil }, onnx.ErrInvalidModel, "no operator"},
		{"made twice", func(m model) { m.Graph.Node[1].Output[0] = "conv0" }, onnx.ErrInvalidModel, `"conv0"`},
		{"node makes an input", func(m model) { m.Graph.Node[1].Output[0] = "x" }, onnx.ErrInvalidModel, `"x"`},
		{"node makes an initializer", func(m model) { m.Graph.Node[1].Output[0] = "conv1.w" }, onnx.ErrInvalidModel,
			`"conv1.w"`},
		{"dangling input", func(m model) { m.Graph.Node[1].Input[0] = "ghost" }, onnx.ErrInvalidModel, `"ghost"`},
		{"cycle", func(m model) { m.Graph.Node[0].Input[0] = "relu0" }, onnx.ErrInvalidModel,
			`Conv "conv0" <- Relu "relu0" <- Conv "conv0"`},
		{"own output", func(m model) { m.Graph.Node[1].Input[0] = "relu0" }, onnx.ErrInvalidModel,
			`Relu "relu0" <- Relu "relu0"`},
		{"input twice", func(m model) { m.Graph.Input = append(m.Graph.Input, m.Graph.Input[0]) }, onnx.ErrInvalidModel,
			"declared twice"},
		{"input without name", func(m model) { m.Graph.Input[0].Name = nil }, onnx.ErrInvalidModel, "no name"},
		{"no output", func(m model) { m.Graph.Output = nil }, onnx.ErrInvalidModel, "no outputs"},
		{"output not made", func(m model) { m.Graph.Output[0].Name = proto.String("ghost") }, onnx.ErrInvalidModel,
			`"ghost"`},
		{"initializer without name", func(m model) { m.Graph.Initializer[1].Name = nil }, onnx.ErrInvalidModel, "no name"},
		{"short initializer", func(m model) { m.Graph.Initializer[0].RawData = make([]byte, 5) }, onnx.ErrInvalidModel,
			"5 bytes"},
		{"external data", func(m model) { m.Graph.Initializer[0].DataLocation = onnxpb.TensorProto_EXTERNAL.Enum() },
			onnx.ErrExternalData, "conv0.w"},
		{"huge tensor", func(m model) {
			m.Graph.ValueInfo[0] = onnxtest.Declaration("conv0", onnx.Float32, math.MaxInt64, 2)
		}, onnx.ErrInvalidModel, "too large"},
		{"bad constant", func(m model) {
			m.Graph.Node[1].Attribute = []*onnxpb.AttributeProto{
				{T: &onnxpb.TensorProto{Dims: []int64{3}, DataType: proto.Int32(1)}},
			}
		}, onnx.ErrInvalidModel, `Relu "relu0"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := onnx.Parse(onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), tt.change))
			require.ErrorIs(t, err, tt.is)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}

func TestModelFacts(t *testing.T) {
	data := onnxtest.Edit(t, onnxtest.ResidualNet(t).Encoded(), func(m *onnxpb.ModelProto) {
		// as IR version 3 has it
		m.Graph.Input = append(m.Graph.Input, onnxtest.Declaration("conv0.w", onnx.Float32, 4, 3, 3, 3))
	})
	sum := sha256.Sum256(data)
	before := bytes.Clone(data)
	m := onnxtest.MustParse(t, data)
	in, out := m.Inputs(), m.Outputs()
	require.Len(t, in, 1, "inputs %v, outputs", in)
	assert.Equal(t, "x float32[1,3,8,8]", in[0].String(), "inputs %v, outputs", in)
	require.Len(t, out, 1, "inputs %v, outputs", in)
	assert.Equal(t, "conv3 float32[1,2,8,8]", out[0].String(), "inputs %v, outputs", in)
	want := []onnx.OpCount{{Op: "Add", Count: 1}, {Op: "Conv", Count: 4}, {Op: "Relu", Count: 2}}
	assert.Equal(t, want, m.Ops(), "Ops()")
	assert.Equal(t, hex.EncodeToString(sum[:]), m.SHA256(), "SHA256() = %s, want %x and unchanged bytes", m.SHA256(), sum)
	assert.Equal(t, before, data, "SHA256() = %s, want %x and unchanged bytes", m.SHA256(), sum)
}
