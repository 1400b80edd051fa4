package vehicle

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Config says what to fit on and how long.
type Config struct {
	Seed       uint64 // of the renderings, the filters and the batches
	Difficulty Difficulty
	Pictures   int     // renderings to fit on, a multiple of 4
	Epochs     int     // passes over them
	Batch      int     // pictures per step, at most Pictures
	Rate       float64 // Adam's first step size
	Decay      float64 // weight decay per unit of rate
	Dropout    float64 // share of features set to 0 in each step, below 1
	HeldOut    int     // renderings to measure on, a multiple of 4
}

// DefaultConfig is what the data set "vehicle-classifier" is made with.
func DefaultConfig() Config {
	return Config{Seed: 1, Difficulty: Moderate(), Pictures: 12000, Epochs: 12, Batch: 100,
		Rate: 1e-3, Decay: 0.01, Dropout: 0.25, HeldOut: 2000}
}

func (c Config) check() error {
	switch {
	case c.Pictures < Classes || c.Pictures%Classes != 0 || c.HeldOut < Classes || c.HeldOut%Classes != 0:
		return fmt.Errorf("%w: %d pictures and %d held out; use positive multiples of %d", ErrConfig, c.Pictures, c.HeldOut,
			Classes)
	case c.Batch < 1 || c.Batch > c.Pictures || c.Epochs < 1:
		return fmt.Errorf(
			"%w: %d epochs of batches of %d from %d pictures; use at least 1 of each and no batch above the pictures",
			ErrConfig, c.Epochs, c.Batch, c.Pictures)
	case c.Rate <= 0 || c.Decay < 0 || c.Dropout < 0 || c.Dropout >= 1:
		return fmt.Errorf("%w: rate %g, decay %g, dropout %g; use a positive rate, no negative decay, dropout in [0, 1)",
			ErrConfig, c.Rate, c.Decay, c.Dropout)
	}
	return nil
}

// HeldOutSeed names the stream of renderings on which a classifier that was
// fitted with seed is measured. No picture of it is used to fit.
func HeldOutSeed(seed uint64) uint64 { return seed ^ 0x68656c642d6f7574 }

// Fit renders c.Pictures pictures and fits the network's weights: the first
// convolution is a bank of edge and colour filters, the second is trained to
// tell vehicles' parts, and the dense layers are trained on its averaged
// output. The result depends on c and the evaluator's
// arithmetic alone. The error wraps ErrConfig, ErrEvaluator, the context's
// error or the evaluator's.
func Fit(ctx context.Context, ev Evaluator, c Config) (*Weights, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(c.Seed, 0x66697474696e67))
	s := stream{c.Seed, c.Difficulty}
	w := NewWeights()
	gaborFilters(w.Conv1)
	if err := fitParts(ctx, ev, r, w, s, c.Pictures); err != nil {
		return nil, err
	}
	data, err := extract(ctx, ev, w, s, c.Pictures)
	if err != nil {
		return nil, err
	}
	x := mat.NewDense(c.Pictures, features, data)
	mean, deviation := standardise(x)
	labels := make([]int, c.Pictures)
	for i := range labels {
		labels[i] = Label(i)
	}
	h := newHead(r, features, hidden, hidden, Classes)
	if err := h.train(ctx, r, x, labels, schedule{c.Epochs, c.Batch, c.Rate, c.Decay, c.Dropout}); err != nil {
		return nil, err
	}
	fold(w, h, mean, deviation)
	return w, nil
}

// standardise gives each column mean 0 and deviation 1, and returns what it
// subtracted and divided by.
func standardise(x *mat.Dense) (mean, deviation []float64) {
	n, columns := x.Dims()
	mean, deviation = make([]float64, columns), make([]float64, columns)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v / float64(n)
		}
	}
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= mean[j]
			deviation[j] += row[j] * row[j] / float64(n)
		}
	}
	for j := range deviation {
		deviation[j] = math.Sqrt(deviation[j]) + 1e-3
	}
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] /= deviation[j]
		}
	}
	return mean, deviation
}

// fold writes the head into the network's dense layers. Averaging over cells
// and standardising are linear, so the first dense layer takes them in.
func fold(w *Weights, h *head, mean, deviation []float64) {
	for k := range hidden {
		bias := h.b[0][k]
		for j := range features {
			bias -= h.w[0].At(j, k) * mean[j] / deviation[j]
		}
		w.Dense3.B[k] = float32(bias)
	}
	for i := range flat {
		m, y, x := i/(fourth*fourth), i/fourth%fourth, i%fourth
		j := m*grid*grid + y/cell*grid + x/cell
		for k, v := range h.w[0].RawRowView(j) {
			w.Dense3.W[i*hidden+k] = float32(v / deviation[j] / (cell * cell))
		}
	}
	for i, l := range []Layer{w.Dense4, w.Dense5} {
		copyFloats(l.W, h.w[i+1].RawMatrix().Data)
		copyFloats(l.B, h.b[i+1])
	}
}

// Metrics is what the classifier reached, and on what.
type Metrics struct {
	Accuracy   float64               `json:"accuracy"`   // share of held-out pictures whose largest logit is their label's
	HeldOut    int                   `json:"held_out"`   // pictures measured on
	Confusion  [Classes][Classes]int `json:"confusion"`  // [label][answer], pictures
	Difficulty string                `json:"difficulty"` // of the pictures
	Seed       uint64                `json:"seed"`       // that the classifier was fitted with
}

// Measure runs the classifier over c.HeldOut pictures that Fit never saw. Its
// errors are those of Fit and Model.
func Measure(ctx context.Context, ev Evaluator, w *Weights, c Config) (Metrics, error) {
	m := Metrics{HeldOut: c.HeldOut, Difficulty: c.Difficulty.String(), Seed: c.Seed}
	if err := c.check(); err != nil {
		return m, err
	}
	model, err := Model(w, chunk)
	if err != nil {
		return m, err
	}
	right := 0
	err = evaluate(ctx, ev, model, stream{HeldOutSeed(c.Seed), c.Difficulty}, c.HeldOut, Classes,
		func(i int, _ scene, logits []float32) {
			answer := argmax(logits)
			m.Confusion[Label(i)][answer]++
			if answer == Label(i) {
				right++
			}
		})
	m.Accuracy = float64(right) / float64(c.HeldOut)
	return m, err
}

func argmax(v []float32) int {
	best := 0
	for i := range v {
		if v[i] > v[best] {
			best = i
		}
	}
	return best
}
