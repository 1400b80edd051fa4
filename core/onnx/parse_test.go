package onnx

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

func TestParseRefusesOtherFiles(t *testing.T) {
	noGraph := edit(t, chainNet(t).bytes(), func(m *onnxpb.ModelProto) { m.Graph = nil })
	broken := append(chainNet(t).bytes(), 0x3a, 1, 0xff) // a graph that is no message
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "empty"},
		{"text", []byte("version https://git-lfs.github.com/spec/v1\n"), "byte 0"},
		{"picture", []byte("\x89PNG\r\n\x1a\n"), "byte 0"},
		{"archive", []byte("PK\x03\x04\x14\x00\x00\x00"), "byte"},
		{"other message", []byte{0x0a, 1, 'x'}, "field 1"},
		{"no graph", noGraph, "no graph"},
		{"broken graph", broken, "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.data)
			if !errors.Is(err, ErrNotONNX) || !strings.HasPrefix(err.Error(), "not an ONNX model: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one of ErrNotONNX with %q", err, tt.want)
			}
		})
	}
}

func TestParseTruncated(t *testing.T) {
	data := ssdNet(t).bytes()
	truncated := 0
	for n := range data {
		_, err := Parse(data[:n])
		if !errors.Is(err, ErrNotONNX) && !errors.Is(err, ErrInvalidModel) {
			t.Fatalf("the first %d of %d bytes: error %v", n, len(data), err)
		}
		if errors.Is(err, ErrTruncated) {
			truncated++
		}
	}
	if truncated < len(data)-40 { // only some at the ends of fields look otherwise
		t.Errorf("%d of %d truncations were seen as such", truncated, len(data))
	}
}

