package graphdraw

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// legend writes the name of the graph and what its colours, shapes and lines mean,
// as far as they occur, and returns its height.
func (p *page) legend() float64 {
	g := p.d.Graph
	y := margin + 6
	fmt.Fprintf(&p.head, `<text x="%g" y="%.1f" font-size="15" font-weight="bold">%s</text>`+"\n", margin, y,
		escape(g.Name))
	p.right = 2*margin + width(g.Name, 0.62*15)
	x := margin
	item := func(text, shape string) {
		if w := 44 + width(text, charWidth); x > margin && x+w > 900 {
			x, y = margin, y+22
		}
		fmt.Fprintf(&p.head, `<g transform="translate(%.1f %.1f)">%s<text x="28" y="4">%s</text></g>`+"\n", x, y, shape,
			escape(text))
		x += 44 + width(text, charWidth)
		p.right = max(p.right, x+margin)
	}
	y += 24
	for i, name := range p.d.Devices {
		item("device "+name, fmt.Sprintf(
			`<rect x="0" y="-7" width="22" height="14" fill="%s" stroke="%s" stroke-width="1.5"/>`, tints[i%len(tints)],
			borders[i%len(borders)],
		))
	}
	if p.d.Devices != nil {
		x, y = margin, y+22
	}
	used := map[graph.Kind]bool{}
	for a := range g.Actors {
		used[kindOf(&g.Actors[a])] = true
	}
	for _, k := range graph.Kinds() {
		if used[k] {
			item(string(k), fmt.Sprintf(`<path d="%s" fill="white" stroke="#333333" stroke-width="1.5"%s/>`,
				outline(k, 11, 0, 12, 19), dash(k)))
		}
	}
	var control, variable, crosses, delay bool
	for _, q := range p.lines {
		control, variable, crosses, delay = control || q.control, variable || q.variable && !q.control, crosses || q.crosses,
			delay || q.delay > 0
	}
	for _, kind := range []struct {
		there                       bool
		text                        string
		isControl, isVar, isCrosses bool
	}{
		{true, "FIFO: rate, capacity", false, false, false}, {variable, "rate [lower, upper]", false, true, false},
		{control, "control tokens", true, false, false}, {crosses, "crosses a link", false, false, true},
	} {
		if kind.there {
			item(kind.text, `<path d="M0 0H22" fill="none"`+strokeOf(kind.isControl, kind.isVar, kind.isCrosses)+`/>`)
		}
	}
	if delay {
		item("delay token", fmt.Sprintf(`<circle cx="11" cy="0" r="%.1f" fill="#d55e00"/>`, dotSize/2))
	}
	return y + 24 - margin
}

// frames draws a dashed outline around every dynamic part, row by row, so that
// what stands beside the members stays outside.
func (p *page) frames() {
	_, dpgs := p.d.parts()
	const pad = 9
	for part := range dpgs {
		type row struct{ left, right, top, bottom float64 }
		var rows []row
		for _, layer := range p.layers {
			var r row
			for _, i := range layer {
				n := &p.nodes[i]
				if n.part != part {
					continue
				}
				if r.bottom == 0 {
					r = row{n.x - n.left, n.x + n.right, n.y - n.height/2, n.y + n.height/2}
				}
				r.left, r.right = min(r.left, n.x-n.left), max(r.right, n.x+n.right)
			}
			if r.bottom != 0 {
				rows = append(rows, row{r.left - pad, r.right + pad, r.top - rowGap/2, r.bottom + rowGap/2})
			}
		}
		var right, left strings.Builder
		for _, r := range rows {
			fmt.Fprintf(&right, "L%.1f %.1fV%.1f", r.right, r.top, r.bottom)
		}
		for i := len(rows) - 1; i >= 0; i-- {
			fmt.Fprintf(&left, "L%.1f %.1fV%.1f", rows[i].left, rows[i].bottom, rows[i].top)
		}
		fmt.Fprintf(
			&p.body, `<path d="M%.1f %.1f%s%sz" fill="#888888" fill-opacity="0.07" stroke="#666666" stroke-dasharray="8 4"/>`+
				"\n", rows[0].left, rows[0].top, right.String(), left.String(),
		)
		fmt.Fprintf(&p.names, `<text x="%.1f" y="%.1f" font-size="10" fill="#555555"`+halo+`>%s</text>`+"\n", rows[0].left+3,
			rows[0].top-3, escape(partLabel(&dpgs[part])))
	}
}
