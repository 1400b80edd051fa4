package picture_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func info(e onnx.Elem, shape ...int64) onnx.TensorInfo {
	return onnx.TensorInfo{Name: "x", Elem: e, Shape: shape}
}

// two is a picture of two pixels.
func two() *picture.RGB {
	return &picture.RGB{Width: 2, Height: 1, Pix: []byte{255, 0, 51, 10, 20, 30}}
}

func TestTensorLayouts(t *testing.T) {
	planar, packed := []byte{255, 10, 0, 20, 51, 30}, []byte{255, 0, 51, 10, 20, 30}
	grey := []byte{82, 18} // 0.299, 0.587, 0.114
	for _, tc := range []struct {
		shape []int64
		want  []byte
	}{
		{[]int64{1, 3, 1, 2}, planar},
		{[]int64{3, 1, 2}, planar}, {[]int64{1, 2}, grey}, {[]int64{1, 1, 1, 2}, grey}, {[]int64{1, 1, 2}, grey},
		{[]int64{2, 3, 1, 2}, append(planar[:6:6], planar...)}, {[]int64{4, 1, 1, 2}, []byte{82, 18, 82, 18, 82, 18, 82, 18}},
	} {
		got, err := picture.Conversion{}.Tensor([]*picture.RGB{two()}, info(onnx.Uint8, tc.shape...))
		require.NoError(t, err, "%v", tc.shape)
		assert.Equal(t, tc.want, got, "%v", tc.shape)
	}
	tall := &picture.RGB{Width: 1, Height: 2, Pix: packed}
	for _, shape := range [][]int64{{1, 2, 1, 3}, {2, 1, 3}} {
		got, err := picture.Conversion{}.Tensor([]*picture.RGB{tall}, info(onnx.Uint8, shape...))
		require.NoError(t, err)
		assert.Equal(t, packed, got, "%v", shape)
		got, err = picture.Conversion{BGR: true}.Tensor([]*picture.RGB{tall}, info(onnx.Uint8, shape...))
		require.NoError(t, err)
		assert.Equal(t, []byte{51, 0, 255, 30, 20, 10}, got, "%v", shape)
	}
	// Several pictures, as many as the batch.
	other := &picture.RGB{Width: 2, Height: 1, Pix: []byte{1, 1, 1, 2, 2, 2}}
	got, err := picture.Conversion{}.Tensor([]*picture.RGB{two(), other}, info(onnx.Uint8, 2, 1, 1, 2))
	require.NoError(t, err)
	assert.Equal(t, []byte{82, 18, 1, 2}, got)
}

func TestTensorElements(t *testing.T) {
	p := &picture.RGB{Width: 2, Height: 1, Pix: []byte{0, 0, 0, 255, 255, 255}}
	float := func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }
	whole := func(b []byte) float64 {
		v := int64(0)
		for i := range b {
			v |= int64(b[i]) << (8 * i)
		}
		shift := 64 - 8*len(b)
		return float64(v << shift >> shift)
	}
	for _, tc := range []struct {
		elem        onnx.Elem
		read        func([]byte) float64
		dark, light float64
	}{
		{onnx.Float32, float, -1, 1},
		{onnx.Float64, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }, -1, 1},
		{onnx.Float16, whole, -0x4400, 0x3c00}, // the bits of -1 and 1
		{onnx.Elem(onnxpb.TensorProto_BFLOAT16), whole, -0x4080, 0x3f80},
		{onnx.Uint8, func(b []byte) float64 { return float64(b[0]) }, 0, 255}, {onnx.Int8, whole, -128, 127},
		{onnx.Uint16, whole, 0, 255}, {onnx.Int16, whole, 0, 255}, {onnx.Int32, whole, 0, 255},
		{onnx.Uint32, whole, 0, 255}, {onnx.Int64, whole, 0, 255}, {onnx.Uint64, whole, 0, 255},
	} {
		got, err := picture.Conversion{}.Tensor([]*picture.RGB{p}, info(tc.elem, 1, 1, 1, 2))
		require.NoError(t, err, "%s", tc.elem)
		n := int(tc.elem.Size())
		require.Len(t, got, 2*n, "%s", tc.elem)
		assert.Equal(t, []float64{tc.dark, tc.light}, []float64{tc.read(got[:n]), tc.read(got[n:])}, "%s", tc.elem)
	}
	// What doesn't fit is bound, and rounded to the nearest.
	c, err := picture.ParseConversion([]string{"mean=100", "scale=0.5"})
	require.NoError(t, err)
	got, err := c.Tensor([]*picture.RGB{p}, info(onnx.Int8, 1, 2))
	require.NoError(t, err)
	assert.Equal(t, []byte{0x80, 0x7f}, got)
	c, err = picture.ParseConversion([]string{"scale=2"})
	require.NoError(t, err)
	got, err = c.Tensor([]*picture.RGB{p}, info(onnx.Uint8, 1, 2))
	require.NoError(t, err)
	assert.Equal(t, []byte{0, 128}, got, "127.5 to even")
}

