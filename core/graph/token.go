package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds on what a graph may ask for, so that a mistyped number can't exhaust a
// device. They are far above what networks need.
const (
	MaxTokenBytes = 1 << 31 // of one token
	MaxRate       = 1 << 16 // tokens per firing
	MaxCapacity   = 1 << 20 // tokens in a FIFO
	MaxFIFOBytes  = 1 << 36 // of a full FIFO
)

const maxDim = int64(1) << 31

// Opaque is the element type of a token that is a byte string of varying length.
const Opaque = "bytes"

// elemSizes gives the size in bytes of every element type a token may have.
var elemSizes = map[string]int64{
	"float32": 4, "float16": 2, "uint8": 1, "int8": 1, "int32": 4, "int64": 8, Opaque: 1,
}

// TokenType is the type of the tokens of a FIFO: the element type and shape of
// a tensor, or opaque bytes with the bound Shape[0] on their number. The bytes may be
// a tensor that travels with its shape.
type TokenType struct {
	Elem  string  // float32, float16, uint8, int8, int32, int64 or bytes
	Shape []int64 // row-major, maybe with a 0: tokens of no bytes; for bytes, one number: the bound in bytes
	Of    *Shaped `json:",omitempty"` // of bytes: the tensors that they hold, if they hold such; see Shaped.TokenType
}

// Elements returns the number of elements of a tensor token.
func (t TokenType) Elements() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Bytes returns the size of a tensor token, or the bound of an opaque one.
func (t TokenType) Bytes() int64 { return t.Elements() * elemSizes[t.Elem] }

// Variable reports whether tokens of the type differ in length.
func (t TokenType) Variable() bool { return t.Elem == Opaque }

// Equal reports whether both types have the same element type and shape.
func (t TokenType) Equal(u TokenType) bool { return t.String() == u.String() }

// String returns the type as it is written in YAML, such as float32[1,3,300,300], or
// float32[<=100,4] of a tensor that travels with its shape.
func (t TokenType) String() string {
	if t.Of != nil {
		return t.Of.String()
	}
	var b strings.Builder
	b.WriteString(t.Elem)
	b.WriteByte('[')
	for i, d := range t.Shape {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, d)
	}
	b.WriteByte(']')
	return b.String()
}

// ParseTokenType reads the form that TokenType.String writes.
func ParseTokenType(s string) (TokenType, error) {
	elem, rest, ok := strings.Cut(s, "[")
	dims, closed := strings.CutSuffix(rest, "]")
	if of, shaped, err := parseShaped(elem, dims); ok && closed && shaped {
		if err != nil {
			return TokenType{}, err
		}
		return of.TokenType(), nil
	}
	if !ok || !closed || elemSizes[elem] == 0 {
		return TokenType{}, fmt.Errorf(
			"%w: %q; expected an element type and a shape such as float32[1,3,300,300], float32[<=100,4] or bytes[65536]",
			ErrTokenType, s,
		)
	}
	t := TokenType{Elem: elem}
	for f := range strings.SplitSeq(dims, ",") {
		d, err := parseDim(f, 0)
		if err != nil {
			return TokenType{}, fmt.Errorf(
				"%w: dimension %q in %q; expected a whole number from 0 to %d", ErrTokenType, f, s, maxDim,
			)
		}
		t.Shape = append(t.Shape, d)
	}
	if err := t.check(); err != nil {
		return TokenType{}, err
	}
	return t, nil
}

// parseDim reads the size of a dimension.
func parseDim(s string, least int64) (d int64, err error) {
	if n, err := fmt.Sscanf(strings.TrimSpace(s)+"\n", "%d\n", &d); n != 1 || err != nil || d < least || d > maxDim {
		return 0, ErrTokenType
	}
	return d, nil
}

// check reports what is wrong with a type that a program made.
func (t TokenType) check() error {
	if t.Of != nil {
		if err := t.Of.check(); err != nil {
			return err
		}
		if want := t.Of.TokenType(); t.Elem != want.Elem || !slices.Equal(t.Shape, want.Shape) {
			return fmt.Errorf("%w: %s%v for %q; expected %s%v", ErrTokenType, t.Elem, t.Shape, t.Of, want.Elem, want.Shape)
		}
		return nil
	}
	if elemSizes[t.Elem] == 0 || len(t.Shape) == 0 {
		return fmt.Errorf(
			"%w: %q; expected an element type and a shape such as float32[1,3,300,300], float32[<=100,4] or bytes[65536]",
			ErrTokenType, t,
		)
	}
	if t.Variable() && len(t.Shape) != 1 {
		return fmt.Errorf("%w: %q; bytes take one bound, such as bytes[65536]", ErrTokenType, t)
	}
	n := elemSizes[t.Elem]
	for _, d := range t.Shape {
		if d < 0 || d == 0 && t.Variable() || d > maxDim {
			return fmt.Errorf("%w: dimension \"%d\" in %q; expected a whole number from 0 to %d, of bytes from 1",
				ErrTokenType, d, t, maxDim)
		}
		if n > MaxTokenBytes/max(d, 1) {
			return fmt.Errorf("%w: %q has more than %d bytes", ErrTokenType, t, int64(MaxTokenBytes))
		}
		n *= d
	}
	return nil
}

// ControlToken is the type of control tokens: the atr of one graph iteration.
var ControlToken = TokenType{Elem: "int32", Shape: []int64{1}}
