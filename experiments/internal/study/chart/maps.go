package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// cellOf is the place of a level in a map.
type cellOf struct{ x, y string }

// heat draws the median of a quantity over two factors.
func (d *Data) heat(f *study.Figure) *figure.Map {
	all, label := d.samples(f.Heat)
	m := &figure.Map{Title: d.title(label), Label: label}
	var xi, yi int
	m.X, xi = d.axis(f.X)
	m.Y, yi = d.axis(f.Y)
	cells := map[cellOf][]float64{}
	for _, s := range all {
		c := cellOf{s.point[xi].Text, s.point[yi].Text}
		cells[c] = append(cells[c], s.value)
	}
	for _, y := range m.Y.Levels {
		var row []float64
		for _, x := range m.X.Levels {
			v := math.NaN()
			if values := cells[cellOf{x.Text, y.Text}]; len(values) > 0 {
				v = median(values)
			}
			row = append(row, v)
		}
		m.Values = append(m.Values, row)
	}
	if others := d.others(f.X, f.Y, f.Heat); others != "" {
		m.Caption = "Median over the levels of " + others + ". "
	}
	m.Caption += d.obtained()
	return m
}

// best draws the level of a factor that is best by a metric, over two others. Of further
// factors, each case takes the level at which it is best.
func (d *Data) best(f *study.Figure) *figure.Map {
	metric, _ := study.MetricOf(f.Of)
	m := &figure.Map{Title: d.title(fmt.Sprintf("best %s by %s", f.Best, f.Of))}
	var xi, yi int
	m.X, xi = d.axis(f.X)
	m.Y, yi = d.axis(f.Y)
	levels, bi := d.axis(f.Best)
	for _, l := range levels.Levels {
		m.Names = append(m.Names, l.Text)
	}
	more := study.Metrics()[metric].More
	type winner struct {
		level string
		value float64
	}
	cells := map[cellOf]winner{}
	table := answer.Table(d.Points, d.Rows)
	for _, p := range d.Points { // in the order of the design, so that of equal ones the first stays
		v, ok := table[p.Key()].Value(metric)
		c := cellOf{p[xi].Text, p[yi].Text}
		old, known := cells[c]
		if ok && (!known || more && v > old.value || !more && v < old.value) {
			cells[c] = winner{p[bi].Text, v}
		}
	}
	for _, y := range m.Y.Levels {
		var row []int
		for _, x := range m.X.Levels {
			w, known := cells[cellOf{x.Text, y.Text}]
			at := -1
			if known {
				at = slices.Index(m.Names, w.level)
			}
			row = append(row, at)
		}
		m.Best = append(m.Best, row)
	}
	if others := d.others(f.X, f.Y, f.Best); others != "" {
		m.Caption = "At the level of " + others + " that is best for it. "
	}
	m.Caption += d.obtained()
	return m
}

// bins is how many groups the levels of a factor are put in for a tornado if it has more.
const bins = 5

// tornado draws how far the mean of a quantity moves between the levels of each factor.
func (d *Data) tornado(f *study.Figure) *figure.Tornado {
	all, label := d.samples(f.Tornado)
	t := &figure.Tornado{Title: d.title("what moves " + f.Tornado), Label: "mean of " + label}
	if len(all) == 0 {
		return t
	}
	t.Mean = mean(all)
	for i, x := range d.Design.Varied() {
		if x.Name == f.Tornado || len(x.Levels) == 1 || len(d.fixed[x.Name]) == 1 {
			continue
		}
		groups := grouped(x, i, all)
		if len(groups) < 2 {
			continue
		}
		b := figure.Bar{Factor: x.Name, Low: math.Inf(1), High: math.Inf(-1)}
		for _, g := range groups {
			v := mean(g.samples)
			if v < b.Low {
				b.Low, b.LowLevel = v, g.name
			}
			if v > b.High {
				b.High, b.HighLevel = v, g.name
			}
		}
		t.Bars = append(t.Bars, b)
	}
	slices.SortStableFunc(t.Bars, func(a, b figure.Bar) int {
		switch da, db := a.High-a.Low, b.High-b.Low; {
		case da > db:
			return -1
		case da < db:
			return 1
		}
		return 0
	})
	t.Caption = "From the least to the largest mean over the levels of a factor, all others as in the design; at " +
		"the ends, the " +
		"levels. Numbers of which there are many are put in groups of equal size. " + d.obtained()
	return t
}

func mean(all []sample) float64 {
	sum := 0.0
	for _, s := range all {
		sum += s.value
	}
	return sum / float64(len(all))
}

// group is samples of neighbouring levels.
type group struct {
	name    string
	samples []sample
}

// grouped puts samples into groups by the level of factor i.
func grouped(f *factor.Factor, i int, all []sample) []group {
	if n := len(f.Levels); n > 0 && (n <= 2*bins || !f.Ordered()) {
		var groups []group
		for _, l := range f.Levels {
			g := group{name: figure.Level{Text: l.Text, Number: l.Number}.Short()}
			for _, s := range all {
				if s.point[i].Text == l.Text {
					g.samples = append(g.samples, s)
				}
			}
			if len(g.samples) > 0 {
				groups = append(groups, g)
			}
		}
		return groups
	}
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b sample) int {
		switch {
		case a.point[i].Number < b.point[i].Number:
			return -1
		case a.point[i].Number > b.point[i].Number:
			return 1
		}
		return 0
	})
	var groups []group
	for k := range bins {
		part := sorted[k*len(sorted)/bins : (k+1)*len(sorted)/bins]
		if len(part) > 0 {
			first, last := part[0].point[i], part[len(part)-1].point[i]
			groups = append(groups, group{fmt.Sprintf("%.3g to %.3g", first.Number, last.Number), part})
		}
	}
	return groups
}