// Every value of float16 comes out as it went in; half of the last place is rounded to even.
func TestHalves(t *testing.T) {
	for _, tc := range []struct {
		v    string
		want uint16
	}{
		{"1", 0x3c00}, {"-2", 0xc000}, {"65504", 0x7bff}, {"65520", 0x7c00}, {"6.103515625e-05", 0x0400},
		{"5.960464477539063e-08", 0x0001}, {"2.9e-08", 0}, {"0.333251953125", 0x3555}, {"2049", 0x6800}, {"2051", 0x6802},
		{"4095.5", 0x6c00},
	} {
		// A value of 255 on a scale of 255 / v.
		p := &picture.RGB{Width: 1, Height: 1, Pix: []byte{0, 0, 0}}
		c, err := picture.ParseConversion([]string{"mean=" + tc.v, "scale=-1"})
		require.NoError(t, err)
		got, err := c.Tensor([]*picture.RGB{p}, info(onnx.Float16, 1, 1))
		require.NoError(t, err)
		assert.Equal(t, tc.want, binary.LittleEndian.Uint16(got), tc.v)
	}
}

func TestMeanAndScale(t *testing.T) {
	c, err := picture.ParseConversion([]string{"mean=10/20/30", "scale=1/2/4", "order=bgr", "fit=letterbox"})
	require.NoError(t, err)
	got, err := c.Tensor([]*picture.RGB{{Width: 1, Height: 1, Pix: []byte{20, 30, 50}}}, info(onnx.Int32, 3, 1, 1))
	require.NoError(t, err)
	assert.Equal(t, []byte{5, 0, 0, 0, 5, 0, 0, 0, 10, 0, 0, 0}, got, "blue, green, red")
	for entry, says := range map[string]string{
		"mean": "expected KEY=VALUE", "mean=x": "expected a number, or three", "mean=1/2": "has 2 numbers",
		"scale=0": "scale is 0", "scale=1/0/1": "scale is 0", "order=grb": "expected rgb or bgr",
		"fit=x": "fit is x", "size=3": "known are background",
		"mean=inf": "expected a number",
	} {
		_, err := picture.ParseConversion([]string{entry})
		require.ErrorIs(t, err, picture.ErrOption, entry)
		assert.ErrorContains(t, err, says, entry)
	}
}

func TestNoTensor(t *testing.T) {
	for _, tc := range []struct {
		t    onnx.TensorInfo
		says string
	}{
		{info(onnx.String, 1, 3, 2, 2), "must be numbers"}, {info(onnx.Bool, 1, 3, 2, 2), "must be numbers"},
		{info(onnx.Float32, 1, 4, 2, 2), "a picture goes into"}, {info(onnx.Float32, 12), "a picture goes into"},
		{info(onnx.Float32), "a picture goes into"}, {info(onnx.Float32, 1, 3, -1, 2), "every size must be known"},
		{info(onnx.Float32, 1, 3, 0, 2), "every size must be known"},
		{info(onnx.Float32, 1, 3, 1<<20, 1<<20), "less than 2^31"},
		{info(onnx.Float32, 3, 3, 2, 2), "2 pictures are given"},
	} {
		_, err := picture.Conversion{}.Tensor([]*picture.RGB{two(), two()}, tc.t)
		require.ErrorIs(t, err, picture.ErrTensor, "%s", tc.t)
		assert.ErrorContains(t, err, tc.says, "%s", tc.t)
	}
	c := picture.Conversion{Options: picture.Options{Fit: picture.Exact}}
	_, err := c.Tensor([]*picture.RGB{two()}, info(onnx.Float32, 1, 3, 5, 5))
	assert.ErrorIs(t, err, picture.ErrSize)
}
