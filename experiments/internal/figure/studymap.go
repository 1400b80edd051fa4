package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var nan = math.NaN()

// Map is a quantity of a study over two factors, or the best level of a third.
type Map struct {
	Title, Caption string
	X, Y           Axis // with levels
	// Values are of a heat map: by the index of Y's level, then X's; NaN: missing.
	Values [][]float64
	Label  string // of the values, with their unit
	// Best are of a map of best levels: indices in Names, -1: none known.
	Best  [][]int
	Names []string
}

// mostTexts is how many columns and rows a map has at most that shows its values as numbers.
const mostTexts = 14

// shades is how many colours of a heat map the legend shows.
const shades = 5

// Write draws the map to base.png and base.svg, and returns the paths. Without any value it
// is an error wrapping ErrNothing.
func (m *Map) Write(base string) ([]string, error) {
	p := &page{title: m.Title, caption: m.Caption, width: 760, height: 560}
	panel := newPanel("", m.X.Label, m.Y.Label)
	cells := &cells{}
	var err error
	if m.Best != nil {
		p.legend = m.best(cells)
	} else {
		p.legend, err = m.heat(cells)
	}
	if err != nil {
		return nil, err
	}
	if len(cells.of) == 0 {
		return nil, ErrNothing
	}
	panel.Add(cells)
	m.X.nominal(&panel.X, 40)
	m.X.turn(&panel.X, 640)
	m.Y.nominal(&panel.Y, 40)
	p.panels = [][]*plot.Plot{{panel}}
	return p.write(base)
}

// cell is a rectangle of a map.
type cell struct {
	x, y  int
	fill  color.Color
	text  string
	lines []string // that it tells
}

type cells struct{ of []cell }

// Plot implements plot.Plotter.
func (cs *cells) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	s := style(tickSize)
	s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
	for _, of := range cs.of {
		r := rectangle(x(float64(of.x)-0.5), y(float64(of.y)-0.5), x(float64(of.x)+0.5), y(float64(of.y)+0.5))
		c.SetColor(of.fill)
		c.Fill(r.Path())
		s.Color = onBright
		if dark(of.fill) {
			s.Color = onDark
		}
		tell(c, r, of.lines...)
		if of.text != "" && s.Width(of.text) < r.Size().X {
			c.FillText(s, point((r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2), of.text)
		}
	}
}

// dark reports whether white text is read better on a colour than black one.
func dark(c color.Color) bool {
	r, g, b, _ := c.RGBA()
	return 0.2126*float64(r)+0.7152*float64(g)+0.0722*float64(b) < 0.45*65535
}

func rectangle(x0, y0, x1, y1 vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: min(x0, x1), Y: min(y0, y1)}, Max: vg.Point{X: max(x0, x1), Y: max(y0, y1)}}
}

func point(x, y vg.Length) vg.Point { return vg.Point{X: x, Y: y} }

// each calls f for every cell.
func (m *Map) each(f func(x, y int)) {
	for y := range m.Y.Levels {
		for x := range m.X.Levels {
			f(x, y)
		}
	}
}

// heat fills the cells of a heat map: on a logarithmic scale where values differ much.
func (m *Map) heat(cs *cells) ([]entry, error) {
	all := newSpan()
	m.each(func(x, y int) { all.add(m.Values[y][x]) })
	if all.empty() {
		return nil, ErrNothing
	}
	log := all.lo > 0 && all.hi/all.lo > 30
	scale := func(v float64) float64 { return v }
	back := scale
	if log {
		scale, back = math.Log, math.Exp
	}
	colors := moreland.ExtendedBlackBody()
	lo, hi := scale(all.lo), scale(all.hi)
	if hi <= lo {
		hi = lo + max(math.Abs(lo), 1)
	}
	colors.SetMin(-0.1) // neither black nor white, which the page is
	colors.SetMax(1.15)
	var failed error
	shade := func(v float64) color.Color {
		c, err := colors.At(min(max((scale(v)-lo)/(hi-lo), 0), 1))
		if err != nil && failed == nil {
			failed = err
		}
		return c
	}
	texts := len(m.X.Levels) <= mostTexts && len(m.Y.Levels) <= 2*mostTexts
	m.each(func(x, y int) {
		v := m.Values[y][x]
		if !finite(v) {
			return
		}
		c := cell{x: x, y: y, fill: shade(v), lines: m.told(x, y, m.Label+": "+brief(v))}
		if texts {
			c.text = brief(v)
		}
		cs.of = append(cs.of, c)
	})
	legend := []entry{{name: m.Label + ":"}}
	for i := range shades {
		v := back(lo + (hi-lo)*float64(i)/(shades-1))
		legend = append(legend, entry{name: brief(v), fill: &look{color: solid(shade(v))}})
	}
	if failed != nil {
		return nil, fmt.Errorf("figure: %s: %w", m.Title, failed)
	}
	return legend, nil
}

func solid(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 255}
}

// best fills the cells of a map of best levels. A letter tells them apart without colour.
func (m *Map) best(cs *cells) []entry {
	used := map[int]int{} // order of appearance
	var legend []entry
	colors := []color.RGBA{sky, orange, green, yellow, purple, vermillion, blue, paleGrey, grey, black}
	m.each(func(x, y int) {
		b := m.Best[y][x]
		if b < 0 {
			return
		}
		k, known := used[b]
		if !known {
			k = len(used)
			used[b] = k
			legend = append(legend, entry{
				name: letter(k) + " " + m.Names[b], fill: &look{color: colors[k%len(colors)]},
			})
		}
		cs.of = append(cs.of, cell{
			x: x, y: y, fill: colors[k%len(colors)], text: letter(k), lines: m.told(x, y, "best: "+m.Names[b]),
		})
	})
	return legend
}

// told is what a cell tells: its place, and a text.
func (m *Map) told(x, y int, text string) []string {
	return []string{m.X.Label + ": " + m.X.Levels[x].Text, m.Y.Label + ": " + m.Y.Levels[y].Text, text}
}

// letter names a place: a to z, then a1 and so on.
func letter(k int) string {
	s := string(rune('a' + k%26))
	if k >= 26 {
		s += fmt.Sprint(k / 26)
	}
	return s
}
