package figure

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Sizes of a panel against the cut, in points: the whole of it, the least that
// its x axis gets, and what a turned tick label takes of that.
const (
	panelWidth, panelHeight = 430, 190

	axisWidth  = panelWidth - 90
	tickHeight = tickSize * 1.25
)

// axis is the x axis that all panels of a sweep share: its cuts, or the values of
// its parameter, then its baselines.
type axis struct {
	labels []string
	values map[string]float64 // by label, of a swept parameter
	cuts   int                // the first of labels; the others are baselines
	codecs []string           // of the cuts, in order of appearance; "" is none
}

func newAxis(rows []result.Row) axis {
	a := axis{values: map[string]float64{}}
	var baselines []string
	add := func(list []string, s string) []string {
		if slices.Contains(list, s) {
			return list
		}
		return append(list, s)
	}
	for i := range rows {
		r := &rows[i]
		if r.Baseline != "" {
			baselines = add(baselines, r.Label)
			continue
		}
		a.labels = add(a.labels, r.Label)
		if r.Param != "" {
			a.values[r.Label] = r.Value
		}
		a.codecs = add(a.codecs, codec(r))
	}
	a.cuts = len(a.labels)
	a.labels = append(a.labels, baselines...)
	return a
}

func codec(r *result.Row) string {
	if r.Codec == "none" {
		return ""
	}
	return r.Codec
}

// at returns the place of a row on the axis.
func (a *axis) at(r *result.Row) float64 {
	if r.Baseline != "" {
		return a.place(a.cuts + slices.Index(a.labels[a.cuts:], r.Label))
	}
	return a.place(slices.Index(a.labels, r.Label))
}

// place returns where label i stands: baselines stand further apart than many
// cuts, so that all their labels have room.
func (a *axis) place(i int) float64 {
	if i < a.cuts {
		return float64(i)
	}
	const room = tickHeight
	n := vg.Length(len(a.labels) - a.cuts)
	gap := max(1, float64(room*vg.Length(a.cuts)/(axisWidth-room*n)))
	return float64(a.cuts) - 1 + gap*float64(i-a.cuts+1)
}

// look returns how a row is drawn: by its codec, or as a baseline.
func (a *axis) look(r *result.Row) look {
	if r.Baseline != "" {
		return baselineLook
	}
	return lookAt(slices.Index(a.codecs, codec(r)))
}

// ticks labels all baselines, and as many cuts, evenly spread, as don't overlap.
func (a *axis) ticks() plot.ConstantTicks {
	step := 1
	if each := axisWidth / vg.Length(a.place(len(a.labels)-1)+1); each < tickHeight {
		step = int(math.Ceil(float64(tickHeight / each)))
	}
	ticks := make(plot.ConstantTicks, len(a.labels))
	for i, l := range a.labels {
		ticks[i].Value = a.place(i)
		if v, ok := a.values[l]; ok {
			l = strconv.FormatFloat(v, 'g', -1, 64)
		}
		if i >= a.cuts || i%step == 0 {
			ticks[i].Label = l + " " // keeps a turned label off the axis
		}
	}
	return ticks
}

// apply gives a panel the axis; only the panel at the bottom names the cuts.
func (a *axis) apply(p *plot.Plot, bottom bool) {
	p.X.Min, p.X.Max = -0.6, a.place(len(a.labels)-1)+0.6
	s := &p.X.Tick.Label
	ticks := a.ticks()
	if !bottom {
		for i := range ticks {
			ticks[i].Label = ""
		}
		p.X.Label.Text = ""
	}
	p.X.Tick.Marker = ticks
	s.Rotation, s.XAlign, s.YAlign = math.Pi/2, draw.XRight, draw.YCenter
}

// metric is a quantity of an outcome with its interval.
type metric struct {
	name     string
	unit     string          // "" where the name says it
	quantity result.Quantity // empty for what is not predicted
	of       func(*result.Outcome) (v, lo, hi float64)
}

// label is that of an axis.
func (m metric) label() string {
	if m.unit == "" {
		return m.name
	}
	return m.name + " (" + m.unit + ")"
}

// told is what a mark of the metric tells: how the value was obtained, and its interval.
func (m metric) told(how string, v, lo, hi float64) string {
	return fmt.Sprintf("%s %s: %s", how, m.name, between(v, lo, hi, m.unit))
}

// quantity is a metric whose unit is so many of the base unit.
func quantity(q result.Quantity, unit string, scale float64) metric {
	return metric{string(q), unit, q, func(o *result.Outcome) (v, lo, hi float64) {
		i, clock := o.Interval(q), o.Clock(q)
		return scale * i.Value, scale * (i.Low - clock), scale * (i.High + clock)
	}}
}

var (
	endpointTime = quantity(result.EndpointTime, "ms", 1e3)
	latency      = quantity(result.Latency, "ms", 1e3)
	throughput   = quantity(result.Throughput, "frames/s", 1)
	traffic      = metric{"bytes sent per frame", "", "", func(o *result.Outcome) (v, lo, hi float64) {
		b := float64(o.BoundaryBytes)
		return b, b, b
	}}
)

