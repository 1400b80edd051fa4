// Package graphdraw draws an application graph: actors as boxes, FIFOs as lines
// with rates, capacities and delay tokens, devices as colours, dynamic parts as
// frames. It writes SVG with a layered layout of its own, and Graphviz source. It
// may not judge or change the graph.
//
// Graphviz as WebAssembly (github.com/goccy/go-graphviz) was tried on the graphs of
// the experiments instead: it draws plainer frames, but puts labels on their lines
// and, in random graphs, on each other, which TestTextsDontOverlap forbids. Linking
// it would also cost every process of the program, agents included, 24 MB of memory
// and the compilation of the library at its start.
package graphdraw

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Drawing is what is drawn.
type Drawing struct {
	Graph   *graph.Graph
	Devices []string // names; nil if the graph isn't mapped
	Where   []int    // by actor: index in Devices
	Units   []string // by actor: the name of its unit
}

// line is all FIFOs between two actors that look the same.
type line struct {
	from, to int
	fifos    []int
	label    string
	delay    int
	control  bool
	variable bool
	crosses  bool
}

// lines bundles the FIFOs, in their order.
func (d *Drawing) lines() []line {
	type appearance struct {
		from, to, lrl, url, delay, capacity int
		control                             bool
	}
	g := d.Graph
	at := map[appearance]int{}
	var all []line
	for f, q := range g.FIFOs {
		lrl, url := g.Rate(f)
		control := g.Actors[q.From].Out[q.OutPort].Control
		key := appearance{q.From, q.To, lrl, url, q.Delay, q.Capacity, control}
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key] = i
			l := line{from: q.From, to: q.To, delay: q.Delay, control: control, variable: lrl != url,
				label: fmt.Sprintf("%d cap %d", url, q.Capacity)}
			if lrl != url {
				l.label = fmt.Sprintf("[%d, %d] cap %d", lrl, url, q.Capacity)
			}
			l.crosses = d.Devices != nil && d.Where[q.From] != d.Where[q.To]
			all = append(all, l)
		}
		all[i].fifos = append(all[i].fifos, f)
	}
	for i := range all {
		if n := len(all[i].fifos); n > 1 {
			all[i].label = fmt.Sprintf("%d × %s", n, all[i].label)
		}
	}
	return all
}

// about lists the FIFOs of a line for a tooltip.
func (d *Drawing) about(l *line) string {
	var s []string
	for _, f := range l.fifos {
		s = append(s, fmt.Sprintf("%s: %s", d.Graph.FIFOName(f), d.Graph.Type(f)))
	}
	return strings.Join(s, "\n")
}

// parts returns by actor the dynamic part that it is a member of, or -1.
func (d *Drawing) parts() (of []int, dpgs []graph.DPG) {
	of = make([]int, len(d.Graph.Actors))
	for a := range of {
		of[a] = -1
	}
	dpgs = graph.DPGs(d.Graph)
	for i := range dpgs {
		for _, a := range dpgs[i].Members() {
			of[a] = i
		}
	}
	return of, dpgs
}

func kindOf(a *graph.Actor) graph.Kind {
	if a.Kind == "" {
		return graph.StaticProcessing
	}
	return a.Kind
}

// Colours of devices: tints of the palette of Okabe and Ito, which colour-blind
// people can tell apart, and the full colours for borders.
var (
	tints   = []string{"#cfe6f5", "#fbe3c0", "#c9ecdf", "#f3d9e7", "#f9f5bd", "#f6d3bf"}
	borders = []string{"#0072b2", "#b87800", "#00785a", "#a8557f", "#8f8500", "#b34700"}
)

func (d *Drawing) colours(a int) (tint, border string) {
	if d.Devices == nil {
		return "#f2f2f2", "#333333"
	}
	i := d.Where[a] % len(tints)
	return tints[i], borders[i]
}

// short cuts a long name in its middle.
func short(name string) string {
	const most = 30
	r := []rune(name)
	if len(r) <= most {
		return name
	}
	return string(r[:most/2]) + "…" + string(r[len(r)-most/2+1:])
}
