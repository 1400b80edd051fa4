package graphdraw

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// shapes are Graphviz's and this package's shapes of the kinds of actors.
var shapes = map[graph.Kind]string{
	graph.StaticProcessing:  "box",
	graph.Dynamic:           "octagon",
	graph.DynamicProcessing: "box",
	graph.Configuration:     "hexagon",
}

// DOT writes the graph for Graphviz.
func DOT(w io.Writer, d Drawing) error {
	var b bytes.Buffer
	of, dpgs := d.parts()
	fmt.Fprintf(
		&b,
		"digraph %s {\n\trankdir=TB;\n\tnode [fontname=\"Helvetica\", style=filled];\n\tedge [fontname=\"Helvetica\", "+
			"fontsize=10];\n", quote(d.Graph.Name),
	)
	node := func(indent string, a int) {
		act := &d.Graph.Actors[a]
		tint, border := d.colours(a)
		style := "filled"
		if kindOf(act) == graph.DynamicProcessing {
			style = "filled,dashed"
		}
		label := act.Name
		if d.Devices != nil {
			label += "\n" + d.Devices[d.Where[a]] + "." + d.Units[a]
		}
		fmt.Fprintf(&b, "%sa%d [label=%s, shape=%s, style=%q, fillcolor=%q, color=%q];\n", indent, a, quote(label),
			shapes[kindOf(act)], style, tint, border)
	}
	for i := range dpgs {
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%s;\n\t\tstyle=dashed;\n", i, quote(partLabel(&dpgs[i])))
		for _, a := range dpgs[i].Members() {
			node("\t\t", a)
		}
		b.WriteString("\t}\n")
	}
	for a := range d.Graph.Actors {
		if of[a] < 0 {
			node("\t", a)
		}
	}
	for _, l := range d.lines() {
		label := l.label
		if l.delay > 0 {
			label = strings.Repeat("●", min(l.delay, mostDots)) + " " + label
		}
		style := "solid"
		if l.control {
			style = "dotted"
		} else if l.variable {
			style = "dashed"
		}
		width := 1.0
		if l.crosses {
			width = 2.5
		}
		fmt.Fprintf(&b, "\ta%d -> a%d [label=%s, style=%s, penwidth=%g, tooltip=%s];\n", l.from, l.to, quote(label), style,
			width, quote(d.about(&l)))
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

func partLabel(p *graph.DPG) string { return fmt.Sprintf("atr %d to %d", p.LRL, p.URL) }

// quote writes a string as Graphviz reads it: only quotes, backslashes and line
// ends are escaped.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// mostDots are drawn for delay tokens; more are written as a number.
const mostDots = 4

func dots(n int) string {
	if n <= mostDots {
		return ""
	}
	return strconv.Itoa(n) + " × "
}
