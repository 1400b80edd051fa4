package coder

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shapedTypes are those of the tests and fuzz targets of this file.
var shapedTypes = []string{"float32[<=5,4]", "float32[]", "int64[<=3,3]", "bool[2,<=2,<=2]", "float16[<=9]",
	"float64[1,1,1,1,1,1,1,<=2]", "uint8[<=0]"}

// The bytes of a shaped token are those that core/codec describes.
func TestShapedForms(t *testing.T) {
	for _, tc := range []struct {
		of    string
		shape []int64
		data  []byte
		want  []byte
	}{
		{"float32[<=5,4]", []int64{1, 4}, le(float32(1), float32(2), float32(3), float32(4)),
			append(padded(le(uint32(2), uint32(1), uint64(1), uint64(4)), 64),
				le(float32(1), float32(2), float32(3), float32(4))...)},
		{"int64[<=5,3]", []int64{0, 3}, nil, padded(le(uint32(2), uint32(7), uint64(0), uint64(3)), 64)},
		{"float32[]", nil, le(float32(-2)), append(padded(le(uint32(0), uint32(1)), 64), le(float32(-2))...)},
		{"bool[1,1,1,1,1,1,1,<=2]", []int64{1, 1, 1, 1, 1, 1, 1, 1}, []byte{1},
			append(
				padded(le(uint32(8), uint32(9), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1),
					uint64(1)), 128), 1,
			)},
	} {
		tt := tokenType(t, tc.of)
		token := aligned(int(tt.Bytes()))
		for i := range token {
			token[i] = 0xa5 // what another token left
		}
		n, err := Pack(token, tt.Of, tc.shape, tc.data)
		if err != nil || !bytes.Equal(token[:n], tc.want) {
			t.Errorf("%s: %v, %v; want %v", tc.of, token[:n], err, tc.want)
			continue
		}
		shape, data, err := Unpack(token[:n], tt.Of, nil)
		require.NoError(t, err, "%s came back as", tc.of)
		assert.Equal(t, tc.shape, shape, "%s came back as", tc.of)
		assert.True(t, bytes.Equal(tc.data, data), "%s came back as %v", tc.of, data)
	}
}

