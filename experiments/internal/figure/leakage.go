package figure

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Depth shows what cuts give away against how deep they are: panels one above the other with the
// same cuts, a line with its band for each codec.
type Depth struct {
	Title, Caption string
	Cuts           []string
	Panels         []DepthPanel
}

// DepthPanel is one quantity. X of points are indices of cuts.
type DepthPanel struct {
	Label string
	Lines []Line // by codec, the same ones in all panels
	// Bounds are what lines lie between, without bands.
	Bounds []Line
}

// Write draws the panels to base.png and base.svg, and returns the paths. Without any point it
// is an error wrapping ErrNothing.
func (d *Depth) Write(base string) ([]string, error) {
	axis := Axis{}
	for _, name := range d.Cuts {
		axis.Levels = append(axis.Levels, Level{Text: name, Number: nan})
	}
	p := &page{title: d.Title, caption: d.Caption, width: 920, height: 150}
	known := map[string]bool{}
	for i := range d.Panels {
		of := &d.Panels[i]
		panel, y := newPanel("", "", of.Label), newSpan()
		for k := range of.Lines {
			of.add(panel, p, &of.Lines[k], lookAt(k), d.Cuts, &y, known)
		}
		for k := range of.Bounds {
			l := lookAt(len(looks) - 1 - k)
			l.color, l.dashes = grey, [][]vg.Length{{1, 3}, {9, 3}}[k%2]
			of.add(panel, p, &of.Bounds[k], l, d.Cuts, &y, known)
		}
		if y.empty() {
			continue
		}
		last := i == len(d.Panels)-1
		axis.nominal(&panel.X, 60)
		if !last {
			panel.X.Tick.Marker = bareTicks(panel.X.Tick.Marker)
		} else {
			panel.X.Label.Text = "cut, from the input on"
			axis.turn(&panel.X, 700)
		}
		room := max((y.hi-y.lo)*0.06, 1e-9)
		panel.Y.Min, panel.Y.Max = y.lo-room, y.hi+room
		p.panels = append(p.panels, []*plot.Plot{panel})
		p.height += 190
	}
	if len(p.panels) == 0 {
		return nil, ErrNothing
	}
	return p.write(base)
}

// add draws a line with its band, and explains it once.
func (of *DepthPanel) add(
	panel *plot.Plot, p *page, line *Line, l look, cuts []string, y *span, known map[string]bool,
) {
	var points, upper, lower plotter.XYs
	for _, pt := range line.Points {
		if !finite(pt.Y) {
			continue
		}
		y.add(pt.Y, pt.Low, pt.High)
		points = append(points, plotter.XY{X: pt.X, Y: pt.Y})
		upper = append(upper, plotter.XY{X: pt.X, Y: pt.High})
		lower = append(lower, plotter.XY{X: pt.X, Y: pt.Low})
	}
	if len(points) == 0 {
		return
	}
	style, glyph := l.line(), l.simulated()
	if line.Baseline {
		panel.Add(&plotter.Line{XYs: points, LineStyle: style})
	} else {
		addBand(panel, upper, lower, l.color)
		panel.Add(&plotter.Line{XYs: points, LineStyle: style}, &plotter.Scatter{XYs: points, GlyphStyle: glyph})
	}
	for _, pt := range line.Points {
		if at := int(pt.X); finite(pt.Y) && at >= 0 && at < len(cuts) {
			panel.Add(hint{pt.X, pt.Y, []string{cuts[at], line.Name, of.Label + ": " + between(pt.Y, pt.Low, pt.High, "")}})
		}
	}
	if known[line.Name] {
		return
	}
	known[line.Name] = true
	e := entry{name: line.Name, line: &style}
	if !line.Baseline {
		e.glyph = &glyph
	}
	p.legend = append(p.legend, e)
}

// addBand fills what lies between two lines.
func addBand(panel *plot.Plot, upper, lower plotter.XYs, c color.RGBA) {
	ring := append(plotter.XYs(nil), upper...)
	for k := len(lower) - 1; k >= 0; k-- {
		ring = append(ring, lower[k])
	}
	panel.Add(&plotter.Polygon{XYs: []plotter.XYs{ring}, Color: color.NRGBA{R: c.R, G: c.G, B: c.B, A: 40},
		LineStyle: draw.LineStyle{}})
}

// bareTicks are ticks without their labels.
func bareTicks(of plot.Ticker) plot.Ticker {
	var bare plot.ConstantTicks
	for _, t := range of.Ticks(0, 0) {
		bare = append(bare, plot.Tick{Value: t.Value})
	}
	return bare
}
