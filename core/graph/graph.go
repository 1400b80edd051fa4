// Package graph holds the model of computation: actors, ports, FIFOs, tokens
// and the rules a graph must keep. It knows nothing of devices, models or time.
package graph

import (
	"fmt"
	"slices"
)

// Pos is a place in a YAML file; the zero Pos is "not from a file".
type Pos struct {
	File         string
	Line, Column int
}

// String returns file:line:column, or "" for the zero Pos.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Kind says what an actor may do to the rates of its ports.
type Kind string

// The kinds of actors, after the PRUNE/VR-PRUNE family of dataflow models.
const (
	StaticProcessing  Kind = "processing"         // all ports static
	Dynamic           Kind = "dynamic"            // entry or exit of a dynamic part
	DynamicProcessing Kind = "dynamic-processing" // all data ports variable
	Configuration     Kind = "configuration"      // sets the atr of its dynamic part
)

// Kinds lists the kinds of actors.
func Kinds() []Kind {
	return []Kind{StaticProcessing, Dynamic, DynamicProcessing, Configuration}
}

// Relay is the kernel of a relay: a static processing actor with one control input
// that hands its token on at its control outputs, and does nothing else. On a device
// with several actors of a dynamic part it saves that each of their control tokens
// crosses the network.
const Relay = "relay"

// DefaultCapacity is that of a FIFO, in tokens, whose ends can fire at a time: one being
// written, one under way, one being read.
const DefaultCapacity = 3

// Port is an end of an actor at which tokens enter or leave. During a firing
// its active token rate atr keeps LRL <= atr <= URL; a port with LRL = URL is
// static.
type Port struct {
	Name     string
	LRL, URL int // lower and upper rate limit in tokens per firing
	Type     TokenType

	// Control marks a port of control tokens: an output of a configuration actor, or
	// the input at which an actor of a dynamic part learns its atr. Such a port is
	// static, has rate 1 and type ControlToken, and its FIFO carries no delay tokens.
	Control bool

	// Feedback marks the ports of a FIFO that AddFeedback put in: its tokens only let a
	// source fire again. They are nothing of the application's, and cost nothing.
	Feedback bool `json:",omitempty"`
}

// Static reports whether the port's rate can't vary.
func (p Port) Static() bool { return p.LRL == p.URL }

// Actor is a node of the application graph.
type Actor struct {
	Name     string
	Kind     Kind           // "" is StaticProcessing
	Kernel   string         // what a firing runs, as registered with a driver
	Params   map[string]any // the kernel's settings
	In, Out  []Port
	Stateful bool
	Pos      Pos
}

// FIFO joins output port OutPort of actor From to input port InPort of actor To
// (all indices). Its token type and rates are those of the ports.
type FIFO struct {
	From, OutPort int
	To, InPort    int
	Delay         int // initial tokens
	Capacity      int // tokens it holds at most, the initial ones among them
	Pos           Pos
}

// Graph is an application graph. Actors and FIFOs are referred to by index.
type Graph struct {
	Name   string
	Actors []Actor
	FIFOs  []FIFO
}

// Type returns the token type of FIFO f.
func (g *Graph) Type(f int) TokenType {
	return g.Actors[g.FIFOs[f].From].Out[g.FIFOs[f].OutPort].Type
}

// Rate returns the rate limits of FIFO f, taken from its producing port.
func (g *Graph) Rate(f int) (lrl, url int) {
	p := g.Actors[g.FIFOs[f].From].Out[g.FIFOs[f].OutPort]
	return p.LRL, p.URL
}

// FIFOBytes returns the bytes of FIFO f when it is full. Each half of one between
// devices takes as many.
func (g *Graph) FIFOBytes(f int) int64 { return int64(g.FIFOs[f].Capacity) * g.Type(f).Bytes() }

// FIFOName returns the name of FIFO f: producer.port->consumer.port.
func (g *Graph) FIFOName(f int) string {
	q := g.FIFOs[f]
	from, to := g.Actors[q.From], g.Actors[q.To]
	return from.Name + "." + from.Out[q.OutPort].Name + "->" + to.Name + "." + to.In[q.InPort].Name
}

// Actor returns the index of the named actor, or -1.
func (g *Graph) Actor(name string) int {
	for i := range g.Actors {
		if g.Actors[i].Name == name {
			return i
		}
	}
	return -1
}

// PortIndex returns the index of the named port, or -1.
func PortIndex(ports []Port, name string) int {
	return slices.IndexFunc(ports, func(p Port) bool { return p.Name == name })
}