func TestParseChecks(t *testing.T) {
	type model = *onnxpb.ModelProto
	tests := []struct {
		name   string
		change func(m model)
		is     error
		want   string
	}{
		{"no IR version", func(m model) { m.IrVersion = nil }, ErrInvalidModel, "IR version"},
		{"no operator set", func(m model) { m.OpsetImport = nil }, ErrInvalidModel, "not imported"},
		{"operator set twice", func(m model) {
			m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx")})
		}, ErrInvalidModel, "twice"},
		{"old operator set", func(m model) { m.OpsetImport[0].Version = proto.Int64(6) }, ErrUnsupported, "operator set 6"},
		{"new operator set", func(m model) { m.OpsetImport[0].Version = proto.Int64(27) }, ErrOpset, "operator set 27"},
		{"foreign operator", func(m model) { m.Graph.Node[1].Domain = proto.String("com.example") }, ErrCustomOp, `Relu "relu0"`},
		{"domain not imported", func(m model) { m.Graph.Node[1].Domain = proto.String("com.microsoft") }, ErrInvalidModel, "com.microsoft"},
		{"no operator", func(m model) { m.Graph.Node[1].OpType = nil }, ErrInvalidModel, "no operator"},
		{"made twice", func(m model) { m.Graph.Node[1].Output[0] = "conv0" }, ErrInvalidModel, `"conv0"`},
		{"node makes an input", func(m model) { m.Graph.Node[1].Output[0] = "x" }, ErrInvalidModel, `"x"`},
		{"node makes an initializer", func(m model) { m.Graph.Node[1].Output[0] = "conv1.w" }, ErrInvalidModel, `"conv1.w"`},
		{"dangling input", func(m model) { m.Graph.Node[1].Input[0] = "ghost" }, ErrInvalidModel, `"ghost"`},
		{"wrong order", func(m model) { slices.Reverse(m.Graph.Node) }, ErrInvalidModel, "sort the nodes"},
		{"cycle", func(m model) { m.Graph.Node[0].Input[0] = "relu0" }, ErrInvalidModel, `Relu "relu0" <- Conv "conv0" <- Relu "relu0"`},
		{"own output", func(m model) { m.Graph.Node[1].Input[0] = "relu0" }, ErrInvalidModel, `Relu "relu0" <- Relu "relu0"`},
		{"input twice", func(m model) { m.Graph.Input = append(m.Graph.Input, m.Graph.Input[0]) }, ErrInvalidModel, "declared twice"},
		{"input without name", func(m model) { m.Graph.Input[0].Name = nil }, ErrInvalidModel, "no name"},
		{"no output", func(m model) { m.Graph.Output = nil }, ErrInvalidModel, "no outputs"},
		{"output twice", func(m model) { m.Graph.Output = append(m.Graph.Output, m.Graph.Output[0]) }, ErrInvalidModel, "declared twice"},
		{"output not made", func(m model) { m.Graph.Output[0].Name = proto.String("ghost") }, ErrInvalidModel, `"ghost"`},
		{"initializer twice", func(m model) { m.Graph.Initializer[1].Name = proto.String("conv0.w") }, ErrInvalidModel, "given twice"},
		{"initializer without name", func(m model) { m.Graph.Initializer[1].Name = nil }, ErrInvalidModel, "no name"},
		{"short initializer", func(m model) { m.Graph.Initializer[0].RawData = make([]byte, 5) }, ErrInvalidModel, "5 bytes"},
		{"external data", func(m model) { m.Graph.Initializer[0].DataLocation = onnxpb.TensorProto_EXTERNAL.Enum() }, ErrExternalData, "conv0.w"},
		{"huge tensor", func(m model) {
			m.Graph.ValueInfo[0] = valueInfo("conv0", Float32, []int64{math.MaxInt64, 2})
		}, ErrInvalidModel, "too large"},
		{"bad constant", func(m model) {
			m.Graph.Node[1].Attribute = []*onnxpb.AttributeProto{{T: &onnxpb.TensorProto{Dims: []int64{3}, DataType: proto.Int32(1)}}}
		}, ErrInvalidModel, `Relu "relu0"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(edit(t, chainNet(t).bytes(), tt.change))
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q with %q", err, tt.is, tt.want)
			}
		})
	}
}

func TestCheckTensor(t *testing.T) {
	typ := func(e onnxpb.TensorProto_DataType) *int32 { return proto.Int32(int32(e)) }
	good := []*onnxpb.TensorProto{
		{DataType: typ(onnxpb.TensorProto_FLOAT), FloatData: []float32{1}},
		{DataType: typ(onnxpb.TensorProto_FLOAT), Dims: []int64{0, math.MaxInt64}},
		{DataType: typ(onnxpb.TensorProto_COMPLEX64), Dims: []int64{2}, FloatData: make([]float32, 4)},
		{DataType: typ(onnxpb.TensorProto_DOUBLE), Dims: []int64{2}, DoubleData: make([]float64, 2)},
		{DataType: typ(onnxpb.TensorProto_INT64), Dims: []int64{2}, Int64Data: make([]int64, 2)},
		{DataType: typ(onnxpb.TensorProto_UINT32), Dims: []int64{2}, Uint64Data: make([]uint64, 2)},
		{DataType: typ(onnxpb.TensorProto_BOOL), Dims: []int64{2}, Int32Data: make([]int32, 2)},
		{DataType: typ(onnxpb.TensorProto_INT4), Dims: []int64{3}, Int32Data: make([]int32, 2)},
		{DataType: typ(onnxpb.TensorProto_UINT4), Dims: []int64{3}, RawData: make([]byte, 2)},
		{DataType: typ(onnxpb.TensorProto_STRING), Dims: []int64{1}, StringData: [][]byte{[]byte("a")}},
	}
	for _, tensor := range good {
		if err := checkTensor(tensor, payload{}); err != nil {
			t.Errorf("checkTensor(%v): %v", tensor, err)
		}
	}
	bad := []*onnxpb.TensorProto{
		{DataType: typ(onnxpb.TensorProto_FLOAT)},
		{Dims: []int64{0}},
		{DataType: proto.Int32(99), Dims: []int64{0}},
		{DataType: typ(onnxpb.TensorProto_FLOAT), Dims: []int64{-1}},
		{DataType: typ(onnxpb.TensorProto_FLOAT), Dims: []int64{math.MaxInt64, math.MaxInt64}},
		{DataType: typ(onnxpb.TensorProto_STRING), Dims: []int64{1}, RawData: []byte("a")},
		{DataType: typ(onnxpb.TensorProto_INT64), Dims: []int64{1}, FloatData: []float32{1}},
	}
	for _, tensor := range bad {
		if err := checkTensor(tensor, payload{}); !errors.Is(err, ErrInvalidModel) {
			t.Errorf("checkTensor(%v): %v, want ErrInvalidModel", tensor, err)
		}
	}
}

func TestModelFacts(t *testing.T) {
	data := edit(t, residualNet(t).bytes(), func(m *onnxpb.ModelProto) {
		m.Graph.Input = append(m.Graph.Input, valueInfo("conv0.w", Float32, []int64{4, 3, 3, 3})) // as IR version 3 has it
	})
	sum := sha256.Sum256(data)
	before := bytes.Clone(data)
	m := mustParse(t, data)
	if in, out := m.Inputs(), m.Outputs(); len(in) != 1 || in[0].String() != "x float32[1,3,8,8]" || len(out) != 1 || out[0].String() != "conv3 float32[1,2,8,8]" {
		t.Errorf("inputs %v, outputs %v", in, out)
	}
	if want := []OpCount{{"Add", 1}, {"Conv", 4}, {"Relu", 2}}; !slices.Equal(m.Ops(), want) {
		t.Errorf("Ops() = %v, want %v", m.Ops(), want)
	}
	if m.SHA256() != hex.EncodeToString(sum[:]) || !bytes.Equal(data, before) {
		t.Errorf("SHA256() = %s, want %x and unchanged bytes", m.SHA256(), sum)
	}
}
