package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
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
	p := newPanel("", "slow-down factor of the endpoint (1: as fast as this machine)", "best speed-up over all on endpoint")
	sim, measured := lookAt(0), lookAt(1)
	x, y := newSpan(), newSpan()
	y.add(0, paperSpeedup)
	paper := draw.LineStyle{Color: black, Width: 1.2, Dashes: baselineLook.dashes}
	p.Add(across{paperSpeedup, paper})
	var line, points plotter.XYs
	for _, f := range s.Factors {
		x.add(f.Slowdown)
		y.add(f.SimSpeedup)
		line = append(line, plotter.XY{X: f.Slowdown, Y: f.SimSpeedup})
		if f.MeasuredSpeedup != nil {
			y.add(*f.MeasuredSpeedup)
			points = append(points, plotter.XY{X: f.Slowdown, Y: *f.MeasuredSpeedup})
		}
	}
	lineStyle, open, filled := sim.line(), sim.simulated(), measured.measured()
	filled.Radius = 4
	p.Add(&plotter.Line{XYs: line, LineStyle: lineStyle}, &plotter.Scatter{XYs: line, GlyphStyle: open})
	legend := []entry{{name: "simulated", line: &lineStyle, glyph: &open}}
	if len(points) > 0 {
		p.Add(&plotter.Scatter{XYs: points, GlyphStyle: filled})
		legend = append(legend, entry{name: "measured", glyph: &filled})
	}
	legend = append(legend, entry{name: "5.8, the paper's headline on its own hardware (arXiv:2204.12947)", line: &paper})
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x.lo-0.5, x.hi+0.5, 0, y.hi*1.08
	return &page{
		title: s.Experiment + ": speed-up of the best cut that sends no raw frame", legend: legend, panels: [][]*plot.Plot{{p}},
		caption: caption(s, "The factor is an assumption about the endpoint, not the paper's hardware."), width: 720, height: 430,
	}, nil
}
