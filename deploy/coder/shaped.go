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
	at, err := putShape(token, of, shape, len(data))
	if err != nil {
		return 0, err
	}
	return at + copy(token[at:], data), nil
}

// putShape writes what stands before the elements, and returns where they begin.
func putShape(token []byte, of *graph.Shaped, shape []int64, data int) (int, error) {
	if !of.Fits(shape) {
		came := graph.Shaped{Elem: of.Elem, Most: shape}
		return 0, fmt.Errorf("%w: %s came, the token is %s", ErrBound, &came, of)
	}
	n := of.ElemBytes()
	for _, d := range shape {
		n *= d
	}
	at := int(graph.ShapeBytes(len(shape)))
	if n != int64(data) || len(token) < at+data {
		return 0, fmt.Errorf("%w: %d bytes of elements for %d of shape %v, %d bytes of memory", ErrMemory, data, n, shape, len(token))
	}
	elem, _ := onnx.ElemNamed(of.Elem)
	clear(token[:at])
	binary.LittleEndian.PutUint32(token, uint32(len(shape)))
	binary.LittleEndian.PutUint32(token[4:], uint32(elem))
	for i, d := range shape {
		binary.LittleEndian.PutUint64(token[8+8*i:], uint64(d))
	}
	return at, nil
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
	at, err := putShape(dst, s.to, shape, len(data)/int(s.from.ElemBytes())*int(s.to.ElemBytes()))
	if err != nil {
		return 0, err
	}
	n, err := s.halves.Run(dst[at:], data)
	return at + n, err
}
