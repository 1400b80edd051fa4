package figure

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Stack is a column of parts, one on the other.
type Stack struct {
	Name  string
	Parts []float64 // by Stacks.Parts
	// Whole is the value that the parts are of, drawn as a line across the column; 0: none.
	Whole float64
}

// Stacks are columns of the same kinds of parts.
type Stacks struct {
	Title, Caption string
	Axis           Scaled
	Parts          []string // what each part is, from below
	Columns        []Stack
}

// stackLooks tell parts apart by colour and hatching at once.
var stackLooks = []look{
	{color: blue}, {color: orange, dashes: []vg.Length{1}}, {color: green}, {color: purple, dashes: []vg.Length{1}},
	{color: sky}, {color: vermillion, dashes: []vg.Length{1}}, {color: yellow}, {color: grey, dashes: []vg.Length{1}},
}

// WriteStacks draws columns to base.png and base.svg and returns their paths. Without a column that is above 0
// the error wraps ErrNothing.
func WriteStacks(base string, s *Stacks) ([]string, error) {
	p, err := s.page()
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func (s *Stacks) page() (*page, error) {
	panel := newPanel("", "", s.Axis.label())
	out := &page{title: s.Title, caption: s.Caption, height: 470, width: max(620, 92*vg.Length(len(s.Columns))+110)}
	top := 0.0
	ticks := make(plot.ConstantTicks, len(s.Columns))
	for i, c := range s.Columns {
		ticks[i] = plot.Tick{Value: float64(i), Label: broken(c.Name)}
		from := 0.0
		for k, v := range c.Parts {
			if v *= s.Axis.By; !finite(v) || v <= 0 {
				continue
			}
			panel.Add(stackPart{float64(i) - 0.3, float64(i) + 0.3, from, from + v, stackLooks[k%len(stackLooks)],
				[]string{c.Name, s.Parts[k] + ": " + between(v, v, v, s.Axis.Unit)}})
			from += v
		}
		if whole := c.Whole * s.Axis.By; finite(whole) && whole > 0 {
			panel.Add(wholeMark{float64(i) - 0.38, float64(i) + 0.38, whole},
				hint{float64(i), whole, []string{c.Name, s.Axis.told(whole)}})
			top = max(top, whole)
		}
		top = max(top, from)
	}
	if top == 0 {
		return nil, fmt.Errorf("figure: %s: %w", s.Axis.Name, ErrNothing)
	}
	for k, name := range s.Parts {
		out.legend = append(out.legend, entry{name: name, fill: &stackLooks[k%len(stackLooks)]})
	}
	line := wholeLine
	out.legend = append(out.legend, entry{name: s.Axis.Name, line: &line})
	panel.X.Min, panel.X.Max, panel.Y.Min, panel.Y.Max = -0.6, float64(len(s.Columns))-0.4, 0, top*1.08
	panel.X.Tick.Marker = ticks
	out.panels = [][]*plot.Plot{{panel}}
	return out, nil
}

// wholeLine is that of the value that parts are of.
var wholeLine = draw.LineStyle{Color: black, Width: 1.4}

// columnLetters are those of a line below a column.
const columnLetters = 15

// broken breaks a name into lines that fit below a column, at blanks and behind slashes.
func broken(name string) string {
	var lines []string
	for _, word := range strings.Fields(strings.ReplaceAll(name, "/", "/ ")) {
		for utf8.RuneCountInString(word) > columnLetters {
			r := []rune(word)
			lines, word = append(lines, string(r[:columnLetters])), string(r[columnLetters:])
		}
		if n := len(lines); n > 0 && utf8.RuneCountInString(lines[n-1]+" "+word) <= columnLetters {
			glue := " "
			if strings.HasSuffix(lines[n-1], "/") {
				glue = ""
			}
			lines[n-1] += glue + word
			continue
		}
		lines = append(lines, word)
	}
	return strings.Join(lines, "\n")
}

// stackPart is a part of a column.
type stackPart struct {
	left, right, from, to float64
	look                  look
	lines                 []string // that it tells
}

// Plot implements plot.Plotter.
func (b stackPart) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	r := vg.Rectangle{Min: vg.Point{X: x(b.left), Y: y(b.from)}, Max: vg.Point{X: x(b.right), Y: y(b.to)}}
	drawBar(&c, r, b.look)
	tell(c, r, b.lines...)
}

// wholeMark is a line across a column.
type wholeMark struct{ left, right, at float64 }

// Plot implements plot.Plotter.
func (m wholeMark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	c.StrokeLine2(wholeLine, x(m.left), y(m.at), x(m.right), y(m.at))
}
