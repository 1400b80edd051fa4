package coder

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func le(values ...any) []byte {
	var b []byte
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

func padded(b []byte, n int) []byte { return append(b, make([]byte, n-len(b))...) }

// The bytes on the wire are those that core/codec describes.
func TestWireForms(t *testing.T) {
	two := codec.Affine{Scale: []float32{.5, 2}, ZeroPoint: []uint8{10, 0}}
	one := codec.Affine{Scale: []float32{.5}, ZeroPoint: []uint8{10}}
	for _, tc := range []struct {
		codec, plain string
		a            codec.Affine
		in           []float32
		want         []byte
	}{
		{"none", "float32[2]", one, []float32{1, -2}, le(float32(1), float32(-2))},
		{"fp16", "float32[2]", one, []float32{1, -2}, le(uint16(0x3c00), uint16(0xc000))},
		{"int8", "float32[3]", one, []float32{-1, 0, 254}, append(padded(le(float32(1), uint8(1)), 64), 0, 1, 255)},
		{"int8-channel", "float32[1,2,2]", one, []float32{0, 255, 0, -510},
			append(padded(le(float32(1), float32(2), uint8(0), uint8(255)), 64), 0, 255, 255, 0)},
		{"int8-static", "float32[1,2,2]", two, []float32{-1, 3, 4, 6}, []byte{8, 16, 2, 3}},
		{"int8-static", "float32[1,2,2]", one, []float32{-9, 3, 4, 600}, []byte{0, 16, 18, 255}},
		{"sparse", "float32[5]", one, []float32{0, 1, 0, 0, -2}, le(uint64(0b10010), float32(1), float32(-2))},
		{"sparse+fp16", "float32[5]", one, []float32{0, 1, 0, 0, -2}, le(uint64(0b10010), uint16(0x3c00), uint16(0xc000))},
		{"sparse+int8", "float32[5]", one, []float32{0, 255, 0, 0, 51},
			le(uint64(0b10010), padded(le(float32(1)), 64), uint8(255), uint8(51))},
		{"sparse+int8-static", "float32[5]", one, []float32{0, 1, 0, 0, 2}, le(uint64(0b10010), uint8(12), uint8(14))},
		{"sparse+fp16", "float32[65]", one, append(make([]float32, 64), 1), le(uint64(0), uint64(1), uint16(0x3c00))},
		{"lz4", "float32[2]", one, []float32{1, -2}, le(uint8(codec.Stored), float32(1), float32(-2))},
		{"fp16+zstd", "float32[2]", one, []float32{1, -2}, le(uint8(codec.Stored), uint16(0x3c00), uint16(0xc000))},
	} {
		enc, dec := pair(t, tc.codec, tc.plain, tc.a)
		wire, _ := there(t, enc, dec, tc.in)
		assert.Equal(t, tc.want, wire, "%s of %v:\n%v, want\n", tc.codec, tc.in, wire)
	}
}

// What was compressed, other programs can read.
func TestCompressedForms(t *testing.T) {
	in := make([]float32, 1000)
	for i := range in {
		in[i] = float32(i / 100)
	}
	for name, open := range map[string]func(dst, src []byte) ([]byte, error){
		"lz4": func(dst, src []byte) ([]byte, error) {
			n, err := lz4.UncompressBlock(src, dst)
			return dst[:max(n, 0)], err
		},
		"zstd": func(dst, src []byte) ([]byte, error) {
			d, err := zstd.NewReader(nil)
			if err != nil {
				return nil, err
			}
			defer d.Close()
			return d.DecodeAll(src, dst[:0])
		},
	} {
		enc, dec := pair(t, name, "float32[1000]", codec.Affine{})
		wire, _ := there(t, enc, dec, in)
		got, err := open(make([]byte, 4000), wire[1:])
		assert.EqualValues(t, codec.Compressed, wire[0], "%s: begins with %d, %d bytes read", name, wire[0], len(got))
		require.NoError(t, err, "%s: begins with %d, %d bytes read", name, wire[0], len(got))
		assert.Equal(t, bytesOf(in), got, "%s: begins with %d, %d bytes read", name, wire[0], len(got))
	}
}

// Decoders take any bytes: lengths and scales are checked before anything is written.
func TestDecodersRefuse(t *testing.T) {
	frame := func(n int) []byte {
		e, err := zstd.NewWriter(nil)
		require.NoError(t, err)
		return append([]byte{codec.Compressed}, e.EncodeAll(make([]byte, n), nil)...)
	}
	block := func(n int) []byte {
		dst := make([]byte, 1000)
		k, err := lz4.CompressBlock(make([]byte, n), dst, nil)
		require.NoError(t, err, "%v %v", k, err)
		require.NotEqual(t, 0, k, "%v %v", k, err)
		return append([]byte{codec.Compressed}, dst[:k]...)
	}
	nan := float32(math.NaN())
	for _, tc := range []struct {
		codec, plain string
		wire         []byte
		says         string
	}{
		{"fp16", "float32[2]", make([]byte, 3), "3 bytes came; expected 4 to 4"},
		{"int8", "float32[2]", make([]byte, 65), "65 bytes came; expected 66 to 66"},
		{"int8", "float32[2]", make([]byte, 66), "scale 0"},
		{"int8", "float32[2]", padded(le(nan), 66), "scale NaN"},
		{"int8", "float32[2]", padded(le(float32(-1)), 66), "scale -1"},
		{"int8-channel", "float32[1,2,1]", padded(le(float32(1), float32(math.Inf(1))), 66), "scale +Inf"},
		{"int8-static", "float32[2]", nil, "0 bytes came; expected 2 to 2"},
		{"sparse", "float32[3]", make([]byte, 7), "7 bytes, the bitmap alone has 8"},
		{"sparse", "float32[3]", le(uint64(8), float32(1)), "the bitmap goes on after the tensor's 3 elements"},
		{"sparse", "float32[3]", le(uint64(7), float32(1)), "4 bytes behind a bitmap of 3 values; expected 12"},
		{"sparse+fp16", "float32[3]", le(uint64(1), float32(1)), "4 bytes behind a bitmap of 1 values; expected 2"},
		{"sparse+int8", "float32[3]", le(uint64(0)), "0 bytes behind a bitmap of 0 values; expected 64"},
		{"sparse+int8", "float32[3]", padded(le(uint64(0)), 72), "scale 0"},
		{"sparse", "float32[3]", make([]byte, 24), "24 bytes came; expected 0 to 20"},
		{"lz4", "float32[2]", nil, "no bytes"},
		{"lz4", "float32[2]", []byte{2, 1}, "it begins with 2; expected 0 or 1"},
		{"lz4", "float32[2]", []byte{1, 255, 255}, "lz4: "},
		{"lz4", "float32[100]", block(401), "lz4: "},
		{"lz4", "float32[2]", make([]byte, 10), "10 bytes came; expected 0 to 9"},
		{"zstd", "float32[2]", []byte{1, 9, 9}, "zstd: "},
		{"zstd", "float32[100]", frame(401), "zstd: "},
		{"zstd", "float32[100]", frame(1 << 20), "zstd: "},
		{"lz4", "float32[100]", block(396), "396 bytes decoded; expected 400"},
		{"zstd", "float32[100]", frame(399), "399 bytes decoded; expected 400"},
		{"fp16+zstd", "float32[100]", frame(199), "199 bytes came; expected 200 to 200"},
	} {
		_, dec := pair(t, tc.codec, tc.plain, codec.Affine{Scale: []float32{1}, ZeroPoint: []uint8{0}})
		dst, src := aligned(dec.out), aligned(len(tc.wire))
		copy(src, tc.wire)
		n, err := dec.Run(dst, src)
		require.ErrorIs(t, err, ErrData, "%s of %s from %d bytes: %d", tc.codec, tc.plain, len(tc.wire), n)
		assert.Contains(t, err.Error(), tc.says, "%s of %s from %d bytes: %d", tc.codec, tc.plain, len(tc.wire), n)
	}
}
