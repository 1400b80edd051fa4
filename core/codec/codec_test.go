package codec

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tokenType(t *testing.T, s string) graph.TokenType {
	t.Helper()
	tt, err := graph.ParseTokenType(s)
	require.NoError(t, err)
	return tt
}

func TestWire(t *testing.T) {
	for _, tc := range []struct {
		codec, in, want string
		err             error
	}{
		{None, "float32[1,32,150,150]", "float32[1,32,150,150]", nil},
		{None, "bytes[70]", "bytes[70]", nil},
		{FP16, "float32[1,32,150,150]", "float16[1,32,150,150]", nil},
		{FP16, "uint8[4]", "", ErrType},
		{FP16, "bytes[4]", "", ErrType},
		{Int8, "float32[1,3,2]", "uint8[70]", nil},
		{Int8, "float32[1]", "uint8[65]", nil},
		{Int8, "float16[1]", "", ErrType},
		{Int8Channel, "float32[1,3,2]", "uint8[70]", nil},
		{Int8Channel, "float32[2,13,2,2]", "uint8[232]", nil}, // 13 channels take 65 bytes
		{Int8Channel, "float32[1,3]", "", ErrType},
		{Int8Channel, "uint8[1,3,2]", "", ErrType},
		{Int8Static, "float32[1,3,2]", "uint8[6]", nil},
		{Int8Static, "int8[6]", "", ErrType},
		{LZ4, "int64[3]", "bytes[25]", nil},
		{Zstd, "bytes[70]", "bytes[71]", nil},
		{Sparse, "float32[64]", "bytes[264]", nil},
		{Sparse, "float32[65]", "bytes[276]", nil},
		{Sparse, "uint8[65]", "", ErrType},
		{"sparse+fp16", "float32[5,13]", "bytes[146]", nil},
		{"sparse+int8", "float32[65]", "bytes[145]", nil},
		{"sparse+int8-static", "float32[65]", "bytes[81]", nil},
		{"sparse+fp16", "int8[65]", "", ErrType},
		{"sparse+lz4", "float32[65]", "bytes[277]", nil},
		{"sparse+int8+zstd", "float32[65]", "bytes[146]", nil},
		{"fp16+lz4", "float32[3]", "bytes[7]", nil},
		{"int8-channel+zstd", "float32[1,3,2]", "bytes[71]", nil},
		{"fp16+lz4", "uint8[3]", "", ErrType},
		{None, "float32[<=9,4]", "float32[<=9,4]", nil},
		{FP16, "float32[<=9,4]", "float16[<=9,4]", nil},
		{FP16, "float32[]", "float16[]", nil},
		{FP16, "int64[<=9,4]", "", ErrType},
		{"fp16+zstd", "float32[<=9,4]", "bytes[137]", nil}, // 1 + 64 + 72
		{LZ4, "int64[<=9,3]", "bytes[281]", nil},
		{Int8, "float32[<=9,4]", "", ErrType},
		{Sparse, "float32[<=9,4]", "", ErrType},
		{"sparse+fp16", "float32[<=9,4]", "", ErrType},
		{Sparse, "float32[536870912]", "", ErrType}, // its bound exceeds that of tokens
		{JPEG, "uint8[300,300,3]", "bytes[278272]", nil},
		{JPEG, "uint8[16,32,3]", "bytes[2560]", nil},
		{JPEG, "uint8[1,1,3]", "bytes[1792]", nil},
		{JPEG, "uint8[16,32,4]", "", ErrType},
		{JPEG, "uint8[3,16,32]", "", ErrType},
		{JPEG, "uint8[65536,1,3]", "", ErrType},
		{JPEG, "uint8[3]", "", ErrType},
		{JPEG, "float32[16,32,3]", "", ErrType},
		{"zip", "float32[1]", "", ErrUnknown},
	} {
		in := tokenType(t, tc.in)
		got, err := Wire(tc.codec, in)
		require.ErrorIs(t, err, tc.err, "Wire(%s, %s)", tc.codec, tc.in)
		if tc.err == nil {
			assert.Equal(t, tc.want, got.String(), "Wire(%s, %s)", tc.codec, tc.in)
		}
		assert.Equal(t, (tc.err == nil), Applies(tc.codec, in), "Applies(%s, %s) disagrees with Wire", tc.codec, tc.in)
	}
}

func TestErrorsSayWhatWouldDo(t *testing.T) {
	for _, tc := range []struct{ codec, in, want string }{
		{"zip", "float32[1]", `unknown codec "zip"; known are none, jpeg, or a chain [sparse+]`},
		{Int8, "uint8[4]", "int8 can't code uint8[4]; it takes float32 tensors of a fixed shape"},
		{Int8, "float32[<=9,4]", "int8 can't code float32[<=9,4]; it takes float32 tensors of a fixed shape"},
		{JPEG, "float32[4]", "jpeg can't code float32[4]; it takes pictures, uint8[h,w,3]"},
	} {
		_, err := Wire(tc.codec, tokenType(t, tc.in))
		require.Error(t, err, "Wire(%s, %s): %v; want %q in it", tc.codec, tc.in, err, tc.want)
		assert.Contains(t, err.Error(), tc.want, "Wire(%s, %s): %v; want %q in it", tc.codec, tc.in, err, tc.want)
	}
}

// The bound must hold for the pictures that code worst.
func TestJPEGBound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, noise := range []struct {
		name string
		fill func(pixel []byte)
	}{
		{"black and white", func(p []byte) { p[0] = byte(r.IntN(2) * 255); p[1], p[2] = p[0], p[0] }},
		{"corners of the colour cube", func(p []byte) {
			for c := range 3 {
				p[c] = byte(r.IntN(2) * 255)
			}
		}},
		{"uniform", func(p []byte) {
			for c := range 3 {
				p[c] = byte(r.IntN(256))
			}
		}},
	} {
		for _, size := range []image.Point{{1, 1}, {17, 33}, {128, 128}, {300, 300}} {
			img := image.NewRGBA(image.Rectangle{Max: size})
			for i := 0; i < len(img.Pix); i += 4 {
				noise.fill(img.Pix[i : i+3])
				img.Pix[i+3] = 255
			}
			var b bytes.Buffer
			require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
			bound := JPEGBound(int64(size.Y), int64(size.X))
			assert.LessOrEqual(t, int64(b.Len()), bound, "%s noise of %v takes %d bytes, bound", noise.name, size, b.Len())
			t.Logf("%s noise of %v: %d bytes", noise.name, size, b.Len())
		}
	}
}
