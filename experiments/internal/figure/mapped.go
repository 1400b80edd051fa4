package figure

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Mappings draws endpoint time, latency and throughput of every mapping and baseline
// as bars, simulated beside measured with the error above, to base.png and base.svg;
// it returns their paths. Of other sweeps the error wraps ErrNothing.
func Mappings(base string, s *result.Sweep) ([]string, error) {
	p, err := mappingsPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

// slowed says by how much the devices of a mapping are slowed.
func slowed(s *result.Sweep) string {
	text := fmt.Sprintf("Slowed: %s by %g", s.Rows[0].Endpoint, s.Rows[0].Slowdown)
	for _, d := range s.Gateways {
		text += fmt.Sprintf(", %s by %g", d.Device, d.Slowdown)
	}
	return text + "."
}

// metricOf draws a quantity.
var metricOf = map[result.Quantity]metric{
	result.EndpointTime: endpointTime, result.Latency: latency, result.Throughput: throughput,
}

// Of a panel of mappings: what a case takes, in points, and the room between groups,
// in cases.
const (
	columnWidth = 62
	labelLines  = 2 // that a label has at least, so that all begin at one height
	groupGap    = 0.4
)

func mappingsPage(s *result.Sweep) (*page, error) {
	if s.Kind != result.OfMappings {
		return nil, fmt.Errorf("figure: mappings: %w", ErrNothing)
	}
	var all []mappedMetric
	for _, q := range result.Quantities() {
		all = append(all, errorsOf(s, q))
	}
	panels, err := mappingsPanels(s, all)
	if err != nil {
		return nil, err
	}
	return &page{
		title:  s.Experiment + ": mappings to several devices, simulated and measured",
		legend: []entry{{name: "simulated", fill: &simulatedBar}, {name: "measured", fill: &measuredBar}},
		panels: panels,
		caption: caption(s, slowed(s),
			"Above each pair stands its error, (simulated - measured) / measured in %, with ~ if that is below the "+
				"spread of the measurements and ? if the measurement is not settled; above each group "+
				"the median and the worst of the errors of its settled rows. "+
				"Bars on the columns are the 95 % interval: of the median over frames, and of throughput's mean. "+
				"Endpoint time and latency are with one frame under way, throughput with all of them."),
		width: mappingsWidth(s), height: 690,
	}, nil
}

func mappingsWidth(s *result.Sweep) vg.Length {
	return max(720, columnWidth*vg.Length(len(s.Rows)+1)+110)
}

// mappedMetric is what a panel of mappings draws, with the texts above a case and a group.
type mappedMetric struct {
	metric
	above func(*result.Row) string
	head  func(group string) string
}

// errorsOf draws a quantity, and writes the errors of its stored prediction.
func errorsOf(s *result.Sweep, q result.Quantity) mappedMetric {
	errs := result.GroupErrors(s)
	return mappedMetric{metric: metricOf[q], above: func(r *result.Row) string {
		e, noise, ok := r.ErrorOf(q, result.Stored)
		if !ok {
			return ""
		}
		text := fmt.Sprintf("%+.1f", 100*e)
		if noise {
			text += " ~"
		}
		if !r.Settled(q) {
			text += " ?"
		}
		return text
	}, head: func(group string) string {
		for _, g := range errs {
			if g.Group == group && g.Quantity == q && g.Prediction == result.Stored && g.Median != nil {
				return fmt.Sprintf(": median %.1f %%, worst %.1f %%", 100**g.Median, 100**g.Max)
			}
		}
		return ""
	}}
}

// mappingsPanels draws metrics below each other. Only the panel at the bottom names the cases.
func mappingsPanels(s *result.Sweep, all []mappedMetric) (panels [][]*plot.Plot, err error) {
	for i, m := range all {
		p, err := mappingsPanel(s, m, i == len(all)-1)
		if err != nil {
			return nil, err
		}
		panels = append(panels, []*plot.Plot{p})
	}
	return panels, nil
}

func mappingsPanel(s *result.Sweep, m mappedMetric, bottom bool) (*plot.Plot, error) {
	p := newPanel("", "", m.label())
	names, groups := result.MappedRows(s.Rows)
	var ticks plot.ConstantTicks
	var heads []*header
	x, top := 0.0, 0.0
	for i, name := range names {
		if i > 0 {
			p.Add(upright{x - 0.5 + groupGap/2})
			x += groupGap
		}
		head := &header{from: x - 0.5, text: name + m.head(name)}
		for _, r := range groups[name] {
			label := ""
			if bottom {
				lines := wrap(r.FullLabel(), columnWidth-4, style(tickSize).Width)
				label = strings.Join(lines, "\n") + strings.Repeat("\n ", max(labelLines-len(lines), 0))
			}
			ticks = append(ticks, plot.Tick{Value: x, Label: label})
			top = max(top, addPair(p, r, m, x))
			x++
		}
		head.to = x - 0.5
		heads = append(heads, head)
	}
	if top == 0 {
		return nil, fmt.Errorf("figure: %s of mappings: %w", m.name, ErrNothing)
	}
	for _, h := range heads {
		p.Add(h)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.6, x-0.4, 0, top*1.35
	p.X.Tick.Marker = ticks
	return p, nil
}

// header is a text at the top of the panel, over the columns from from to to.
type header struct {
	from, to float64
	text     string
}

// Plot implements plot.Plotter.
func (h *header) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	s := style(tickSize)
	s.XAlign, s.YAlign = draw.XCenter, draw.YTop
	for i, line := range wrap(h.text, x(h.to)-x(h.from), s.Width) {
		at := vg.Point{X: (x(h.from) + x(h.to)) / 2, Y: c.Max.Y - 2 - vg.Length(i)*s.Height("X")}
		c.SetColor(white) // over the grid
		c.Fill(s.Rectangle(line).Add(at).Path())
		c.FillText(s, at, line)
	}
}

// addPair draws a case's columns around x and returns how high they reach.
func addPair(p *plot.Plot, r *result.Row, m mappedMetric, x float64) (top float64) {
	const width = 0.4
	top = columns(p, r, m.metric, x-width, x, x, x+width)
	if text := m.above(r); text != "" {
		p.Add(note{x, top, text})
	}
	return top
}

// note is a text above a point.
type note struct {
	x, y float64
	text string
}

// Plot implements plot.Plotter.
func (n note) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	s := style(tickSize)
	s.XAlign, s.YAlign = draw.XCenter, draw.YBottom
	c.FillText(s, vg.Point{X: x(n.x), Y: y(n.y) + 2}, n.text)
}
