package coder

import (
	"encoding/binary"
	"math"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
)

// layout is how a tensor's elements belong to channels.
type layout struct {
	batch, channels, plane int
}

func layoutOf(t graph.TokenType) layout {
	n := int(t.Elements())
	l := layout{batch: int(t.Shape[0]), channels: int(t.Shape[1])}
	l.plane = n / l.batch / l.channels
	return l
}

// at returns where batch b's plane of channel c starts.
func (l layout) at(b, c int) int { return (b*l.channels + c) * l.plane }

// channels is the stage int8-channel.
type channels struct {
	layout
	encode bool
	header int
	table  [256]float32
}

func newChannels(t graph.TokenType, encode bool) *channels {
	l := layoutOf(t)
	return &channels{layout: l, encode: encode, header: int(codec.ChannelHeaderBytes(int64(l.channels)))}
}

func (s *channels) bytes(n int) int { return s.header + n }

func (s *channels) Run(dst, src []byte) (int, error) {
	if !s.encode {
		return s.decode(dst, src)
	}
	v := Elements[float32](src)
	clear(dst[:s.header])
	q := dst[s.header:]
	for c := range s.channels {
		var lo, hi float32
		for b := range s.batch {
			l, h := span(v[s.at(b, c):][:s.plane])
			lo, hi = min(lo, l), max(hi, h)
		}
		scale, zero := codec.Calibrated(lo, hi)
		binary.LittleEndian.PutUint32(dst[4*c:], math.Float32bits(scale))
		dst[4*s.channels+c] = zero
		for b := range s.batch {
			at := s.at(b, c)
			quantise(q[at:at+s.plane], v[at:at+s.plane], scale, zero)
		}
	}
	return s.header + len(v), nil
}

func (s *channels) decode(dst, src []byte) (int, error) {
	q := src[s.header:]
	v := Elements[float32](dst)
	for c := range s.channels {
		scale, err := readScale(src[4*c:])
		if err != nil {
			return 0, err
		}
		zero := src[4*s.channels+c]
		for b := range s.batch {
			at := s.at(b, c)
			dequantise(v[at:at+s.plane], q[at:at+s.plane], scale, zero, &s.table)
		}
	}
	return 4 * len(q), nil
}

// static is the stage int8-static. Of a single scale it takes any number of values.
type static struct {
	layout
	codec.Affine
	encode bool
}

func newStatic(t graph.TokenType, a codec.Affine, encode bool) *static {
	s := &static{layout: layout{1, 1, int(t.Elements())}, Affine: a, encode: encode}
	if len(a.Scale) > 1 {
		s.layout = layoutOf(t)
	}
	return s
}

func (*static) bytes(n int) int { return n }

func (s *static) Run(dst, src []byte) (int, error) {
	n := len(src)
	if s.encode {
		n /= 4
	}
	var table [256]float32
	for b := range s.batch {
		for c := range s.channels {
			from := s.at(b, c)
			to := min(from+s.plane, n)
			if s.encode {
				quantise(dst[from:to], Elements[float32](src)[from:to], s.Scale[c], s.ZeroPoint[c])
			} else {
				dequantise(Elements[float32](dst)[from:to], src[from:to], s.Scale[c], s.ZeroPoint[c], &table)
			}
		}
	}
	if s.encode {
		return n, nil
	}
	return 4 * n, nil
}
