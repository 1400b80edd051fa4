package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Predictions draws the error of every prediction in every quantity over the measured rows,
// to base.png and base.svg; it returns their paths. If nothing was measured the error wraps
// ErrNothing.
func Predictions(base string, s *result.Sweep) ([]string, error) {
	p, err := predictionsPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func predictionsPage(s *result.Sweep) (*page, error) {
	if len(s.Rows) == 0 {
		return nil, fmt.Errorf("figure: errors of predictions: %w", ErrNothing)
	}
	sum, err := result.Summarise(s)
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	row := make([]*plot.Plot, len(result.Quantities()))
	nothing := true
	for i, q := range result.Quantities() {
		if row[i] = predictionsPanel(s.All(), sum.Errors, q); row[i] != nil {
			nothing = false
		}
	}
	if nothing {
		return nil, fmt.Errorf("figure: errors of predictions: %w", ErrNothing)
	}
	sameRange(row)
	settled, open := lookAt(0).measured(), lookAt(0).simulated()
	middle, most := draw.LineStyle{Color: black, Width: 1.4},
		draw.LineStyle{Color: black, Width: 1, Dashes: baselineLook.dashes}
	return &page{
		title: s.Experiment + ": error of the predictions, |simulated - measured| / measured",
		legend: []entry{
			{name: "a row", glyph: &settled}, {name: "a row that is not settled", glyph: &open},
			{name: "median", line: &middle}, {name: "95th percentile", line: &most},
		},
		panels: [][]*plot.Plot{row},
		caption: caption(
			s, "Stored: from the profile made before the run, the headline. Fresh: from costs measured right before the case. "+
				"Corrected: from the stored profile times the machine's drift since. Rows that are not settled count in no "+
				"median."),
		width: 900, height: 430,
	}, nil
}

// leastError is the smallest error that is drawn, in %: the axis is logarithmic.
const leastError = 0.1

// predictionsPanel draws one quantity; nil if no row has an error.
func predictionsPanel(rows []*result.Row, errs []result.ErrorSummary, q result.Quantity) *plot.Plot {
	p := newPanel(string(q), "prediction", "error (%)")
	seen := newSpan()
	var ticks plot.ConstantTicks
	for i, prediction := range result.Predictions() {
		e := result.Find(errs, q, prediction)
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: string(prediction) + errorText(e)})
		for n, r := range rows {
			v, _, ok := r.ErrorOf(q, prediction)
			if !ok || !finite(v) {
				continue
			}
			percent := max(100*math.Abs(v), leastError)
			seen.add(percent)
			glyph := lookAt(0).simulated()
			if r.Settled(q) {
				glyph = lookAt(0).measured()
			}
			at := plotter.XY{X: float64(i) + 0.5*(float64(n%11)/10-0.5), Y: percent} // apart, so that all are seen
			p.Add(&plotter.Scatter{XYs: plotter.XYs{at}, GlyphStyle: glyph},
				hint{at.X, at.Y, []string{r.Title(), fmt.Sprintf("error of %s, %s: %+.1f %%", q, prediction, 100*v)}})
		}
		if e.Median != nil {
			p.Add(
				shortLine{float64(i), 100 * *e.Median, draw.LineStyle{Color: black, Width: 1.4}},
				shortLine{float64(i), 100 * *e.P95, draw.LineStyle{Color: black, Width: 1, Dashes: baselineLook.dashes}},
			)
		}
	}
	if seen.empty() {
		return nil
	}
	logAxis(&p.Y, seen.lo, seen.hi)
	p.X.Min, p.X.Max = -0.6, float64(len(ticks))-0.4
	p.X.Tick.Marker = ticks
	return p
}

func errorText(e result.ErrorSummary) string {
	if e.Median == nil {
		return "\nnot measured"
	}
	return fmt.Sprintf("\nmedian %.1f %%\np95 %.1f %%\nworst %.1f %%", 100**e.Median, 100**e.P95, 100**e.Max)
}

// shortLine is a short horizontal line around x.
type shortLine struct {
	x, y  float64
	style draw.LineStyle
}

// Plot implements plot.Plotter.
func (l shortLine) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := y(max(l.y, leastError))
	c.StrokeLine2(l.style, x(l.x-0.35), at, x(l.x+0.35), at)
}
