package codec

import (
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// The header of an Int8 token: the scale, float32 little-endian, at byte
// Int8ScaleAt; the zero point, uint8, at Int8ZeroPointAt; zeros up to
// Int8HeaderBytes, so that the values start on a cache line.
const (
	Int8HeaderBytes = 64
	Int8ScaleAt     = 0
	Int8ZeroPointAt = 4
)

// The first byte of what LZ4 and Zstd send.
const (
	Stored     = 0
	Compressed = 1
)

// Wire returns the type that tokens of type t have on the wire. Where it is opaque,
// its bound is one that no token exceeds. Errors wrap ErrType.
func (c Codec) Wire(t graph.TokenType) (graph.TokenType, error) {
	types, err := c.Types(t)
	if err != nil {
		return graph.TokenType{}, err
	}
	return types[len(types)-1], nil
}

// Types returns the types of a token of type t before the first stage, between the
// stages, and on the wire. Errors wrap ErrType.
func (c Codec) Types(t graph.TokenType) ([]graph.TokenType, error) {
	types := []graph.TokenType{t}
	stages := c.Stages()
	for i, s := range stages {
		if s == Sparse && t.Of == nil && i+1 < len(stages) && classes[stages[i+1]] == values {
			types = append(types, types[i]) // the next stage is applied to the values
			continue
		}
		sparse := i > 0 && stages[i-1] == Sparse
		u, ok := wire(s, types[i])
		if !ok {
			return nil, fmt.Errorf("%w: %s can't code %s; it takes %s", ErrType, c, t, takes[s])
		}
		if sparse && classes[s] == values {
			u = opaque(SparseBitmapBytes(t.Elements()) + u.Bytes())
		}
		if u.Bytes() > graph.MaxTokenBytes {
			return nil, fmt.Errorf("%w: %s makes up to %d bytes of %s, more than the %d of a token", ErrType, c, u.Bytes(), t,
				int64(graph.MaxTokenBytes))
		}
		types = append(types, u)
	}
	return types, nil
}

const fixedFloats = "float32 tensors of a fixed shape"

// takes says which tokens a stage codes.
var takes = map[string]string{
	FP16: "float32 tensors", Int8: fixedFloats, Int8Static: fixedFloats, Sparse: fixedFloats,
	Int8Channel: "float32 tensors of a fixed shape with channels, such as float32[1,c,h,w]",
	JPEG:        "pictures, uint8[h,w,3]",
}

// wire returns what one stage makes of tokens of type t, if it takes them.
func wire(stage string, t graph.TokenType) (graph.TokenType, bool) {
	floats, n := t.Elem == "float32", t.Elements()
	switch stage {
	case FP16:
		if of := t.Of; of != nil {
			half := graph.Shaped{Elem: "float16", Most: slices.Clone(of.Most), Open: slices.Clone(of.Open)}
			return half.TokenType(), of.Elem == "float32"
		}
		return graph.TokenType{Elem: "float16", Shape: slices.Clone(t.Shape)}, floats
	case Int8:
		return uint8s(Int8HeaderBytes + n), floats
	case Int8Channel:
		if !floats || len(t.Shape) < 3 {
			return graph.TokenType{}, false
		}
		return uint8s(ChannelHeaderBytes(t.Shape[1]) + n), true
	case Int8Static:
		return uint8s(n), floats
	case Sparse:
		return opaque(SparseBitmapBytes(n) + t.Bytes()), floats
	case LZ4, Zstd:
		return opaque(1 + t.Bytes()), true
	case JPEG:
		if t.Elem != "uint8" || len(t.Shape) != 3 || t.Shape[2] != 3 || t.Shape[0] > math.MaxUint16 ||
			t.Shape[1] > math.MaxUint16 {
			return graph.TokenType{}, false
		}
		return opaque(JPEGBound(t.Shape[0], t.Shape[1])), true
	}
	return t, true
}

func uint8s(n int64) graph.TokenType {
	return graph.TokenType{Elem: "uint8", Shape: []int64{n}}
}

func opaque(n int64) graph.TokenType {
	return graph.TokenType{Elem: graph.Opaque, Shape: []int64{n}}
}

// ChannelHeaderBytes returns the bytes before the values of an Int8Channel token of
// c channels: a multiple of 64.
func ChannelHeaderBytes(c int64) int64 { return (5*c + 63) / 64 * 64 }

// SparseBitmapBytes returns the bytes of the bitmap of n elements: a multiple of 8.
func SparseBitmapBytes(n int64) int64 { return (n + 63) / 64 * 8 }

// JPEGBound returns the most bytes that a JPEG token of a picture of height h
// and width w may have: 3 for every pixel of the picture rounded up to whole
// 16 × 16 blocks, which is its raw size, and 1024 for headers and tables.
//
// A coder writes 1.5 samples per pixel. An 8 × 8 block's coefficients have no
// more energy than its samples, so on average they are below 2^8, for which the
// standard tables spend 18 bits: at most 27 bits per pixel if luma and chroma
// were both extreme at every pixel, which no colour is. Noise of saturated colours
// at quality 100, the worst case known, takes 19 of the 24 bits. So the bound
// is not quite a proof: an encoder must treat a longer file as an error.
func JPEGBound(h, w int64) int64 {
	return 3*roundUp16(h)*roundUp16(w) + 1024
}

func roundUp16(n int64) int64 { return (n + 15) / 16 * 16 }