// lowest says how far below its value, as a factor, an interval is drawn at most.
const lowest = 20

// panel draws one metric of the rows of a group against the cut: simulated as
// lines with open markers, measured as filled ones with their interval, each
// baseline with a dotted line across.
func (a *axis) panel(title string, rows []*result.Row, m metric) (*plot.Plot, error) {
	p := newPanel(title, "cut (what runs before it stays on the endpoint) or baseline", m.label())
	if a.cuts > 0 && a.cuts < len(a.labels) {
		p.Add(upright{(a.place(a.cuts-1) + a.place(a.cuts)) / 2})
	}
	seen := newSpan()
	lines := map[string]plotter.XYs{}
	drawn := drawable(rows, m)
	for _, r := range rows {
		l := a.look(r)
		if r.Stored != nil {
			v, _, _ := m.of(r.Stored)
			if drawn(v) {
				seen.add(v)
				at := plotter.XY{X: a.at(r), Y: v}
				if r.Baseline == "" {
					lines[codec(r)] = append(lines[codec(r)], at)
				} else {
					p.Add(across{v, l.line()})
				}
				p.Add(&plotter.Scatter{XYs: plotter.XYs{at}, GlyphStyle: l.simulated()},
					hint{at.X, at.Y, []string{r.FullLabel(), m.told("simulated", v, v, v)}})
			}
		}
		if r.Measured != nil {
			v, lo, hi := m.of(r.Measured)
			if drawn(v) {
				x, text := a.at(r)+0.28, m.told("measured", v, lo, hi)
				lo = max(lo, v/lowest) // 0 has no place on the axis
				seen.add(v, lo, hi)
				p.Add(measuredPoint(x, v, lo, hi, l)...)
				p.Add(hint{x, v, []string{r.FullLabel(), text}})
			}
		}
	}
	for i, c := range a.codecs {
		line := lines[c]
		slices.SortFunc(line, func(a, b plotter.XY) int { return int(a.X - b.X) })
		if len(line) > 1 {
			p.Add(&plotter.Line{XYs: line, LineStyle: lookAt(i).line()})
		}
	}
	if seen.empty() {
		return nil, fmt.Errorf("figure: %s of %s: %w", m.name, title, ErrNothing)
	}
	logAxis(&p.Y, seen.lo, seen.hi)
	return p, nil
}

// drawable returns which values of the metric have a place on the axis: those above 0,
// which make it logarithmic, or zeros where there is nothing else.
func drawable(rows []*result.Row, m metric) func(v float64) bool {
	above := func(o *result.Outcome) bool {
		if o == nil {
			return false
		}
		v, _, _ := m.of(o)
		return v > 0 && finite(v)
	}
	log := slices.ContainsFunc(rows, func(r *result.Row) bool { return above(r.Stored) || above(r.Measured) })
	return func(v float64) bool { return finite(v) && (v > 0 || !log) }
}

// measuredPoint is a filled marker at (x, v) with a bar from lo to hi.
func measuredPoint(x, v, lo, hi float64, l look) []plot.Plotter {
	xy := plotter.XYs{{X: x, Y: v}}
	bar := &plotter.YErrorBars{XYs: xy, YErrors: plotter.YErrors{{Low: v - lo, High: hi - v}},
		LineStyle: draw.LineStyle{Color: l.color, Width: 1}, CapWidth: 5}
	return []plot.Plotter{bar, &plotter.Scatter{XYs: xy, GlyphStyle: l.measured()}}
}

// across is a horizontal line through the whole panel.
type across struct {
	y     float64
	style draw.LineStyle
}

// Plot implements plot.Plotter.
func (h across) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	if at := y(h.y); c.ContainsY(at) {
		c.StrokeLine2(h.style, c.Min.X, at, c.Max.X, at)
	}
}

// upright is a vertical line through the whole panel, between cuts and
// baselines.
type upright struct{ x float64 }

// Plot implements plot.Plotter.
func (u upright) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.6}, x(u.x), c.Min.Y, x(u.x), c.Max.Y)
}

// legend explains the codecs and baselines.
func (a *axis) legend() []entry {
	var entries []entry
	add := func(name string, l look) {
		line, open, filled := l.line(), l.simulated(), l.measured()
		entries = append(entries, entry{name: "simulated, " + name, line: &line, glyph: &open},
			entry{name: "measured, " + name, glyph: &filled})
	}
	for i, c := range a.codecs {
		if c == "" {
			c = "no codec"
		}
		add(c, lookAt(i))
	}
	if len(a.labels) > a.cuts {
		add("baseline", baselineLook)
	}
	return entries
}

// bytesPanel draws the boundary bytes against the cut.
func (a *axis) bytesPanel(rows []*result.Row) (*plot.Plot, error) {
	p, err := a.panel("", rows, traffic)
	if err != nil {
		return nil, err
	}
	a.apply(p, true)
	return p, nil
}
