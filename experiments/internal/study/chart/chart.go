// Package chart makes the figures that a study names of its cases and answers. It may not
// draw; package figure does.
package chart

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// Data are what a study has found.
type Data struct {
	Design  *design.Design
	Points  []design.Point
	Rows    []runner.Row // of Points
	Answers []answer.Answer
	Caption string // how the values were obtained

	// baselines are the cases and answers that are baselines; the others are in the fields above.
	baselines *Data

	fixed  map[string]study.Texts // levels of the cases that a figure is of
	beyond bool                   // a limit that it shows may lie beyond the range
}

// Drawing is a figure that can be written.
type Drawing interface {
	// Write draws to base.png and base.svg, and returns the paths. Nothing to draw is an
	// error wrapping figure.ErrNothing.
	Write(base string) ([]string, error)
}

// New returns figure i of the study, and the name of its files.
func (d *Data) New(i int) (of Drawing, name string) {
	f := &d.Design.Spec.Figures[i]
	d = d.at(f) // a copy
	switch {
	case f.Lines != "":
		of, name = d.lines(f), "lines "+f.Lines+" "+f.X
	case f.Heat != "":
		of, name = d.heat(f), "heat "+f.Heat+" "+f.X+" "+f.Y
	case f.Best != "":
		of, name = d.best(f), "best "+f.Best+" "+f.X+" "+f.Y
	default:
		of, name = d.tornado(f), "tornado "+f.Tornado
	}
	return of, fmt.Sprintf("%d %s", i+1, name)
}

// at returns the data of the cases that a figure is of.
func (d *Data) at(f *study.Figure) *Data {
	in := func(p design.Point) bool {
		for name, texts := range f.At {
			i := d.Design.Index(name)
			if d.Design.Baseline(p) != "" && d.Design.Places(i) {
				continue
			}
			if !slices.ContainsFunc(texts, func(t study.Text) bool { return d.Design.Is(i, p[i], string(t)) }) {
				return false
			}
		}
		return true
	}
	of := &Data{Design: d.Design, Caption: d.Caption, fixed: f.At}
	of.baselines = &Data{Design: d.Design}
	part := func(p design.Point) *Data {
		if d.Design.Baseline(p) != "" {
			return of.baselines
		}
		return of
	}
	for i, p := range d.Points {
		if in(p) {
			to := part(p)
			to.Points, to.Rows = append(to.Points, p), append(to.Rows, d.Rows[i])
		}
	}
	for _, a := range d.Answers {
		if in(a.Point) {
			to := part(a.Point)
			to.Answers = append(to.Answers, a)
		}
	}
	return of
}

// title is that of a figure, with the levels that it is of.
func (d *Data) title(text string) string {
	text = d.Design.Spec.Study + ": " + text
	for i, name := range slices.Sorted(maps.Keys(d.fixed)) {
		var levels []string
		for _, t := range d.fixed[name] {
			levels = append(levels, string(t))
		}
		text += [2]string{" at ", ", "}[min(i, 1)] + name + " " + strings.Join(levels, " or ")
	}
	return text
}

// sample is a value of a case, or of an answer.
type sample struct {
	point            design.Point
	value, low, high float64
}

// samples returns the values of a metric, or of a factor whose limit was asked for, with
// what they are.
func (d *Data) samples(name string) (all []sample, label string) {
	if m, ok := study.MetricOf(name); ok {
		for i := range d.Rows {
			if v, ok := d.Rows[i].Value(m); ok {
				low, high := d.Rows[i].Interval(m)
				all = append(all, sample{d.Points[i], v, low, high})
			}
		}
		return all, withUnit(strings.ReplaceAll(name, "_", " "), study.Metrics()[m].Unit)
	}
	word := "largest"
	for i := range d.Answers {
		a := &d.Answers[i]
		q := &d.Design.Spec.Ask[a.Index]
		if q.Largest != name && q.Smallest != name {
			continue
		}
		if q.Smallest == name {
			word = "smallest"
		}
		d.beyond = d.beyond || a.Beyond
		if a.Level != "" {
			all = append(all, sample{a.Point, a.Number, a.Number, a.Number})
		}
	}
	return all, withUnit(word+" "+name, d.Design.Factors[d.Design.Index(name)].Unit)
}

func withUnit(name, unit string) string {
	if unit == "" || unit == name {
		return name
	}
	return name + " (" + unit + ")"
}

// axis is that of a factor.
func (d *Data) axis(name string) (figure.Axis, int) {
	i := d.Design.Index(name)
	f := d.Design.Factors[i]
	a := figure.Axis{Label: withUnit(name, f.Unit), Log: f.Log || wide(f.Levels)}
	levels := f.Levels
	if f.Ordered() {
		levels = slices.SortedStableFunc(slices.Values(levels), func(a, b factor.Level) int {
			return cmp.Compare(a.Number, b.Number)
		})
	}
	for _, l := range levels {
		a.Levels = append(a.Levels, figure.Level{Text: l.Text, Number: l.Number})
	}
	return a, i
}

// wide reports whether levels are above 0 and differ so much that they are told apart on a
// logarithmic scale only.
func wide(levels []factor.Level) bool {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, l := range levels {
		lo, hi = min(lo, l.Number), max(hi, l.Number)
	}
	return lo > 0 && hi/lo >= 20
}

// obtained says how the values of a figure were obtained.
func (d *Data) obtained() string {
	if d.beyond {
		return "Limits at the end of the range may lie beyond it. " + d.Caption
	}
	return d.Caption
}

// others names the factors that a figure doesn't show.
func (d *Data) others(shown ...string) string {
	var names []string
	for _, f := range d.Design.Varied() {
		if !slices.Contains(shown, f.Name) && len(f.Levels) != 1 && len(d.fixed[f.Name]) != 1 {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
