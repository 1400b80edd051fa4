package design

import (
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/gonum/stat/sampleuv"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// count returns how many cases the design has, as far as a float64 counts.
func (d *Design) count() float64 {
	if n := float64(d.Spec.Design.N); d.Spec.Design.Sampled() {
		return n + d.countBaselines(n)
	}
	n := 1.0
	for i, f := range d.Varied() {
		if !d.Searched[i] {
			n *= float64(len(f.Levels))
		}
	}
	return n + d.countBaselines(n)
}

// Points returns the cases of the design, in its order, and behind them the baselines: in a grid,
// the first factor changes slowest. A searched factor has an empty level. Points may repeat where levels are drawn.
func (d *Design) Points() ([]Point, error) {
	if d.Spec.Design.Sampled() {
		points, err := d.drawn()
		return d.withBaselines(points), err
	}
	points := []Point{nil}
	for i, f := range d.Varied() {
		levels := f.Levels
		if d.Searched[i] {
			levels = []factor.Level{{}}
		}
		next := make([]Point, 0, len(points)*len(levels))
		for _, p := range points {
			for _, l := range levels {
				next = append(next, append(p[:len(p):len(p)], l))
			}
		}
		points = next
	}
	return d.withBaselines(points), nil
}

// drawn draws points.
func (d *Design) drawn() ([]Point, error) {
	points := make([]Point, d.Spec.Design.N)
	source := rand.NewPCG(d.Spec.Design.Seed, 0)
	shares := make([]float64, len(points))
	unit := distuv.Uniform{Max: 1, Src: source}
	for k, f := range d.Varied() {
		if d.Spec.Design.Kind == study.LatinHypercube { // its dimensions are drawn independently
			sampleuv.LatinHypercube{Q: unit, Src: source}.Sample(shares)
		} else {
			sampleuv.IIDer{Dist: unit}.Sample(shares)
		}
		for i, share := range shares {
			var l factor.Level
			if !d.Searched[k] {
				var err error
				if l, err = f.At(d.base.File, share); err != nil {
					return nil, err
				}
			}
			points[i] = append(points[i], l)
		}
	}
	return points, nil
}

// Key is the same for points of equal levels, and for no others.
func (p Point) Key() string {
	var b strings.Builder
	for i := range p {
		b.WriteString(p[i].Text)
		b.WriteByte(0)
	}
	return b.String()
}
