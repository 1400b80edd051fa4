package coder

import (
	"encoding/binary"
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
)

// Pack writes a tensor with its shape into a token of such tensors, of.TokenType(), and
// returns the bytes in use. data holds the elements, row-major. A tensor that the
// token has no room for, or of other fixed dimensions, is ErrBound.
func Pack(token []byte, of *graph.Shaped, shape []int64, data []byte) (int, error) {
	to, err := PutShape(token, of, shape)
	if err != nil {
		return 0, err
	}
	if len(data) != len(to) {
		return 0, fmt.Errorf("%w: %d bytes of elements for %d of shape %v", ErrMemory, len(data), len(to), shape)
	}
	return int(graph.ShapeBytes(len(shape))) + copy(to, data), nil
}

// PutShape writes what stands before the elements of a tensor of that shape, and
// returns the part of token where those belong, as it is. Errors are those of Pack.
func PutShape(token []byte, of *graph.Shaped, shape []int64) (elements []byte, err error) {
	if !of.Fits(shape) {
		came := graph.Shaped{Elem: of.Elem, Most: shape}
		return nil, fmt.Errorf("%w: %s came, the token is %s", ErrBound, &came, of)
	}
	n := int(of.ElemBytes())
	for _, d := range shape {
		n *= int(d)
	}
	at := int(graph.ShapeBytes(len(shape)))
	if len(token) < at+n {
		return nil, fmt.Errorf("%w: %d bytes of memory for a tensor of shape %v, which takes %d", ErrMemory, len(token),
			shape, at+n)
	}
	elem, _ := onnx.ElemNamed(of.Elem)
	clear(token[:at])
	binary.LittleEndian.PutUint32(token, uint32(len(shape)))
	binary.LittleEndian.PutUint32(token[4:], uint32(elem))
	for i, d := range shape {
		binary.LittleEndian.PutUint64(token[8+8*i:], uint64(d))
	}
	return token[at : at+n], nil
}

// Unpack reads what Pack wrote: the shape, into the memory of into if that suffices,
// and the elements, which are a part of token. Bytes that Pack doesn't write for such
// tensors are ErrData.
func Unpack(token []byte, of *graph.Shaped, into []int64) (shape []int64, data []byte, err error) {
	at := int(graph.ShapeBytes(len(of.Most)))
	if len(token) < at {
		return nil, nil, fmt.Errorf("%w: %d bytes; %s has %d before its elements", ErrData, len(token), of, at)
	}
	dims, elem := binary.LittleEndian.Uint32(token), onnx.Elem(binary.LittleEndian.Uint32(token[4:]))
	if int64(dims) != int64(len(of.Most)) || elem.String() != of.Elem {
		return nil, nil, fmt.Errorf("%w: a tensor of %d dimensions of %s; expected %s", ErrData, dims, elem, of)
	}
	shape = into[:0]
	for i := range of.Most {
		shape = append(shape, int64(binary.LittleEndian.Uint64(token[8+8*i:])))
	}
	if !of.Fits(shape) {
		return nil, nil, fmt.Errorf("%w: a tensor of shape %v; expected %s", ErrData, shape, of)
	}
	n := of.ElemBytes()
	for _, d := range shape {
		n *= d // less than graph.MaxTokenBytes, as it fits
	}
	for _, b := range token[8+8*len(shape) : at] {
		if b != 0 {
			return nil, nil, fmt.Errorf("%w: byte %d between shape and elements", ErrData, b)
		}
	}
	if int64(len(token)-at) != n {
		return nil, nil, fmt.Errorf("%w: %d bytes of elements; shape %v has %d", ErrData, len(token)-at, shape, n)
	}
	return shape, token[at:], nil
}

// shapedHalves is the stage fp16 of tensors that travel with their shape.
type shapedHalves struct {
	halves
	from, to *graph.Shaped
	shape    []int64
}

func (s *shapedHalves) Run(dst, src []byte) (int, error) {
	shape, data, err := Unpack(src, s.from, s.shape)
	if err != nil {
		return 0, err
	}
	s.shape = shape
	to, err := PutShape(dst, s.to, shape)
	if err != nil {
		return 0, err
	}
	n, err := s.halves.Run(to, data)
	return int(graph.ShapeBytes(len(shape))) + n, err
}
