package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Parameter draws endpoint time, traffic and quality against a swept parameter, a
// column per endpoint and link, to base.png and base.svg; it returns their paths. A
// sweep of something else gives an error wrapping ErrNothing.
func Parameter(base string, s *result.Sweep) ([]string, error) {
	p, err := parameterPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func parameterPage(s *result.Sweep) (*page, error) {
	if s.Kind != result.OfParameter || len(s.Rows) == 0 {
		return nil, fmt.Errorf("figure: swept parameter: %w", ErrNothing)
	}
	sum, err := result.Summarise(s)
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	a := newAxis(s.Rows)
	groups := result.Groups(s.Rows)
	panels := make([][]*plot.Plot, 3)
	for i := range groups {
		g := &groups[i]
		time, err := a.panel(panelTitle(g, &sum, endpointTime), g.Rows, endpointTime)
		if err != nil {
			return nil, err
		}
		time.Y.Label.Text = "mean endpoint time (ms)"
		a.apply(time, false)
		bytes, err := a.bytesPanel(g.Rows)
		if err != nil {
			return nil, err
		}
		a.apply(bytes, false)
		for row, p := range []*plot.Plot{time, bytes, a.qualityAlong(g.Rows, s.Swept)} {
			panels[row] = append(panels[row], p)
		}
	}
	for _, row := range panels {
		sameRange(row)
	}
	return &page{
		title: s.Experiment + ": endpoint time, traffic and quality against " + s.Swept.Param, legend: a.legend(),
		panels: panels,
		caption: caption(
			s,
			"Endpoint time and bytes are means over the same frames; bars are the 95 % interval of the mean within run and "+
				"within skipped frames. "+
				"Dotted lines are the simulated baselines, whose dynamic part always runs. Quality is the same under both "+
				"drivers: deployed results equal those of one process bit for bit."),
		width: max(panelWidth*vg.Length(len(groups))+60, 620), height: panelHeight*3 + 230,
	}, nil
}

// qualityAlong draws the quality of rows against the axis, filled where a deployment
// gave it; nil if there is none.
func (a *axis) qualityAlong(rows []*result.Row, sw *result.Swept) *plot.Plot {
	p := newPanel("", sw.Param+", or baseline", sw.Quality)
	p.Add(upright{(a.place(a.cuts-1) + a.place(a.cuts)) / 2})
	seen := newSpan()
	lines := map[string]plotter.XYs{}
	for _, r := range rows {
		q, ok := r.Quality[sw.Quality]
		if !ok || !finite(q) {
			continue
		}
		seen.add(q)
		l := a.look(r)
		at, glyph := plotter.XY{X: a.at(r), Y: q}, l.simulated()
		if r.Measured != nil {
			glyph = l.measured()
		}
		if r.Baseline == "" {
			lines[codec(r)] = append(lines[codec(r)], at)
		} else {
			p.Add(across{q, l.line()})
		}
		p.Add(&plotter.Scatter{XYs: plotter.XYs{at}, GlyphStyle: glyph},
			hint{at.X, q, []string{r.FullLabel(), fmt.Sprintf("%s: %s", sw.Quality, brief(q))}})
	}
	if seen.empty() {
		return nil
	}
	for i, c := range a.codecs {
		if len(lines[c]) > 1 {
			p.Add(&plotter.Line{XYs: lines[c], LineStyle: lookAt(i).line()})
		}
	}
	a.apply(p, true)
	room := max(0.02, 0.1*(seen.hi-seen.lo))
	p.Y.Min, p.Y.Max = seen.lo-room, seen.hi+room
	return p
}
