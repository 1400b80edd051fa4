package graph

import (
	"fmt"
	"slices"
)

// AddControl joins the configuration actor or relay from to the actor to, by
// control ports and a FIFO of the given capacity that it adds. The ports are named
// control at the input and control0, control1, ... at the outputs.
func (g *Graph) AddControl(from, to, capacity int, pos Pos) {
	g.JoinControl(from, g.AddControlOutputs(from, 1), to, capacity, pos)
}

// AddControlOutputs adds n control outputs to an actor, for JoinControl, and returns the
// index of the first.
func (g *Graph) AddControlOutputs(from, n int) (first int) {
	a := &g.Actors[from]
	first = len(a.Out)
	taken := make(map[string]bool, len(a.Out))
	for _, p := range a.Out {
		taken[p.Name] = true
	}
	a.Out = slices.Grow(slices.Clip(a.Out), n)
	for number := count(a.Out, isControl); len(a.Out) < first+n; number++ {
		if name := fmt.Sprint("control", number); !taken[name] {
			a.Out = append(a.Out, controlPort(name))
		}
	}
	return first
}

// JoinControl joins control output out (index) of the actor from to the actor to, as
// AddControl does.
func (g *Graph) JoinControl(from, out, to, capacity int, pos Pos) {
	b := &g.Actors[to]
	b.In = append(slices.Clip(b.In), controlPort(freeNameLike(b.In, "control")))
	g.FIFOs = append(g.FIFOs, FIFO{
		From: from, OutPort: out, To: to, InPort: len(b.In) - 1, Capacity: capacity, Pos: pos,
	})
}

func controlPort(name string) Port {
	return Port{Name: name, LRL: 1, URL: 1, Control: true,
		Type: TokenType{Elem: ControlToken.Elem, Shape: slices.Clone(ControlToken.Shape)}}
}

func isControl(p Port) bool { return p.Control }

// AddFeedback joins the sink back to the source by a FIFO of the given capacity with so many
// delay tokens, so that the source fires at most that often more than the sink has fired. The
// ports that it adds are named done and go, or the like where those names are taken.
func (g *Graph) AddFeedback(sink, source, delay, capacity int) {
	from, to := &g.Actors[sink], &g.Actors[source]
	port := Port{LRL: 1, URL: 1, Type: TokenType{Elem: "uint8", Shape: []int64{1}}, Feedback: true}
	port.Name = freeNameLike(from.Out, "done")
	from.Out = append(slices.Clip(from.Out), port)
	port.Name = freeNameLike(to.In, "go")
	to.In = append(slices.Clip(to.In), port)
	g.FIFOs = append(g.FIFOs, FIFO{
		From: sink, OutPort: len(from.Out) - 1, To: source, InPort: len(to.In) - 1, Delay: delay, Capacity: capacity,
	})
}

// freeNameLike returns name, or with a number behind it if a port has it.
func freeNameLike(ports []Port, name string) string {
	if PortIndex(ports, name) < 0 {
		return name
	}
	for n := 0; ; n++ {
		if free := fmt.Sprint(name, n); PortIndex(ports, free) < 0 {
			return free
		}
	}
}
