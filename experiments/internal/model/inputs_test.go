package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func array(header string, data []byte) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(b, header...), data...)
}

func TestReadInput(t *testing.T) {
	dir := t.TempDir()
	img := image.NewRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		img.Set(i%4, i/4, color.RGBA{255, 0, 51, 255})
	}
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, img))
	tensor, err := proto.Marshal(&onnxpb.TensorProto{
		DataType: proto.Int32(1), Dims: []int64{2}, FloatData: []float32{1, 2},
	})
	require.NoError(t, err)
	two := floats(1, 2).Data
	for name, data := range map[string][]byte{
		"p.png": picture.Bytes(), "t.pb": tensor, "raw.bin": two, "bad.png": []byte("x"), "bad.pb": []byte("\xff"),
		"bad.npy":     []byte("x"),
		"a.npy":       array("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", two),
		"columns.npy": array("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }\n", two),
		"wide.npy":    array("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", two),
		"cut.npy":     array("{'descr'", nil)[:12],
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	vector := onnx.TensorInfo{Name: "x", Elem: onnx.Float32, Shape: []int64{2}}
	for _, name := range []string{"t.pb", "raw.bin", "a.npy"} {
		got, err := ReadInput(filepath.Join(dir, name), vector)
		require.NoError(t, err, "%s: % x, %v", name, got, err)
		assert.Equal(t, two, got, "%s: % x, %v", name, got, err)
	}
	for _, shape := range [][]int64{{1, 3, 2, 2}, {1, 2, 2, 3}} {
		got, err := ReadInput(filepath.Join(dir, "p.png"), onnx.TensorInfo{Elem: onnx.Float32, Shape: shape})
		require.NoError(t, err)
		for c, want := range []float32{1, -1, -0.6} {
			at := c
			if shape[1] == 3 {
				at = 4 * c
			}
			v := math.Float32frombits(binary.LittleEndian.Uint32(got[4*at:]))
			assert.LessOrEqual(t, math.Abs(float64(v-want)), 1e-6, "shape %v, channel %d", shape, c)
		}
	}
	for _, name := range []string{
		"p.png", "bad.png", "bad.pb", "bad.npy", "columns.npy", "wide.npy", "cut.npy", "nobody.bin",
	} {
		_, err := ReadInput(filepath.Join(dir, name), vector)
		assert.ErrorIs(t, err, ErrInput, "%s: %v, want ErrInput", name, err)
	}
	_, err = ReadInput(filepath.Join(dir, "raw.bin"), onnx.TensorInfo{Elem: onnx.Float32, Shape: []int64{3}})
	assert.ErrorIs(t, err, ErrInput, "too few bytes: %v, want ErrInput", err)
}

func TestReadTensor(t *testing.T) {
	for name, pb := range map[string]*onnxpb.TensorProto{
		"raw": {DataType: proto.Int32(int32(onnx.Int64)), Dims: []int64{2},
			RawData: []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}},
		"int64":   {DataType: proto.Int32(int32(onnx.Int64)), Dims: []int64{2}, Int64Data: []int64{1, 2}},
		"uint64":  {DataType: proto.Int32(int32(onnx.Uint64)), Dims: []int64{2}, Uint64Data: []uint64{1, 2}},
		"int32":   {DataType: proto.Int32(int32(onnx.Int32)), Dims: []int64{2}, Int32Data: []int32{1, 2}},
		"bool":    {DataType: proto.Int32(int32(onnx.Bool)), Dims: []int64{2}, Int32Data: []int32{1, 0}},
		"float16": {DataType: proto.Int32(int32(onnx.Float16)), Dims: []int64{2}, Int32Data: []int32{0x3c00, 0x4000}},
		"float64": {DataType: proto.Int32(int32(onnx.Float64)), Dims: []int64{2}, DoubleData: []float64{1, 2}},
	} {
		data, err := proto.Marshal(pb)
		require.NoError(t, err)
		got, err := ReadTensor(data)
		if err != nil || got.Bytes() != int64(len(got.Data)) || fmt.Sprint(got.Shape) != "[2]" {
			t.Errorf("%s: %v % x, %v", name, got.TensorInfo, got.Data, err)
			continue
		}
		number := numbers[got.Elem]
		assert.Equal(t, 1.0, number(got.Data), "%s: first element %g, want 1", name, number(got.Data))
	}
	short, _ := proto.Marshal(&onnxpb.TensorProto{DataType: proto.Int32(1), Dims: []int64{3}, FloatData: []float32{1}})
	_, err := ReadTensor(short)
	assert.ErrorIs(t, err, ErrInput, "too few elements: %v, want ErrInput", err)
}
