package kernel

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// maxQuality and defaultQuality are JPEG qualities as of image/jpeg.
const maxQuality, defaultQuality = 100, 90

// newEncode makes the kernel "encode": one in port of any type that the codec
// applies to, one out port of its wire type. Parameters: codec, one of
// core/codec's names; quality, which only jpeg heeds, 1 to 100, default 90.
func newEncode(s Spec) (Kernel, error) { return newCodec(s, true) }

// newDecode makes the kernel "decode", which undoes "encode". Parameter: codec.
func newDecode(s Spec) (Kernel, error) { return newCodec(s, false) }

func newCodec(s Spec, encode bool) (Kernel, error) {
	p := params{values: s.Params}
	name, quality := p.text("codec"), defaultQuality
	if encode {
		quality = p.integer("quality", defaultQuality, 1, maxQuality)
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	if err := expectBoth(s, anything, anything); err != nil {
		return nil, err
	}
	plain, wire := s.In[0].Type, s.Out[0].Type
	if !encode {
		plain, wire = wire, plain
	}
	want, err := codec.Wire(name, plain)
	if err != nil {
		return nil, err
	}
	if !want.Equal(wire) {
		return nil, fmt.Errorf("%w: %s codes %s as %s, the port carries %s", ErrPort, name, plain, want, wire)
	}
	switch {
	case name == codec.None:
		return pass{}, nil
	case name == codec.JPEG && encode:
		return newJPEGEncoder(plain, quality), nil
	case name == codec.JPEG:
		return &jpegDecoder{height: int(plain.Shape[0]), width: int(plain.Shape[1])}, nil
	}
	return newTensorCodec(s.Unit.Threads, s.Unit.Spin, name, plain, encode)
}

// tensorCodec runs the model that defines a codec, on the CPU: that is where
// tokens lie.
type tensorCodec struct {
	*runner
	header int // bytes before the out token's values, zero where no tensor lies
}

func newTensorCodec(threads int, spin bool, name string, plain graph.TokenType, encode bool) (Kernel, error) {
	model, err := codec.DecodeModel(name)
	if encode {
		model, err = codec.EncodeModel(name)
	}
	if err != nil {
		return nil, err
	}
	session, err := ort.NewSession(model, ort.Options{Threads: threads, Spin: spin})
	if err != nil {
		return nil, err
	}
	values, coded := []arg{{bound: bindAll(flat(plain))}}, codedArgs(name, plain.Elements())
	if encode {
		return &tensorCodec{runner: newRunner(session, values, coded), header: coded[0].from}, nil
	}
	return &tensorCodec{runner: newRunner(session, coded, values)}, nil
}

func flat(t graph.TokenType) graph.TokenType {
	return graph.TokenType{Elem: t.Elem, Shape: []int64{t.Elements()}}
}

// codedArgs places the models' tensors in the token on the wire.
func codedArgs(name string, n int64) []arg {
	if name == codec.FP16 {
		return []arg{{bound: bind(onnx.Float16, []int64{n}, 0, 2*n)}}
	}
	return []arg{
		{bound: bind(onnx.Uint8, []int64{n}, codec.Int8HeaderBytes, n)},
		{bound: bind(onnx.Float32, []int64{1}, codec.Int8ScaleAt, 4)},
		{bound: bind(onnx.Uint8, []int64{1}, codec.Int8ZeroPointAt, 1)},
	}
}

// Fire codes one token.
func (k *tensorCodec) Fire(f *Firing) error {
	clear(f.Out[0][0].Data[:k.header])
	return k.run(f)
}
