package answer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// Best answers question i of a study, which asks for a best level, from the cases of the
// design: one answer for each combination of the other factors.
func Best(d *design.Design, i int, points []design.Point, rows []runner.Row) ([]Answer, error) {
	q := &d.Spec.Ask[i]
	of, over := d.Index(q.Best), d.Index(q.Over)
	metric, _ := study.MetricOf(q.Of)
	table := Table(points, rows)
	levels, err := d.Levels(over)
	if err != nil {
		return nil, err
	}
	var all []Answer
	var regular []design.Point
	for _, k := range d.Regular(points) {
		regular = append(regular, points[k])
	}
	for _, p := range others(regular, of, over) {
		a := Answer{
			Question: fmt.Sprintf("best %s by %s over %s", q.Best, q.Of, q.Over), At: at(d, p, of, over), Point: p, Index: i,
		}
		var best []string
		for _, l := range levels {
			c := slices.Clone(p)
			c[over] = l
			level, ok := BestOf(d.Factors[of].Levels, of, metric, c, table)
			if !ok {
				best = append(best, "")
				continue
			}
			best = append(best, level.Text)
		}
		a.describe(levels, best)
		a.Text = prefix(d, p, of, over) + spans(d, of, over, levels, best)
		all = append(all, a)
	}
	return all, nil
}

// Table returns results by the keys of their points.
func Table(points []design.Point, rows []runner.Row) map[string]*runner.Row {
	table := make(map[string]*runner.Row, len(rows))
	for i := range rows {
		table[points[i].Key()] = &rows[i]
	}
	return table
}

// BestOf returns the level of factor of that is best by a metric at a point; of equal ones,
// the first. ok is false where no case has the metric.
func BestOf(levels []factor.Level, of, metric int, p design.Point, table map[string]*runner.Row) (
	best factor.Level, ok bool,
) {
	more := study.Metrics()[metric].More
	value := 0.0
	for _, l := range levels {
		c := slices.Clone(p)
		c[of] = l
		r := table[c.Key()]
		if r == nil {
			continue
		}
		v, known := r.Value(metric)
		if known && (!ok || more && v > value || !more && v < value) {
			best, value, ok = l, v, true
		}
	}
	return best, ok
}

// describe notes where the best level changes, of levels in rising order.
func (a *Answer) describe(levels []factor.Level, best []string) {
	for i := 0; i+1 < len(best); i++ {
		if best[i+1] != best[i] {
			a.Changes = append(a.Changes, Change{levels[i].Text, levels[i+1].Text, best[i], best[i+1]})
		}
	}
}

// spans says what is best at levels in rising order.
func spans(d *design.Design, of, over int, levels []factor.Level, best []string) string {
	words := func(i int) string { return d.Factors[over].Words(levels[i]) }
	said := func(level string) string {
		if level == "" {
			return "nothing known"
		}
		if at := slices.IndexFunc(d.Factors[of].Levels, func(l factor.Level) bool { return l.Text == level }); at >= 0 {
			return d.Factors[of].Words(d.Factors[of].Levels[at])
		}
		return level
	}
	var parts []string
	from := 0
	for i := range best {
		if i+1 < len(best) && best[i+1] == best[i] {
			continue
		}
		span := words(from)
		if from != i {
			span += " to " + words(i)
		}
		parts = append(parts, fmt.Sprintf("%s at %s", said(best[i]), span))
		from = i + 1
	}
	return strings.Join(parts, "; ")
}
