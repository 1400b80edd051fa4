package tensorfile

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func of(e onnx.Elem, values any, shape ...int64) Tensor {
	data, _ := binary.Append(nil, binary.LittleEndian, values)
	return Tensor{TensorInfo: onnx.TensorInfo{Name: "file", Elem: e, Shape: shape}, Data: data}
}

func TestFitShapes(t *testing.T) {
	picture := onnx.TensorInfo{Name: "x", Elem: onnx.Uint8, Shape: []int64{1, 3, 8, 8}}
	for _, tc := range []struct {
		name  string
		shape []int64
		want  []int64
		fits  bool
		says  string // of the error
		again bool   // with --reshape
	}{
		{"equal", []int64{1, 3, 8, 8}, picture.Shape, true, "", true},
		{"channels last", []int64{1, 8, 8, 3}, picture.Shape, false, "by --reshape", true},
		{"flat", []int64{192}, picture.Shape, false, "it holds uint8[192], the input takes uint8[1,3,8,8]", true},
		{"another size", []int64{1, 3, 8, 7}, picture.Shape, false, "it holds uint8[1,3,8,7]", false},
		{"an open axis", []int64{5, 2}, []int64{-1, 2}, true, "", true},
		{"an open axis, but the rank", []int64{5}, []int64{-1, 2}, false, "it holds", false},
		{"any rank", []int64{5}, nil, true, "", true},
		{"a scalar", nil, []int64{1}, false, "by --reshape", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := int64(1)
			for _, d := range tc.shape {
				n *= d
			}
			in := of(onnx.Uint8, make([]byte, n), tc.shape...)
			in.Shape = append([]int64{}, in.Shape...)
			want := onnx.TensorInfo{Name: "x", Elem: onnx.Uint8, Shape: tc.want}
			got, note, err := Fit(in, want, false)
			if tc.fits {
				require.NoError(t, err)
				assert.Equal(t, "x", got.Name)
				assert.Equal(t, in.Shape, got.Shape)
				assert.Empty(t, note)
			} else {
				require.ErrorIs(t, err, ErrFit)
				assert.Contains(t, err.Error(), tc.says)
			}
			got, note, err = Fit(in, want, true)
			assert.Equal(t, tc.again, err == nil)
			if tc.again && !tc.fits {
				assert.Equal(t, tc.want, got.Shape)
				assert.Contains(t, note, "reshaped from")
			}
		})
	}
}

func TestFitTypes(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   Tensor
		to   onnx.Elem
		want any // the elements; nil where it is refused
		says string
	}{
		{"float64 is rounded", of(onnx.Float64, []float64{0.1, 2}, 2), onnx.Float32, []float32{0.1, 2},
			"rounded from float64"},
		{"float64 that stays", of(onnx.Float64, []float64{0.5, math.Inf(1)}, 2), onnx.Float32,
			[]float32{0.5, float32(math.Inf(1))}, "converted from float64"},
		{"float64 too large", of(onnx.Float64, []float64{1e300}, 1), onnx.Float32, nil,
			"element 0 is 1e+300, which no float32 is"},
		{"float32 to half", of(onnx.Float32, []float32{1, 0.1}, 2), onnx.Float16, []uint16{0x3c00, 0x2e66},
			"rounded from float32"},
		{"float32 to bfloat16", of(onnx.Float32, []float32{1, 1 + 0x1p-8, 1 + 3*0x1p-8}, 3), onnx.BFloat16,
			[]uint16{0x3f80, 0x3f80, 0x3f82}, "rounded from float32"},
		{"half to float32", of(onnx.Float16, []uint16{0x3c00}, 1), onnx.Float32, []float32{1}, "converted"},
		{"bool to float32", of(onnx.Bool, []byte{1, 0}, 2), onnx.Float32, []float32{1, 0}, "converted from bool"},
		{"uint8 to float32", of(onnx.Uint8, []byte{255}, 1), onnx.Float32, []float32{255}, "converted from uint8"},
		{"uint16 to int32", of(onnx.Uint16, []uint16{65535}, 1), onnx.Int32, []int32{65535}, "converted from uint16"},
		{"int64 to int32", of(onnx.Int64, []int64{-5}, 1), onnx.Int32, []int32{-5}, "converted from int64"},
		{"int64 too large", of(onnx.Int64, []int64{1 << 40}, 1), onnx.Int32, nil, "which no int32 is"},
		{"int64 to float32", of(onnx.Int64, []int64{1<<24 + 1}, 1), onnx.Float32, nil, "which no float32 is"},
		{"int64 to float64", of(onnx.Int64, []int64{1<<53 + 1}, 1), onnx.Float64, nil, "which no float64 is"},
		{"int64 to uint64", of(onnx.Int64, []int64{1<<62 + 1}, 1), onnx.Uint64, []uint64{1<<62 + 1}, "converted"},
		{"negative to uint64", of(onnx.Int64, []int64{-1}, 1), onnx.Uint64, nil, "which no uint64 is"},
		{"negative to uint8", of(onnx.Int8, []int8{-1}, 1), onnx.Uint8, nil, "which no uint8 is"},
		{"whole floats to int64", of(onnx.Float32, []float32{3}, 1), onnx.Int64, []int64{3}, "converted from float32"},
		{"a fraction to int64", of(onnx.Float32, []float32{0.5}, 1), onnx.Int64, nil, "element 0 is 0.5"},
		{"NaN to int64", of(onnx.Float32, []float32{float32(math.NaN())}, 1), onnx.Int64, nil, "element 0 is NaN"},
		{"2 to bool", of(onnx.Uint8, []byte{2}, 1), onnx.Bool, nil, "which no bool is"},
		{"NaN stays", of(onnx.Float32, []float32{float32(math.Inf(-1))}, 1), onnx.Float16, []uint16{0xfc00}, "converted"},
		{"strings to numbers", Tensor{TensorInfo: onnx.TensorInfo{Elem: onnx.String, Shape: []int64{1}},
			Strings: []string{"1"}}, onnx.Float32, nil, "neither becomes the other"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, note, err := Fit(tc.in, onnx.TensorInfo{Name: "x", Elem: tc.to, Shape: tc.in.Shape}, false)
			if tc.want == nil {
				require.ErrorIs(t, err, ErrFit)
				assert.Contains(t, err.Error(), tc.says)
				return
			}
			require.NoError(t, err)
			want, err := binary.Append(nil, binary.LittleEndian, tc.want)
			require.NoError(t, err)
			assert.Equal(t, want, got.Data)
			assert.Equal(t, tc.to, got.Elem)
			assert.Contains(t, note, tc.says)
		})
	}
}
