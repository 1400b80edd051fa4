package leakage_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func samples(t testing.TB, rows [][]float32) *leakage.Samples {
	s, err := leakage.NewSamples(rows, 1)
	require.NoError(t, err)
	return s
}

// TestReference compares with dcor 0.6 (u_distance_correlation_sqr) and scikit-image 0.25
// (structural_similarity with Gaussian weights, sigma 1.5, without sample covariance).
func TestReference(t *testing.T) {
	var x, y [][]float32
	for i := range 30 {
		var a, b []float32
		for k := range 5 {
			v := float32(math.Sin(1 + float64(i*(k+1))*0.7))
			a = append(a, v)
			b = append(b, float32(math.Cos(0.3*float64(i)+float64(k))+float64(v)*float64(v)))
		}
		x, y = append(x, a), append(y, b)
	}
	e, err := leakage.Dependence(samples(t, x), samples(t, y))
	require.NoError(t, err)
	assert.InDelta(t, -0.059426527153227736, e.Value, 1e-9)

	picture := func(a float64) leakage.Picture {
		p := leakage.Picture{Width: 24, Height: 20}
		for y := range 20 {
			for x := range 24 {
				for c := range 3 {
					v := math.Floor(127 + 100*math.Sin(a*float64(x)*0.3+float64(y)*0.2*float64(c+1)))
					p.Pixels = append(p.Pixels, float32(v))
				}
			}
		}
		return p
	}
	a, b := picture(1), picture(1.1)
	assert.InDelta(t, 0.915339555527912, leakage.SSIM(a, b), 1e-6)
	assert.InDelta(t, 19.16995658566479, leakage.PSNR(a, b), 1e-4)
	assert.Equal(t, 100.0, leakage.PSNR(a, a))
	assert.InDelta(t, 1, leakage.SSIM(a, a), 1e-12)
}

const side = 16

// scenes returns pictures of soft blobs: 12 numbers make each, so that few pictures say what
// others look like.
func scenes(n int, rng *rand.Rand) []leakage.Picture {
	var basis [12][]float64
	for b := range basis {
		cx, cy, s := rng.Float64()*side, rng.Float64()*side, 2+3*rng.Float64()
		for y := range side {
			for x := range side {
				dx, dy := float64(x)-cx, float64(y)-cy
				for c := range 3 {
					basis[b] = append(basis[b], math.Exp(-(dx*dx+dy*dy)/(2*s*s))*float64((b+c)%3+1)/3)
				}
			}
		}
	}
	list := make([]leakage.Picture, n)
	for i := range list {
		p := leakage.Picture{Width: side, Height: side, Pixels: make([]float32, 3*side*side)}
		for b := range basis {
			a := 120 * rng.Float64()
			for k := range p.Pixels {
				p.Pixels[k] += float32(a * basis[b][k])
			}
		}
		for k := range p.Pixels {
			p.Pixels[k] = min(p.Pixels[k], 255)
		}
		list[i] = p
	}
	return list
}

func pixels(list []leakage.Picture) [][]float32 {
	var out [][]float32
	for _, p := range list {
		out = append(out, p.Pixels)
	}
	return out
}

