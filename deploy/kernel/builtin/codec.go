package builtin

import (
	"errors"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/coder"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// maxQuality and defaultQuality are JPEG qualities as of image/jpeg.
const maxQuality, defaultQuality = 100, 90

// newEncode makes the kernel "encode": one in port of any type that the codec
// applies to, one out port of its wire type. Parameters: codec, as core/codec reads
// it; quality, which only jpeg heeds, 1 to 100, default 90; scale and zero_point of
// int8-static, each a number or a list of one for every channel.
func newEncode(s kernel.Spec) (kernel.Kernel, error) { return newCodec(s, true) }

// newDecode makes the kernel "decode", which undoes "encode". Parameters: codec,
// scale and zero_point.
func newDecode(s kernel.Spec) (kernel.Kernel, error) { return newCodec(s, false) }

func newCodec(s kernel.Spec, encode bool) (kernel.Kernel, error) {
	p := s.Parameters()
	name, quality, affine := p.Text("codec"), defaultQuality, affineOf(p)
	if encode {
		quality = p.Integer("quality", defaultQuality, 1, maxQuality)
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := s.CheckPorts([]string{"any"}, []string{"any"}); err != nil {
		return nil, err
	}
	plain, wire := s.In[0].Type, s.Out[0].Type
	if !encode {
		plain, wire = wire, plain
	}
	c, err := codec.Parse(name)
	if err != nil {
		return nil, err
	}
	want, err := c.Wire(plain)
	if err != nil {
		return nil, err
	}
	if !want.Equal(wire) {
		return nil, fmt.Errorf("%w: %s codes %s as %s, the port carries %s", kernel.ErrPort, name, plain, want, wire)
	}
	switch {
	case name == codec.None:
		return pass{}, nil
	case name == codec.JPEG && encode:
		return newJPEGEncoder(plain, quality), nil
	case name == codec.JPEG:
		return &jpegDecoder{height: int(plain.Shape[0]), width: int(plain.Shape[1])}, nil
	}
	return newCoded(s, c, plain, affine, encode)
}

// affine reads the parameters of int8-static.
func affineOf(p *kernel.Parameters) codec.Affine {
	var a codec.Affine
	for _, s := range p.Floats("scale", codec.MinScale, math.MaxFloat32) {
		a.Scale = append(a.Scale, float32(s))
	}
	for _, z := range p.Floats("zero_point", 0, 255) {
		a.ZeroPoint = append(a.ZeroPoint, uint8(z))
	}
	return a
}

// coded is the kernel "encode" or "decode" of the codecs of package coder.
type coded struct{ *coder.Coder }

func newCoded(s kernel.Spec, c codec.Codec, plain graph.TokenType, a codec.Affine, encode bool) (kernel.Kernel, error) {
	o := coder.Options{Affine: a, Dense: func(name string, own coder.Stage) (coder.Stage, error) {
		return newDense(s, name, plain.Elements(), own, encode)
	}}
	create := coder.NewDecoder
	if encode {
		create = coder.NewEncoder
	}
	k, err := create(c, plain, o)
	if err != nil {
		return nil, err
	}
	return coded{k}, nil
}

// Fire codes one token. What no encoder makes is an error wrapping ErrToken.
func (k coded) Fire(f *kernel.Firing) error {
	in, out := f.In[0][0], f.Out[0][0]
	n, err := k.Run(out.Data, in.Data[:in.Len])
	if errors.Is(err, coder.ErrData) {
		return fmt.Errorf("%w: %w", kernel.ErrToken, err)
	}
	out.Len = n
	return err
}
