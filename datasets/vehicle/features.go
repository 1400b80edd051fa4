package vehicle

import (
	"context"
	"fmt"
	"sync"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// Evaluator runs an ONNX model with one float32 input of the given shape and
// returns its outputs, row-major, in the model's order. The caller owns them.
type Evaluator interface {
	Run(model []byte, input []float32, inShape []int64) (outputs [][]float32, err error)
}

// The dense layers are fitted on the second convolution's output, averaged
// over cells of cell×cell; grid×grid such cells make a map.
const (
	cell     = 4
	grid     = fourth / cell
	features = maps * grid * grid
)

// chunk is the number of pictures that are evaluated at once.
const chunk = 50

// evaluate runs a model made for chunk pictures over the first n renderings of
// a stream and hands out each scene and its output of size values, valid during
// the call. Evaluators see whole chunks only: the last may hold renderings after
// the n-th, which are not handed out. The next chunk is rendered meanwhile.
func evaluate(ctx context.Context, ev Evaluator, model []byte, s stream, n, size int,
	each func(i int, s scene, out []float32)) error {
	next := s.render(0)
	for at := 0; at < n; at += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		now := next
		var rendering sync.WaitGroup
		if at+chunk < n {
			rendering.Go(func() { next = s.render(at + chunk) })
		}
		outputs, err := ev.Run(model, now.input, []int64{chunk, 3, Side, Side})
		rendering.Wait()
		if err != nil {
			return fmt.Errorf("vehicle: evaluate renderings %d to %d: %w", at, at+chunk-1, err)
		}
		if len(outputs) != 1 || len(outputs[0]) != chunk*size {
			return fmt.Errorf("%w: want one output of %d values for %d pictures, got %d outputs", ErrEvaluator, chunk*size,
				chunk, len(outputs))
		}
		for i := range min(chunk, n-at) {
			each(at+i, now.scenes[i], outputs[0][i*size:(i+1)*size])
		}
	}
	return nil
}

// rendered is a chunk of renderings and the model's input made of them.
type rendered struct {
	scenes []scene
	input  []float32
}

// render draws the chunk that begins with picture number first.
func (s stream) render(first int) rendered {
	out := rendered{make([]scene, chunk), make([]float32, 0, chunk*3*Side*Side)}
	for i := range out.scenes {
		out.scenes[i] = drawScene(s.seed, first+i, s.difficulty)
		out.input = Input(out.input, out.scenes[i].img)
	}
	return out
}

// stream is a sequence of renderings.
type stream struct {
	seed       uint64
	difficulty Difficulty
}

// extract returns the features of n renderings, [n, features].
func extract(ctx context.Context, ev Evaluator, w *Weights, s stream, n int) ([]float64, error) {
	g := newNet("vehicle_features", chunk)
	g.image()
	g.conv("1", "image", "l1", w.Conv1, 3, Side)
	g.conv("2", "l1", "l2", w.Conv2, maps, half)
	g.b.Node("AveragePool", []string{"l2"}, []string{"cells"},
		build.Attr{Name: "kernel_shape", Value: []int64{cell, cell}},
		build.Attr{Name: "strides", Value: []int64{cell, cell}})
	g.b.Output("cells", onnx.Float32, g.n, maps, grid, grid)
	model, err := g.b.Bytes()
	if err != nil {
		return nil, err
	}
	out := make([]float64, 0, n*features)
	err = evaluate(ctx, ev, model, s, n, features, func(_ int, _ scene, cells []float32) {
		for _, v := range cells {
			out = append(out, float64(v))
		}
	})
	return out, err
}
