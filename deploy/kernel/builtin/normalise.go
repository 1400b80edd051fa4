package builtin

import (
	"fmt"
	"image"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/source"
)

// middle maps 0..255 to -1..1 as the default mean and scale.
const middle = 127.5

// normalise is the kernel "normalise": an RGB picture, uint8[h,w,3], becomes
// the planes R, G, B of a network's input, float32[1,3,H,W]. If the sizes
// differ, the picture is first resized, keeping its aspect, to fit the top-left
// corner; the rest is black. Then every value x becomes (x - mean) / scale.
//
// Parameters: mean and scale, each a number or a list of three (R, G, B),
// default 127.5: -1 to 1; order of the planes, rgb by default or bgr.
type normalise struct {
	table   [3][256]float32
	resized *picture.Resizer // nil if the sizes are equal
	bgr     bool
}

func newNormalise(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	mean, scale := [3]float64(p.FloatEach("mean", 3, middle)), [3]float64(p.FloatEach("scale", 3, middle))
	for _, v := range scale {
		if v == 0 {
			p.Failf("scale is 0; expected another number")
			break
		}
	}
	order := p.Text("order")
	if order != "" && order != "rgb" && order != "bgr" {
		p.Failf("order is %s; expected rgb or bgr%s", order, nearest.Hint(order, []string{"rgb", "bgr"}))
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := s.CheckIn(source.Frame); err != nil {
		return nil, err
	}
	if err := source.CheckPixels("in", s.In[0]); err != nil {
		return nil, err
	}
	if err := s.CheckOut(planes); err != nil {
		return nil, err
	}
	k := &normalise{bgr: order == "bgr"}
	for c := range k.table {
		for x := range k.table[c] {
			k.table[c][x] = float32((float64(x) - mean[c]) / scale[c])
		}
	}
	in, out := s.In[0].Type.Shape, s.Out[0].Type.Shape
	if in[0] != out[2] || in[1] != out[3] {
		fitter := picture.NewFitter(int(out[3]), int(out[2]), picture.Options{Fit: picture.Letterbox})
		if err := fitter.Check(int(in[1]), int(in[0])); err != nil {
			return nil, fmt.Errorf("%w: in port %s: %w", kernel.ErrPort, s.In[0].Name, err)
		}
		k.resized = picture.NewResizer(image.Pt(int(in[1]), int(in[0])), image.Pt(int(out[3]), int(out[2])),
			picture.Letterbox)
	}
	return k, nil
}

// Fire writes the planes.
func (k *normalise) Fire(f *kernel.Firing) error {
	pixels, step, planes := f.In[0][0].Data, 3, f.Out[0][0].Float32()
	if k.resized != nil {
		pixels, step = k.resized.RGBA(pixels), 4
	}
	if len(pixels)/step != len(planes)/3 {
		return fmt.Errorf("%w: a picture of %d pixels for planes of %d", kernel.ErrToken, len(pixels)/step, len(planes)/3)
	}
	k.lookUp(planes, pixels, step)
	return nil
}

// lookUp writes the table's values of pixels that are step bytes apart. All
// planes are written in one pass, without bounds checks.
func (k *normalise) lookUp(planes []float32, pixels []byte, step int) {
	n := len(planes) / 3
	r, g, b := planes[:n], planes[n:2*n], planes[2*n:]
	if k.bgr {
		r, b = b, r
	}
	g, b = g[:len(r)], b[:len(r)]
	for i := range r {
		if len(pixels) < 3 || len(pixels) < step {
			return
		}
		r[i], g[i], b[i] = k.table[0][pixels[0]], k.table[1][pixels[1]], k.table[2][pixels[2]]
		pixels = pixels[step:]
	}
}

// Close does nothing.
func (k *normalise) Close() error { return nil }
