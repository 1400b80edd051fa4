package picture

import (
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
)

// Resizer brings pictures of one size to another. It is for one goroutine at a time.
type Resizer struct {
	src, dst   *image.RGBA
	part, from image.Rectangle
	scaler     draw.Scaler
}

// NewResizer returns what resizes pictures from a size to another, both at least 1 x 1. It
// takes memory as Fitter.Check says, which refuses what takes too much.
func NewResizer(from, to image.Point, f Fit) *Resizer {
	r := &Resizer{src: image.NewRGBA(image.Rectangle{Max: from}), dst: image.NewRGBA(image.Rectangle{Max: to})}
	r.part, r.from = parts(from, to, f)
	r.scaler = draw.BiLinear.NewScaler(r.part.Dx(), r.part.Dy(), r.from.Dx(), r.from.Dy())
	return r
}

// parts returns which part of the new picture is filled, and from which of the old one.
func parts(from, to image.Point, f Fit) (part, of image.Rectangle) {
	part, of = image.Rectangle{Max: to}, image.Rectangle{Max: from}
	across, down := float64(to.X)/float64(from.X), float64(to.Y)/float64(from.Y)
	size := func(n int, factor float64, most int) int {
		return min(max(1, int(math.Round(float64(n)*factor))), most)
	}
	switch f {
	case Letterbox:
		factor := min(across, down)
		part.Max = image.Pt(size(from.X, factor, to.X), size(from.Y, factor, to.Y))
	case Crop:
		factor := 1 / max(across, down)
		w, h := size(to.X, factor, from.X), size(to.Y, factor, from.Y)
		of = image.Rect(0, 0, w, h).Add(image.Pt((from.X-w)/2, (from.Y-h)/2))
	}
	return part, of
}

// RGBA resizes packed RGB to opaque RGBA, which the next call overwrites. What a letterbox
// leaves is black and transparent.
func (r *Resizer) RGBA(rgb []byte) []byte {
	ExpandRGB(r.src.Pix, rgb)
	r.scaler.Scale(r.dst, r.part, r.src, r.from, draw.Src, nil)
	return r.dst.Pix
}

// RGB resizes packed RGB to packed RGB in dst.
func (r *Resizer) RGB(dst, rgb []byte) {
	rgba := r.RGBA(rgb)
	for len(dst) >= 3 && len(rgba) >= 4 {
		dst[0], dst[1], dst[2] = rgba[0], rgba[1], rgba[2]
		dst, rgba = dst[3:], rgba[4:]
	}
}

// ExpandRGB writes packed RGB as opaque RGBA.
func ExpandRGB(rgba, rgb []byte) {
	for len(rgb) >= 3 && len(rgba) >= 4 {
		rgba[0], rgba[1], rgba[2], rgba[3] = rgb[0], rgb[1], rgb[2], 255
		rgba, rgb = rgba[4:], rgb[3:]
	}
}

// Fitter brings pictures of any size to one, and keeps what it needs for those of the size
// that came last. It is for one goroutine at a time.
type Fitter struct {
	width, height int
	fit           Fit
	maxPixels     int64
	last          image.Point
	resizer       *Resizer
}

// NewFitter returns what fits pictures into a size of at least 1 x 1.
func NewFitter(width, height int, o Options) *Fitter {
	return &Fitter{width: width, height: height, fit: o.Fit, maxPixels: o.maxPixels()}
}

// Into writes a picture as packed RGB of the fitter's size. Its errors are those of Check.
func (f *Fitter) Into(dst []byte, p *RGB) error {
	size := image.Pt(p.Width, p.Height)
	if size == image.Pt(f.width, f.height) {
		copy(dst, p.Pix)
		return nil
	}
	if f.resizer == nil || size != f.last {
		if err := f.Check(p.Width, p.Height); err != nil {
			return err
		}
		f.last, f.resizer = size, NewResizer(size, image.Pt(f.width, f.height), f.fit)
	}
	f.resizer.RGB(dst, p.Pix)
	return nil
}

// Bounds of the memory of a resize, in bytes.
const (
	resizePixel = 32       // what golang.org/x/image/draw takes for each pixel between
	limitPixel  = 14       // what is allowed for each of max_pixels, as for decoding
	leastResize = 16 << 20 // what is always allowed
	mostResize  = 16 << 30 // golang.org/x/image/draw counts pixels in 32 bits
)

// Check is ErrSize if the fit is exact and a picture of that size, at least 1 x 1, is not of
// the fitter's, and ErrLimit if resizing it takes too much memory: 32 bytes for each pixel of
// the picture between the two, which is as wide as the new one and as high as the old one,
// and for each of the old one's columns and rows. 14 bytes for each of max_pixels are allowed,
// and 32 for each pixel, column and row of the new one.
func (f *Fitter) Check(width, height int) error {
	if width == f.width && height == f.height {
		return nil
	}
	if f.fit == Exact {
		return fmt.Errorf("%w: it is %d wide and %d high, %d wide and %d high is expected; leave out fit: exact to resize it",
			ErrSize, width, height, f.width, f.height)
	}
	part, of := parts(image.Pt(width, height), image.Pt(f.width, f.height), f.fit)
	sum := func(w, h, pixels int) float64 { return resizePixel * (float64(w) + float64(h) + float64(pixels)) }
	takes := sum(of.Dx(), of.Dy(), part.Dx()*of.Dy())
	limit := max(limitPixel*float64(f.maxPixels), leastResize) + sum(f.width, f.height, f.width*f.height)
	if limit = min(limit, mostResize); takes > limit {
		return fmt.Errorf("%w: to bring %d x %d pixels to %d x %d takes %.0f MiB, more than the limit of %.0f; "+
			"make it smaller, or set max_pixels", ErrLimit, width, height, f.width, f.height, takes/(1<<20), limit/(1<<20))
	}
	return nil
}