// TestPlanted holds tensors of which it is known what they give away.
func TestPlanted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	pictures := scenes(120, rng)
	input := samples(t, pixels(pictures))
	album, err := leakage.NewPictures(pictures)
	require.NoError(t, err)
	floor := leakage.Floor(album, 7)
	each := func(f func(p leakage.Picture, to []float32)) [][]float32 {
		var out [][]float32
		for _, p := range pictures {
			row := make([]float32, len(p.Pixels))
			f(p, row)
			out = append(out, row)
		}
		return out
	}
	try := func(rows [][]float32) (leakage.Estimate, *leakage.Reconstruction) {
		s := samples(t, rows)
		e, err := leakage.Dependence(s, input)
		require.NoError(t, err)
		r, err := leakage.Reconstruct(s, album, 7)
		require.NoError(t, err)
		return e, r
	}

	e, same := try(pixels(pictures)) // identity
	assert.InDelta(t, 1, e.Value, 1e-9)
	assert.Greater(t, same.PSNR.Low, floor.PSNR.High+15)
	assert.Greater(t, same.SSIM.Value, 0.98)

	e, r := try(each(func(p leakage.Picture, to []float32) { // an invertible convolution
		for i, x := range p.Pixels {
			to[i] = 2 * x
			if i >= 3 {
				to[i] += 0.5 * p.Pixels[i-3]
			}
		}
	}))
	assert.Greater(t, e.Value, 0.95)
	assert.InDelta(t, same.PSNR.Value, r.PSNR.Value, 4)

	e, r = try(each(func(_ leakage.Picture, to []float32) { // noise
		for i := range to {
			to[i] = float32(rng.NormFloat64())
		}
	}))
	assert.LessOrEqual(t, e.Low, 0.0)
	assert.GreaterOrEqual(t, e.High, 0.0)
	assert.InDelta(t, floor.PSNR.Value, r.PSNR.Value, 0.3)

	e, r = try(each(func(_ leakage.Picture, to []float32) { // pooled to a constant
		for i := range to {
			to[i] = 3
		}
	}))
	assert.Zero(t, e.Value)
	assert.InDelta(t, floor.PSNR.Value, r.PSNR.Value, 1e-9)

	e, r = try(each(func(p leakage.Picture, to []float32) { // one number is left: the mean
		for _, x := range p.Pixels {
			to[0] += x / float32(len(p.Pixels))
		}
	}))
	assert.Greater(t, e.Low, 0.05)
	assert.Greater(t, r.PSNR.Value, floor.PSNR.Value+0.5)
	assert.Less(t, r.PSNR.Value, same.PSNR.Value-10)
}

// TestSketch compares a sketch with inner products of all numbers.
func TestSketch(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	pictures := scenes(40, rng)
	var wide [][]float32
	for _, p := range pictures {
		var row []float32
		for len(row) < 1<<17 {
			row = append(row, p.Pixels...)
		}
		wide = append(wide, row)
	}
	s := samples(t, wide)
	assert.True(t, s.Sketched)
	e, err := leakage.Dependence(s, samples(t, pixels(pictures)))
	require.NoError(t, err)
	assert.InDelta(t, 1, e.Value, 0.02)
}

// TestJoin compares what two tensors give away together with samples that hold both.
func TestJoin(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	var one, two, both, input [][]float32
	for range 30 {
		x := []float32{float32(rng.NormFloat64()), float32(rng.NormFloat64()), float32(rng.NormFloat64())}
		input, one, two = append(input, x), append(one, x[:1]), append(two, []float32{x[1] * x[1], 3})
		both = append(both, []float32{x[0], x[1] * x[1], 3})
	}
	want, err := leakage.Dependence(samples(t, both), samples(t, input))
	require.NoError(t, err)
	joined, err := leakage.Join(samples(t, one), samples(t, two))
	require.NoError(t, err)
	got, err := leakage.Dependence(joined, samples(t, input))
	require.NoError(t, err)
	assert.InDelta(t, want.Value, got.Value, 1e-6)
	assert.Equal(t, 3, joined.Dims)
	value, err := leakage.Correlation(joined, samples(t, input))
	require.NoError(t, err)
	assert.Equal(t, got.Value, value)

	_, err = leakage.Join()
	assert.EqualError(t, err, "samples say nothing about leakage: there is no tensor")
	_, err = leakage.Join(joined, samples(t, both[:25]))
	assert.EqualError(t, err, "samples say nothing about leakage: 30 and 25 samples")
	_, err = leakage.Correlation(joined, samples(t, both[:25]))
	assert.ErrorIs(t, err, leakage.ErrSamples)
}

// TestKept writes samples and reads them again.
func TestKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	var rows [][]float32
	for range 25 {
		rows = append(rows, []float32{float32(rng.NormFloat64()), float32(rng.NormFloat64())})
	}
	s := samples(t, rows)
	b, err := s.MarshalBinary()
	require.NoError(t, err)
	var read leakage.Samples
	require.NoError(t, read.UnmarshalBinary(b))
	assert.Equal(t, *s, read)
	assert.EqualError(t, read.UnmarshalBinary(b[:30]),
		"samples say nothing about leakage: 30 bytes were kept of 25 samples")
	assert.EqualError(t, read.UnmarshalBinary(nil), "samples say nothing about leakage: 0 bytes were kept")
}

