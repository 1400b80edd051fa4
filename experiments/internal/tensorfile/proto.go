package tensorfile

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Proto reads a tensor in the ONNX format, as test data of models come. The name is the
// file's own. One whose data lie in another file is refused.
func Proto(data []byte) (Tensor, error) {
	pb := &onnxpb.TensorProto{}
	if err := proto.Unmarshal(data, pb); err != nil {
		return Tensor{}, fmt.Errorf("%w: not a tensor in the ONNX format: %w", ErrFile, err)
	}
	t := Tensor{TensorInfo: onnx.TensorInfo{
		Name: pb.GetName(), Elem: onnx.Elem(pb.GetDataType()), Shape: append([]int64{}, pb.Dims...),
	}}
	if pb.GetDataLocation() == onnxpb.TensorProto_EXTERNAL {
		return Tensor{}, fmt.Errorf("%w: tensor %s keeps its elements in another file; save them in it", ErrFile,
			t.TensorInfo)
	}
	if t.Elem == onnx.String {
		for _, s := range pb.StringData {
			t.Strings = append(t.Strings, string(s))
		}
		if t.Elements() != int64(len(t.Strings)) {
			return Tensor{}, fmt.Errorf("%w: tensor %s holds %d strings", ErrFile, t.TensorInfo, len(t.Strings))
		}
		return t, nil
	}
	t.Data = pb.RawData
	if len(t.Data) == 0 {
		t.Data = listed(pb)
	}
	if want := t.Bytes(); want != int64(len(t.Data)) {
		return Tensor{}, fmt.Errorf("%w: tensor %s holds %d bytes, its type wants %d", ErrFile, t.TensorInfo, len(t.Data),
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
	width := min(onnx.Elem(pb.GetDataType()).Size(), 8)
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
