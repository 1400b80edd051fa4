package fusion

import "slices"

// Channels lie in blocks of 8 or 16, by the CPU.
var blocks = []int64{8, 16}

// sum lists the addition of two tensors that a convolution can do, and the
// activation behind it. One whose channels lie in blocks does it if those of the
// other tensor do too, others do if they have a bias.
func (f *finder) sum(i int) {
	a, b := f.in(i, 0), f.in(i, 1)
	if a == b || len(f.shape(a)) != 4 || !slices.Equal(f.shape(a), f.shape(b)) || f.m.Fixed(a) || f.m.Fixed(b) {
		return
	}
	conv, last := f.unfused(a)
	if c, l := f.unfused(b); l > last { // of two, either can; along the file's order it is the later
		conv, last = c, l
	}
	plain := conv >= 0 && f.plain(conv) && (f.in(conv, 2) != "" || last != conv)
	if conv < 0 || !plain && (!f.blocked[a] || !f.blocked[b]) {
		return
	}
	if p := f.pair(last, i); p != nil {
		p.Sum = true
	}
	if f.activation(i, sumEnds); plain {
		f.activation(i, convEnds)
	}
}

// unfused returns the convolution that makes a tensor, or the last node that is
// folded into it, if nothing else reads the tensor; else -1.
func (f *finder) unfused(tensor string) (conv, last int) {
	last = f.only(tensor, "Conv", "BatchNormalization", "Mul", "Add")
	for at := last; at >= 0; {
		if f.is(at, "Conv") {
			return at, last
		}
		before := f.only(f.in(at, 0), "Conv", "BatchNormalization", "Mul", "Add")
		if before < 0 || !f.perChannel(before, at) {
			break
		}
		at = before
	}
	return -1, -1
}

// packs says that a convolution's channels can lie in blocks of a size.
func (f *finder) packs(conv int, block int64) bool {
	const aligned = 4
	w, groups := f.shape(f.in(conv, 1)), integer(&f.nodes[conv], "group", 1)
	switch {
	case !f.m.Fixed(f.in(conv, 1)) || len(w) != 4 || groups < 1:
		return false
	case groups == 1:
		return w[1] < block || w[1]%aligned == 0
	case w[1] == 1 && w[0] == groups:
		return w[0]%block == 0
	}
	return w[1]%block == 0 && w[0]/groups%block == 0
}

// plain says that there are CPUs on which a convolution keeps its channels apart.
func (f *finder) plain(conv int) bool {
	return slices.ContainsFunc(blocks, func(b int64) bool { return !f.packs(conv, b) })
}

// block notes whether what node i makes has its channels in blocks; its inputs
// are known.
func (f *finder) block(i int) {
	n := &f.nodes[i]
	shape := f.shape(f.out(i))
	if len(shape) != 4 {
		return
	}
	tensors := slices.DeleteFunc(slices.Clone(n.Uses()), func(u string) bool { return f.m.Fixed(u) })
	all := len(tensors) > 0 && !slices.ContainsFunc(tensors, func(u string) bool { return !f.blocked[u] })
	whole := func(tensor string) bool { return len(f.shape(tensor)) == 4 && f.shape(tensor)[1]%blocks[0] == 0 }
	switch n.Op() {
	case "Conv":
		all = slices.ContainsFunc(blocks, func(b int64) bool { return f.packs(i, b) })
	case "Clip", "LeakyRelu", "HardSigmoid":
		conv, _ := f.unfused(f.in(i, 0))
		all = all && conv >= 0
	case "Mul", "Add":
		conv, _ := f.unfused(f.out(i))
		all = all && (conv >= 0 || len(tensors) == 2 && slices.Equal(f.shape(tensors[0]), f.shape(tensors[1])))
	case "Concat":
		all = all && integer(n, "axis", 0) == 1 &&
			!slices.ContainsFunc(n.Proto().Input, func(u string) bool { return !whole(u) || f.m.Fixed(u) })
	case "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool":
		all = all && whole(f.in(i, 0))
	case "Relu", "Sigmoid", "Tanh", "BatchNormalization", "Resize", "Upsample":
	default:
		return
	}
	f.blocked[f.out(i)] = all
}

// passing are operators that a Transpose can be moved past.
var passing = []string{
	"Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "Tanh", "Elu", "Neg", "Abs", "Exp", "Sqrt", "Cast", "Identity",
	"Add", "Sub", "Mul", "Div", "Pad", "QuantizeLinear", "DequantizeLinear",
}

// undone lists a Transpose with the one that undoes it, and all between.
func (f *finder) undone(i int) {
	perm := f.dims(i, "perm")
	group := []int{i}
	for at := f.next(i, append(passing, "Transpose")...); at >= 0; at = f.next(at, append(passing, "Transpose")...) {
		group = append(group, at)
		if f.is(at, "Transpose") {
			back := f.dims(at, "perm")
			if len(back) != len(perm) || slices.ContainsFunc(back, func(d int64) bool { return d < 0 || int(d) >= len(perm) }) {
				return
			}
			for d, from := range back {
				if perm[from] != int64(d) {
					return
				}
			}
			f.add(slices.Clone(group))
			if f.is(group[1], convEnds...) { // which then follows what was transposed
				f.pair(f.only(f.in(i, 0), "Conv", "BatchNormalization"), group[1])
			}
			return
		}
		if slices.ContainsFunc(f.nodes[at].Uses(),
			func(u string) bool { return !f.m.Fixed(u) && f.maker(u) != group[len(group)-2] }) {
			return
		}
	}
}

// parted lists the Gathers that together take all of a tensor along one
// dimension, each one part.
func (f *finder) parted(i int) {
	t := f.in(i, 0)
	shape := f.shape(t)
	axis := f.nodes[i].Axis(len(shape))
	group := f.by[t]
	if axis < 0 || axis >= len(shape) || int64(len(group)) != shape[axis] || !f.within(t, group) {
		return
	}
	for _, g := range group {
		if !f.is(g, "Gather") || !f.single(f.in(g, 1)) || integer(&f.nodes[g], "axis", 0) != integer(&f.nodes[i], "axis", 0) {
			return
		}
	}
	f.add(slices.Clone(group))
}
