package leakage

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// folds is into how many parts samples are divided; each is reconstructed by a decoder that was
// fitted to the others.
const folds = 4

// Reconstruction is what a decoder makes of tensors that it was not fitted to.
type Reconstruction struct {
	PSNR Estimate `json:"psnr_db"`
	SSIM Estimate `json:"ssim"`
	// Pictures are by sample.
	Pictures []Picture `json:"-"`
}

// Reconstruct fits a linear decoder from samples to the pictures that they were made of: ridge
// regression in the dual form (Saunders, Gammerman, Vovk 1998, ICML), whose penalty is chosen by
// generalised cross-validation (Golub, Heath, Wahba 1979, Technometrics 21) on what it is fitted
// to. The seed divides the samples. Intervals are of the mean over samples.
func Reconstruct(s *Samples, pictures []Picture, seed uint64) (*Reconstruction, error) {
	return decode(pictures, s.N, seed, func(fit, of []int) *mat.Dense { return s.ridge(fit, of, pictures) })
}

// Floor returns what the mean of the other pictures is as a reconstruction: it needs no tensor.
func Floor(pictures []Picture, seed uint64) (*Reconstruction, error) {
	return decode(pictures, len(pictures), seed, func(fit, of []int) *mat.Dense {
		mean, _ := rows(pictures, fit)
		out := mat.NewDense(len(of), len(mean), nil)
		for i := range of {
			out.SetRow(i, mean)
		}
		return out
	})
}

// decode reconstructs every picture by a decoder that is fitted to those of other folds.
func decode(pictures []Picture, n int, seed uint64, decoder func(fit, of []int) *mat.Dense) (*Reconstruction, error) {
	if len(pictures) != n || n < Least {
		return nil, fmt.Errorf("%w: %d pictures of %d samples; give at least %d of each", ErrSamples, len(pictures), n, Least)
	}
	first := pictures[0]
	for i, p := range pictures {
		if p.Width != first.Width || p.Height != first.Height || len(p.Pixels) != 3*p.Width*p.Height ||
			p.Width < ssimSide || p.Height < ssimSide {
			return nil, fmt.Errorf("%w: picture %d is of %d by %d pixels; give all one size, at least %d by %d", ErrSamples,
				i, p.Width, p.Height, ssimSide, ssimSide)
		}
	}
	order := shuffled(n, seed)
	r := &Reconstruction{Pictures: make([]Picture, n)}
	for fold := range folds {
		var fit, of []int
		for i, at := range order {
			if i%folds == fold {
				of = append(of, at)
			} else {
				fit = append(fit, at)
			}
		}
		made := decoder(fit, of)
		for i, at := range of {
			r.Pictures[at] = picture(first, made.RawRowView(i))
		}
	}
	psnr, ssim := make([]float64, n), make([]float64, n)
	for i, p := range r.Pictures {
		psnr[i], ssim[i] = PSNR(p, pictures[i]), SSIM(p, pictures[i])
	}
	r.PSNR, r.SSIM = MeanOf(psnr), MeanOf(ssim)
	return r, nil
}

// shuffled returns the numbers below n in an order that a seed fixes (Fisher, Yates).
func shuffled(n int, seed uint64) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	for i := n - 1; i > 0; i-- {
		k := int(draw.Mix(seed, uint64(i)) % uint64(i+1))
		list[i], list[k] = list[k], list[i]
	}
	return list
}

// picture makes pixels of numbers, which it clips.
func picture(like Picture, row []float64) Picture {
	p := Picture{Width: like.Width, Height: like.Height, Pixels: make([]float32, len(row))}
	for i, x := range row {
		p.Pixels[i] = float32(min(max(x, 0), 255))
	}
	return p
}

// MeanOf returns the mean with its 95 % interval by the normal approximation.
func MeanOf(values []float64) Estimate {
	mean, deviation := stat.MeanStdDev(values, nil)
	half := 1.96 * stat.StdErr(deviation, float64(len(values)))
	return Estimate{Value: mean, Low: mean - half, High: mean + half, N: len(values)}
}

