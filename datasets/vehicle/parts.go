package vehicle

import (
	"context"
	"math/rand/v2"

	"github.com/edgeprune/edgeprune/core/onnx"
	"gonum.org/v1/gonum/mat"
)

// The second convolution is fitted to tell which part of which vehicle lies
// under it: the vehicle's bounding box is cut into partsX×partsY, and all that
// lies outside of it is one more part.
const (
	partsX, partsY = 4, 3
	parts          = Classes*partsX*partsY + 1
	patchFeatures  = maps * kernel * kernel
	partPictures   = 1200 // at most, to take patches from
	patchesPer     = 16   // patches taken from a picture
)

// part returns the part at a pixel.
func (s scene) part(pixel point) int {
	q := s.pose.from(pixel)
	x, y := int(partsX*q.x/s.length), int(partsY*q.y/s.height)
	if q.x < 0 || q.y < 0 || x >= partsX || y >= partsY {
		return parts - 1
	}
	return (s.label*partsY+y)*partsX + x
}

// fitParts fits the second convolution as the hidden layer of a network from
// one 5×5 patch of l1 to the part under it. Three of four patches are drawn
// again, at most four times, if they lie off the vehicle. At most n pictures
// are used.
func fitParts(ctx context.Context, ev Evaluator, r *rand.Rand, w *Weights, s stream, n int) error {
	g := newNet("vehicle_edges", chunk)
	g.image()
	g.conv("1", "image", "l1", w.Conv1, 3, Side)
	g.b.Output("l1", onnx.Float32, g.n, maps, half, half)
	model, err := g.b.Bytes()
	if err != nil {
		return err
	}
	n = min(n, partPictures)
	x := mat.NewDense(n*patchesPer, patchFeatures, nil)
	labels := make([]int, n*patchesPer)
	err = evaluate(ctx, ev, model, s, n, maps*half*half, func(i int, sc scene, l1 []float32) {
		for k := i * patchesPer; k < (i+1)*patchesPer; k++ {
			const margin = kernel / 2
			var col, row int
			for range 5 {
				col, row = margin+r.IntN(half-2*margin), margin+r.IntN(half-2*margin)
				labels[k] = sc.part(point{float64(2*col + 1), float64(2*row + 1)})
				if k%4 == 0 || labels[k] != parts-1 {
					break
				}
			}
			patch(x.RawRowView(k), l1, col-margin, row-margin)
		}
	})
	if err != nil {
		return err
	}
	mean, deviation := standardise(x)
	h := newHead(r, patchFeatures, maps, parts)
	if err := h.train(ctx, r, x, labels, schedule{epochs: 8, batch: 100, rate: 2e-3, decay: 0.01}); err != nil {
		return err
	}
	filters, biases := h.firstLayer(mean, deviation)
	for m := range maps {
		for j := range patchFeatures {
			w.Conv2.W[m*patchFeatures+j] = float32(filters.At(j, m))
		}
		w.Conv2.B[m] = float32(biases[m])
	}
	return nil
}

// patch copies the 5×5 patch of all maps whose upper left corner is given.
func patch(dst []float64, l1 []float32, col, row int) {
	for j := range dst {
		m, dy, dx := j/(kernel*kernel), j/kernel%kernel, j%kernel
		dst[j] = float64(l1[m*half*half+(row+dy)*half+col+dx])
	}
}
