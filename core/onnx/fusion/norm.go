package fusion

import "slices"

// layerNorm lists (x-mean)/sqrt(mean((x-mean)²)+e), scaled and shifted; x-mean
// may be computed twice.
func (f *finder) layerNorm(mean int) {
	x := f.in(mean, 0)
	var subs []int
	for _, i := range f.by[f.out(mean)] {
		if !f.is(i, "Sub") || f.in(i, 0) != x {
			return
		}
		subs = append(subs, i)
	}
	square := -1
	for _, s := range subs {
		for _, i := range f.by[f.out(s)] {
			if f.is(i, "Pow") {
				square = i
			}
		}
	}
	variance := f.next(square, "ReduceMean")
	group, div := f.root(variance)
	if div < 0 || !slices.Contains(subs, f.maker(f.in(div, 0))) {
		return
	}
	scale := f.next(div, "Mul")
	shift := f.next(scale, "Add")
	if _, _, ok := f.scaled(shift, "Add"); !ok {
		return
	}
	group = append(append(group, subs...), mean, square, scale, shift)
	for _, i := range append(subs, mean) {
		if !f.within(f.out(i), group) {
			return
		}
	}
	f.add(slices.Clone(group))
	f.skipNorm(x, group)
}

// root returns the nodes from a mean of squares to the division by its root, and
// that division, -1 without one.
func (f *finder) root(mean int) (group []int, div int) {
	shifted := f.next(mean, "Add")
	root := f.next(shifted, "Sqrt")
	div = f.next(root, "Div")
	if div >= 0 && f.in(div, 1) != f.out(root) {
		div = -1
	}
	return []int{mean, shifted, root, div}, div
}

// simplifiedNorm lists x/sqrt(mean(x²)+e), scaled.
func (f *finder) simplifiedNorm(square int) {
	group, div := f.root(f.next(square, "ReduceMean"))
	scale := f.next(div, "Mul")
	if _, _, ok := f.scaled(scale, "Mul"); ok && f.in(div, 0) == f.in(square, 0) && !f.centred(f.in(div, 0)) {
		f.add(append(group, square, scale))
	}
}

// centred says that a tensor is the difference of another and its mean, so that
// its normalization is layerNorm's.
func (f *finder) centred(tensor string) bool {
	i := f.maker(tensor)
	return f.is(i, "Sub") && f.is(f.maker(f.in(i, 1)), "ReduceMean")
}

// skipNorm lists a sum that only the normalization of the group reads, and the
// addition of a bias before it.
func (f *finder) skipNorm(x string, group []int) {
	sum := f.maker(x)
	if !f.is(sum, "Add") || f.gemm[sum] || !f.within(x, group) {
		return
	}
	a, b := f.in(sum, 0), f.in(sum, 1)
	if f.m.Fixed(a) || f.m.Fixed(b) || f.shape(a) == nil || !slices.Equal(f.shape(a), f.shape(b)) {
		return
	}
	f.add(append(slices.Clone(group), sum))
	for _, t := range []string{a, b} {
		if i := f.only(t, "Add"); i >= 0 && f.biased(i) {
			f.pair(i, sum)
			return
		}
	}
}

// biased says that node i adds a vector, and is not part of a Gemm.
func (f *finder) biased(i int) bool {
	_, c, ok := f.scaled(i, "Add")
	return ok && !f.gemm[i] && len(f.shape(c)) == 1
}

// bias lists the addition of a vector that only the Gelu of the group reads.
func (f *finder) bias(x string, group []int) {
	if i := f.maker(x); f.biased(i) && f.within(x, group) {
		f.add(append(slices.Clone(group), i))
	}
}

// gelu lists x·(1+erf(x/√2))/2, in either order of the products.
func (f *finder) gelu(curve int) {
	before := f.maker(f.in(curve, 0))
	x, _, ok := f.scaled(before, "Div", "Mul")
	if !ok {
		return
	}
	plus := f.next(curve, "Add")
	if _, _, ok := f.scaled(plus, "Add"); !ok {
		return
	}
	product := f.next(plus, "Mul")
	if product < 0 {
		return
	}
	group := []int{before, curve, plus, product}
	for _, in := range f.nodes[product].Uses() {
		if i := f.maker(in); i != plus && f.readers[in] == 1 {
			if _, _, ok := f.scaled(i, "Mul"); ok { // x/2 first
				group = append(group, i)
			}
		}
	}
	if half := f.next(product, "Mul"); half >= 0 && len(group) == 4 {
		if _, _, ok := f.scaled(half, "Mul"); ok {
			group = append(group, half)
		}
	}
	f.add(slices.Clone(group))
	f.bias(x, group)
}

// quickGelu lists x·sigmoid(a·x).
func (f *finder) quickGelu(sigmoid int) {
	x := f.in(sigmoid, 0)
	product := f.next(sigmoid, "Mul")
	if product < 0 {
		return
	}
	group := []int{sigmoid, product}
	if !slices.Contains(f.nodes[product].Uses(), x) {
		before := f.only(x, "Mul")
		data, _, ok := f.scaled(before, "Mul")
		if !ok || !slices.Contains(f.nodes[product].Uses(), data) {
			return
		}
		group = append(group, before)
	}
	f.add(group)
}