// rows returns the mean of pictures, and each less that.
func rows(pictures []Picture, of []int) (mean []float64, centred *mat.Dense) {
	mean = make([]float64, len(pictures[0].Pixels))
	for _, i := range of {
		for k, x := range pictures[i].Pixels {
			mean[k] += float64(x) / float64(len(of))
		}
	}
	centred = mat.NewDense(len(of), len(mean), nil)
	for r, i := range of {
		to := centred.RawRowView(r)
		for k, x := range pictures[i].Pixels {
			to[k] = float64(x) - mean[k]
		}
	}
	return mean, centred
}

// ridge fits to some samples, and reconstructs others: with K the products of the former, centred,
// and k those of one of the latter with them, it is mean + k (K + λ I)⁻¹ Y.
func (s *Samples) ridge(fit, of []int, pictures []Picture) *mat.Dense {
	mean, y := rows(pictures, fit)
	n := len(fit)
	gram, cross := s.products(fit, of)
	var eigen mat.EigenSym
	out := mat.NewDense(len(of), len(mean), nil)
	ok := eigen.Factorize(gram, true)
	var v, projected mat.Dense
	if ok {
		eigen.VectorsTo(&v)
		projected.Mul(v.T(), y)
		values := eigen.Values(nil)
		penalty := penaltyOf(values, &projected)
		for i := range n {
			row := projected.RawRowView(i)
			for k := range row {
				row[k] /= max(values[i], 0) + penalty
			}
		}
		var w mat.Dense
		w.Mul(cross, &v)
		out.Mul(&w, &projected)
	}
	for i := range of {
		row := out.RawRowView(i)
		for k := range row {
			row[k] += mean[k]
		}
	}
	return out
}

// products returns the inner products of some samples, less their mean, and those of others with them.
func (s *Samples) products(fit, of []int) (gram *mat.SymDense, cross *mat.Dense) {
	n := float64(len(fit))
	mean, whole := make([]float64, s.N), 0.0 // of the products of each sample with those that it is fitted to
	for i := range s.N {
		for _, f := range fit {
			mean[i] += s.gram.At(i, f) / n
		}
	}
	for _, f := range fit {
		whole += mean[f] / n
	}
	at := func(i, j int) float64 { return s.gram.At(i, j) - mean[i] - mean[j] + whole }
	gram, cross = mat.NewSymDense(len(fit), nil), mat.NewDense(len(of), len(fit), nil)
	for i, a := range fit {
		for j, b := range fit[:i+1] {
			gram.SetSym(i, j, at(a, b))
		}
		for j, b := range of {
			cross.Set(j, i, at(b, a))
		}
	}
	return gram, cross
}

// penaltyOf returns the penalty of least generalised cross-validation, of 25 that are powers of a
// root of ten times the mean eigenvalue: n Σ_i (λ/(λ+d_i))² ‖u_i·Y‖² / (Σ_i λ/(λ+d_i))².
func penaltyOf(values []float64, projected *mat.Dense) float64 {
	n := len(values)
	energy, mean := make([]float64, n), 0.0
	for i := range n {
		for _, x := range projected.RawRowView(i) {
			energy[i] += x * x
		}
		mean += max(values[i], 0) / float64(n)
	}
	if mean <= 0 {
		return 1
	}
	best, least := mean, math.Inf(1)
	for step := -18; step <= 6; step++ {
		penalty := mean * math.Pow(10, float64(step)/2)
		miss, free := 0.0, 0.0
		for i, d := range values {
			left := penalty / (penalty + max(d, 0))
			miss += left * left * energy[i]
			free += left
		}
		if score := float64(n) * miss / (free * free); score < least {
			best, least = penalty, score
		}
	}
	return best
}
