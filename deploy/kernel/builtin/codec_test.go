package builtin

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// coders returns the encode and decode kernels of a codec, sharing a token.
func coders(t testing.TB, name, plain string, extra map[string]any) (enc, dec *bench) {
	t.Helper()
	loadLibrary(t)
	p := ports(t, plain)
	wire, err := codec.Wire(name, p[0].Type)
	require.NoError(t, err)
	w := []graph.Port{{Name: "wire", LRL: 1, URL: 1, Type: wire}}
	params := map[string]any{"codec": name}
	dec = newBench(t, "decode", kernel.Spec{Params: map[string]any{"codec": name}, In: w, Out: p})
	for k, v := range extra {
		params[k] = v
	}
	enc = newBench(t, "encode", kernel.Spec{Params: params, In: p, Out: w})
	dec.f.In = enc.f.Out
	return enc, dec
}

var tensors = []struct {
	name   string
	values func(r *rand.Rand, i int) float32
}{
	{"normal", func(r *rand.Rand, i int) float32 { return float32(r.NormFloat64()) }},
	{"ReLU6", func(r *rand.Rand, i int) float32 { return float32(min(max(r.NormFloat64()*4, 0), 6)) }},
	{"negative", func(r *rand.Rand, i int) float32 { return float32(-1 - r.Float64()) }},
	{"ties of the zero point", func(r *rand.Rand, i int) float32 { return float32(i%2)*255 - 127.5 }},
	{"wide", func(r *rand.Rand, i int) float32 { return float32(r.NormFloat64() * math.Exp(10*r.Float64()-8)) }},
	{"large", func(r *rand.Rand, i int) float32 { return float32(65504 * (2*r.Float64() - 1)) }},
	{"one value", func(r *rand.Rand, i int) float32 { return 3 }},
	{"zeros", func(r *rand.Rand, i int) float32 { return 0 }},
}

func TestFP16Error(t *testing.T) {
	enc, dec := coders(t, codec.FP16, "float32[1,3,40,50]", nil)
	for _, tc := range tensors {
		in := fill(enc.in(0).Float32(), tc.values)
		enc.fire(t)
		dec.fire(t)
		for i, x := range in {
			y := dec.out(0).Float32()[i]
			require.LessOrEqual(t, math.Abs(float64(x)-float64(y)), max(math.Abs(float64(x))*0x1p-11, 0x1p-25),
				"%s: %v came back as %v", tc.name, x, y)
		}
	}
	inf := float32(math.Inf(1))
	for _, tc := range [][2]float32{
		{65504, 65504}, {65519, 65504}, {65520, inf}, {-1e9, -inf}, {1 + 0x1p-11, 1}, {1 + 0x3p-11, 1 + 0x1p-9}, {0x1p-25, 0},
	} {
		enc.in(0).Float32()[0] = tc[0]
		enc.fire(t)
		dec.fire(t)
		assert.Equal(t, tc[1], dec.out(0).Float32()[0], "%v came back as", tc[0])
	}
}

func TestInt8Error(t *testing.T) {
	enc, dec := coders(t, codec.Int8, "float32[1,3,40,50]", nil)
	for _, tc := range tensors {
		in := fill(enc.in(0).Float32(), tc.values)
		for i := range enc.out(0).Data {
			enc.out(0).Data[i] = 0xa5 // what another token left
		}
		enc.fire(t)
		dec.fire(t)
		header := enc.out(0).Data[:codec.Int8HeaderBytes]
		scale := float64(math.Float32frombits(binary.LittleEndian.Uint32(header[codec.Int8ScaleAt:])))
		zero := float64(header[codec.Int8ZeroPointAt])
		span := float64(max(0, slices.Max(in))) - float64(min(0, slices.Min(in)))
		want := span / 255
		if span > 0 {
			assert.LessOrEqual(t, math.Abs(scale-want), want*0x1p-22, "%s: scale", tc.name)
		}
		if span == 0 {
			assert.Equal(t, 1.0, scale, "%s: scale", tc.name)
		}
		assert.EqualValues(t, 0, slices.Max(header[codec.Int8ZeroPointAt+1:]), "%s: the rest of the header is not zero",
			tc.name)
		for i, x := range in {
			y := float64(dec.out(0).Float32()[i])
			require.LessOrEqual(t, math.Abs(float64(x)-y), scale*(.5+0x1p-14), "%s: %v came back as %v, scale", tc.name, x, y)
			q := float64(enc.out(0).Data[codec.Int8HeaderBytes+i])
			want := (q - zero) * scale
			require.LessOrEqual(t, math.Abs(y-want), math.Abs(want)*0x1p-22, "%s: q %v came back as", tc.name, q)
		}
	}
}

func fill(dst []float32, f func(*rand.Rand, int) float32) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range dst {
		dst[i] = f(r, i)
	}
	return dst
}

func TestNoneCopies(t *testing.T) {
	enc, dec := coders(t, codec.None, "int64[2]", nil)
	copy(enc.in(0).Data, "0123456789abcdef")
	enc.fire(t)
	dec.fire(t)
	assert.Equal(t, "0123456789abcdef", string(dec.out(0).Data), "came back as")
}

