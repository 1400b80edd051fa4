// Package design is the factors of a study with their levels, and the cases that its design
// makes of them. It may not compile nor run a plan.
package design

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// MostCases bounds a design, whose cases are held in memory.
const MostCases = 1_000_000

// MostLines is how many lines a figure has at most.
const MostLines = 12

// Point is a combination of levels: one of each factor.
type Point []factor.Level

// Design is a study over a base.
type Design struct {
	Spec    *study.Spec
	Factors []*factor.Factor
	// Searched says of each factor that no case of the design has a level of it, as a
	// question searches it.
	Searched []bool
	// NoBaselines says why the study has no baselines though it may have them.
	NoBaselines error
	base        *factor.Base
	baseline    *factor.Factor // the last of Factors; nil: there are no baselines
}

// New finds the factors of a study and checks their levels. parse returns the plan file of
// the base, for each call another one. Errors begin with file:line:column of the study.
func New(s *study.Spec, base *factor.Base, parse func() (*planfile.File, error)) (*Design, error) {
	d := &Design{Spec: s, base: base}
	var errs []error
	for i := range s.Vary {
		f, err := d.factor(i, parse)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		d.Factors = append(d.Factors, f)
		d.Searched = append(d.Searched, len(f.Levels) == 0 && s.AsksLimit(f.Name))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := errors.Join(d.checkOrdered(), d.checkSearched()); err != nil {
		return nil, err
	}
	d.baselines()
	n := d.count()
	if n > MostCases {
		at := "$.vary"
		if s.Design.Sampled() {
			at = "$.design"
		}
		return nil, s.Errorf(at, "%w: it has %s cases%s; at most %d can be simulated: give fewer values or steps, or draw "+
			"some by design: {kind: latin-hypercube, n: 1000}", study.ErrDesign, cases(n),
			d.amongThem(), MostCases)
	}
	return d, nil
}

// cases writes a number of cases.
func cases(n float64) string {
	if n < 1e15 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}

// factor returns factor i with its levels.
func (d *Design) factor(i int, parse func() (*planfile.File, error)) (*factor.Factor, error) {
	s, v := d.Spec, &d.Spec.Vary[i]
	at := fmt.Sprintf("$.vary[%d]", i)
	f, err := factor.New(d.base, v.Key, v.Of)
	if err != nil {
		return nil, s.Errorf(at+".key", "%w", err)
	}
	f.Name = v.Column()
	check := func(l factor.Level, path string) error {
		file, err := parse()
		if err == nil {
			err = f.Check(file, l)
		}
		if err != nil {
			return s.Errorf(path, "%w", err)
		}
		return nil
	}
	if len(v.Values) > 0 {
		texts := v.Values
		if v.Key == factor.Cut && len(texts) == 1 && texts[0] == "all" {
			texts = nil
			for _, a := range d.base.Actors {
				texts = append(texts, study.Text(a))
			}
		}
		seen := map[string]bool{}
		for k, text := range texts {
			path := fmt.Sprintf("%s.values[%d]", at, k)
			l, err := f.Level(d.base, string(text))
			if err != nil {
				return nil, s.Errorf(path, "%w", err)
			}
			if seen[l.Text] {
				return nil, s.Errorf(path, "%w: %s is listed twice; remove one", study.ErrFactor, l.Text)
			}
			seen[l.Text] = true
			if err := check(l, path); err != nil {
				return nil, err
			}
			f.Levels = append(f.Levels, l)
		}
		return f, nil
	}
	return f, d.ranged(f, v, at, check)
}

// ranged gives a factor its range.
func (d *Design) ranged(f *factor.Factor, v *study.Vary, at string, check func(factor.Level, string) error) error {
	s := d.Spec
	for _, end := range []struct {
		key  string
		text study.Text
		to   *float64
	}{{".from", v.From, &f.From}, {".to", v.To, &f.To}} {
		l, err := f.Level(d.base, string(end.text))
		if err != nil {
			return s.Errorf(at+end.key, "%w", err)
		}
		if math.IsNaN(l.Number) {
			return s.Errorf(at+end.key, "%w: %s is no number, and only numbers have a range; list "+
				"values", study.ErrFactor, l.Text)
		}
		if err := check(l, at+end.key); err != nil {
			return err
		}
		*end.to = l.Number
	}
	f.Log = v.Scale == "log"
	switch {
	case f.From >= f.To:
		return s.Errorf(at+".to", "%w: the range from %s to %s is empty; to must be larger", study.ErrFactor, v.From, v.To)
	case f.Log && f.From <= 0:
		return s.Errorf(at+".from", "%w: a logarithmic scale begins above 0", study.ErrFactor)
	}
	if v.Steps > MostCases {
		return s.Errorf(at+".steps", "%w: %d steps; at most %d cases can be simulated", study.ErrDesign, v.Steps, MostCases)
	}
	if v.Steps > 0 {
		var err error
		f.Levels, err = f.Steps(d.base.File, v.Steps)
		return err
	}
	if !s.Design.Sampled() && !s.AsksLimit(f.Name) {
		return s.Errorf(at, "%w: how many steps has the range in the grid? add steps: 10, or draw cases by design: {kind: "+
			"latin-hypercube, n: 500}", study.ErrFactor)
	}
	return nil
}

// checkOrdered says which questions and figures need numbers and don't have them.
func (d *Design) checkOrdered() error {
	var errs []error
	for i := range d.Spec.Ask {
		q := &d.Spec.Ask[i]
		for key, name := range inOrder(map[string]string{"largest": q.Largest, "smallest": q.Smallest, "over": q.Over}) {
			if name != "" && !d.Factors[d.Index(name)].Ordered() {
				errs = append(errs, d.Spec.Errorf(fmt.Sprintf("$.ask[%d].%s", i, key), "%w: the levels of %s are names, "+
					"which have "+
					"no order", study.ErrQuestion, name))
			}
		}
		if q.Best != "" {
			for key, name := range inOrder(map[string]string{"best": q.Best, "over": q.Over}) {
				if f := d.Factors[d.Index(name)]; len(f.Levels) == 0 {
					errs = append(errs, d.Spec.Errorf(fmt.Sprintf("$.ask[%d].%s", i, key), "%w: %s has no listed levels to compare; "+
						"give it values or steps", study.ErrQuestion, name))
				}
			}
		}
	}
	for i := range d.Spec.Figures {
		f := &d.Spec.Figures[i]
		for _, name := range slices.Sorted(maps.Keys(f.At)) {
			for _, text := range f.At[name] {
				if levels := textsOf(d.Factors[d.Index(name)].Levels); !d.Has(d.Index(name), string(text)) {
					errs = append(errs, d.Spec.Errorf(fmt.Sprintf("$.figures[%d].at.%s", i, name), "%w: %s has no level %s; it has %s",
						study.ErrFigure, name, text, graph.ListNames(levels)))
				}
			}
		}
		for key, name := range inOrder(map[string]string{"best": f.Best, "by": f.By, "x": f.X, "y": f.Y}) {
			if name == "" {
				continue
			}
			n := len(d.Factors[d.Index(name)].Levels)
			if key == "by" && n > MostLines {
				errs = append(errs, d.Spec.Errorf(fmt.Sprintf("$.figures[%d].by", i), "%w: %s has %d levels; at most %d lines can "+
					"be told apart", study.ErrFigure, name, n, MostLines))
			}
			listed := n > 0
			if !listed && (key != "x" || f.Lines == "") {
				errs = append(errs, d.Spec.Errorf(fmt.Sprintf("$.figures[%d].%s", i, key), "%w: %s has no listed levels; give it "+
					"values or steps", study.ErrFigure, name))
			}
		}
	}
	return errors.Join(errs...)
}

// checkSearched says what can't be had beside a search: cases have a level of every factor.
func (d *Design) checkSearched() error {
	var names []string
	for i, f := range d.Factors {
		if d.Searched[i] {
			names = append(names, f.Name)
		}
	}
	if len(names) > 1 {
		return d.Spec.Errorf("$.ask", "%w: both %s and %s are searched, and no case has a level of both; give one of them "+
			"values or steps", study.ErrQuestion, names[0], names[1])
	}
	for i := range d.Spec.Ask {
		q := &d.Spec.Ask[i]
		if q.Best != "" && (len(names) > 0 || d.Spec.Design.Sampled()) {
			return d.Spec.Errorf(fmt.Sprintf("$.ask[%d].best", i), "%w: the best level is found in a grid of all factors: give "+
				"every factor values or steps, and design: grid", study.ErrQuestion)
		}
	}
	for i := range d.Spec.Figures {
		f := &d.Spec.Figures[i]
		metric := f.Heat + f.Tornado + f.Best
		if len(names) > 0 && metric != "" && !d.Spec.AsksLimit(metric) {
			return d.Spec.Errorf(fmt.Sprintf("$.figures[%d]", i), "%w: %s is searched, so the cases are those that the search "+
				"tried; draw %s itself, or lines over it", study.ErrFigure, names[0], names[0])
		}
		if (f.Best != "" || f.Heat != "") && d.Spec.Design.Sampled() {
			return d.Spec.Errorf(fmt.Sprintf("$.figures[%d]", i), "%w: maps are drawn of a grid of all factors: give every "+
				"factor values or steps, and design: grid", study.ErrFigure)
		}
	}
	return nil
}

// Is reports whether a level of a factor is the one that a text of the study means.
func (d *Design) Is(i int, l factor.Level, text string) bool {
	if l.Text == text {
		return true
	}
	of, err := d.Factors[i].Level(d.base, text)
	return err == nil && of.Number == l.Number // NaN is equal to nothing
}

// Has reports whether a factor lists the level that a text of the study means.
func (d *Design) Has(i int, text string) bool {
	return slices.ContainsFunc(d.Factors[i].Levels, func(l factor.Level) bool { return d.Is(i, l, text) })
}

func textsOf(levels []factor.Level) (all []string) {
	for _, l := range levels {
		all = append(all, l.Text)
	}
	return all
}

// inOrder returns a map's items by key.
func inOrder(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// Searches reports whether a factor is searched: then the design's points are no cases.
func (d *Design) Searches() bool { return slices.Contains(d.Searched, true) }

// Index returns the index of a factor by its name.
func (d *Design) Index(name string) int {
	for i, f := range d.Factors {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// LevelOf returns the level of factor i that a text means, whether it is listed or not.
func (d *Design) LevelOf(i int, text string) (factor.Level, error) {
	return d.Factors[i].Level(d.base, text)
}

// Levels returns all levels of a factor in rising order, for a question.
func (d *Design) Levels(i int) ([]factor.Level, error) { return d.Factors[i].All(d.base.File) }
