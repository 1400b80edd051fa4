package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Quality draws what the results are worth against the endpoint time, a row of
// panels per endpoint and link and a column per quality, to base.png and
// base.svg; it returns their paths. A sweep without qualities gives an error wrapping ErrNothing.
func Quality(base string, s *result.Sweep) ([]string, error) {
	p, err := qualityPage(s, endpointTime)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

// QualityTraffic draws what the results are worth against the bytes sent per frame,
// as Quality does, for a swept parameter.
func QualityTraffic(base string, s *result.Sweep) ([]string, error) {
	if s.Kind != result.OfParameter {
		return nil, fmt.Errorf("figure: quality against traffic: %w", ErrNothing)
	}
	p, err := qualityPage(s, traffic)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func qualityPage(s *result.Sweep, against metric) (*page, error) {
	var keys []string
	for i := range s.Rows {
		for k := range s.Rows[i].Quality {
			if s.Kind != result.OfParameter || k == s.Swept.Quality {
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		return nil, fmt.Errorf("figure: quality: %w", ErrNothing)
	}
	a := newAxis(s.Rows)
	var panels [][]*plot.Plot
	all := newSpan()
	for _, g := range result.Groups(s.Rows) {
		row := make([]*plot.Plot, len(keys))
		for i, k := range keys {
			p, ys := a.qualityPanel(&g, k, against)
			if p != nil {
				all.add(ys.lo, ys.hi)
			}
			row[i] = p
		}
		if slices.ContainsFunc(row, func(p *plot.Plot) bool { return p != nil }) {
			panels = append(panels, row)
		}
	}
	if len(panels) == 0 {
		return nil, fmt.Errorf("figure: quality against %s: %w", against.name, ErrNothing)
	}
	room := max(0.02, 0.1*(all.hi-all.lo))
	for _, p := range slices.Concat(panels...) {
		if p != nil {
			p.Y.Min, p.Y.Max = all.lo-room, all.hi+room
		}
	}
	what := against.name
	notes := []string{fmt.Sprintf(
		"A filled marker stands at the measured %s, an open one at the simulated one of a case that was not measured.", what,
	)}
	if s.Kind == result.OfParameter {
		notes = append(notes, fmt.Sprintf("Lines join the values of %s; endpoint time and bytes are means.", s.Swept.Param))
	}
	if against.name == traffic.name {
		notes = append(notes, "What sends nothing has no place on the axis.")
	}
	return &page{
		title: s.Experiment + ": quality against " + what, legend: a.markers(), panels: panels,
		caption: caption(s, notes...),
		width:   max(620, 380*vg.Length(len(keys))+40), height: 180*vg.Length(len(panels)) + 150,
	}, nil
}

// qualityPanel returns nil if no row of the group has the quality and the metric.
func (a *axis) qualityPanel(g *result.Group, key string, against metric) (*plot.Plot, span) {
	p := newPanel(g.Name(), against.label(), key)
	xs, ys := newSpan(), newSpan()
	lines := map[string]plotter.XYs{}
	for _, r := range g.Rows {
		q, ok := r.Quality[key]
		if !ok || r.Measured == nil && r.Stored == nil {
			continue
		}
		o, glyph := r.Measured, a.look(r).measured()
		if o == nil {
			o, glyph = r.Stored, a.look(r).simulated()
		}
		x, _, _ := against.of(o)
		if !(x > 0 && finite(x) && finite(q)) { // the axis is logarithmic
			continue
		}
		xs.add(x)
		ys.add(q)
		at := plotter.XY{X: x, Y: q}
		how := "measured"
		if r.Measured == nil {
			how = "simulated"
		}
		p.Add(&plotter.Scatter{XYs: plotter.XYs{at}, GlyphStyle: glyph},
			hint{x, q, []string{r.FullLabel(), fmt.Sprintf("%s: %s", key, brief(q)), against.told(how, x, x, x)}})
		if r.Param != "" && r.Baseline == "" {
			lines[codec(r)] = append(lines[codec(r)], at)
		}
	}
	for i, c := range a.codecs {
		if len(lines[c]) > 1 {
			p.Add(&plotter.Line{XYs: lines[c], LineStyle: lookAt(i).line()})
		}
	}
	if xs.empty() {
		return nil, ys
	}
	logAxis(&p.X, xs.lo, xs.hi)
	return p, ys
}

// markers explains the codecs and baselines without their lines.
func (a *axis) markers() []entry {
	var entries []entry
	for _, e := range a.legend() {
		e.line = nil
		entries = append(entries, e)
	}
	return entries
}
