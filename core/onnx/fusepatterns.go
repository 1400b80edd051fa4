package onnx

import "slices"

// maker returns the moving node that makes a tensor, or -1.
func (f *fuser) maker(tensor string) int {
	if i, ok := f.m.made[tensor]; ok && i >= 0 && f.m.nodes[i].moves() {
		return i
	}
	return -1
}

// is says whether node i exists and has one of the operators.
func (f *fuser) is(i int, ops ...string) bool {
	return i >= 0 && slices.Contains(ops, opOf(f.m.nodes[i].pb))
}

func (f *fuser) out(i int) string {
	if i < 0 || len(f.m.nodes[i].pb.Output) == 0 {
		return ""
	}
	return f.m.nodes[i].pb.Output[0]
}

// next returns the only reader of node i's first output if it has one of the
// operators, or -1.
func (f *fuser) next(i int, ops ...string) int {
	if o := f.out(i); o != "" && f.readers[o] == 1 && len(f.by[o]) == 1 && f.is(f.by[o][0], ops...) {
		return f.by[o][0]
	}
	return -1
}

// scaled says that node i combines one tensor with a constant, and returns the
// tensor.
func (f *fuser) scaled(i int, ops ...string) (data string, ok bool) {
	if !f.is(i, ops...) || len(f.m.nodes[i].pb.Input) != 2 {
		return "", false
	}
	a, b := f.m.nodes[i].pb.Input[0], f.m.nodes[i].pb.Input[1]
	switch {
	case f.m.fixed[b] && !f.m.fixed[a]:
		return a, true
	case f.m.fixed[a] && !f.m.fixed[b]:
		return b, true
	}
	return "", false
}

// dequantizers returns the moving nodes that give node i its inputs from
// integers.
func (f *fuser) dequantizers(i int) []int {
	var list []int
	for _, u := range f.m.nodes[i].uses {
		if d := f.maker(u); f.is(d, "DequantizeLinear") {
			list = append(list, d)
		}
	}
	return list
}

// quantized lists what ends in QuantizeLinear q: an operator whose inputs come
// from integers, with an activation behind it or not.
func (f *fuser) quantized(q int) {
	group := []int{q}
	at := f.maker(input(f.m.nodes[q].pb, 0))
	for at >= 0 && f.readers[f.out(at)] == 1 {
		group = append(group, at)
		if f.is(at, "DequantizeLinear") {
			f.add(group)
			return
		}
		if from := f.dequantizers(at); len(from) > 0 {
			f.add(append(group, from...))
			return
		}
		if len(group) > 2 || !fusionEnds[opOf(f.m.nodes[at].pb)] {
			return
		}
		at = f.maker(input(f.m.nodes[at].pb, 0))
	}
}

// layerNorm lists (x-mean)/sqrt(mean((x-mean)^2)+e), scaled and shifted.
func (f *fuser) layerNorm(mean int) {
	sub := f.next(mean, "Sub")
	if sub < 0 {
		return
	}
	square := -1
	for _, i := range f.by[f.out(sub)] {
		if f.is(i, "Pow", "Mul") && f.next(i, "ReduceMean") >= 0 {
			square = i
		}
	}
	variance := f.next(square, "ReduceMean")
	shifted := f.next(variance, "Add")
	root := f.next(shifted, "Sqrt")
	div := f.next(root, "Div")
	if div < 0 || input(f.m.nodes[div].pb, 0) != f.out(sub) {
		return
	}
	group := []int{mean, sub, square, variance, shifted, root, div}
	if i := f.next(div, "Mul"); i >= 0 {
		group = append(group, i)
		if i = f.next(i, "Add"); i >= 0 {
			group = append(group, i)
		}
	}
	f.add(group)
}

// gelu lists x·(1+erf(x/√2))/2, in either order of the products, and likewise
// the approximation with tanh.
func (f *fuser) gelu(curve int) {
	before := f.maker(input(f.m.nodes[curve].pb, 0))
	if _, ok := f.scaled(before, "Div", "Mul"); !ok {
		return
	}
	plus := f.next(curve, "Add")
	if _, ok := f.scaled(plus, "Add"); !ok {
		return
	}
	product := f.next(plus, "Mul")
	if product < 0 {
		return
	}
	group := []int{before, curve, plus, product}
	for _, in := range f.m.nodes[product].uses {
		if i := f.maker(in); i != plus && f.readers[in] == 1 {
			if _, ok := f.scaled(i, "Mul"); ok { // x/2 first
				group = append(group, i)
			}
		}
	}
	if half := f.next(product, "Mul"); half >= 0 {
		if _, ok := f.scaled(half, "Mul"); ok {
			group = append(group, half)
		}
	}
	f.add(group)
}

// quickGelu lists x·sigmoid(a·x).
func (f *fuser) quickGelu(sigmoid int) {
	x := input(f.m.nodes[sigmoid].pb, 0)
	product := f.next(sigmoid, "Mul")
	if product < 0 {
		return
	}
	group := []int{sigmoid, product}
	if !slices.Contains(f.m.nodes[product].uses, x) {
		before := f.maker(x)
		data, ok := f.scaled(before, "Mul")
		if !ok || !slices.Contains(f.m.nodes[product].uses, data) {
			return
		}
		group = append(group, before)
	}
	f.add(group)
}
