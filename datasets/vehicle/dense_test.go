package vehicle

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// loss is the mean cross-entropy.
func loss(h *head, x *mat.Dense, labels []int) float64 {
	acts := h.forward(x)
	sum := 0.0
	for i, label := range labels {
		row := mat.DenseCopyOf(acts[len(acts)-1]).RawRowView(i)
		softmax(row)
		sum -= math.Log(row[label]) / float64(len(labels))
	}
	return sum
}

func random(r *rand.Rand, rows, columns int) *mat.Dense {
	data := make([]float64, rows*columns)
	for i := range data {
		data[i] = r.NormFloat64()
	}
	return mat.NewDense(rows, columns, data)
}

func TestGradientsMatchDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	h := newHead(r, 6, 5, 4, 3)
	x, labels := random(r, 7, 6), []int{0, 1, 2, 0, 1, 2, 2}
	dw, db := h.gradients(x, labels)
	for layer := range h.w {
		for name, pair := range map[string][2][]float64{
			"weights": {h.w[layer].RawMatrix().Data, dw[layer].RawMatrix().Data},
			"biases":  {h.b[layer], db[layer]},
		} {
			for i := range pair[0] {
				const step = 1e-6
				was := pair[0][i]
				pair[0][i] = was + step
				above := loss(h, x, labels)
				pair[0][i] = was - step
				below := loss(h, x, labels)
				pair[0][i] = was
				assert.LessOrEqual(t, math.Abs(pair[1][i]-(above-below)/(2*step)), 1e-6,
					"layer %d, %s %d: gradient %g, differences say", layer, name, i, pair[1][i])
			}
		}
	}
}

func TestTrainSeparates(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	x, labels := random(r, 200, 8), make([]int, 200)
	for i := range labels { // not separable by a line
		if x.At(i, 0)*x.At(i, 1) > 0 {
			labels[i] = 1
		}
	}
	h := newHead(r, 8, 32, 2)
	before := loss(h, x, labels)
	err := h.train(context.Background(), r, x, labels, schedule{epochs: 60, batch: 20, rate: 1e-2})
	require.NoError(t, err)
	after := loss(h, x, labels)
	assert.LessOrEqual(t, after, before/4, "loss went from %g to %g, want a quarter of it or less", before, after)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, h.train(done, r, x, labels, schedule{epochs: 1, batch: 20, rate: 1}), context.Canceled,
		"cancelled training")
}

func TestDropInto(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	src, dst := make([]float64, 4000), make([]float64, 4000)
	for i := range src {
		src[i] = 1
	}
	for _, c := range []struct{ probability, keep float64 }{{0, 1}, {0.25, 4.0 / 3}, {0.5, 2}} {
		dropInto(dst, src, r, c.probability)
		dropped := 0
		for _, v := range dst {
			switch v {
			case 0:
				dropped++
			case c.keep:
			default:
				t.Fatalf("probability %g: value %g, want 0 or %g", c.probability, v, c.keep)
			}
		}
		got := float64(dropped) / 4000
		assert.LessOrEqual(t, math.Abs(got-c.probability), 0.03, "%g of the values were dropped", got)
	}
}

func TestStandardise(t *testing.T) {
	x := random(rand.New(rand.NewPCG(4, 1)), 500, 3)
	was := x.At(7, 1)
	mean, deviation := standardise(x)
	got := x.At(7, 1)*deviation[1] + mean[1]
	assert.LessOrEqual(t, math.Abs(got-was), 1e-12, "mean and deviation give back %g", got)
	for j := range 3 {
		column := mat.Col(nil, j, x)
		sum, square := 0.0, 0.0
		for _, v := range column {
			sum += v
			square += v * v
		}
		assert.LessOrEqual(t, math.Abs(sum), 1e-9, "column %d: sum %g, mean square", j, sum)
		assert.LessOrEqual(t, math.Abs(square/500-1), 0.01, "column %d: sum %g, mean square", j, sum)
	}
}

// The folded layers must answer to l2 as the head does to the standardised
// averages of l2.
func TestFold(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	h := newHead(r, features, hidden, hidden, Classes)
	mean, deviation := make([]float64, features), make([]float64, features)
	for j := range mean {
		mean[j], deviation[j] = r.Float64(), 0.5+r.Float64()
	}
	w := NewWeights()
	fold(w, h, mean, deviation)

	l2, x := make([]float64, flat), mat.NewDense(1, features, nil)
	for i := range l2 {
		l2[i] = r.Float64()
		m, row, column := i/(fourth*fourth), i%(fourth*fourth)/fourth, i%fourth
		j := m*grid*grid + row/cell*grid + column/cell
		x.Set(0, j, x.At(0, j)+l2[i]/(cell*cell))
	}
	for j := range features {
		x.Set(0, j, (x.At(0, j)-mean[j])/deviation[j])
	}
	want := h.forward(x)[3].RawRowView(0)

	act := l2
	for i, l := range []Layer{w.Dense3, w.Dense4, w.Dense5} {
		out := make([]float64, len(l.B))
		for k := range out {
			out[k] = float64(l.B[k])
			for j, v := range act {
				out[k] += v * float64(l.W[j*len(out)+k])
			}
			if i < 2 {
				out[k] = max(out[k], 0)
			}
		}
		act = out
	}
	for k := range want {
		assert.LessOrEqual(t, math.Abs(act[k]-want[k]), 1e-4, "logit %d is %g, the head says", k, act[k])
	}
}
