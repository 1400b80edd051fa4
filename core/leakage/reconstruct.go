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
// regression in the dual form (Saunders, Gammerman, Vovk 1998, ICML), whose penalty is that of the
// least error of samples left out one by one (Allen 1974, Technometrics 16) of those that it is
// fitted to. The seed divides the samples. Intervals are of the mean over samples.
func Reconstruct(s *Samples, pictures *Pictures, seed uint64) (*Reconstruction, error) {
	if s.N != pictures.N() {
		return nil, fmt.Errorf("%w: %d pictures of %d samples", ErrSamples, pictures.N(), s.N)
	}
	return decode(pictures, seed, func(fit, of []int) *mat.Dense { return s.ridge(fit, of, pictures) }), nil
}

// Floor returns what the mean of the other pictures is as a reconstruction: it needs no tensor.
func Floor(pictures *Pictures, seed uint64) *Reconstruction {
	return decode(pictures, seed, func(fit, of []int) *mat.Dense {
		mean, _ := rows(pictures.list, fit)
		out := mat.NewDense(len(of), len(mean), nil)
		for i := range of {
			out.SetRow(i, mean)
		}
		return out
	})
}

// decode reconstructs every picture by a decoder that is fitted to those of other folds.
func decode(pictures *Pictures, seed uint64, decoder func(fit, of []int) *mat.Dense) *Reconstruction {
	n := pictures.N()
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
			r.Pictures[at] = picture(pictures.list[0], made.RawRowView(i))
		}
	}
	r.PSNR, r.SSIM = Compare(r.Pictures, pictures.list)
	return r
}

// Compare returns the mean PSNR and SSIM of pictures against others, of the same sizes.
func Compare(made, of []Picture) (psnr, ssim Estimate) {
	p, s := make([]float64, len(made)), make([]float64, len(made))
	for i := range made {
		p[i], s[i] = PSNR(made[i], of[i]), SSIM(made[i], of[i])
	}
	return MeanOf(p), MeanOf(s)
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
func (s *Samples) ridge(fit, of []int, pictures *Pictures) *mat.Dense {
	mean, y := rows(pictures.list, fit)
	out := mat.NewDense(len(of), len(mean), nil)
	var eigen mat.EigenSym
	if eigen.Factorize(lifted(s.among(fit)), true) {
		var v, w, weights mat.Dense
		eigen.VectorsTo(&v)
		values := eigen.Values(nil)
		penalty := penaltyOf(values, &v, pictures.samples.among(fit))
		w.Mul(s.across(of, fit), &v)
		for i := range of {
			row := w.RawRowView(i)
			for k := range row {
				row[k] /= max(values[k], 0) + penalty
			}
		}
		weights.Mul(&w, v.T())
		out.Mul(&weights, y)
	}
	for i := range of {
		row := out.RawRowView(i)
		for k := range row {
			row[k] += mean[k]
		}
	}
	return out
}

// lifted adds to centred products twice their trace in the direction of equal numbers, of which they
// have nothing. It is the last eigenvector then, and rounding doesn't mix it with those of little.
func lifted(gram *mat.SymDense) *mat.SymDense {
	n := gram.SymmetricDim()
	each := 2 * mat.Trace(gram) / float64(n)
	for i := range n {
		for j := range i + 1 {
			gram.SetSym(i, j, gram.At(i, j)+each)
		}
	}
	return gram
}

// products returns the inner products of any two samples, less the mean of some.
func (s *Samples) products(fit []int) func(i, j int) float64 {
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
	return func(i, j int) float64 { return s.gram.At(i, j) - mean[i] - mean[j] + whole }
}

// among returns the products of some samples with each other, less their mean.
func (s *Samples) among(fit []int) *mat.SymDense {
	at, gram := s.products(fit), mat.NewSymDense(len(fit), nil)
	for i, a := range fit {
		for j, b := range fit[:i+1] {
			gram.SetSym(i, j, at(a, b))
		}
	}
	return gram
}

// across returns the products of some samples, a row each, with those that are fitted to.
func (s *Samples) across(of, fit []int) *mat.Dense {
	at, cross := s.products(fit), mat.NewDense(len(of), len(fit), nil)
	for i, a := range of {
		for j, b := range fit {
			cross.Set(i, j, at(a, b))
		}
	}
	return cross
}

// penaltyOf returns the penalty of least squared error of samples that are left out one by one, of 25 that are
// powers of a root of ten times the mean eigenvalue. With the eigenvectors V and values d of K, as lifted has
// them, without the last, w = λ/(λ+d) and A = V diag(w) Vᵀ it is Σ_i (A Y Yᵀ A)_ii / A_ii².
func penaltyOf(values []float64, v *mat.Dense, outer mat.Symmetric) float64 {
	n, rank := len(values), len(values)-1
	mean := 0.0
	for _, d := range values[:rank] {
		mean += max(d, 0) / float64(n)
	}
	if mean <= 0 {
		return 1
	}
	var half, inner mat.Dense
	half.Mul(outer, v)
	inner.Mul(v.T(), &half)
	best, least := mean, math.Inf(1)
	scaled, product := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for step := -18; step <= 6; step++ {
		penalty := mean * math.Pow(10, float64(step)/2)
		score := 0.0
		for i := range n {
			from, to := v.RawRowView(i), scaled.RawRowView(i)
			for k, d := range values[:rank] {
				to[k] = from[k] * penalty / (penalty + max(d, 0))
			}
		}
		product.Mul(scaled, &inner)
		for i := range n {
			w, p, u := scaled.RawRowView(i), product.RawRowView(i), v.RawRowView(i)
			miss, free := 0.0, 0.0
			for k := range rank {
				miss, free = miss+w[k]*p[k], free+w[k]*u[k]
			}
			score += miss / (free * free)
		}
		if score < least {
			best, least = penalty, score
		}
	}
	return best
}
