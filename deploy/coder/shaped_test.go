package coder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
)

// shapedTypes are those of the tests and fuzz targets of this file.
var shapedTypes = []string{"float32[<=5,4]", "float32[]", "int64[<=3,3]", "bool[2,<=2,<=2]", "float16[<=9]", "float64[1,1,1,1,1,1,1,<=2]", "uint8[<=0]"}

// The bytes of a shaped token are those that core/codec describes.
func TestShapedForms(t *testing.T) {
	for _, tc := range []struct {
		of    string
		shape []int64
		data  []byte
		want  []byte
	}{
		{"float32[<=5,4]", []int64{1, 4}, le(float32(1), float32(2), float32(3), float32(4)),
			append(padded(le(uint32(2), uint32(1), uint64(1), uint64(4)), 64), le(float32(1), float32(2), float32(3), float32(4))...)},
		{"int64[<=5,3]", []int64{0, 3}, nil, padded(le(uint32(2), uint32(7), uint64(0), uint64(3)), 64)},
		{"float32[]", nil, le(float32(-2)), append(padded(le(uint32(0), uint32(1)), 64), le(float32(-2))...)},
		{"bool[1,1,1,1,1,1,1,<=2]", []int64{1, 1, 1, 1, 1, 1, 1, 1}, []byte{1},
			append(padded(le(uint32(8), uint32(9), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1), uint64(1)), 128), 1)},
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
		if err != nil || !slices.Equal(shape, tc.shape) || !bytes.Equal(data, tc.data) {
			t.Errorf("%s came back as %v %v, %v", tc.of, shape, data, err)
		}
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
		if _, err := Pack(aligned(tc.room), tt.Of, tc.shape, make([]byte, tc.bytes)); !errors.Is(err, tc.err) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%v: %v; want %v that says %q", tc.shape, err, tc.err, tc.says)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	tt := tokenType(t, "float32[<=2,4]")
	token := aligned(int(tt.Bytes()))
	n, err := Pack(token, tt.Of, []int64{1, 4}, make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
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
		if _, _, err := Unpack(change(slices.Clone(token[:n])), tt.Of, nil); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want ErrData that says %q", err, says)
		}
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
			if err != nil {
				t.Fatal(err)
			}
			sent := run(t, enc, wire, token[:n])
			if m := run(t, dec, back, wire[:sent]); !bytes.Equal(back[:m], token[:n]) {
				t.Errorf("%s: %d rows came back as %v", name, rows, back[:m])
			}
			if name == "fp16" && sent != 64+int(rows)*8 || strings.Contains(name, "z") && rows == 64 && sent > n/2 {
				t.Errorf("%s: %d rows take %d bytes of %d", name, rows, sent, n)
			}
		}
		if _, err := dec.Run(aligned(dec.out), []byte{1}); name == "fp16" && !errors.Is(err, ErrData) {
			t.Errorf("%s of a byte: %v", name, err)
		}
	}
	if _, err := NewEncoder(parse(t, "int8"), tokenType(t, "float32[<=64,4]"), Options{}); !errors.Is(err, codec.ErrType) {
		t.Errorf("int8: %v", err)
	}
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
		if err != nil {
			t.Fatal(err)
		}
		gotShape, got, err := Unpack(token[:used], tt.Of, nil)
		if err != nil || !slices.Equal(gotShape, shape) || !bytes.Equal(got, elements) {
			t.Fatalf("%s of shape %v came back as %v: %v", tt, shape, gotShape, err)
		}
	})
}

// Any bytes are a tensor, which packs to the same bytes, or refused.
func FuzzUnpack(f *testing.F) {
	for i, s := range shapedTypes {
		tt := tokenType(f, s)
		token := aligned(int(tt.Bytes()))
		n := graph.ShapeBytes(len(tt.Of.Most))
		if _, err := Pack(token, tt.Of, tt.Of.Most, make([]byte, tt.Bytes()-n)); err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), token)
	}
	f.Fuzz(func(t *testing.T, of byte, token []byte) {
		tt := tokenType(t, shapedTypes[int(of)%len(shapedTypes)])
		shape, data, err := Unpack(token, tt.Of, nil)
		if err != nil {
			if !errors.Is(err, ErrData) {
				t.Fatal(err)
			}
			return
		}
		again := aligned(int(tt.Bytes()))
		if n, err := Pack(again, tt.Of, shape, data); err != nil || !bytes.Equal(again[:n], token) {
			t.Fatalf("%v packs to %v, %v", token, again[:n], err)
		}
	})
}
