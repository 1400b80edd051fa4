package figure

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// hint tells the values of what is drawn at a point, in lines: the SVG shows them under the
// pointer. It draws nothing.
type hint struct {
	x, y  float64
	lines []string
}

// Plot implements plot.Plotter.
func (h hint) Plot(c draw.Canvas, p *plot.Plot) {
	const reach = 5
	x, y := p.Transforms(&c)
	at := point(x(h.x), y(h.y))
	if c.Contains(at) {
		tell(c, rectangle(at.X-reach, at.Y-reach, at.X+reach, at.Y+reach), h.lines...)
	}
}

// tell tells the values of what is drawn over a rectangle, in lines, where the canvas is that of
// an SVG.
func tell(c draw.Canvas, over vg.Rectangle, lines ...string) {
	if svg := tellingOf(c); svg != nil && len(lines) > 0 {
		svg.told = append(svg.told, told{over, strings.Join(lines, "\n")})
	}
}

// tellingOf returns the SVG that a canvas is a part of; nil of another one.
func tellingOf(c draw.Canvas) *telling {
	at := c.Canvas
	for {
		part, ok := at.(draw.Canvas) // parts of a canvas are canvases around it
		if !ok {
			break
		}
		at = part.Canvas
	}
	svg, _ := at.(*telling)
	return svg
}

type told struct {
	over vg.Rectangle
	text string
}

// telling is the canvas of an SVG that tells values.
type telling struct {
	*vgsvg.Canvas
	told    []told
	caption vg.Length // the height of the caption, at the foot
}

// mostTold bounds what one figure tells, so that it opens fast.
const mostTold = 4000

// text returns the SVG with its title, its description and what it tells. Each rectangle that
// tells something is a rect of class spot with a title. The attribute data-caption is the height
// of the caption at the foot, which is the description.
func (t *telling) text(title, about string) ([]byte, error) {
	var b bytes.Buffer
	if _, err := t.WriteTo(&b); err != nil {
		return nil, err
	}
	shown := t.told[:min(len(t.told), mostTold)]
	if len(shown) < len(t.told) {
		about += fmt.Sprintf(" Of %d marks, the first %d tell their values.", len(t.told), len(shown))
	}
	_, height := t.Size()
	var spots strings.Builder
	spots.WriteString(`<g fill="none" pointer-events="all">` + "\n")
	for _, s := range shown {
		size := s.over.Size()
		fmt.Fprintf(&spots, `<rect class="spot" x="%.5g" y="%.5g" width="%.5g" height="%.5g" rx="2"><title>%s</title></rect>`+
			"\n", s.over.Min.X.Points(), (height - s.over.Max.Y).Points(), size.X.Points(), size.Y.Points(),
			html.EscapeString(s.text))
	}
	spots.WriteString("</g>\n")
	svg := strings.Replace(b.String(), "<svg ", fmt.Sprintf(`<svg data-caption="%.5g" `, t.caption.Points()), 1)
	head, end := strings.Index(svg, ">\n<g"), strings.LastIndex(svg, "</svg>")
	if head < 0 || end < head {
		return nil, fmt.Errorf("figure: %s: the SVG has no place for what it tells", title)
	}
	head += len(">\n")
	return []byte(svg[:head] + "<title>" + html.EscapeString(title) + "</title>\n<desc>" + html.EscapeString(about) +
		"</desc>\n" + svg[head:end] + spots.String() + svg[end:]), nil
}

// between writes a value with the ends of its interval, where it has one.
func between(v, lo, hi float64, unit string) string {
	text := brief(v)
	if finite(lo) && finite(hi) && lo < hi {
		text += fmt.Sprintf(" (%s to %s)", brief(lo), brief(hi))
	}
	return strings.TrimSpace(text + " " + unit)
}
