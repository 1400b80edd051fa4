package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Builder makes a graph in Go. Actors are added with their ports, joined by name
// and checked by Build; what can't be understood on the way is kept for Build to say.
type Builder struct {
	g     Graph
	links []*Link
	parts []part
	errs  []error
}

// part is a call of Configure.
type part struct {
	config  string
	members []string
}

// NewBuilder returns a builder of a graph without actors.
func NewBuilder(name string) *Builder { return &Builder{g: Graph{Name: name}} }

// ActorBuilder adds to one actor of a builder.
type ActorBuilder struct {
	b *Builder
	a int
}

// Actor adds an actor of kind StaticProcessing that runs a kernel.
func (b *Builder) Actor(name, kernel string) ActorBuilder {
	b.g.Actors = append(b.g.Actors, Actor{Name: name, Kind: StaticProcessing, Kernel: kernel})
	return ActorBuilder{b, len(b.g.Actors) - 1}
}

func (x ActorBuilder) actor() *Actor { return &x.b.g.Actors[x.a] }

// Kind sets the actor's kind.
func (x ActorBuilder) Kind(k Kind) ActorBuilder { x.actor().Kind = k; return x }

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
		x.b.fail("output port %s.%s: %w: none given; an output port states it", a.Name, name, ErrTokenType)
	}
	a.Out = append(a.Out, p)
	return x
}

func (x ActorBuilder) port(name, tokens string, rate []int) Port {
	p := Port{Name: name, LRL: 1, URL: 1}
	if len(rate) > 2 {
		x.b.fail("port %s.%s: %w: %d numbers given; expected one, or the lower and the upper limit", x.actor().Name, name, ErrRate, len(rate))
	} else if len(rate) > 0 {
		p.LRL, p.URL = rate[0], rate[len(rate)-1]
	}
	if tokens != "" {
		t, err := ParseTokenType(tokens)
		if err != nil {
			x.b.fail("port %s.%s: %w", x.actor().Name, name, err)
		}
		p.Type = t
	}
	return p
}

// Link is a FIFO of a builder.
type Link struct {
	from, to        string
	delay, capacity int
}

// Delay puts n initial tokens into the FIFO.
func (l *Link) Delay(n int) *Link { l.delay = n; return l }

// Capacity sets the number of tokens that the FIFO holds at most. By default it is
// DefaultCapacity, or more if the delay tokens and a firing's tokens need it.
func (l *Link) Capacity(n int) *Link { l.capacity = n; return l }

// Connect joins output port "actor.port" to input port "actor.port".
func (b *Builder) Connect(from, to string) *Link {
	b.links = append(b.links, &Link{from: from, to: to})
	return b.links[len(b.links)-1]
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
func (b *Builder) Build() (*Graph, error) {
	names := make([]string, len(b.g.Actors))
	for i := range names {
		names[i] = b.g.Actors[i].Name
	}
	for _, l := range b.links {
		b.join(names, l)
	}
	for _, p := range b.parts {
		config := b.find(names, p.config)
		for _, m := range p.members {
			if member := b.find(names, m); config >= 0 && member >= 0 {
				b.g.AddControl(config, member, DefaultCapacity, Pos{})
			}
		}
	}
	if err := errors.Join(b.errs...); err != nil {
		return nil, err // the graph isn't what was meant, so its own errors would mislead
	}
	if err := Validate(&b.g); err != nil {
		return nil, err
	}
	return &b.g, nil
}

func (b *Builder) find(names []string, name string) int {
	i := slices.Index(names, name)
	if i < 0 {
		b.fail("%w: there is no actor %q; the actors are %s", ErrName, name, strings.Join(names, ", "))
	}
	return i
}

// join adds the FIFO of a link.
func (b *Builder) join(names []string, l *Link) {
	from, out := FindEnd(names, l.from)
	to, in := FindEnd(names, l.to)
	if from < 0 || to < 0 {
		b.fail("%w: FIFO %s->%s: expected actor.port at each end with an actor of %s", ErrName, l.from, l.to, strings.Join(names, ", "))
		return
	}
	q := FIFO{From: from, OutPort: PortIndex(b.g.Actors[from].Out, out), To: to, InPort: PortIndex(b.g.Actors[to].In, in), Delay: l.delay, Capacity: l.capacity}
	if q.OutPort < 0 || q.InPort < 0 {
		b.fail("%w: FIFO %s->%s: actor %s has no output port %q or actor %s no input port %q", ErrName, l.from, l.to, names[from], out, names[to], in)
		return
	}
	p := b.g.Actors[from].Out[q.OutPort]
	if i := &b.g.Actors[to].In[q.InPort]; i.Type.Elem == "" {
		i.Type = TokenType{Elem: p.Type.Elem, Shape: slices.Clone(p.Type.Shape), Of: p.Type.Of.clone()}
	}
	if q.Capacity == 0 {
		q.Capacity = max(DefaultCapacity, q.Delay+p.URL)
	}
	b.g.FIFOs = append(b.g.FIFOs, q)
}
