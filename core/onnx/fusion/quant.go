package fusion

import "github.com/edgeprune/edgeprune/core/onnx"

// dequantizers returns the moving nodes that give node i its inputs from
// integers.
func (f *finder) dequantizers(i int) []int {
	var list []int
	for _, u := range f.nodes[i].Uses() {
		if d := f.maker(u); f.is(d, "DequantizeLinear") {
			list = append(list, d)
		}
	}
	return list
}

// quantized lists what ends in QuantizeLinear q: an operator whose inputs come
// from integers, with a Relu or Clip behind it that does nothing, or not.
func (f *finder) quantized(q int) {
	group := []int{q}
	at := f.maker(f.in(q, 0))
	if f.cutOff(at, q) && f.readers[f.out(at)] == 1 {
		f.pair(at, q)
		group = append(group, at)
		at = f.maker(f.in(at, 0))
	}
	if at < 0 || f.readers[f.out(at)] != 1 || f.is(at, "Relu", "Clip") {
		return
	}
	group = append(group, at)
	if f.is(at, "DequantizeLinear") {
		f.add(group)
		return
	}
	from := f.dequantizers(at)
	if len(from) > 0 && (!f.is(at, "MatMul") || f.fromIntegers(f.in(at, 1))) {
		f.add(append(group, from...))
	}
}

// cutOff says that QuantizeLinear q cuts off all that node i does, a Relu or a Clip.
func (f *finder) cutOff(i, q int) bool {
	scale, known := f.value(f.in(q, 1))
	zero, least := 0.0, 0.0 // of uint8, unless it is stated
	if name := f.in(q, 2); name != "" {
		z, ok := f.value(name)
		if known = known && ok; f.m.Tensor(name).Elem == onnx.Int8 {
			least = -128
		} else if f.m.Tensor(name).Elem != onnx.Uint8 {
			return false
		}
		zero = z
	}
	low, high := (least-zero)*scale, (least+255-zero)*scale
	switch {
	case f.is(i, "Relu"):
		return known && low == 0
	case f.is(i, "Clip"):
		from, ok := f.value(f.in(i, 1))
		to, okay := f.value(f.in(i, 2))
		return known && ok && okay && from <= low && high <= to
	}
	return false
}

// fromIntegers says that a tensor, which may be a constant, is dequantized.
func (f *finder) fromIntegers(tensor string) bool {
	i, made := f.m.MadeBy(tensor)
	return made && f.is(i, "DequantizeLinear")
}

// dequantized lists a product of integers that gives floats.
func (f *finder) dequantized(d int) {
	if i := f.next(d, "MatMul", "Gemm"); f.fromIntegers(f.in(i, 1)) {
		f.pair(d, i)
	}
}
