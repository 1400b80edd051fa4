package codec

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// The codecs.
const (
	// None sends the token as it is.
	None = "none"

	// FP16 sends a float32 tensor as IEEE 754 half precision, rounded to nearest,
	// ties to even: float16 of the same shape. The error is at most 2^-11 of the
	// value for magnitudes from 2^-14 to 65504, and at most 2^-25 below; from
	// 65520 on a value becomes infinite.
	FP16 = "fp16"

	// Int8 sends a float32 tensor of n finite elements as 8-bit affine integers,
	// one scale and zero point for the whole tensor: uint8[64+n], a header and the n
	// quantised values q. See Int8HeaderBytes. A value comes back as
	//
	//	(q - zero point) · scale,   scale = (max(0, largest) - min(0, smallest)) / 255
	//
	// (scale is 1 for a tensor of zeros). The error is at most scale/2, plus
	// float32 rounding, which is less than scale/2^14.
	Int8 = "int8"

	// JPEG sends a picture, uint8[h,w,3] in RGB, as a JPEG file with 4:2:0
	// chroma: opaque bytes, see JPEGBound. Its error depends on the picture and
	// the quality, and has no useful bound.
	JPEG = "jpeg"
)

// The header of an Int8 token: the scale, float32 little-endian, at byte
// Int8ScaleAt; the zero point, uint8, at Int8ZeroPointAt; zeros up to
// Int8HeaderBytes, so that the values start on a cache line.
const (
	Int8HeaderBytes = 64
	Int8ScaleAt     = 0
	Int8ZeroPointAt = 4
)

// Names returns the names of all codecs, sorted.
func Names() []string { return []string{FP16, Int8, JPEG, None} }

// Applies reports whether the codec can code tokens of type t. An unknown codec
// applies to nothing.
func Applies(name string, t graph.TokenType) bool {
	switch name {
	case None:
		return true
	case FP16, Int8:
		return t.Elem == "float32"
	case JPEG:
		return t.Elem == "uint8" && len(t.Shape) == 3 && t.Shape[2] == 3 &&
			t.Shape[0] <= math.MaxUint16 && t.Shape[1] <= math.MaxUint16
	}
	return false
}

// Wire returns the type that tokens of type t have on the wire. Errors wrap
// ErrUnknown or ErrType.
func Wire(name string, t graph.TokenType) (graph.TokenType, error) {
	if !slices.Contains(Names(), name) {
		return graph.TokenType{}, unknown(name)
	}
	if !Applies(name, t) {
		return graph.TokenType{}, fmt.Errorf("%w: %s can't code %s; %s", ErrType, name, t, takes(name))
	}
	switch name {
	case FP16:
		return graph.TokenType{Elem: "float16", Shape: slices.Clone(t.Shape)}, nil
	case Int8:
		return graph.TokenType{Elem: "uint8", Shape: []int64{Int8HeaderBytes + t.Elements()}}, nil
	case JPEG:
		return graph.TokenType{Elem: graph.Opaque, Shape: []int64{JPEGBound(t.Shape[0], t.Shape[1])}}, nil
	}
	return t, nil
}

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

func takes(name string) string {
	if name == JPEG {
		return "it takes pictures, uint8[h,w,3]"
	}
	return "it takes float32 tensors"
}

func unknown(name string) error {
	return fmt.Errorf("%w %q; known are %s", ErrUnknown, name, strings.Join(Names(), ", "))
}