// TestSketchInTurn gives samples one by one, and leaves one out.
func TestSketchInTurn(t *testing.T) {
	sketch, err := leakage.NewProjection(1).Sketch(20, 2)
	require.NoError(t, err)
	for i := range 19 {
		require.NoError(t, sketch.Add(i, []float32{float32(i), 1}))
	}
	_, err = sketch.Samples()
	require.EqualError(t, err, "samples say nothing about leakage: sample 19 is missing")
	require.NoError(t, sketch.Add(19, []float32{19, 1}))
	s, err := sketch.Samples()
	require.NoError(t, err)
	e, err := leakage.Dependence(s, s)
	require.NoError(t, err)
	assert.InDelta(t, 1, e.Value, 1e-12)

	wide, err := leakage.NewProjection(1).Sketch(20, 1<<17)
	require.NoError(t, err)
	row := make([]float32, 1<<17)
	row[99_999] = float32(math.Inf(-1))
	assert.EqualError(t, wide.Add(4, row), "samples say nothing about leakage: sample 4 holds -Inf")
	_, err = leakage.NewProjection(1).Sketch(20, 0)
	assert.EqualError(t, err, "samples say nothing about leakage: they hold no numbers")
}

func TestRadius(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	var apart, mixed [][]float32
	var labels []int
	for i := range 60 {
		labels = append(labels, i%3)
		apart = append(apart, []float32{float32(i%3) * 100, float32(rng.NormFloat64())})
		mixed = append(mixed, []float32{float32(rng.NormFloat64()), float32(rng.NormFloat64())})
	}
	r, err := leakage.Radius(samples(t, apart), labels)
	require.NoError(t, err)
	assert.Less(t, r, 0.05)
	r, err = leakage.Radius(samples(t, mixed), labels)
	require.NoError(t, err)
	assert.InDelta(t, 1, r, 0.1)
	_, err = leakage.Radius(samples(t, mixed), labels[:5])
	assert.EqualError(t, err, "samples say nothing about leakage: 5 labels of 60 samples")

	rows := make([][]float32, 20) // all are equal but one, whose class has no other
	for i := range rows {
		rows[i] = []float32{1}
	}
	rows[7] = []float32{2}
	alone := make([]int, len(rows))
	alone[7] = 1
	_, err = leakage.Radius(samples(t, rows), alone)
	assert.EqualError(t, err,
		"samples say nothing about leakage: no class has two samples that differ from those of others")
}

func TestBadSamples(t *testing.T) {
	_, err := leakage.NewSamples(make([][]float32, 5), 1)
	require.ErrorIs(t, err, leakage.ErrSamples)
	assert.EqualError(t, err, "samples say nothing about leakage: 5 samples; give at least 20")
	rows := make([][]float32, 20)
	for i := range rows {
		rows[i] = []float32{1}
	}
	rows[3] = []float32{float32(math.NaN())}
	_, err = leakage.NewSamples(rows, 1)
	assert.EqualError(t, err, "samples say nothing about leakage: sample 3 holds NaN")
	rows[3] = nil
	_, err = leakage.NewSamples(rows, 1)
	assert.EqualError(t, err, "samples say nothing about leakage: sample 3 has 0 numbers; expected 1")
}

// BenchmarkCut is one cut with 200 samples of the largest tensor of SSD-MobileNet.
func BenchmarkCut(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 1))
	rows := make([][]float32, 200)
	pictures := make([]leakage.Picture, len(rows))
	for i := range rows {
		rows[i] = make([]float32, 64*150*150)
		for k := range rows[i] {
			rows[i][k] = rng.Float32()
		}
		pictures[i] = leakage.Picture{Width: 64, Height: 64, Pixels: rows[i][:64*64*3]}
	}
	input := samples(b, pixels(pictures))
	album, err := leakage.NewPictures(pictures)
	require.NoError(b, err)
	for b.Loop() {
		s := samples(b, rows)
		_, err := leakage.Dependence(s, input)
		require.NoError(b, err)
		_, err = leakage.Reconstruct(s, album, 1)
		require.NoError(b, err)
	}
}
