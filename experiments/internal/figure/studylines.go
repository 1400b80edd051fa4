package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// Lines is a quantity of a study over a factor, a line for each level of another.
type Lines struct {
	Title, Caption string
	X, Y           Axis
	Lines          []Line
}

// Line is one of them, in the order of X. Points are numbers, or without them the indices of
// X's levels.
type Line struct {
	Name     string
	Points   []Point
	Baseline bool // it is dashed, to be told from the others
}

// Point is a value with the ends of its band; both are Y without one.
type Point struct{ X, Y, Low, High float64 }

// Write draws the lines with their bands to base.png and base.svg, and returns the paths.
// Without any point it is an error wrapping ErrNothing.
func (l *Lines) Write(base string) ([]string, error) {
	p := &page{title: l.Title, caption: l.Caption, width: 720, height: 460}
	panel := newPanel("", l.X.Label, l.Y.Label)
	x, y := newSpan(), newSpan()
	for i, line := range l.Lines {
		look := lookAt(i)
		var upper, lower plotter.XYs
		var points plotter.XYs
		banded := false
		for _, pt := range line.Points {
			if !finite(pt.Y) || !finite(pt.X) {
				continue
			}
			x.add(pt.X)
			y.add(pt.Y, pt.Low, pt.High)
			points = append(points, plotter.XY{X: pt.X, Y: pt.Y})
			upper = append(upper, plotter.XY{X: pt.X, Y: pt.High})
			lower = append(lower, plotter.XY{X: pt.X, Y: pt.Low})
			banded = banded || pt.High > pt.Low
		}
		if len(points) == 0 {
			continue
		}
		if banded {
			addBand(panel, upper, lower, look.color)
		}
		style, glyph := look.line(), look.simulated()
		if line.Baseline {
			style.Dashes = baselineLook.dashes
		}
		panel.Add(&plotter.Line{XYs: points, LineStyle: style}, &plotter.Scatter{XYs: points, GlyphStyle: glyph})
		for _, pt := range line.Points {
			panel.Add(hint{pt.X, pt.Y, l.told(&line, pt)})
		}
		if line.Name != "" {
			p.legend = append(p.legend, entry{name: line.Name, line: &style, glyph: &glyph})
		}
	}
	if x.empty() {
		return nil, ErrNothing
	}
	switch {
	case len(l.X.Levels) > 0:
		l.X.nominal(&panel.X, 40)
		l.X.turn(&panel.X, 600)
	case l.X.Log:
		logAxis(&panel.X, x.lo, x.hi)
	default:
		panel.X.Min, panel.X.Max = x.lo, x.hi
	}
	if l.Y.Log {
		logAxis(&panel.Y, y.lo, y.hi)
	} else {
		panel.Y.Min, panel.Y.Max = min(y.lo, 0), y.hi*1.05
	}
	p.panels = [][]*plot.Plot{{panel}}
	return p.write(base)
}

// told is what a point of a line tells.
func (l *Lines) told(of *Line, at Point) []string {
	var lines []string
	if of.Name != "" {
		lines = append(lines, of.Name)
	}
	x := brief(at.X)
	if i := int(at.X); len(l.X.Levels) > 0 && i >= 0 && i < len(l.X.Levels) {
		x = l.X.Levels[i].Text
	}
	return append(lines, l.X.Label+": "+x, "simulated "+l.Y.Label+": "+between(at.Y, at.Low, at.High, ""))
}

// Tornado shows how much each factor of a study moves a quantity.
type Tornado struct {
	Title, Caption string
	Label          string // of the quantity, with its unit
	Mean           float64
	Bars           []Bar // the longest first
}

// Bar is from the least to the largest mean over the levels of a factor.
type Bar struct {
	Factor              string
	Low, High           float64
	LowLevel, HighLevel string
}

// Write draws the bars to base.png and base.svg, and returns the paths. Without any it is an
// error wrapping ErrNothing.
func (t *Tornado) Write(base string) ([]string, error) {
	if len(t.Bars) == 0 {
		return nil, ErrNothing
	}
	panel := newPanel("", t.Label, "")
	x := newSpan()
	x.add(t.Mean)
	axis := Axis{}
	for i := range t.Bars {
		b := &t.Bars[len(t.Bars)-1-i] // the longest on top
		axis.Levels = append(axis.Levels, Level{Text: b.Factor, Number: nan})
		x.add(b.Low, b.High)
		panel.Add(&tornadoBar{b, float64(i), t.Mean})
	}
	axis.nominal(&panel.Y, 60)
	room := (x.hi - x.lo) * 0.35
	panel.X.Min, panel.X.Max = x.lo-room, x.hi+room
	p := &page{title: t.Title, caption: t.Caption, width: 720, height: 200, panels: [][]*plot.Plot{{panel}}}
	for range t.Bars {
		p.height += 34
	}
	return p.write(base)
}

// tornadoBar draws a bar with the levels at its ends.
type tornadoBar struct {
	*Bar
	at, mean float64
}

// Plot implements plot.Plotter.
func (b *tornadoBar) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	part := func(from, to float64, l look) {
		r := rectangle(x(from), y(b.at-0.35), x(to), y(b.at+0.35))
		if r.Size().X > 0 {
			drawBar(&c, r, l)
			tell(c, r, b.Factor, b.LowLevel+": "+brief(b.Low), b.HighLevel+": "+brief(b.High))
		}
	}
	middle := min(max(b.mean, b.Low), b.High)
	part(b.Low, middle, looks[0])
	part(middle, b.High, looks[1])
	s := style(tickSize)
	s.YAlign = draw.YCenter
	s.XAlign = draw.XRight
	c.FillText(s, point(x(b.Low)-4, y(b.at)), b.LowLevel)
	s.XAlign = draw.XLeft
	c.FillText(s, point(x(b.High)+4, y(b.at)), b.HighLevel)
}
