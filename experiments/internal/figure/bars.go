package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Simulated and measured bars differ in colour and hatching.
var (
	simulatedBar = look{color: blue, dashes: []vg.Length{1}}
	measuredBar  = look{color: orange}
)

// TwoEndpoints draws endpoint time and latency of several endpoints at once on
// one server as bars, simulated beside measured, to base.png and base.svg; it
// returns their paths. A sweep without such rows gives an error wrapping ErrNothing.
func TwoEndpoints(base string, s *result.Sweep) ([]string, error) {
	p, err := twoEndpointsPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func twoEndpointsPage(s *result.Sweep) (*page, error) {
	if len(s.TwoEndpoints) == 0 {
		return nil, fmt.Errorf("figure: several endpoints at once: %w", ErrNothing)
	}
	row := make([]*plot.Plot, 0, 2)
	for _, m := range []metric{endpointTime, latency} {
		p, err := barPanel(s.TwoEndpoints, m)
		if err != nil {
			return nil, err
		}
		row = append(row, p)
	}
	return &page{
		title:   s.Experiment + ": several endpoints at once on one server",
		legend:  []entry{{name: "simulated", fill: &simulatedBar}, {name: "measured", fill: &measuredBar}},
		panels:  [][]*plot.Plot{row},
		caption: caption(s, "Bars on the columns are the 95 % interval of the median over frames."),
		width:   max(820, vg.Length(240*len(s.TwoEndpoints))), height: 400,
	}, nil
}

func barPanel(rows []result.Row, m metric) (*plot.Plot, error) {
	p := newPanel("", "", m.label())
	top := 0.0
	ticks := make(plot.ConstantTicks, len(rows))
	for i := range rows {
		r := &rows[i]
		ticks[i] = plot.Tick{Value: float64(i), Label: r.Endpoint + "\n" + r.Link + "\n" + r.FullLabel()}
		x := float64(i)
		top = max(top, columns(p, r, m, x-0.32, x-0.02, x+0.02, x+0.32))
	}
	if top == 0 {
		return nil, fmt.Errorf("figure: %s of several endpoints: %w", m.name, ErrNothing)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.6, float64(len(rows))-0.4, 0, top*1.08
	p.X.Tick.Marker = ticks
	return p, nil
}

// columns draws what was simulated of a row from a to b and what was measured from c to d, and
// returns how high they reach.
func columns(p *plot.Plot, r *result.Row, m metric, a, b, c, d float64) (top float64) {
	return max(column(p, r, "simulated", r.Stored, m, a, b, simulatedBar),
		column(p, r, "measured", r.Measured, m, c, d, measuredBar))
}

// column draws an outcome of a row, if there is one, with its interval, and returns how high it
// reaches. how says how it was obtained.
func column(
	p *plot.Plot, r *result.Row, how string, o *result.Outcome, m metric, left, right float64, l look,
) (top float64) {
	if o == nil {
		return 0
	}
	v, lo, hi := m.of(o)
	if !finite(v) {
		return 0
	}
	p.Add(bar{left, right, v, l, []string{r.Title(), m.told(how, v, lo, hi)}})
	p.Add(measuredPoint((left+right)/2, v, lo, hi, look{color: black, filled: noGlyph{}})...)
	return highest(v, hi)
}

// highest returns the largest of the values that have a place on an axis, at least 0.
func highest(vs ...float64) float64 {
	s := newSpan()
	s.add(0)
	s.add(vs...)
	return s.hi
}

// bar is a filled column from 0 to y.
type bar struct {
	left, right, y float64
	look           look
	lines          []string // that it tells
}

// Plot implements plot.Plotter.
func (b bar) Plot(c draw.Canvas, p *plot.Plot) {
	if !finite(b.y) {
		return
	}
	x, y := p.Transforms(&c)
	r := vg.Rectangle{Min: vg.Point{X: x(b.left), Y: y(0)}, Max: vg.Point{X: x(b.right), Y: y(b.y)}}
	drawBar(&c, r, b.look)
	tell(c, r, b.lines...)
}

// noGlyph draws nothing: only the interval of a measured point.
type noGlyph struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (noGlyph) DrawGlyph(*draw.Canvas, draw.GlyphStyle, vg.Point) {}
