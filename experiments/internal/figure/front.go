package figure

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scaled is an axis of a front: what it shows, in which unit, and by which factor values are
// multiplied to be in it.
type Scaled struct {
	Name, Unit string
	By         float64
}

func (s Scaled) label() string {
	if s.Unit == "" {
		return s.Name
	}
	return s.Name + " (" + s.Unit + ")"
}

// told writes a value that is in the axis's unit.
func (s Scaled) told(v float64) string {
	return s.Name + ": " + between(v, v, v, s.Unit)
}

// FrontPoint is a mapping in a front.
type FrontPoint struct {
	Name     string
	X, Y     float64
	Front    bool // no other that keeps the limits is better by one of the two and no worse by the other
	Chosen   bool
	Baseline bool
	Broken   bool // it doesn't keep the limits
}

// Front is mappings by two of their values.
type Front struct {
	Title, Caption string
	X, Y           Scaled
	Points         []FrontPoint
	// LimitX and LimitY are bounds on the values; nil: there is none.
	LimitX, LimitY *float64
}

// frontLook is how points are drawn that are something.
type frontLook struct {
	name  string
	glyph draw.GlyphStyle
	is    func(p *FrontPoint) bool
}

// frontLooks are all looks, those first by which a point is told first.
var frontLooks = []frontLook{
	{"chosen", draw.GlyphStyle{Color: vermillion, Radius: 5, Shape: draw.PyramidGlyph{}},
		func(p *FrontPoint) bool { return p.Chosen }},
	{"baseline", draw.GlyphStyle{Color: black, Radius: 3.5, Shape: draw.BoxGlyph{}},
		func(p *FrontPoint) bool { return p.Baseline }},
	{"on the front", draw.GlyphStyle{Color: blue, Radius: 3.2, Shape: draw.CircleGlyph{}},
		func(p *FrontPoint) bool { return p.Front }},
	{"breaks a limit", draw.GlyphStyle{Color: grey, Radius: 2.4, Shape: draw.CrossGlyph{}},
		func(p *FrontPoint) bool { return p.Broken }},
	{"other", draw.GlyphStyle{Color: sky, Radius: 2.4, Shape: draw.RingGlyph{}}, func(*FrontPoint) bool { return true }},
}

// WriteFront draws a front to base.png and base.svg and returns their paths. Points without a place on an
// axis are left out; if all are, the error wraps ErrNothing.
func WriteFront(base string, f *Front) ([]string, error) {
	p, err := f.page()
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func (f *Front) page() (*page, error) {
	panel := newPanel("", f.X.label(), f.Y.label())
	xs, ys := newSpan(), newSpan()
	out := &page{title: f.Title, caption: f.Caption, width: 640, height: 480}
	points := make([]plotter.XYs, len(frontLooks))
	var line plotter.XYs
	for i := range f.Points {
		p := &f.Points[i]
		at := plotter.XY{X: p.X * f.X.By, Y: p.Y * f.Y.By}
		if !finite(at.X) || !finite(at.Y) {
			continue
		}
		xs.add(at.X)
		ys.add(at.Y)
		k := slices.IndexFunc(frontLooks, func(l frontLook) bool { return l.is(p) })
		points[k] = append(points[k], at)
		panel.Add(hint{at.X, at.Y, []string{p.Name, f.X.told(at.X), f.Y.told(at.Y), frontLooks[k].name}})
		if p.Front {
			line = append(line, at)
		}
	}
	if xs.empty() {
		return nil, fmt.Errorf("figure: front of %s and %s: %w", f.X.Name, f.Y.Name, ErrNothing)
	}
	slices.SortFunc(line, func(a, b plotter.XY) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(b.Y, a.Y)) })
	if len(line) > 1 {
		style := draw.LineStyle{Color: blue, Width: 1}
		panel.Add(&plotter.Line{XYs: line, LineStyle: style})
	}
	for i := len(frontLooks) - 1; i >= 0; i-- { // the most important above the others
		if len(points[i]) > 0 {
			panel.Add(&plotter.Scatter{XYs: points[i], GlyphStyle: frontLooks[i].glyph})
		}
	}
	for i := range frontLooks {
		if len(points[i]) > 0 {
			out.legend = append(out.legend, entry{name: frontLooks[i].name, glyph: &frontLooks[i].glyph})
		}
	}
	spread(&panel.X, xs)
	spread(&panel.Y, ys)
	f.limits(panel, out)
	out.panels = [][]*plot.Plot{{panel}}
	return out, nil
}

// spread gives an axis its values with some room: logarithmic where they span more than a decade.
func spread(a *plot.Axis, s span) {
	if s.lo > 0 && s.hi/s.lo > 10 {
		logAxis(a, s.lo, s.hi)
		return
	}
	room := 0.06 * (s.hi - s.lo)
	a.Min, a.Max = min(s.lo-room, s.lo), s.hi+room
	if s.lo >= 0 && s.lo-room < 0 {
		a.Min = -room / 4
	}
}

// limits draws the bounds that lie on the axes as dashed lines.
func (f *Front) limits(panel *plot.Plot, out *page) {
	style := draw.LineStyle{Color: vermillion, Width: 1, Dashes: []vg.Length{4, 3}}
	on := func(limit *float64, a *plot.Axis, by float64) bool {
		return limit != nil && *limit*by >= a.Min && *limit*by <= a.Max
	}
	x, y := on(f.LimitX, &panel.X, f.X.By), on(f.LimitY, &panel.Y, f.Y.By)
	if x {
		panel.Add(limitAt{*f.LimitX * f.X.By, style})
	}
	if y {
		panel.Add(across{*f.LimitY * f.Y.By, style})
	}
	if x || y {
		out.legend = append(out.legend, entry{name: "limit", line: &style})
	}
}

// limitAt is a vertical line through the whole panel.
type limitAt struct {
	x     float64
	style draw.LineStyle
}

// Plot implements plot.Plotter.
func (l limitAt) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	if at := x(l.x); c.ContainsX(at) {
		c.StrokeLine2(l.style, at, c.Min.Y, at, c.Max.Y)
	}
}
