package graphdraw

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

const margin = 24.0

// halo keeps text readable where a line passes.
const halo = ` stroke="white" stroke-width="3" paint-order="stroke"`

// SVG writes the graph as one self-contained SVG document.
func SVG(w io.Writer, d Drawing) error {
	l := newLayout(&d)
	p := &page{layout: l}
	p.top = p.legend()
	right, bottom := p.right, 0.0
	for i := range l.nodes {
		n := &l.nodes[i]
		right, bottom = max(right, n.x+n.right+2*margin), max(bottom, n.y+n.height/2)
	}
	p.frames()
	for i := range l.lines {
		p.line(i)
	}
	for i := range l.nodes {
		if n := &l.nodes[i]; n.actor >= 0 {
			p.actor(n)
		} else if n.label {
			p.label(n)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" `+
		`font-family="Liberation Sans, Arial, Helvetica, sans-serif" font-size="%g">`+"\n",
		right, bottom+p.top+2*margin, fontSize)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(d.Graph.Name))
	b.WriteString(`<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" ` +
		`markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="#333333"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="white"/>`+"\n", right, bottom+p.top+2*margin)
	b.Write(p.head.Bytes())
	fmt.Fprintf(&b, `<g class="graph" transform="translate(%g %.1f)">`+"\n", margin, margin+p.top)
	b.Write(p.body.Bytes())
	b.Write(p.names.Bytes())
	b.WriteString("</g>\n</svg>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// page collects what is drawn: the legend, and the graph below it.
type page struct {
	*layout
	head, body, names bytes.Buffer // names: of frames, above all lines
	top, right        float64
}

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}

// outline is the shape of an actor of a kind around a middle.
func outline(k graph.Kind, x, y, half, height float64) string {
	l, r, t, b := x-half, x+half, y-height/2, y+height/2
	cut := height / 4
	switch k {
	case graph.Dynamic:
		return fmt.Sprintf("M%.1f %.1fH%.1fL%.1f %.1fV%.1fL%.1f %.1fH%.1fL%.1f %.1fV%.1fz", l+cut, t, r-cut, r, t+cut, b-cut,
			r-cut, b, l+cut, l, b-cut, t+cut)
	case graph.Configuration:
		return fmt.Sprintf("M%.1f %.1fH%.1fL%.1f %.1fL%.1f %.1fH%.1fL%.1f %.1fz", l+cut, t, r-cut, r, y, r-cut, b, l+cut, l,
			y)
	}
	return fmt.Sprintf("M%.1f %.1fH%.1fV%.1fH%.1fz", l, t, r, b, l)
}

func dash(k graph.Kind) string {
	if k == graph.DynamicProcessing {
		return ` stroke-dasharray="5 3"`
	}
	return ""
}

func (p *page) actor(n *node) {
	a := &p.d.Graph.Actors[n.actor]
	tint, border := p.d.colours(n.actor)
	k := kindOf(a)
	fmt.Fprintf(&p.body, `<g><title>%s: %s, kernel %s</title><path d="%s" fill="%s" stroke="%s" stroke-width="1.5"%s/>`,
		escape(a.Name), escape(string(k)), escape(a.Kernel), outline(k, n.x, n.y, n.left, n.height), tint, border, dash(k))
	y := n.y + 4
	second := p.d.second(n.actor)
	if second != "" {
		y = n.y - 2
	}
	fmt.Fprintf(&p.body, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, n.x, y, escape(short(a.Name)))
	if second != "" {
		fmt.Fprintf(&p.body, `<text x="%.1f" y="%.1f" text-anchor="middle" font-size="10" fill="#444444">%s</text>`, n.x,
			n.y+12, escape(second))
	}
	p.body.WriteString("</g>\n")
}

// label writes the text of a line beside it, with its delay tokens as dots.
func (p *page) label(n *node) { p.labelAt(&p.lines[n.line], n.x+5, n.y) }

func (p *page) labelAt(q *line, x, y float64) {
	fmt.Fprintf(&p.body, `<g><title>%s</title>`, escape(p.d.about(q)))
	text, n := q.label, q.delay
	if q.delay > mostDots {
		many := dots(q.delay)
		fmt.Fprintf(&p.body, `<text x="%.1f" y="%.1f" font-size="10" fill="#333333"`+halo+`>%s</text>`, x, y+3.5,
			strings.TrimSpace(many))
		x += width(many, smallWidth)
		n = 1
	}
	for range n {
		fmt.Fprintf(&p.body, `<circle cx="%.1f" cy="%.1f" r="%.1f" fill="#d55e00"/>`, x+dotSize/2, y, dotSize/2)
		x += dotSize + 2
	}
	fmt.Fprintf(&p.body, `<text x="%.1f" y="%.1f" font-size="10" fill="#333333"`+halo+`>%s</text></g>`+"\n", x, y+3.5,
		escape(text))
}

// strokeOf is how a line is drawn.
func strokeOf(control, variable, crosses bool) string {
	s := ` stroke="#333333"`
	if control {
		s = ` stroke="#8a8a8a" stroke-dasharray="2 3"`
	} else if variable {
		s += ` stroke-dasharray="7 3"`
	}
	if crosses {
		return s + ` stroke-width="2.5"`
	}
	return s + ` stroke-width="1.2"`
}

// line draws one line through its label and bends, straight within the rows.
func (p *page) line(i int) {
	q := &p.lines[i]
	stroke := strokeOf(q.control, q.variable, q.crosses)
	if p.chain[i] == nil {
		n := &p.nodes[q.from]
		nth, all := p.loop(i)
		x, y := n.x+n.left, n.y+(float64(nth)-float64(all-1)/2)*loopGap
		fmt.Fprintf(&p.body, `<path d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f" fill="none"%s marker-end="url(#arrow)"/>`+
			"\n", x, y+9, x+22, y+14, x+22, y-14, x, y-9, stroke)
		p.labelAt(q, x+20, y)
		return
	}
	var d strings.Builder
	chain := p.chain[i]
	type point struct{ x, y float64 }
	var points []point
	for k, at := range chain {
		n := &p.nodes[at]
		switch {
		case k == 0:
			points = append(points, point{p.port(n, chain[1], n.down), n.y + n.height/2})
		case k == len(chain)-1:
			points = append(points, point{p.port(n, chain[k-1], n.up), n.y - n.height/2})
		default:
			points = append(points, point{n.x, n.y - n.height/2}, point{n.x, n.y + n.height/2})
		}
	}
	if p.back[i] {
		slices.Reverse(points)
	}
	fmt.Fprintf(&d, "M%.1f %.1f", points[0].x, points[0].y)
	for k := 1; k < len(points); k++ {
		a, b := points[k-1], points[k]
		if k%2 == 0 { // within a row
			fmt.Fprintf(&d, "V%.1f", b.y)
			continue
		}
		half := (b.y - a.y) / 2
		fmt.Fprintf(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", a.x, a.y+half, b.x, b.y-half, b.x, b.y)
	}
	fmt.Fprintf(&p.body, `<path d="%s" fill="none"%s marker-end="url(#arrow)"/>`+"\n", d.String(), stroke)
}

// loop returns which of an actor's lines to itself line i is, and how many there are.
func (p *page) loop(i int) (nth, all int) {
	for k := range p.lines {
		if q := &p.lines[k]; q.to == p.lines[i].to && q.from == p.lines[i].from {
			if k < i {
				nth++
			}
			all++
		}
	}
	return nth, all
}

// port returns where on an actor's edge the line to a neighbour ends: in the order
// of the neighbours, evenly, near the middle.
func (p *page) port(n *node, to int, near []int) float64 {
	sorted := slices.Clone(near)
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(p.nodes[a].x, p.nodes[b].x) })
	step := min(2*(n.left-9)/float64(len(sorted)), 40)
	return n.x + (float64(slices.Index(sorted, to))-float64(len(sorted)-1)/2)*step
}
