package coder

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
)

// valueStage codes or decodes float32 values, any number up to a tensor's unless it
// knows channels.
type valueStage interface {
	Stage
	// bytes returns how many the code of n values has.
	bytes(n int) int
}

// newValues makes the stage of a float32 codec; sparse says that it follows
// codec.Sparse.
func newValues(name string, plain graph.TokenType, a codec.Affine, sparse, encode bool) (valueStage, error) {
	var s valueStage
	switch name {
	case codec.FP16:
		s = halves{encode}
	case codec.Int8:
		s = &int8Stage{encode: encode}
	case codec.Int8Channel:
		s = newChannels(plain, encode)
	default:
		if err := a.Check(plain, sparse); err != nil {
			return nil, err
		}
		s = newStatic(plain, a, encode)
	}
	return s, nil
}

// halves is the stage fp16.
type halves struct{ encode bool }

func (halves) bytes(n int) int { return 2 * n }

func (s halves) Run(dst, src []byte) (int, error) {
	if s.encode {
		n := len(src) / 2
		toHalves(Elements[uint16](dst[:n]), Elements[uint32](src))
		return n, nil
	}
	n := 2 * len(src)
	fromHalves(Elements[uint32](dst[:n]), Elements[uint16](src))
	return n, nil
}

// int8Stage is the stage int8.
type int8Stage struct {
	encode bool
	table  [256]float32
}

func (*int8Stage) bytes(n int) int { return codec.Int8HeaderBytes + n }

func (s *int8Stage) Run(dst, src []byte) (int, error) {
	if s.encode {
		n := s.bytes(len(src) / 4)
		v := Elements[float32](src)
		scale, zero := calibrated(v)
		PutHeader(dst, scale, zero)
		quantise(dst[codec.Int8HeaderBytes:n], v, scale, zero)
		return n, nil
	}
	scale, zero, err := Header(src)
	if err != nil {
		return 0, err
	}
	q := src[codec.Int8HeaderBytes:]
	dequantise(Elements[float32](dst[:4*len(q)]), q, scale, zero, &s.table)
	return 4 * len(q), nil
}

// PutHeader writes the header of codec.Int8.
func PutHeader(token []byte, scale float32, zero byte) {
	clear(token[:codec.Int8HeaderBytes])
	binary.LittleEndian.PutUint32(token[codec.Int8ScaleAt:], math.Float32bits(scale))
	token[codec.Int8ZeroPointAt] = zero
}

// Header reads the header of codec.Int8. A scale that no encoder makes is ErrData.
func Header(token []byte) (scale float32, zero byte, err error) {
	if len(token) < codec.Int8HeaderBytes {
		return 0, 0, fmt.Errorf("%w: %d bytes, the header of int8 has %d", ErrData, len(token), codec.Int8HeaderBytes)
	}
	scale, err = readScale(token[codec.Int8ScaleAt:])
	return scale, token[codec.Int8ZeroPointAt], err
}

func readScale(b []byte) (float32, error) {
	scale := math.Float32frombits(binary.LittleEndian.Uint32(b))
	if !(scale >= codec.MinScale && scale <= math.MaxFloat32) {
		return 0, fmt.Errorf("%w: scale %g; expected a finite number above 0", ErrData, scale)
	}
	return scale, nil
}
