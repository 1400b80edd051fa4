// Package graph holds the model of computation: actors, ports, FIFOs, tokens
// and the rules a graph must keep. It knows nothing of devices, models or time.
package graph

import (
	"fmt"
	"strings"
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

// Opaque is the element type of a token that is a byte string of varying length.
const Opaque = "bytes"

// elemSizes gives the size in bytes of every element type a token may have.
var elemSizes = map[string]int64{
	"float32": 4, "float16": 2, "uint8": 1, "int8": 1, "int32": 4, "int64": 8, Opaque: 1,
}

// TokenType is the type of the tokens of a FIFO: the element type and shape of
// a tensor, or opaque bytes with the bound Shape[0] on their number.
type TokenType struct {
	Elem  string  // float32, float16, uint8, int8, int32, int64 or bytes
	Shape []int64 // row-major; for bytes, one number: the bound in bytes
}

// Elements returns the number of elements of a tensor token.
func (t TokenType) Elements() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Bytes returns the size of a tensor token, or the bound of an opaque one.
func (t TokenType) Bytes() int64 { return t.Elements() * elemSizes[t.Elem] }

// Variable reports whether tokens of the type differ in length.
func (t TokenType) Variable() bool { return t.Elem == Opaque }

// Equal reports whether both types have the same element type and shape.
func (t TokenType) Equal(u TokenType) bool { return t.String() == u.String() }

// String returns the type as it is written in YAML, such as float32[1,3,300,300].
func (t TokenType) String() string {
	var b strings.Builder
	b.WriteString(t.Elem)
	b.WriteByte('[')
	for i, d := range t.Shape {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, d)
	}
	b.WriteByte(']')
	return b.String()
}

// ParseTokenType reads the form that TokenType.String writes.
func ParseTokenType(s string) (TokenType, error) {
	elem, rest, ok := strings.Cut(s, "[")
	if !ok || !strings.HasSuffix(rest, "]") || elemSizes[elem] == 0 {
		return TokenType{}, fmt.Errorf("%w: %q; expected an element type and a shape such as float32[1,3,300,300] or bytes[65536]", ErrTokenType, s)
	}
	t := TokenType{Elem: elem}
	for f := range strings.SplitSeq(strings.TrimSuffix(rest, "]"), ",") {
		var d int64
		if n, err := fmt.Sscanf(strings.TrimSpace(f)+"\n", "%d\n", &d); n != 1 || err != nil || d < 1 || d > 1<<31 {
			return TokenType{}, fmt.Errorf("%w: dimension %q in %q; expected a whole number from 1 to %d", ErrTokenType, f, s, int64(1)<<31)
		}
		t.Shape = append(t.Shape, d)
	}
	if t.Variable() && len(t.Shape) != 1 {
		return TokenType{}, fmt.Errorf("%w: %q; bytes take one bound, such as bytes[65536]", ErrTokenType, s)
	}
	return t, nil
}

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
}

// ControlToken is the type of control tokens: the atr of one graph iteration.
var ControlToken = TokenType{Elem: "int32", Shape: []int64{1}}

// Static reports whether the port's rate can't vary.
func (p Port) Static() bool { return p.LRL == p.URL }

// Actor is a node of the application graph.
type Actor struct {
	Name     string
	Kind     Kind
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
