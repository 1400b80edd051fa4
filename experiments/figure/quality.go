package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/edgeprune/edgeprune/experiments/result"
)

// Quality draws what the results are worth against the endpoint time, a row of
// panels per endpoint and link and a column per quality, to base.png and
// base.svg; it returns their paths. A sweep without qualities gives an error wrapping ErrNothing.
func Quality(base string, s *result.Sweep) ([]string, error) {
	p, err := qualityPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func qualityPage(s *result.Sweep) (*page, error) {
	var keys []string
	for i := range s.Rows {
		for k := range s.Rows[i].Quality {
			keys = append(keys, k)
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
			p, ys := a.qualityPanel(&g, k)
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
		return nil, fmt.Errorf("figure: quality against endpoint time: %w", ErrNothing)
	}
	room := max(0.02, 0.1*(all.hi-all.lo))
	for _, p := range slices.Concat(panels...) {
		if p != nil {
			p.Y.Min, p.Y.Max = all.lo-room, all.hi+room
		}
	}
	return &page{
		title: s.Experiment + ": quality against endpoint time", legend: a.markers(), panels: panels,
		caption: caption(s, "A filled marker stands at the measured endpoint time, an open one at the simulated time of a case whose time was not measured."),
		width:   max(620, 380*vg.Length(len(keys))+40), height: 180*vg.Length(len(panels)) + 150,
	}, nil
}

// qualityPanel returns nil if no row of the group has the quality and a time.
func (a *axis) qualityPanel(g *result.Group, key string) (*plot.Plot, span) {
	p := newPanel(g.Name(), "endpoint time (ms)", key)
	xs, ys := newSpan(), newSpan()
	for _, r := range g.Rows {
		q, ok := r.Quality[key]
		if !ok || r.Measured == nil && r.Sim == nil {
			continue
		}
		o, glyph := r.Measured, a.look(r).measured()
		if o == nil {
			o, glyph = r.Sim, a.look(r).simulated()
		}
		t, _, _ := endpointTime.of(o)
		xs.add(t)
		ys.add(q)
		p.Add(&plotter.Scatter{XYs: plotter.XYs{{X: t, Y: q}}, GlyphStyle: glyph})
	}
	if xs.empty() || xs.lo <= 0 {
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
