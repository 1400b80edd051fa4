package model

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// drawn returns a tensor for every input, of the greatest shape that was seen if it
// depends on the data.
func drawn(m *onnx.Model, rt Runtime) ([]Tensor, error) {
	var out []Tensor
	for i, t := range m.Inputs() {
		if s, ok := m.Span(t.Name); ok {
			t.Shape = s.Max
		}
		if t.Elements() < 0 || t.Bytes() < 0 {
			return nil, fmt.Errorf("%w: input %s can't be made up; it is no tensor of numbers of a known shape", ErrInput, t)
		}
		data, err := rt.Draw(t, uint64(i+1))
		if err != nil {
			return nil, fmt.Errorf("%w: input %s: %w", ErrInput, t, err)
		}
		out = append(out, Tensor{t, data})
	}
	return out, nil
}

// testData returns the inputs that lie beside a model, as the ONNX project keeps
// them, or nil if there are none that fit.
func testData(dir string, inputs []onnx.TensorInfo) ([]Tensor, error) {
	var list []Tensor
	for i, want := range inputs {
		data, err := os.ReadFile(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("input_%d.pb", i)))
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		t, err := ReadTensor(data)
		if err != nil || t.Elem != want.Elem || len(t.Shape) != len(want.Shape) {
			return nil, nil // of a sequence, or for other inputs
		}
		t.Name = want.Name
		list = append(list, t)
	}
	return list, nil
}

// ReadTensor reads a tensor in the ONNX format, as test data of models come. The
// name is the file's own.
func ReadTensor(data []byte) (Tensor, error) {
	pb := &onnxpb.TensorProto{}
	if err := proto.Unmarshal(data, pb); err != nil {
		return Tensor{}, fmt.Errorf("%w: not a tensor in the ONNX format: %w", ErrInput, err)
	}
	t := Tensor{TensorInfo: onnx.TensorInfo{
		Name: pb.GetName(), Elem: onnx.Elem(pb.GetDataType()), Shape: append([]int64{}, pb.Dims...),
	}}
	t.Data = pb.RawData
	if len(t.Data) == 0 {
		t.Data = listed(pb)
	}
	if want := t.Bytes(); want != int64(len(t.Data)) {
		return Tensor{}, fmt.Errorf("%w: tensor %s holds %d bytes, its type wants %d", ErrInput, t.TensorInfo, len(t.Data),
			want)
	}
	return t, nil
}

// listed returns the elements that the format keeps in a list.
func listed(pb *onnxpb.TensorProto) []byte {
	var b []byte
	for _, v := range pb.FloatData {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	for _, v := range pb.DoubleData {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	for _, v := range pb.Int64Data {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	width := onnx.Elem(pb.GetDataType()).Size()
	put := func(v uint64) {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], v)
		b = append(b, word[:width]...)
	}
	for _, v := range pb.Int32Data {
		put(uint64(v))
	}
	for _, v := range pb.Uint64Data {
		put(v)
	}
	return b
}
