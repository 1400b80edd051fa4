package codec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
)

// The stages. The package comment gives their wire forms.
const (
	// None sends the token as it is.
	None = "none"

	// FP16 sends a float32 tensor as half precision.
	FP16 = "fp16"

	// Int8 sends a float32 tensor as 8-bit affine integers, with one scale and zero
	// point for the whole tensor, computed from it. See Int8HeaderBytes.
	Int8 = "int8"

	// Int8Channel is as Int8, with a scale and a zero point for every channel.
	Int8Channel = "int8-channel"

	// Int8Static is as Int8, with scales and zero points that a calibration set gave,
	// for the tensor or for every channel. See Affine.
	Int8Static = "int8-static"

	// Sparse sends which elements of a float32 tensor are not zero, and those. It
	// saves where over 1/32 of the elements are zero, as after a ReLU.
	Sparse = "sparse"

	// LZ4 and Zstd compress any token without loss.
	LZ4  = "lz4"
	Zstd = "zstd"

	// JPEG sends a picture, uint8[h,w,3] in RGB: opaque bytes, see JPEGBound. Its
	// error depends on the picture and the quality, and has no useful bound.
	JPEG = "jpeg"
)

// class orders the stages in a chain: each class once at most, ascending. A stage
// of class alone is a codec by itself only.
type class int

const (
	alone class = iota
	packing
	values
	compressing
)

var classes = map[string]class{
	None: alone, JPEG: alone,
	Sparse: packing,
	FP16:   values, Int8: values, Int8Channel: values, Int8Static: values,
	LZ4: compressing, Zstd: compressing,
}

// Grammar says in a line what Parse takes.
const Grammar = "none, jpeg, or a chain [sparse+][fp16|int8|int8-channel|int8-static][+lz4|+zstd], such as int8+zstd"

// Codec is a parsed name. The zero value is None.
type Codec struct {
	stages []string
}

// Parse reads a codec's name. Errors wrap ErrUnknown or ErrChain.
func Parse(name string) (Codec, error) {
	c := Codec{stages: strings.Split(name, "+")}
	for i, s := range c.stages {
		class, ok := classes[s]
		switch {
		case !ok && len(c.stages) == 1:
			return Codec{}, fmt.Errorf("%w %q; known are %s%s", ErrUnknown, name, Grammar, nearest.Hint(name, Names()))
		case !ok:
			return Codec{}, fmt.Errorf("%w %q in %q; known are %s%s", ErrUnknown, s, name, Grammar,
				nearest.Hint(s, Names()))
		case class == alone && len(c.stages) > 1:
			return Codec{}, fmt.Errorf("%w: %s stands alone, not in %q; expected %s", ErrChain, s, name, Grammar)
		case i > 0 && class <= classes[c.stages[i-1]]:
			return Codec{}, fmt.Errorf("%w: in %q, %s can't follow %s; expected %s", ErrChain, name, s, c.stages[i-1], Grammar)
		case i > 0 && s == Int8Channel:
			return Codec{}, fmt.Errorf("%w: in %q, %s finds no channels behind %s; use %s", ErrChain, name, s, c.stages[i-1],
				Int8)
		}
	}
	return c, nil
}

// Names returns the names of all stages, each of which is a codec, too.
func Names() []string { return slices.Sorted(maps.Keys(classes)) }

// Stages returns the stages in the order of coding, at least one. The caller must
// not change it.
func (c Codec) Stages() []string {
	if len(c.stages) == 0 {
		return []string{None}
	}
	return c.stages
}

// Has reports whether the codec has the stage.
func (c Codec) Has(stage string) bool { return slices.Contains(c.Stages(), stage) }

// String returns the name that Parse has read.
func (c Codec) String() string { return strings.Join(c.Stages(), "+") }

// Applies reports whether the codec can code tokens of type t. An unknown codec
// applies to nothing.
func Applies(name string, t graph.TokenType) bool {
	_, err := Wire(name, t)
	return err == nil
}

// Wire returns the type that tokens of type t have on the wire. Errors wrap
// ErrUnknown, ErrChain or ErrType.
func Wire(name string, t graph.TokenType) (graph.TokenType, error) {
	c, err := Parse(name)
	if err != nil {
		return graph.TokenType{}, err
	}
	return c.Wire(t)
}
