package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// paperSpeedup is the headline of arXiv:2204.12947.
const paperSpeedup = 5.8

// Speedup draws the best speed-up over all on the endpoint against the
// endpoint's slow-down factor, to base.png and base.svg; it returns their paths.
// A sweep without factors gives an error wrapping ErrNothing.
func Speedup(base string, s *result.Sweep) ([]string, error) {
	p, err := speedupPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func speedupPage(s *result.Sweep) (*page, error) {
	if len(s.Factors) == 0 {
		return nil, fmt.Errorf("figure: speed-up against the slow-down factor: %w", ErrNothing)
	}
	p := newPanel("", "slow-down factor of the endpoint (1: as fast as this machine)",
		"best speed-up over all on endpoint")
	sim, measured := lookAt(0), lookAt(1)
	x, y := newSpan(), newSpan()
	y.add(0, paperSpeedup)
	paper := draw.LineStyle{Color: black, Width: 1.2, Dashes: baselineLook.dashes}
	p.Add(across{paperSpeedup, paper})
	lineStyle, open, filled := sim.line(), sim.simulated(), measured.measured()
	filled.Radius = 4
	line, spread := speedups(s.Factors, func(f *result.FactorPoint) *stat.Interval { return &f.SimSpeedup })
	points, uncertain := speedups(s.Factors, func(f *result.FactorPoint) *stat.Interval { return f.MeasuredSpeedup })
	for _, f := range s.Factors {
		x.add(f.Slowdown)
		y.add(f.SimSpeedup.Value, f.SimSpeedup.High)
		if m := f.MeasuredSpeedup; m != nil {
			y.add(m.Value, m.High)
		}
	}
	p.Add(
		&plotter.Line{XYs: line, LineStyle: lineStyle},
		&plotter.YErrorBars{XYs: line, YErrors: spread, LineStyle: draw.LineStyle{Color: sim.color, Width: 1}, CapWidth: 5},
		&plotter.Scatter{XYs: line, GlyphStyle: open},
	)
	legend := []entry{{name: "simulated, stored profile", line: &lineStyle, glyph: &open}}
	if len(points) > 0 {
		p.Add(
			&plotter.YErrorBars{XYs: points, YErrors: uncertain, LineStyle: draw.LineStyle{Color: measured.color, Width: 1},
				CapWidth: 7},
			&plotter.Scatter{XYs: points, GlyphStyle: filled},
		)
		legend = append(legend, entry{name: "measured", glyph: &filled})
	}
	legend = append(legend, entry{name: "5.8, the paper's headline on its own hardware (arXiv:2204.12947)", line: &paper})
	for i := range s.Factors {
		p.Add(factorHints(&s.Factors[i])...)
	}
	logAxis(&p.X, x.lo, x.hi)
	p.Y.Min, p.Y.Max = 0, y.hi*1.08
	return &page{
		title: s.Experiment + ": speed-up of the best cut that sends no raw frame", legend: legend,
		panels: [][]*plot.Plot{{p}},
		caption: caption(
			s, "The factor is an assumption about the endpoint, not the paper's hardware; it is shown over its whole range. "+
				"Bars are 95 % intervals: of the measured medians, and of costs drawn from the profile's samples. "+
				"A measured speed-up of rows that are not settled is left out."),
		width: 720, height: 430,
	}, nil
}

// factorHints tell the speed-ups at a factor.
func factorHints(f *result.FactorPoint) []plot.Plotter {
	text := func(how string, i *stat.Interval) hint {
		return hint{f.Slowdown, i.Value, []string{
			fmt.Sprintf("slow-down factor %s: %s", brief(f.Slowdown), f.BestCut),
			how + " speed-up: " + between(i.Value, i.Low, i.High, ""),
		}}
	}
	hints := []plot.Plotter{text("simulated", &f.SimSpeedup)}
	if f.MeasuredSpeedup != nil {
		hints = append(hints, text("measured", f.MeasuredSpeedup))
	}
	return hints
}

// speedups returns the points of those factors that have a value, with their intervals.
func speedups(factors []result.FactorPoint, of func(*result.FactorPoint) *stat.Interval) (
	plotter.XYs, plotter.YErrors,
) {
	var points plotter.XYs
	var spread plotter.YErrors
	for i := range factors {
		v := of(&factors[i])
		if v == nil || !finite(v.Value) || !finite(factors[i].Slowdown) {
			continue
		}
		points = append(points, plotter.XY{X: factors[i].Slowdown, Y: v.Value})
		low, high := 0.0, 0.0
		if v.N > 0 {
			low, high = v.Value-v.Low, v.High-v.Value
		}
		spread = append(spread, struct{ Low, High float64 }{low, high})
	}
	return points, spread
}
