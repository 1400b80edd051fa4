package compile

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Codes reports whether an instance with a codec codes tokens of type t, into fewer
// bytes. It should also code those of a shape that depends on the data if it codes such
// elements: where codec.Wire can't, Compile refuses the plan with that error.
func Codes(name string, t graph.TokenType) bool {
	if name == "" || name == codec.None {
		return false
	}
	if !codec.Applies(name, t) {
		return t.Of != nil && t.Of.Varies() && codec.Applies(name, t.Of.Greatest())
	}
	wire, err := codec.Wire(name, t)
	return err != nil || wire.Variable() || wire.Bytes() < t.Bytes()
}

// coders adds the actors that code what output port out (index) of actor from gives on
// its device, and decode it on another. They are dynamic processing actors where the port varies.
func (b *builder) coders(from, out int, src, dst place, path string) (enc, dec int, err error) {
	c, err := codec.Parse(b.inst.Codec)
	if err != nil {
		return 0, 0, b.file.Errorf("$.instances", "%w: %w", planfile.ErrCodec, err)
	}
	tensor, port := b.plan.Tensor(from, out), b.plan.Graph.Actors[from].Out[out]
	wire, err := c.Wire(port.Type)
	if err != nil && port.Type.Of != nil {
		return 0, 0, b.file.Errorf("$.instances", "%w: %s: %w, and the shape of this one depends on the data; use "+
			"fp16, lz4, zstd, fp16+zstd or none, or cut elsewhere",
			planfile.ErrCodec, tensor, err)
	}
	if err != nil {
		return 0, 0, b.file.Errorf("$.instances", "%w: %w", planfile.ErrCodec, err)
	}
	if port.URL != 1 {
		return 0, 0, b.file.Errorf(path, "%w: %s codes one token per firing, and port %s of actor %s makes %d; cut "+
			"elsewhere or use codec %s", planfile.ErrCodec, c, port.Name, b.plan.Graph.Actors[from].Name, port.URL, codec.None)
	}
	var a codec.Affine
	if c.Has(codec.Int8Static) {
		var ok bool
		a, ok = b.inst.Calibration[tensor]
		if !ok {
			return 0, 0, b.file.Errorf("$.instances", "%w: %s needs the scale and zero point of %s; give them under "+
				"calibration, as edgeprune codecs --calibrate prints them", planfile.ErrCodec, c, tensor)
		}
		if err := a.Check(port.Type, c.Has(codec.Sparse)); err != nil {
			return 0, 0, b.file.Errorf("$.instances", "%w: calibration of %s: %w", planfile.ErrCodec, tensor, err)
		}
	}
	params := CoderParams(c, a)
	one := func(t graph.TokenType) []graph.TokenType { return []graph.TokenType{t} }
	return b.between(from, out, plan.KernelEncode, params, port.Type, one(wire), src, path),
		b.between(from, out, plan.KernelDecode, params, wire, one(port.Type), dst, path), nil
}

// between adds an actor behind output port out (index) of actor from, whose tokens it
// takes as type in and gives on a port for each type of out. It is a dynamic processing
// actor where the port varies.
func (b *builder) between(
	from, out int, kernel string, params map[string]any,
	in graph.TokenType, outs []graph.TokenType, at place, path string,
) int {
	port := b.plan.Graph.Actors[from].Out[out]
	a := graph.Actor{
		Name: fmt.Sprintf("%s(%s.%s)", kernel, b.names[from], port.Name), Kind: graph.StaticProcessing, Kernel: kernel,
		Params: params, Pos: b.file.Pos(path), In: []graph.Port{{Name: "in", LRL: port.LRL, URL: port.URL, Type: in}},
	}
	if !port.Static() {
		a.Kind = graph.DynamicProcessing
	}
	for k, t := range outs {
		name := "out"
		if len(outs) > 1 {
			name = fmt.Sprintf("out%d", k)
		}
		a.Out = append(a.Out, graph.Port{Name: name, LRL: port.LRL, URL: port.URL, Type: t})
	}
	i := b.add(a, plan.Work{Tensor: b.plan.Tensor(from, out)}, at)
	if a.Kind == graph.DynamicProcessing {
		b.inserted[i] = true
	}
	return i
}

// CoderParams returns the parameters of the kernels that encode and decode; the Affine is of
// int8-static, others ignore it.
func CoderParams(c codec.Codec, a codec.Affine) map[string]any {
	params := map[string]any{"codec": c.String()}
	if c.Has(codec.Int8Static) {
		params["scale"], params["zero_point"] = numbers(a.Scale), numbers(a.ZeroPoint)
	}
	return params
}

// numbers makes parameters of values: as JSON and YAML would read them.
func numbers[T float32 | uint8](values []T) []any {
	var list []any
	for _, v := range values {
		list = append(list, float64(v))
	}
	return list
}
