package vehicle

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"gonum.org/v1/gonum/mat"
)

// The early exit answers from the first layer's output, averaged over cells of
// earlyCell×earlyCell, by two dense layers.
const (
	earlyCell     = 6
	earlyGrid     = half / earlyCell
	earlyFeatures = maps * earlyGrid * earlyGrid // 2048
	earlyHidden   = 32
)

// Early are the parameters of the early exit.
type Early struct{ Dense1, Dense2 Layer }

// NewEarly returns parameters of the early exit's shape, all 0.
func NewEarly() *Early {
	layer := func(in, out int) Layer { return Layer{make([]float32, in*out), make([]float32, out)} }
	return &Early{layer(earlyFeatures, earlyHidden), layer(earlyHidden, Classes)}
}

// DefaultEarlyConfig is what the early exit of the data set "vehicle-head" is made with.
func DefaultEarlyConfig() Config {
	c := DefaultConfig()
	c.Pictures = 8000
	return c
}

// FitEarly fits an early exit to the network's first layer on c.Pictures
// renderings; the network stays as it is. The result and the errors are as of
// Fit.
func FitEarly(ctx context.Context, ev Evaluator, w *Weights, c Config) (*Early, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := checkModel(w, chunk); err != nil {
		return nil, err
	}
	g := newNet("vehicle_early_features", chunk)
	g.image()
	g.conv("1", "image", "l1", w.Conv1, 3, Side)
	g.earlyCells("l1")
	g.b.Output("early_cells", onnx.Float32, g.n, maps, earlyGrid, earlyGrid)
	model, err := g.b.Bytes()
	if err != nil {
		return nil, err
	}
	x, labels := mat.NewDense(c.Pictures, earlyFeatures, nil), make([]int, c.Pictures)
	err = evaluate(ctx, ev, model, stream{c.Seed, c.Difficulty}, c.Pictures, earlyFeatures,
		func(i int, _ scene, cells []float32) {
			labels[i] = Label(i)
			row := x.RawRowView(i)
			for j, v := range cells {
				row[j] = float64(v)
			}
		})
	if err != nil {
		return nil, err
	}
	mean, deviation := standardise(x)
	r := rand.New(rand.NewPCG(c.Seed, 0x6561726c79))
	h := newHead(r, earlyFeatures, earlyHidden, Classes)
	if err := h.train(ctx, r, x, labels, schedule{c.Epochs, c.Batch, c.Rate, c.Decay, c.Dropout}); err != nil {
		return nil, err
	}
	return earlyOf(h, mean, deviation), nil
}

// earlyOf takes the standardising of the features into the first layer.
func earlyOf(h *head, mean, deviation []float64) *Early {
	e := NewEarly()
	first, biases := h.firstLayer(mean, deviation)
	copyFloats(e.Dense1.W, first.RawMatrix().Data)
	copyFloats(e.Dense1.B, biases)
	copyFloats(e.Dense2.W, h.w[1].RawMatrix().Data)
	copyFloats(e.Dense2.B, h.b[1])
	return e
}

func copyFloats(dst []float32, src []float64) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// HeadModel returns the network's first layer with the early exit: input "image"
// as of Model; outputs "features", float32 [batch, 32, 48, 48], which TailModel
// takes, and "early", float32 [batch, 4], logits as those of Model. Errors are as
// of Model.
func HeadModel(w *Weights, e *Early, batch int) ([]byte, error) {
	if err := checkModel(w, batch); err != nil {
		return nil, err
	}
	g := newNet("vehicle_head", batch)
	g.image()
	g.conv("1", "image", "features", w.Conv1, 3, Side)
	if err := g.early("features", e); err != nil {
		return nil, err
	}
	g.b.Output("features", onnx.Float32, g.n, maps, half, half)
	g.b.Output("early", onnx.Float32, g.n, Classes)
	return g.b.Bytes()
}

// TailModel returns the network after its first layer: input "features" of
// HeadModel, output "logits" as of Model. Errors are as of Model.
func TailModel(w *Weights, batch int) ([]byte, error) {
	if err := checkModel(w, batch); err != nil {
		return nil, err
	}
	g := newNet("vehicle_tail", batch)
	g.b.Input("features", onnx.Float32, g.n, maps, half, half)
	g.afterFirst("features", w)
	g.b.Output("logits", onnx.Float32, g.n, Classes)
	return g.b.Bytes()
}

// earlyCells adds the averages that the early exit answers from.
func (g net) earlyCells(in string) {
	g.b.Node("AveragePool", []string{in}, []string{"early_cells"},
		build.Attr{Name: "kernel_shape", Value: []int64{earlyCell, earlyCell}},
		build.Attr{Name: "strides", Value: []int64{earlyCell, earlyCell}})
}

// early adds the early exit.
func (g net) early(in string, e *Early) error {
	zero := NewEarly()
	for i, l := range [][2]Layer{{e.Dense1, zero.Dense1}, {e.Dense2, zero.Dense2}} {
		if len(l[0].W) != len(l[1].W) || len(l[0].B) != len(l[1].B) {
			return fmt.Errorf("%w: early layer %d has %d weights and %d biases, want %d and %d; start from NewEarly",
				ErrWeights, i+1, len(l[0].W), len(l[0].B), len(l[1].W), len(l[1].B))
		}
	}
	g.earlyCells(in)
	g.b.Value("early_cells", onnx.Float32, g.n, maps, earlyGrid, earlyGrid)
	g.b.Node("Flatten", []string{"early_cells"}, []string{"early_flat"}, build.Attr{Name: "axis", Value: 1})
	g.b.Value("early_flat", onnx.Float32, g.n, earlyFeatures)
	g.dense("_early1", "early_flat", "early_dense1", e.Dense1, earlyFeatures, earlyHidden)
	g.relu("early_dense1", "early_hidden", earlyHidden)
	g.dense("_early2", "early_hidden", "early", e.Dense2, earlyHidden, Classes)
	return nil
}
