package fusion

import "slices"

// The activations that close a fusion with a convolution, a Gemm, and a
// convolution to which another tensor is added.
var (
	convEnds = []string{"Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "Tanh"}
	gemmEnds = []string{"Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "Tanh", "Elu", "Selu", "Softplus", "Softsign",
		"ThresholdedRelu"}
	sumEnds = []string{"Relu", "Sigmoid", "Tanh"}
)

// convolution lists a convolution with its followers, as pairs; sum goes on.
func (f *finder) convolution(at int) {
	for f.m.Fixed(f.in(at, 1)) || !f.is(at, "Conv") {
		j := f.next(at, "BatchNormalization", "Mul", "Add")
		if j < 0 || !f.perChannel(at, j) {
			break
		}
		f.pair(at, j)
		at = j
	}
	f.activation(at, convEnds)
}

// activation lists what follows node at, its bounds being constants.
func (f *finder) activation(at int, ends []string) {
	j := f.next(at, ends...)
	if j >= 0 && !slices.ContainsFunc(f.nodes[j].Uses()[1:], func(u string) bool { return !f.m.Fixed(u) }) {
		f.pair(at, j)
	}
}

// perChannel says that node j scales or shifts the channels that node at makes.
func (f *finder) perChannel(at, j int) bool {
	if f.is(j, "BatchNormalization") {
		return f.in(j, 0) == f.out(at)
	}
	_, c, ok := f.scaled(j, "Mul", "Add")
	shape, rank := f.shape(c), len(f.shape(f.out(at)))
	if !ok || shape == nil || rank == 0 {
		return ok && shape == nil
	}
	if len(shape) == 0 {
		return f.is(j, "Mul")
	}
	channel := 1 - (rank - len(shape)) // which dimension of the constant counts the channels
	for d, size := range shape {
		if d != channel && size != 1 {
			return false
		}
	}
	return channel >= 0
}

// pad lists a Pad of zeros with the window that takes it in.
func (f *finder) pad(i int) {
	mode := string(f.nodes[i].Attr("mode").GetS())
	v, ok := f.value(f.in(i, 2))
	if mode != "" && mode != "constant" || f.in(i, 2) != "" && (!ok || v != 0) {
		return
	}
	pads := f.integers(f.in(i, 1))
	if n := len(pads) / 2; n > 2 && slices.Max(append(slices.Clone(pads[:2]), pads[n:n+2]...)) > 0 {
		return // of channels
	}
	f.pair(i, f.next(i, "Conv", "AveragePool", "MaxPool"))
}

// general lists a Gemm with what it takes in.
func (f *finder) general(i int) {
	for k := range 2 {
		f.pair(f.only(f.in(i, k), "Transpose"), i)
	}
	if f.in(i, 2) == "" {
		f.pair(i, f.next(i, "Transpose"))
		if s := f.next(i, "Sum"); s >= 0 && len(f.nodes[s].Proto().Input) == 2 {
			f.pair(i, s)
		}
	}
	f.activation(i, gemmEnds)
}

// product lists a MatMul that becomes a Gemm, or with its scales and
// transpositions.
func (f *finder) product(i int) {
	a, b := f.shape(f.in(i, 0)), f.shape(f.in(i, 1))
	if j := f.next(i, "Add"); j >= 0 && len(b) == 2 && f.biasOf(i, j, a, b[1]) {
		f.gemm[j] = true
		f.pair(i, j)
		if len(a) == 2 {
			f.activation(j, gemmEnds)
		}
		return
	}
	if j := f.next(i, "BatchNormalization"); j >= 0 && f.m.Fixed(f.in(i, 1)) && f.in(j, 0) == f.out(i) {
		f.pair(i, j)
		f.activation(j, gemmEnds)
		return
	}
	for k := range 2 {
		for at := i; ; {
			data := f.in(i, k)
			if at != i {
				data, _ = f.before(at)
			}
			before := f.only(data, "Mul", "Div", "Transpose")
			if _, ok := f.before(before); !ok {
				break
			}
			f.pair(before, at)
			at = before
		}
	}
	for at := i; ; {
		j := f.next(at, "Mul", "Div")
		if _, ok := f.before(j); !ok {
			break
		}
		f.pair(at, j)
		at = j
	}
}

// before returns what node i scales by one number, or transposes in the last two
// dimensions.
func (f *finder) before(i int) (data string, ok bool) {
	if f.is(i, "Transpose") {
		perm := f.dims(i, "perm")
		if len(perm) < 2 {
			return f.in(i, 0), len(f.shape(f.in(i, 0))) == 2
		}
		swapped := slices.Clone(perm)
		n := len(perm)
		swapped[n-1], swapped[n-2] = perm[n-2], perm[n-1]
		return f.in(i, 0), slices.IsSorted(swapped)
	}
	data, c, ok := f.scaled(i, "Mul", "Div")
	return data, ok && f.single(c) && (f.is(i, "Mul") || data == f.in(i, 0))
}

// biasOf says that Add j gives a Gemm its third operand: MatMul i makes [m,n] of a,
// or of more dimensions.
func (f *finder) biasOf(i, j int, a []int64, n int64) bool {
	bias := f.in(j, 0)
	if bias == f.out(i) {
		bias = f.in(j, 1)
	}
	c := f.shape(bias)
	switch {
	case bias == f.out(i) || a == nil || c == nil || n < 0:
		return false
	case len(c) == 1:
		return c[0] == n && !slices.Contains(a, -1)
	case len(a) != 2 || len(c) != 2:
		return false
	}
	return c[0] == 1 && c[1] == n || c[0] == a[0] && (c[1] == 1 || c[1] == n)
}

// inverse lists 1/x with the product that becomes a quotient.
func (f *finder) inverse(i int) {
	if v, ok := f.value(f.in(i, 0)); ok && v == 1 {
		f.pair(i, f.next(i, "Mul"))
	}
}