func TestPackRefuses(t *testing.T) {
	tt := tokenType(t, "float32[<=2,4]")
	for _, tc := range []struct {
		shape []int64
		bytes int
		room  int
		err   error
		says  string
	}{
		{[]int64{3, 4}, 48, 1000, ErrBound, "float32[3,4] came, the token is float32[<=2,4]"},
		{[]int64{1, 3}, 12, 1000, ErrBound, "float32[1,3] came"},
		{[]int64{4}, 16, 1000, ErrBound, "float32[4] came"},
		{[]int64{1, 4}, 12, 1000, ErrMemory, "12 bytes of elements for 16"},
		{[]int64{1, 4}, 16, 79, ErrMemory, "79 bytes of memory"},
	} {
		_, err := Pack(aligned(tc.room), tt.Of, tc.shape, make([]byte, tc.bytes))
		require.ErrorIs(t, err, tc.err, "%v: %v; want %v that says", tc.shape, err, tc.err)
		assert.Contains(t, err.Error(), tc.says, "%v: %v; want %v that says", tc.shape, err, tc.err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	tt := tokenType(t, "float32[<=2,4]")
	token := aligned(int(tt.Bytes()))
	n, err := Pack(token, tt.Of, []int64{1, 4}, make([]byte, 16))
	require.NoError(t, err)
	for says, change := range map[string]func(b []byte) []byte{
		"10 bytes":             func(b []byte) []byte { return b[:10] },
		"3 dimensions":         func(b []byte) []byte { b[0] = 3; return b },
		"of int32":             func(b []byte) []byte { b[4] = 6; return b },
		"shape [3 4]":          func(b []byte) []byte { b[8] = 3; return b },
		"shape [-1 4]":         func(b []byte) []byte { binary.LittleEndian.PutUint64(b[8:], 1<<64-1); return b },
		"byte 7 between":       func(b []byte) []byte { b[63] = 7; return b },
		"12 bytes of elements": func(b []byte) []byte { return b[:76] },
		"shape [2 4] has 32":   func(b []byte) []byte { b[8] = 2; return b },
	} {
		_, _, err := Unpack(change(slices.Clone(token[:n])), tt.Of, nil)
		require.ErrorIs(t, err, ErrData, "%v; want ErrData that says", err)
		assert.Contains(t, err.Error(), says, "%v; want ErrData that says", err)
	}
}

// Codecs take tensors that travel with their shape, those without elements too.
func TestCodecsOfShaped(t *testing.T) {
	for _, name := range []string{"none", "fp16", "lz4", "zstd", "fp16+zstd"} {
		enc, dec := pair(t, name, "float32[<=64,4]", affine1)
		of := tokenType(t, "float32[<=64,4]").Of
		for _, rows := range []int64{64, 0, 3} {
			values := make([]float32, 4*rows)
			for i := range values {
				values[i] = float32(i%7) - 2
			}
			token, wire, back := aligned(enc.most[0]), aligned(enc.out), aligned(dec.out)
			n, err := Pack(token, of, []int64{rows, 4}, bytesOf(values))
			require.NoError(t, err)
			sent := run(t, enc, wire, token[:n])
			assert.Equal(t, token[:n], back[:run(t, dec, back, wire[:sent])], "%s: %d rows came back as", name, rows)
			if name == "fp16" {
				assert.Equal(t, 64+int(rows)*8, sent, "%s: %d rows take %d bytes", name, rows, sent)
			}
			if strings.Contains(name, "z") && rows == 64 {
				assert.LessOrEqual(t, sent, n/2, "%s: %d rows take %d bytes", name, rows, sent)
			}
		}
		_, err := dec.Run(aligned(dec.out), []byte{1})
		if name == "fp16" {
			assert.ErrorIs(t, err, ErrData, "%s of a byte", name)
		}
	}
	_, err := NewEncoder(parse(t, "int8"), tokenType(t, "float32[<=64,4]"), Options{})
	assert.ErrorIs(t, err, codec.ErrType, "int8")
}

// Any tensor that fits comes back.
func FuzzShapedRoundTrip(f *testing.F) {
	for i := range shapedTypes {
		f.Add(byte(i), []byte{1, 2, 3}, []byte("elements"))
	}
	f.Fuzz(func(t *testing.T, of byte, dims, data []byte) {
		tt := tokenType(t, shapedTypes[int(of)%len(shapedTypes)])
		shape, n := slices.Clone(tt.Of.Most), tt.Of.ElemBytes()
		for i := range shape {
			if tt.Of.Open[i] && i < len(dims) {
				shape[i] = int64(dims[i]) % (shape[i] + 1)
			}
			n *= shape[i]
		}
		elements := make([]byte, n)
		copy(elements, data)
		token := aligned(int(tt.Bytes()))
		used, err := Pack(token, tt.Of, shape, elements)
		require.NoError(t, err)
		gotShape, got, err := Unpack(token[:used], tt.Of, nil)
		require.NoError(t, err, "%s of shape %v came back as", tt, shape)
		require.Equal(t, shape, gotShape, "%s of shape %v came back as", tt, shape)
		require.Equal(t, elements, got, "%s of shape %v came back as", tt, shape)
	})
}

// Any bytes are a tensor, which packs to the same bytes, or refused.
func FuzzUnpack(f *testing.F) {
	for i, s := range shapedTypes {
		tt := tokenType(f, s)
		token := aligned(int(tt.Bytes()))
		n := graph.ShapeBytes(len(tt.Of.Most))
		_, err := Pack(token, tt.Of, tt.Of.Most, make([]byte, tt.Bytes()-n))
		require.NoError(f, err)
		f.Add(byte(i), token)
	}
	f.Fuzz(func(t *testing.T, of byte, token []byte) {
		tt := tokenType(t, shapedTypes[int(of)%len(shapedTypes)])
		shape, data, err := Unpack(token, tt.Of, nil)
		if err != nil {
			require.ErrorIs(t, err, ErrData)
			return
		}
		again := aligned(int(tt.Bytes()))
		n, err := Pack(again, tt.Of, shape, data)
		require.NoError(t, err, "%v packs", token)
		require.Equal(t, token, again[:n], "%v packs", token)
	})
}
