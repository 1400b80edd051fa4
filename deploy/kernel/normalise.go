package kernel

import (
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
)

// middle maps 0..255 to -1..1 as the default mean and scale.
const middle = 127.5

// normalise is the kernel "normalise": an RGB picture, uint8[h,w,3], becomes
// the planes R, G, B of a network's input, float32[1,3,H,W]. If the sizes
// differ, the picture is first resized, keeping its aspect, to fit the top-left
// corner; the rest is black. Then every value x becomes (x - mean) / scale.
//
// Parameters: mean and scale, each a number or a list of three (R, G, B),
// default 127.5: -1 to 1.
type normalise struct {
	table   [3][256]float32
	resized *resizer // nil if the sizes are equal
}

func newNormalise(s Spec) (Kernel, error) {
	p := params{values: s.Params}
	mean, scale := p.perChannel("mean", middle), p.perChannel("scale", middle)
	for _, v := range scale {
		if v == 0 {
			p.failf("scale is 0; expected another number")
			break
		}
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	if err := expectBoth(s, picture, planes); err != nil {
		return nil, err
	}
	k := &normalise{}
	for c := range k.table {
		for x := range k.table[c] {
			k.table[c][x] = float32((float64(x) - mean[c]) / scale[c])
		}
	}
	in, out := s.In[0].Type.Shape, s.Out[0].Type.Shape
	if in[0] != out[2] || in[1] != out[3] {
		k.resized = newResizer(image.Pt(int(in[1]), int(in[0])), image.Pt(int(out[3]), int(out[2])))
	}
	return k, nil
}

// Fire writes the planes.
func (k *normalise) Fire(f *Firing) error {
	rgb, planes := f.In[0][0].Data, f.Out[0][0].Float32()
	n := len(planes) / 3
	if k.resized == nil {
		if len(rgb) != 3*n {
			return fmt.Errorf("%w: %d bytes of a picture of %d pixels", ErrToken, len(rgb), n)
		}
		for c := range k.table {
			lookUp(planes[c*n:(c+1)*n], rgb[c:], 3, &k.table[c])
		}
		return nil
	}
	rgba := k.resized.resize(rgb)
	for c := range k.table {
		lookUp(planes[c*n:(c+1)*n], rgba[c:], 4, &k.table[c])
	}
	return nil
}

// Close does nothing.
func (k *normalise) Close() error { return nil }

// lookUp writes the table's value of every step-th byte of src.
func lookUp(dst []float32, src []byte, step int, table *[256]float32) {
	for i, j := 0, 0; i < len(dst) && j < len(src); i, j = i+1, j+step {
		dst[i] = table[src[j]]
	}
}

// resizer resizes pictures of one size into the top-left corner of a canvas,
// with bilinear interpolation.
type resizer struct {
	src, dst *image.RGBA
	part     image.Rectangle
	scaler   draw.Scaler
}

func newResizer(from, to image.Point) *resizer {
	factor := min(float64(to.X)/float64(from.X), float64(to.Y)/float64(from.Y))
	size := func(n int) int { return max(1, int(math.Round(float64(n)*factor))) }
	part := image.Rect(0, 0, size(from.X), size(from.Y))
	r := &resizer{
		src:    image.NewRGBA(image.Rectangle{Max: from}),
		dst:    image.NewRGBA(image.Rectangle{Max: to}),
		part:   part,
		scaler: draw.BiLinear.NewScaler(part.Dx(), part.Dy(), from.X, from.Y),
	}
	return r
}

// resize returns the canvas as RGBA; it is overwritten by the next call.
func (r *resizer) resize(rgb []byte) []byte {
	expandRGB(r.src.Pix, rgb)
	r.scaler.Scale(r.dst, r.part, r.src, r.src.Bounds(), draw.Src, nil)
	return r.dst.Pix
}
