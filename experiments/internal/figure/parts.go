package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// PartErrors draws the error of every segment, link and whole against its
// measured time, as a fraction of itself and of the whole, to base.png and
// base.svg; it returns their paths. If nothing was measured the error wraps ErrNothing.
func PartErrors(base string, s *result.Sweep) ([]string, error) {
	p, err := partErrorsPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

const whole = "whole endpoint time"

func partErrorsPage(s *result.Sweep) (*page, error) {
	kinds := []string{string(result.Segment), string(result.Link), string(result.OneWay), whole}
	own, ofWhole := map[string]plotter.XYs{}, map[string]plotter.XYs{}
	xs := newSpan()
	var left, right []plot.Plotter // what the points tell
	add := func(r *result.Row, kind, name string, seconds, e, w float64) {
		x := 1e3 * seconds
		if !finite(x) {
			return
		}
		xs.add(x)
		if e *= 100; finite(e) {
			own[kind] = append(own[kind], plotter.XY{X: x, Y: e})
			left = append(left, hint{x, e, []string{r.Title(), name, fmt.Sprintf("%s ms, error %+.1f %%", brief(x), e)}})
		}
		if w *= 100; finite(w) {
			ofWhole[kind] = append(ofWhole[kind], plotter.XY{X: x, Y: w})
			text := fmt.Sprintf("%s ms, %+.1f %% of the whole", brief(x), w)
			right = append(right, hint{x, w, []string{r.Title(), name, text}})
		}
	}
	for _, rows := range [][]result.Row{s.Rows, s.TwoEndpoints} {
		for i := range rows {
			for _, p := range rows[i].PartErrors() {
				add(&rows[i], string(p.Part.Kind), string(p.Part.Kind)+" "+p.Part.Name, p.Part.Time.Median, p.Error, p.OfWhole)
			}
			if e, ok := rows[i].Error(); ok {
				typical := rows[i].Measured.Interval(result.EndpointTime).Value
				add(&rows[i], whole, whole, typical, e, e)
			}
		}
	}
	if xs.empty() {
		return nil, fmt.Errorf("figure: error per part: %w", ErrNothing)
	}
	names := map[string]string{
		string(result.Segment): "segment (an actor's firing)", string(result.Link): "link (sender occupied)",
		string(result.OneWay): "one-way time", whole: whole,
	}
	var legend []entry
	leftPanel := newPanel("", "measured time of the part (ms)", "error of the part (%)")
	rightPanel := newPanel("", "measured time of the part (ms)", "the same, as % of the whole")
	for _, p := range []*plot.Plot{leftPanel, rightPanel} {
		p.Add(across{0, draw.LineStyle{Color: black, Width: 0.8}})
		logAxis(&p.X, xs.lo, xs.hi)
	}
	for i, k := range kinds {
		if len(own[k]) == 0 {
			continue
		}
		g := lookAt(i).simulated()
		if k == whole {
			g.Color, g.Shape = black, draw.CrossGlyph{}
		}
		legend = append(legend, entry{name: names[k], glyph: &g})
		leftPanel.Add(&plotter.Scatter{XYs: own[k], GlyphStyle: g})
		rightPanel.Add(&plotter.Scatter{XYs: ofWhole[k], GlyphStyle: g})
	}
	leftPanel.Add(left...)
	rightPanel.Add(right...)
	return &page{
		title: s.Experiment + ": error of the simulation per part, (simulated - measured) / measured", legend: legend,
		panels: [][]*plot.Plot{{leftPanel, rightPanel}},
		caption: caption(
			s,
			"A part on the endpoint belongs to the endpoint time, any other to the latency. A part that takes little time may "+
				"be far off and matter little: compare left and right.",
		),
		width: 900, height: 430,
	}, nil
}
