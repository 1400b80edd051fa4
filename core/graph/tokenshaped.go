package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Shaped is the type of tensors that travel with their shape: the size of a dimension
// differs from token to token, or the tensor is a scalar or has elements that tokens
// of a fixed shape can't have. Package codec gives their wire form. Codecs send float16
// so; a model neither takes nor gives it, as ONNX Runtime is reached here.
type Shaped struct {
	Elem string  // float32, float16, uint8, int8, int32, int64, bool, float64, uint16, int16, uint32 or uint64
	Most []int64 // row-major: the size of every dimension, or its bound; empty for a scalar
	Open []bool  // by dimension: Most is a bound
}

// shapedSizes gives the size in bytes of the element types of tensors that travel with
// their shape: those of a fixed shape may have, and more.
var shapedSizes = func() map[string]int64 {
	sizes := map[string]int64{"bool": 1, "float64": 8, "uint16": 2, "int16": 2, "uint32": 4, "uint64": 8}
	maps.Copy(sizes, elemSizes)
	delete(sizes, Opaque)
	return sizes
}()

// ShapeBytes returns the bytes that stand before the elements of a tensor of so many
// dimensions that travels with its shape: a multiple of 64.
func ShapeBytes(dims int) int64 { return (8 + 8*int64(dims) + 63) / 64 * 64 }

// ElemBytes returns the size of one element.
func (s *Shaped) ElemBytes() int64 { return shapedSizes[s.Elem] }

// TokenType returns the type of the tokens that hold such tensors: opaque bytes with
// a bound that none exceeds.
func (s Shaped) TokenType() TokenType {
	return TokenType{Elem: Opaque, Shape: []int64{s.bytes()}, Of: &s}
}

func (s *Shaped) bytes() int64 {
	n := s.ElemBytes()
	for _, d := range s.Most {
		if d > 0 && n > MaxTokenBytes/d {
			return MaxTokenBytes + 1
		}
		n *= d
	}
	return ShapeBytes(len(s.Most)) + n
}

// Greatest returns the type that the tokens of a fixed shape would have if every
// tensor were as large as one may be. It shares the memory of Most.
func (s *Shaped) Greatest() TokenType { return TokenType{Elem: s.Elem, Shape: s.Most} }

// Varies reports whether tensors differ in shape.
func (s *Shaped) Varies() bool { return slices.Contains(s.Open, true) }

// Fits reports whether a tensor of that shape is one of the type's.
func (s *Shaped) Fits(shape []int64) bool {
	if len(shape) != len(s.Most) {
		return false
	}
	for i, d := range shape {
		if d < 0 || d > s.Most[i] || d < s.Most[i] && !s.Open[i] {
			return false
		}
	}
	return true
}

// String returns the type as it is written in YAML, such as float32[<=100,4].
func (s *Shaped) String() string {
	dims := make([]string, len(s.Most))
	for i, d := range s.Most {
		if dims[i] = fmt.Sprint(d); i < len(s.Open) && s.Open[i] {
			dims[i] = "<=" + dims[i]
		}
	}
	return s.Elem + "[" + strings.Join(dims, ",") + "]"
}

// check reports what is wrong with a type that a program made.
func (s *Shaped) check() error {
	if s.ElemBytes() == 0 || len(s.Open) != len(s.Most) {
		return fmt.Errorf("%w: %q; expected numbers, and for every dimension whether it is open", ErrTokenType, s)
	}
	for i, d := range s.Most {
		if d < 0 || d == 0 && !s.Open[i] || d > maxDim {
			return fmt.Errorf("%w: dimension \"%d\" in %q; expected a whole number from 1 to %d, or a bound from <=0",
				ErrTokenType, d, s, maxDim)
		}
	}
	if s.bytes() > MaxTokenBytes {
		return fmt.Errorf("%w: %q has more than %d bytes", ErrTokenType, s, int64(MaxTokenBytes))
	}
	return nil
}

// parseShaped reads the type of tensors that travel with their shape; ok is false for
// another type.
func parseShaped(elem, dims string) (s Shaped, ok bool, err error) {
	if shapedSizes[elem] == 0 || elemSizes[elem] != 0 && strings.TrimSpace(dims) != "" && !strings.Contains(dims, "<") {
		return Shaped{}, false, nil
	}
	s.Elem = elem
	if strings.TrimSpace(dims) == "" {
		return s, true, s.check()
	}
	for f := range strings.SplitSeq(dims, ",") {
		number, open := strings.CutPrefix(strings.TrimSpace(f), "<=")
		least := int64(1)
		if open {
			least = 0
		}
		d, err := parseDim(number, least)
		if err != nil {
			return Shaped{}, true, fmt.Errorf(
				"%w: dimension %q in \"%s[%s]\"; expected a whole number from 1 to %d, or a bound such as <=100", ErrTokenType, f,
				elem, dims, maxDim,
			)
		}
		s.Most, s.Open = append(s.Most, d), append(s.Open, open)
	}
	return s, true, s.check()
}

// Clone returns the type with memory of its own.
func (t TokenType) Clone() TokenType {
	t.Shape = slices.Clone(t.Shape)
	if s := t.Of; s != nil {
		t.Of = &Shaped{s.Elem, slices.Clone(s.Most), slices.Clone(s.Open)}
	}
	return t
}
