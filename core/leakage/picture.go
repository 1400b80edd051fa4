package leakage

import (
	"fmt"
	"math"
)

// Picture is what is to be reconstructed: rows of pixels of three numbers from 0 to 255.
type Picture struct {
	Width, Height int
	Pixels        []float32 // height · width · 3
}

// Pictures are pictures of one size that are to be reconstructed.
type Pictures struct {
	list    []Picture
	samples *Samples
}

// NewPictures takes pictures of one size, at least 11 by 11 pixels, and keeps them. Others, and
// fewer than Least, are errors that wrap ErrSamples.
func NewPictures(list []Picture) (*Pictures, error) {
	var pixels [][]float32
	for i, p := range list {
		if p.Width != list[0].Width || p.Height != list[0].Height || len(p.Pixels) != 3*p.Width*p.Height ||
			p.Width < ssimSide || p.Height < ssimSide {
			return nil, fmt.Errorf("%w: picture %d is of %d by %d pixels; give all one size, at least %d by %d", ErrSamples,
				i, p.Width, p.Height, ssimSide, ssimSide)
		}
		pixels = append(pixels, p.Pixels)
	}
	s, err := NewSamples(pixels, 0)
	if err != nil {
		return nil, err
	}
	return &Pictures{list: list, samples: s}, nil
}

// N returns how many they are.
func (p *Pictures) N() int { return len(p.list) }

// At returns one of them, which the caller must not change.
func (p *Pictures) At(i int) Picture { return p.list[i] }

// PSNR returns the peak signal-to-noise ratio of a picture against another of its size, in dB:
// 10 log10(255² / mean square error), at most 100.
func PSNR(a, b Picture) float64 {
	sum := 0.0
	for i, x := range a.Pixels {
		d := float64(x) - float64(b.Pixels[i])
		sum += d * d
	}
	return min(10*math.Log10(255*255/max(sum/float64(len(a.Pixels)), 1e-12)), 100)
}

// The constants of SSIM, and its window.
const (
	ssimC1    = 0.01 * 255 * 0.01 * 255
	ssimC2    = 0.03 * 255 * 0.03 * 255
	ssimSide  = 11
	ssimSigma = 1.5
)

// SSIM returns the mean structural similarity of the luma of two pictures of one size, at least 11 by 11
// pixels, with a Gaussian window of that size (Wang, Bovik, Sheikh, Simoncelli 2004, IEEE Transactions
// on Image Processing 13).
func SSIM(a, b Picture) float64 {
	x, y := luma(a), luma(b)
	n := len(x)
	xx, yy, xy := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range x {
		xx[i], yy[i], xy[i] = x[i]*x[i], y[i]*y[i], x[i]*y[i]
	}
	w, h := a.Width, a.Height
	mx, my := blur(x, w, h), blur(y, w, h)
	sxx, syy, sxy := blur(xx, w, h), blur(yy, w, h), blur(xy, w, h)
	sum := 0.0
	for i := range mx {
		vx, vy, c := sxx[i]-mx[i]*mx[i], syy[i]-my[i]*my[i], sxy[i]-mx[i]*my[i]
		sum += (2*mx[i]*my[i] + ssimC1) * (2*c + ssimC2) /
			((mx[i]*mx[i] + my[i]*my[i] + ssimC1) * (vx + vy + ssimC2))
	}
	return sum / float64(len(mx))
}

// luma is that of ITU-R BT.601.
func luma(p Picture) []float64 {
	list := make([]float64, p.Width*p.Height)
	for i := range list {
		rgb := p.Pixels[3*i:]
		list[i] = 0.299*float64(rgb[0]) + 0.587*float64(rgb[1]) + 0.114*float64(rgb[2])
	}
	return list
}

// blur returns the weighted means of the windows that lie in a picture.
func blur(p []float64, w, h int) []float64 {
	var weights [ssimSide]float64
	sum := 0.0
	for i := range weights {
		d := float64(i - ssimSide/2)
		weights[i] = math.Exp(-d * d / (2 * ssimSigma * ssimSigma))
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	nw, nh := w-ssimSide+1, h-ssimSide+1
	across := make([]float64, nw*h)
	for y := range h {
		for x := range nw {
			for k, q := range weights {
				across[y*nw+x] += q * p[y*w+x+k]
			}
		}
	}
	out := make([]float64, nw*nh)
	for y := range nh {
		for x := range nw {
			for k, q := range weights {
				out[y*nw+x] += q * across[(y+k)*nw+x]
			}
		}
	}
	return out
}
