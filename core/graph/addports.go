package graph

import (
	"fmt"
	"slices"
)

// AddControl joins the configuration actor or relay from to the actor to, by
// control ports and a FIFO of the given capacity that it adds. The ports are named
// control at the input and control0, control1, ... at the outputs.
func (g *Graph) AddControl(from, to, capacity int, pos Pos) {
	a, b := &g.Actors[from], &g.Actors[to]
	port := Port{LRL: 1, URL: 1, Type: TokenType{Elem: ControlToken.Elem, Shape: slices.Clone(ControlToken.Shape)},
		Control: true}
	port.Name = freeName(a.Out, "control", count(a.Out, func(p Port) bool { return p.Control }))
	a.Out = append(slices.Clip(a.Out), port)
	port.Name = freeNameLike(b.In, "control")
	b.In = append(slices.Clip(b.In), port)
	g.FIFOs = append(g.FIFOs, FIFO{
		From: from, OutPort: len(a.Out) - 1, To: to, InPort: len(b.In) - 1, Capacity: capacity, Pos: pos,
	})
}

// AddFeedback joins the sink back to the source by a FIFO of the given capacity with one
// delay token, so that the source fires again when the sink has fired. The ports that it
// adds are named done and go, or the like where those names are taken.
func (g *Graph) AddFeedback(sink, source, capacity int) {
	from, to := &g.Actors[sink], &g.Actors[source]
	port := Port{LRL: 1, URL: 1, Type: TokenType{Elem: "uint8", Shape: []int64{1}}, Feedback: true}
	port.Name = freeNameLike(from.Out, "done")
	from.Out = append(slices.Clip(from.Out), port)
	port.Name = freeNameLike(to.In, "go")
	to.In = append(slices.Clip(to.In), port)
	g.FIFOs = append(g.FIFOs, FIFO{
		From: sink, OutPort: len(from.Out) - 1, To: source, InPort: len(to.In) - 1, Delay: 1, Capacity: capacity,
	})
}

// freeNameLike returns name, or with a number behind it if a port has it.
func freeNameLike(ports []Port, name string) string {
	if PortIndex(ports, name) < 0 {
		return name
	}
	return freeName(ports, name, 0)
}

// freeName returns the first name prefix + number, from n on, that no port has.
func freeName(ports []Port, prefix string, n int) string {
	for {
		name := fmt.Sprintf("%s%d", prefix, n)
		if PortIndex(ports, name) < 0 {
			return name
		}
		n++
	}
}
