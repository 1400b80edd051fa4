package design

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// baselines adds the factor of the baselines, unless the study wants none.
func (d *Design) baselines() {
	if d.Spec.Baselines != nil && !*d.Spec.Baselines {
		return
	}
	f, err := factor.NewBaselines(d.base)
	if err != nil {
		d.NoBaselines = err
		return
	}
	d.Factors, d.Searched = append(d.Factors, f), append(d.Searched, false)
	d.baseline = f
}

// Baseline returns the level of the factor of the baselines that a case has; "" if it is none of
// them.
func (d *Design) Baseline(p Point) string {
	if d.baseline == nil {
		return ""
	}
	return p[len(p)-1].Text
}

// Regular returns the indices of cases that are no baselines.
func (d *Design) Regular(points []Point) []int {
	var all []int
	for i, p := range points {
		if d.Baseline(p) == "" {
			all = append(all, i)
		}
	}
	return all
}

// Varied are the factors that the study varies, without that of the baselines.
func (d *Design) Varied() []*factor.Factor {
	if d.baseline == nil {
		return d.Factors
	}
	return d.Factors[:len(d.Factors)-1]
}

// Drop leaves the cases of a baseline out.
func (d *Design) Drop(baseline string) {
	d.baseline.Levels = slices.DeleteFunc(slices.Clone(d.baseline.Levels), func(l factor.Level) bool {
		return l.Text == baseline
	})
}

// Baselines names the baselines that the study has cases of.
func (d *Design) Baselines() []string {
	if d.baseline == nil {
		return nil
	}
	return textsOf(d.baseline.Levels)
}

// Places reports whether factor i is one that a baseline decides itself: the cut or the codec.
func (d *Design) Places(i int) bool {
	key := ""
	if i < len(d.Spec.Vary) {
		key = d.Spec.Vary[i].Key
	}
	return key == factor.Cut || key == factor.Codec
}

// withBaselines adds to cases, without a level of the baselines, that level, and behind them the
// baselines: for each, a case for each combination of the levels of factors that it does not decide.
func (d *Design) withBaselines(points []Point) []Point {
	if d.baseline == nil {
		return points
	}
	all := make([]Point, 0, len(points))
	for _, p := range points {
		all = append(all, append(p[:len(p):len(p)], factor.Level{Number: math.NaN()}))
	}
	for _, l := range d.baseline.Levels {
		at := d.baseline.PlaceOf(l)
		seen := map[string]bool{}
		for _, p := range points {
			c := slices.Concat(p, Point{l})
			for i := range p {
				switch {
				case !d.Places(i):
				case d.Spec.Vary[i].Key == factor.Cut:
					c[i] = factor.Level{Text: at.Cut, Number: math.NaN()}
				default:
					c[i] = factor.Level{Text: at.Codec, Number: math.NaN()}
				}
			}
			if key := c.Key(); !seen[key] {
				seen[key] = true
				all = append(all, c)
			}
		}
	}
	return all
}

// countBaselines returns how many cases of baselines there are at most beside n others.
func (d *Design) countBaselines(n float64) float64 {
	if d.baseline == nil {
		return 0
	}
	if !d.Spec.Design.Sampled() {
		for i, f := range d.Varied() {
			if d.Places(i) && len(f.Levels) > 0 {
				n /= float64(len(f.Levels))
			}
		}
	}
	return n * float64(len(d.baseline.Levels))
}

// amongThem says of a number of cases that it has baselines in it.
func (d *Design) amongThem() string {
	if d.baseline == nil {
		return ""
	}
	return ", the baselines among them"
}
