package vehicle

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// head is a stack of dense layers with ReLU between them.
type head struct {
	w []*mat.Dense // [in, out]
	b [][]float64
}

// newHead draws He-scaled weights for layers of the given sizes, input first.
func newHead(r *rand.Rand, sizes ...int) *head {
	layers := len(sizes) - 1
	h := &head{make([]*mat.Dense, layers), make([][]float64, layers)}
	for i := range h.w {
		in, out := sizes[i], sizes[i+1]
		data := make([]float64, in*out)
		for j := range data {
			data[j] = r.NormFloat64() * math.Sqrt(2/float64(in))
		}
		h.w[i], h.b[i] = mat.NewDense(in, out, data), make([]float64, out)
	}
	return h
}

// firstLayer returns the first layer for features as they were before standardise.
func (h *head) firstLayer(mean, deviation []float64) (w *mat.Dense, b []float64) {
	w, b = mat.DenseCopyOf(h.w[0]), slices.Clone(h.b[0])
	for j := range mean {
		row := w.RawRowView(j)
		for k := range row {
			row[k] /= deviation[j]
			b[k] -= float64(row[k] * mean[j])
		}
	}
	return w, b
}

// forward returns the input and each layer's output.
func (h *head) forward(x *mat.Dense) []*mat.Dense {
	acts := []*mat.Dense{x}
	for i, w := range h.w {
		var z mat.Dense
		z.Mul(acts[i], w)
		z.Apply(func(_, j int, v float64) float64 {
			v += h.b[i][j]
			if i < len(h.w)-1 {
				return max(v, 0)
			}
			return v
		}, &z)
		acts = append(acts, &z)
	}
	return acts
}

// gradients returns the derivatives of the mean cross-entropy of a batch whose
// picture i has labels[i].
func (h *head) gradients(x *mat.Dense, labels []int) (dw []*mat.Dense, db [][]float64) {
	acts := h.forward(x)
	dw, db = make([]*mat.Dense, len(h.w)), make([][]float64, len(h.b))
	delta := mat.DenseCopyOf(acts[len(h.w)])
	for i, label := range labels {
		row := delta.RawRowView(i)
		softmax(row)
		row[label]--
		for j := range row {
			row[j] /= float64(len(labels))
		}
	}
	for i := len(h.w) - 1; i >= 0; i-- {
		dw[i] = new(mat.Dense)
		dw[i].Mul(acts[i].T(), delta)
		db[i] = make([]float64, len(h.b[i]))
		for k := range labels {
			for j, v := range delta.RawRowView(k) {
				db[i][j] += v
			}
		}
		if i > 0 {
			below := new(mat.Dense)
			below.Mul(delta, h.w[i].T())
			below.Apply(func(k, j int, v float64) float64 {
				if acts[i].At(k, j) > 0 {
					return v
				}
				return 0
			}, below)
			delta = below
		}
	}
	return dw, db
}

func softmax(row []float64) {
	top, sum := row[0], 0.0
	for _, v := range row {
		top = max(top, v)
	}
	for j, v := range row {
		row[j] = math.Exp(v - top)
		sum += row[j]
	}
	for j := range row {
		row[j] /= sum
	}
}

// schedule says how long and how to train a head.
type schedule struct {
	epochs, batch        int
	rate, decay, dropout float64
}

// train fits the head by Adam on shuffled batches, with a rate that falls to 0
// along a cosine, weight decay, and features dropped at random against
// over-fitting. The rows of x are the standardised features of the pictures.
func (h *head) train(ctx context.Context, r *rand.Rand, x *mat.Dense, labels []int, c schedule) error {
	n, width := x.Dims()
	steps := c.epochs * (n / c.batch)
	var optimisers []*adam
	for i := range h.w {
		optimisers = append(optimisers, newAdam(h.w[i].RawMatrix().Data, c.decay), newAdam(h.b[i], 0))
	}
	batch, batchLabels := mat.NewDense(c.batch, width, nil), make([]int, c.batch)
	step := 0
	for range c.epochs {
		if err := ctx.Err(); err != nil {
			return err
		}
		order := r.Perm(n)
		for at := 0; at+c.batch <= n; at += c.batch {
			for i, from := range order[at : at+c.batch] {
				dropInto(batch.RawRowView(i), x.RawRowView(from), r, c.dropout)
				batchLabels[i] = labels[from]
			}
			dw, db := h.gradients(batch, batchLabels)
			rate := c.rate * (1 + math.Cos(math.Pi*float64(step)/float64(steps))) / 2
			step++
			for i := range h.w {
				optimisers[2*i].step(dw[i].RawMatrix().Data, rate, step)
				optimisers[2*i+1].step(db[i], rate, step)
			}
		}
	}
	return nil
}

// dropInto copies a row, setting each value to 0 with the given probability,
// in steps of 1/256, and scaling the others so that the expected value stays.
func dropInto(dst, src []float64, r *rand.Rand, probability float64) {
	limit := uint64(probability * 256)
	keep := 1 / (1 - float64(limit)/256)
	var bits uint64
	for i, v := range src {
		if i%8 == 0 {
			bits = r.Uint64()
		}
		dst[i] = 0
		if bits&255 >= limit {
			dst[i] = v * keep
		}
		bits >>= 8
	}
}

// adam is the state of the Adam optimiser with decoupled weight decay for one
// slice of parameters, which it changes in place.
type adam struct {
	p, mean, square []float64
	decay           float64
}

func newAdam(p []float64, decay float64) *adam {
	return &adam{p: p, mean: make([]float64, len(p)), square: make([]float64, len(p)), decay: decay}
}

// step moves the parameters against the gradient; n counts from 1.
func (a *adam) step(gradient []float64, rate float64, n int) {
	const beta1, beta2, tiny = 0.9, 0.999, 1e-8
	fix1, fix2 := 1-math.Pow(beta1, float64(n)), 1-math.Pow(beta2, float64(n))
	for i, g := range gradient {
		a.mean[i] = beta1*a.mean[i] + (1-beta1)*g
		a.square[i] = beta2*a.square[i] + (1-beta2)*g*g
		a.p[i] -= rate * (a.mean[i]/fix1/(math.Sqrt(a.square[i]/fix2)+tiny) + a.decay*a.p[i])
	}
}
