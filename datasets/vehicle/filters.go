package vehicle

import (
	"math"
)

// gaborFilters fills the first convolution with oriented edges and lines of
// either polarity in brightness, and edges in two colour contrasts.
func gaborFilters(l Layer) {
	grey := [3]float64{1, 1, 1}
	redGreen, blueYellow := [3]float64{1, -1, 0}, [3]float64{-0.5, -0.5, 1}
	f := 0
	add := func(angle, phase, sign float64, mix [3]float64) {
		gabor(l.W[f*3*kernel*kernel:(f+1)*3*kernel*kernel], angle, phase, sign, mix)
		f++
	}
	for i := range 6 {
		angle := math.Pi * float64(i) / 6
		add(angle, math.Pi/2, 1, grey)
		add(angle, math.Pi/2, -1, grey)
	}
	for i := range 4 {
		angle := math.Pi * float64(i) / 4
		add(angle, 0, 1, grey)
		add(angle, 0, -1, grey)
	}
	for i := range 2 {
		angle := math.Pi * float64(i) / 2
		for _, mix := range [][3]float64{redGreen, blueYellow} {
			add(angle, math.Pi/2, 1, mix)
			add(angle, math.Pi/2, -1, mix)
		}
	}
	for _, mix := range [][3]float64{redGreen, blueYellow} {
		blob(l.W[f*3*kernel*kernel:], 1, mix)
		blob(l.W[(f+1)*3*kernel*kernel:], -1, mix)
		f += 2
	}
}

// gabor fills one filter, [3, 5, 5]: mean 0 and length 1.
func gabor(w []float32, angle, phase, sign float64, mix [3]float64) {
	const sigma, wavelength = 1.4, 5.0
	sin, cos := math.Sincos(angle)
	var plane [kernel * kernel]float64
	mean := 0.0
	for i := range plane {
		x, y := float64(i%kernel-kernel/2), float64(i/kernel-kernel/2)
		along := float64(x*cos) + float64(y*sin)
		plane[i] = math.Exp(-(float64(x*x)+float64(y*y))/(2*sigma*sigma)) * math.Cos(
			float64(2*math.Pi*along/wavelength)-phase,
		)
		mean += plane[i] / (kernel * kernel)
	}
	square := 0.0
	for i := range plane {
		plane[i] -= mean
		for _, m := range mix {
			square += float64(float64(m*plane[i]) * float64(m*plane[i]))
		}
	}
	for ch, m := range mix {
		for i, v := range plane {
			w[ch*kernel*kernel+i] = float32(sign * m * v / math.Sqrt(square))
		}
	}
}

// blob fills one filter, [3, 5, 5], with the mean of a colour contrast.
func blob(w []float32, sign float64, mix [3]float64) {
	for ch, m := range mix {
		for i := range kernel * kernel {
			w[ch*kernel*kernel+i] = float32(sign * m / (kernel * kernel))
		}
	}
}
