package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Forest is ratios with their intervals: a row for each case, a panel for each metric.
type Forest struct {
	Title, Caption string
	Rows           []string // cases
	Series         []string // what is compared with the first; their points stand below each other
	Panels         []ForestPanel
}

// ForestPanel is the ratios of a metric.
type ForestPanel struct {
	Name   string
	Points []ForestPoint
}

// ForestPoint is a ratio. Low and High are its value where it has no interval.
type ForestPoint struct {
	Row, Series      int
	Ratio, Low, High float64
	Changed          bool // by more than the intervals leave open
	Settled          bool
}

// mostOff bounds how far an interval reaches beyond the ratios on the axis, as a factor.
const mostOff = 1.5

// WriteForest draws a forest to base.png and base.svg and returns their paths. Without a ratio
// the error wraps ErrNothing.
func WriteForest(base string, f *Forest) ([]string, error) {
	p, err := f.page()
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func (f *Forest) page() (*page, error) {
	longest := vg.Length(0)
	ticks, blank := make(plot.ConstantTicks, len(f.Rows)), make(plot.ConstantTicks, len(f.Rows))
	for i, name := range f.Rows {
		at := float64(len(f.Rows) - 1 - i)
		ticks[i], blank[i] = plot.Tick{Value: at, Label: name}, plot.Tick{Value: at}
		longest = max(longest, style(tickSize).Width(name))
	}
	var row []*plot.Plot
	for i := range f.Panels {
		p, ok := f.panel(&f.Panels[i])
		if !ok {
			continue
		}
		p.Y.Min, p.Y.Max = -0.6, float64(len(f.Rows))-0.4
		p.Y.Tick.Marker = blank
		if len(row) == 0 {
			p.Y.Tick.Marker = ticks
		}
		row = append(row, p)
	}
	if len(row) == 0 {
		return nil, fmt.Errorf("figure: ratios: %w", ErrNothing)
	}
	out := &page{
		title: f.Title, caption: f.Caption, panels: [][]*plot.Plot{row},
		width:  max(640, longest+60+300*vg.Length(len(row))),
		height: 180 + vg.Length(len(f.Rows))*(8+11*vg.Length(max(1, len(f.Series)))),
	}
	for i, name := range f.Series {
		l := lookAt(i)
		changed, open := forestGlyph(l, true, true), forestGlyph(l, false, true)
		out.legend = append(out.legend, entry{name: name + ", changed", glyph: &changed},
			entry{name: name + ", no change to be seen", glyph: &open})
	}
	unsettled := forestGlyph(lookAt(0), false, false)
	out.legend = append(out.legend, entry{name: "not settled", glyph: &unsettled})
	return out, nil
}

// forestGlyph marks a ratio: filled where it changed, grey where it is not settled.
func forestGlyph(l look, changed, settled bool) draw.GlyphStyle {
	g := l.simulated()
	if changed {
		g = l.measured()
	}
	if !settled {
		g.Color = grey
	}
	return g
}

// panel draws a metric; false without a ratio.
func (f *Forest) panel(of *ForestPanel) (*plot.Plot, bool) {
	ratios, ends := newSpan(), newSpan()
	for _, p := range of.Points {
		if p.Ratio > 0 {
			ratios.add(p.Ratio)
			ends.add(p.Low, p.High)
		}
	}
	if ratios.empty() {
		return nil, false
	}
	p := newPanel("", of.Name+", ratio to A", "")
	p.Add(limitAt{1, draw.LineStyle{Color: grey, Width: 1, Dashes: []vg.Length{4, 3}}})
	for _, at := range of.Points {
		if at.Ratio <= 0 || !finite(at.Ratio) {
			continue
		}
		y := float64(len(f.Rows)-1-at.Row) - 0.62*((float64(at.Series)+0.5)/float64(max(1, len(f.Series)))-0.5)
		told := []string{f.Rows[at.Row], fmt.Sprintf("%s: %s of A", of.Name, between(at.Ratio, at.Low, at.High, ""))}
		if len(f.Series) > 1 {
			told[1] = f.Series[at.Series] + ", " + told[1]
		}
		glyph := forestGlyph(lookAt(at.Series), at.Changed, at.Settled)
		p.Add(ratioMark{at.Low, at.Ratio, at.High, y, glyph}, hint{at.Ratio, y, told})
	}
	lo, hi := min(1, max(ends.lo, ratios.lo/mostOff)), max(1, min(ends.hi, ratios.hi*mostOff))
	logAxis(&p.X, lo, hi)
	p.X.Min, p.X.Max = lo/1.05, hi*1.05
	return p, true
}

// ratioMark is a ratio with its interval.
type ratioMark struct {
	low, at, high, y float64
	glyph            draw.GlyphStyle
}

// Plot implements plot.Plotter.
func (m ratioMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	height := y(m.y)
	from, to := max(x(m.low), c.Min.X), min(x(m.high), c.Max.X)
	if from < to {
		c.StrokeLine2(draw.LineStyle{Color: m.glyph.Color, Width: 1.2}, from, height, to, height)
	}
	if at := point(x(m.at), height); c.Contains(at) {
		c.DrawGlyph(m.glyph, at)
	}
}
