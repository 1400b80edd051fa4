package chart

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
)

// lines draws a quantity over a factor. Where several cases have one place, their median
// stands there, and the band is from the least to the largest; else it is the 95 % interval.
func (d *Data) lines(f *study.Figure) *figure.Lines {
	all, label := d.samples(f.Lines)
	l := &figure.Lines{Title: d.title(f.Lines + " over " + f.X), Y: figure.Axis{Label: label}}
	x, xi := d.axis(f.X)
	ordered := d.Design.Factors[xi].Ordered()
	l.X = x
	if ordered {
		l.X.Levels = nil
	}
	by := -1
	names := []string{""}
	if f.By != "" {
		a, i := d.axis(f.By)
		by = i
		names = nil
		for _, level := range a.Levels {
			names = append(names, level.Text)
		}
	}
	several := false
	for _, name := range names {
		at := map[float64][]sample{}
		for _, s := range all {
			if by >= 0 && s.point[by].Text != name {
				continue
			}
			place := s.point[xi].Number
			if !ordered {
				place = float64(slices.IndexFunc(x.Levels, func(l figure.Level) bool { return l.Text == s.point[xi].Text }))
			}
			at[place] = append(at[place], s)
		}
		line := figure.Line{Name: name}
		if by >= 0 {
			line.Name = f.By + " " + name
		}
		for place, here := range at {
			if d.Design.Searched[xi] && len(here) < combinations(all, xi, by, name) {
				continue // a median over other cases than at other levels
			}
			several = several || len(here) > 1
			line.Points = append(line.Points, pointOf(place, here))
		}
		slices.SortFunc(line.Points, func(a, b figure.Point) int { return cmp.Compare(a.X, b.X) })
		l.Lines = append(l.Lines, line)
	}
	more := d.baselineLines(f, xi, ordered)
	l.Lines = append(l.Lines, more...)
	if others := d.others(f.X, f.By, f.Lines); several && others != "" {
		l.Caption = fmt.Sprintf("The median over the levels of %s; bands are from the least to the largest. ", others)
	} else {
		l.Caption = "Bands are 95 % intervals where there are any. "
	}
	if d.Design.Searched[xi] {
		l.Caption += "Shown are levels at which the search simulated all of them. "
	}
	if len(more) > 0 {
		l.Caption += "Baselines are at the same levels of the factors that they don't decide. "
	}
	l.Caption += d.obtained()
	return l
}

// baselineLines returns a line for each baseline, over a factor of numbers that it does not decide.
func (d *Data) baselineLines(f *study.Figure, xi int, ordered bool) (lines []figure.Line) {
	if !ordered || d.Design.Places(xi) {
		return nil
	}
	all, _ := d.baselines.samples(f.Lines)
	for _, name := range d.Design.Baselines() {
		var own []sample
		at := map[float64][]sample{}
		for _, s := range all {
			if d.Design.Baseline(s.point) == name {
				own = append(own, s)
				at[s.point[xi].Number] = append(at[s.point[xi].Number], s)
			}
		}
		line := figure.Line{Name: "baseline: " + name, Baseline: true}
		for place, here := range at {
			if d.Design.Searched[xi] && len(here) < combinations(own, xi, -1, "") {
				continue
			}
			line.Points = append(line.Points, pointOf(place, here))
		}
		slices.SortFunc(line.Points, func(a, b figure.Point) int { return cmp.Compare(a.X, b.X) })
		if len(line.Points) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// combinations returns how many combinations of other levels than that of factor x a line
// has.
func combinations(all []sample, x, by int, line string) int {
	seen := map[string]bool{}
	for _, s := range all {
		if by < 0 || s.point[by].Text == line {
			p := slices.Clone(s.point)
			p[x].Text = ""
			seen[p.Key()] = true
		}
	}
	return len(seen)
}

// pointOf sums up the samples of one place.
func pointOf(x float64, all []sample) figure.Point {
	if len(all) == 1 {
		return figure.Point{X: x, Y: all[0].value, Low: all[0].low, High: all[0].high}
	}
	var values []float64
	for _, s := range all {
		values = append(values, s.value)
	}
	middle := median(values) // it sorts them
	return figure.Point{X: x, Y: middle, Low: values[0], High: values[len(values)-1]}
}