func TestJPEG(t *testing.T) {
	const h, w = 50, 70
	sizes := map[int]int{}
	for _, quality := range []int{10, 90, 100} {
		enc, dec := coders(t, codec.JPEG, "uint8[50,70,3]", map[string]any{"quality": quality})
		rgb := enc.in(0).Data
		for i := range h * w {
			rgb[3*i], rgb[3*i+1], rgb[3*i+2] = byte(i/w*4), byte(i%w*3), 128
		}
		enc.fire(t)
		dec.fire(t)
		sizes[quality] = enc.out(0).Len
		_, err := jpeg.DecodeConfig(bytes.NewReader(enc.out(0).Data[:enc.out(0).Len]))
		assert.NoError(t, err, "quality %d: not a JPEG file", quality)
		sum := 0.0
		for i := range rgb {
			sum += math.Abs(float64(rgb[i]) - float64(dec.out(0).Data[i]))
		}
		mean := sum / float64(len(rgb))
		if quality >= 90 {
			assert.LessOrEqual(t, mean, 2.5, "quality %d: mean error %v of 255", quality, mean)
		}
	}
	assert.True(t, sizes[10] < sizes[90] && sizes[90] < sizes[100], "bytes by quality")
}

func TestJPEGErrors(t *testing.T) {
	enc, dec := coders(t, codec.JPEG, "uint8[16,16,3]", nil)
	dec.in(0).Len = copy(dec.in(0).Data, "no picture")
	err := dec.Fire(&dec.f)
	assert.ErrorIs(t, err, kernel.ErrToken, "no JPEG: %v, want ErrToken", err)
	var other bytes.Buffer
	require.NoError(t, jpeg.Encode(&other, image.NewGray(image.Rect(0, 0, 8, 16)), nil))
	dec.in(0).Len = copy(dec.in(0).Data, other.Bytes())
	err = dec.Fire(&dec.f)
	require.ErrorIs(t, err, kernel.ErrToken, "a picture of another size")
	assert.Contains(t, err.Error(), "8 x 16 pixels came; expected 16 x 16", "a picture of another size")
	enc.out(0).Data = enc.out(0).Data[:700]
	for i := range enc.in(0).Data {
		enc.in(0).Data[i] = byte(i * i * 7)
	}
	err = enc.Fire(&enc.f)
	require.ErrorIs(t, err, kernel.ErrToken, "a picture longer than its token")
	assert.Contains(t, err.Error(), "lower the quality", "a picture longer than its token")
}

func TestCodecRefuses(t *testing.T) {
	for _, tc := range []struct {
		kernel, in, out string
		params          map[string]any
		want            error
		says            string
	}{
		{"encode", "float32[4]", "float16[4]", nil, codec.ErrUnknown, `unknown codec ""; known are none, jpeg, or a chain`},
		{"encode", "float32[4]", "float16[4]", map[string]any{"codec": "zip"}, codec.ErrUnknown, `"zip"`},
		{"encode", "float32[4]", "float16[4]", map[string]any{"codec": 1}, kernel.ErrParam, "codec is 1; expected a string"},
		{"encode", "float32[4]", "float16[4]", map[string]any{"codec": "lz4+fp16"}, codec.ErrChain,
			`in "lz4+fp16", fp16 can't follow lz4`},
		{"encode", "float32[4]", "uint8[4]", map[string]any{"codec": "int8-static"}, codec.ErrAffine,
			"0 scales and 0 zero points"},
		{"decode", "uint8[4]", "float32[4]", map[string]any{"codec": "int8-static", "scale": 0, "zero_point": 3},
			kernel.ErrParam,
			"scale is 0; expected numbers from 1.1754943508222875e-38"},
		{"decode", "uint8[4]", "float32[4]", map[string]any{"codec": "int8-static", "scale": 1, "zero_point": []any{256}},
			kernel.ErrParam, "zero_point is [256]; expected numbers from 0 to 255"},
		{"encode", "uint8[4]", "float16[4]", map[string]any{"codec": "fp16"}, codec.ErrType, "can't code uint8[4]"},
		{"encode", "float32[4]", "float16[5]", map[string]any{"codec": "fp16"}, kernel.ErrPort,
			"fp16 codes float32[4] as float16[4], the port carries float16[5]"},
		{"decode", "uint8[4]", "float32[4]", map[string]any{"codec": "int8"}, kernel.ErrPort,
			"int8 codes float32[4] as uint8[68], the port carries uint8[4]"},
		{"decode", "bytes[1792]", "uint8[4,4,3]", map[string]any{"codec": "jpeg", "quality": 3}, kernel.ErrParam,
			`"quality" is not a parameter of this kernel; known are codec`},
		{"encode", "uint8[4,4,3]", "bytes[1792]", map[string]any{"codec": "jpeg", "quality": 101}, kernel.ErrParam,
			"quality is 101; expected a whole number from 1 to 100"},
	} {
		refused(t, tc.kernel, kernel.Spec{In: ports(t, tc.in), Out: ports(t, tc.out), Params: tc.params}, tc.want, tc.says)
	}
}

// Any bytes are decoded or refused, and nothing is written beyond the picture.
func FuzzJPEGDecode(f *testing.F) {
	for _, size := range []image.Point{{8, 16}, {24, 16}, {1 << 15, 1}} {
		var b bytes.Buffer
		require.NoError(f, jpeg.Encode(&b, image.NewGray(image.Rectangle{Max: size}), nil))
		f.Add(b.Bytes()[:min(b.Len(), 1500)])
	}
	plain := ports(f, "uint8[16,24,3]")[0].Type
	wire, err := codec.Wire(codec.JPEG, plain)
	require.NoError(f, err)
	in, out := kernel.NewToken(wire, 0), kernel.NewToken(plain, 0)
	k := jpegDecoder{height: 16, width: 24}
	f.Fuzz(func(t *testing.T, data []byte) {
		in.Len = copy(in.Data, data)
		err := k.Fire(&kernel.Firing{In: [][]*kernel.Token{{in}}, Out: [][]*kernel.Token{{out}}})
		if err != nil {
			require.ErrorIs(t, err, kernel.ErrToken)
		}
	})
}
