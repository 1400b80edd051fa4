// Package build makes application graphs in Go: actors with their ports, joined by name.
// What a graph must keep is for package graph to check.
package build

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Builder makes a graph in Go. Actors are added with their ports, joined by name
// and checked by Build; what can't be understood on the way is kept for Build to say.
type Builder struct {
	g     graph.Graph
	fifos []*FIFO
	parts []part
	errs  []error
}

// part is a call of Configure.
type part struct {
	config  string
	members []string
}

// New returns a builder of a graph without actors.
func New(name string) *Builder { return &Builder{g: graph.Graph{Name: name}} }

// ActorBuilder adds to one actor of a builder.
type ActorBuilder struct {
	b *Builder
	a int
}

// Actor adds an actor of kind StaticProcessing that runs a kernel.
func (b *Builder) Actor(name, kernel string) ActorBuilder {
	b.g.Actors = append(b.g.Actors, graph.Actor{Name: name, Kind: graph.StaticProcessing, Kernel: kernel})
	return ActorBuilder{b, len(b.g.Actors) - 1}
}

func (x ActorBuilder) actor() *graph.Actor { return &x.b.g.Actors[x.a] }

// Kind sets the actor's kind.
func (x ActorBuilder) Kind(k graph.Kind) ActorBuilder { x.actor().Kind = k; return x }

// Stateful says that the actor keeps state.
func (x ActorBuilder) Stateful() ActorBuilder { x.actor().Stateful = true; return x }

// Params sets what the kernel is to know.
func (x ActorBuilder) Params(p map[string]any) ActorBuilder { x.actor().Params = p; return x }

// In adds an input port. Its type may be "": that of the other end. Without a rate
// it takes one token per firing; one number is a fixed rate, two are the limits.
func (x ActorBuilder) In(name, tokens string, rate ...int) ActorBuilder {
	a := x.actor()
	a.In = append(a.In, x.port(name, tokens, rate))
	return x
}

// Out adds an output port; see In for the rate.
func (x ActorBuilder) Out(name, tokens string, rate ...int) ActorBuilder {
	a := x.actor()
	p := x.port(name, tokens, rate)
	if tokens == "" {
		x.b.fail("output port %s.%s: %w: none given; an output port states it", a.Name, name, graph.ErrTokenType)
	}
	a.Out = append(a.Out, p)
	return x
}

func (x ActorBuilder) port(name, tokens string, rate []int) graph.Port {
	p := graph.Port{Name: name, LRL: 1, URL: 1}
	if len(rate) > 2 {
		x.b.fail("port %s.%s: %w: %d numbers given; expected one, or the lower and the upper limit", x.actor().Name, name,
			graph.ErrRate, len(rate))
	} else if len(rate) > 0 {
		p.LRL, p.URL = rate[0], rate[len(rate)-1]
	}
	if tokens != "" {
		t, err := graph.ParseTokenType(tokens)
		if err != nil {
			x.b.fail("port %s.%s: %w", x.actor().Name, name, err)
		}
		p.Type = t
	}
	return p
}

// FIFO is a FIFO of a builder.
type FIFO struct {
	from, to        string
	delay, capacity int
}

// Delay puts n initial tokens into the FIFO.
func (q *FIFO) Delay(n int) *FIFO { q.delay = n; return q }

// Capacity sets the number of tokens that the FIFO holds at most. By default it is
// DefaultCapacity, or more if the delay tokens and a firing's tokens need it.
func (q *FIFO) Capacity(n int) *FIFO { q.capacity = n; return q }

// Connect joins output port "actor.port" to input port "actor.port".
func (b *Builder) Connect(from, to string) *FIFO {
	b.fifos = append(b.fifos, &FIFO{from: from, to: to})
	return b.fifos[len(b.fifos)-1]
}

// Configure makes the members of a dynamic part learn their atr from the named
// configuration actor, by control ports and FIFOs that Build adds.
func (b *Builder) Configure(config string, members ...string) {
	b.parts = append(b.parts, part{config, members})
}

func (b *Builder) fail(format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf(format, args...))
}

// Build returns the graph if Validate accepts it. Else the error joins all that is
// wrong. The builder is used up.
func (b *Builder) Build() (*graph.Graph, error) {
	names := make([]string, len(b.g.Actors))
	for i := range names {
		names[i] = b.g.Actors[i].Name
	}
	index := graph.IndexNames(names)
	for _, l := range b.fifos {
		b.join(index, l)
	}
	for _, p := range b.parts {
		config := b.find(index, p.config)
		for _, m := range p.members {
			if member := b.find(index, m); config >= 0 && member >= 0 {
				b.g.AddControl(config, member, graph.DefaultCapacity, graph.Pos{})
			}
		}
	}
	if err := errors.Join(b.errs...); err != nil {
		return nil, err // the graph isn't what was meant, so its own errors would mislead
	}
	if err := graph.Validate(&b.g); err != nil {
		return nil, err
	}
	return &b.g, nil
}

func (b *Builder) find(names *graph.Names, name string) int {
	i := names.Find(name)
	if i < 0 {
		b.fail("%w: there is no actor %q; the actors are %s", graph.ErrName, name, names)
	}
	return i
}

// join adds a FIFO between the ports that l names.
func (b *Builder) join(names *graph.Names, l *FIFO) {
	from, out := names.End(l.from)
	to, in := names.End(l.to)
	if from < 0 || to < 0 {
		b.fail("%w: FIFO %s->%s: expected actor.port at each end with an actor of %s", graph.ErrName, l.from, l.to,
			names)
		return
	}
	q := graph.FIFO{From: from, OutPort: graph.PortIndex(b.g.Actors[from].Out, out), To: to,
		InPort: graph.PortIndex(b.g.Actors[to].In, in), Delay: l.delay, Capacity: l.capacity}
	if q.OutPort < 0 || q.InPort < 0 {
		b.fail("%w: FIFO %s->%s: actor %s has no output port %q or actor %s no input port %q", graph.ErrName, l.from, l.to,
			b.g.Actors[from].Name, out, b.g.Actors[to].Name, in)
		return
	}
	p := b.g.Actors[from].Out[q.OutPort]
	if i := &b.g.Actors[to].In[q.InPort]; i.Type.Elem == "" {
		i.Type = p.Type.Clone()
	}
	if q.Capacity == 0 {
		q.Capacity = max(graph.DefaultCapacity, q.Delay+p.URL)
	}
	b.g.FIFOs = append(b.g.FIFOs, q)
}
