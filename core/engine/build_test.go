package engine_test

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/require"
)

// link describes a FIFO of a test graph; rate 0 is 1, capacity 0 is 2 firings
// more than the delay.
type link struct{ from, to, rate, delay, capacity int }

// build returns a graph of n actors a0, a1, ... joined as given.
func build(n int, links ...link) *graph.Graph {
	g := &graph.Graph{Name: "test"}
	for i := range n {
		g.Actors = append(g.Actors, graph.Actor{Name: fmt.Sprintf("a%d", i), Kind: graph.StaticProcessing})
	}
	for _, l := range links {
		r := max(l.rate, 1)
		c := l.capacity
		if c == 0 {
			c = l.delay + 2*r
		}
		p := graph.Port{LRL: r, URL: r, Type: graph.TokenType{Elem: "uint8", Shape: []int64{8}}}
		from, to := &g.Actors[l.from], &g.Actors[l.to]
		p.Name = fmt.Sprintf("out%d", len(from.Out))
		from.Out = append(from.Out, p)
		p.Name = fmt.Sprintf("in%d", len(to.In))
		to.In = append(to.In, p)
		g.FIFOs = append(g.FIFOs, graph.FIFO{
			From: l.from, OutPort: len(from.Out) - 1, To: l.to, InPort: len(to.In) - 1, Delay: l.delay, Capacity: c,
		})
	}
	return g
}

// join joins two actors by a FIFO without delay tokens, through a new port at each.
func join(g *graph.Graph, from, to, lrl, url, capacity int, control bool) {
	out, in := &g.Actors[from].Out, &g.Actors[to].In
	p := graph.Port{LRL: lrl, URL: url, Type: graph.TokenType{Elem: "uint8", Shape: []int64{8}}, Control: control}
	if control {
		p.Type = graph.ControlToken
	}
	p.Name = fmt.Sprintf("out%d", len(*out))
	*out = append(*out, p)
	p.Name = fmt.Sprintf("in%d", len(*in))
	*in = append(*in, p)
	g.FIFOs = append(g.FIFOs, graph.FIFO{
		From: from, OutPort: len(*out) - 1, To: to, InPort: len(*in) - 1, Capacity: capacity,
	})
}

// chain returns links a0 -> a1 -> ... of n actors with the given capacity.
func chain(n, capacity int) []link {
	var links []link
	for i := range n - 1 {
		links = append(links, link{from: i, to: i + 1, capacity: capacity})
	}
	return links
}

// cut returns a slice of g per device; where[a] is the device of actor a. Every
// device has one unit with the given lanes. Actors without inputs get the limit.
func cut(g *graph.Graph, where []int, lanes int, limit int64) []*slice.Slice {
	slices := world.Cut(g, where, lanes)
	for _, s := range slices {
		for i := range s.Actors {
			a := &s.Actors[i]
			a.Limit = limit
			for _, q := range g.FIFOs {
				if q.To == a.Actor && q.Delay == 0 {
					a.Limit = 0
				}
			}
		}
	}
	return slices
}

// one returns the engine of a graph that lies on one device.
func one(t testing.TB, g *graph.Graph, lanes int, limit int64) *engine.Engine {
	t.Helper()
	return engineOf(t, cut(g, make([]int, len(g.Actors)), lanes, limit)[0])
}

func engineOf(t testing.TB, s *slice.Slice) *engine.Engine {
	t.Helper()
	e, err := engine.New(s, engine.Options{})
	require.NoError(t, err)
	for p, peer := range s.Peers() {
		_, err := e.Step(0, engine.Event{Kind: engine.HelloFrom, Peer: p, Hello: greeting(s, peer)}, nil)
		require.NoError(t, err)
	}
	return e
}

// greeting is the first Hello of a peer that knows the device, in a new run.
func greeting(s *slice.Slice, peer string) *boundary.Hello {
	h := &boundary.Hello{From: 1, To: 1}
	for _, f := range s.FIFOs {
		if f.Role == slice.Local || f.Peer != peer {
			continue
		}
		pos := boundary.Position{FIFO: f.FIFO, Known: true}
		if f.Role == slice.TX {
			pos.Arrived = uint64(s.Graph.FIFOs[f.FIFO].Delay)
		}
		h.FIFOs = append(h.FIFOs, pos)
	}
	return h
}

// step feeds events at time now and returns the effects as short words.
func step(t testing.TB, e *engine.Engine, now int64, events ...engine.Event) []string {
	t.Helper()
	var out []string
	for _, ev := range events {
		effects, err := e.Step(now, ev, nil)
		require.NoError(t, err, ev)
		for _, f := range effects {
			if f.Kind != engine.Save { // which is durable right after the step
				out = append(out, word(f))
			}
		}
		for _, f := range effects {
			if f.Kind == engine.Save {
				out = append(out, step(t, e, now, engine.Event{Kind: engine.Saved, Actor: f.Actor, Firing: f.Firing + 1})...)
			}
		}
	}
	return out
}

func word(f engine.Effect) string {
	switch f.Kind {
	case engine.Fire:
		return fmt.Sprintf("fire a%d #%d", f.Actor, f.Firing)
	case engine.Send:
		return fmt.Sprintf("send f%d #%d", f.FIFO, f.Seq)
	case engine.SendAck:
		return fmt.Sprintf("ack f%d #%d", f.FIFO, f.Seq)
	case engine.ArmTimer:
		return fmt.Sprintf("timer a%d @%d", f.Actor, f.At)
	case engine.SendHello, engine.SendCheck:
		return fmt.Sprintf("hello p%d", f.Peer)
	case engine.Restore:
		return fmt.Sprintf("restore a%d #%d", f.Actor, f.Firing)
	case engine.Reload:
		return fmt.Sprintf("reload f%d #%d+%d", f.FIFO, f.Seq, f.N)
	default:
		return fmt.Sprintf("effect %d", f.Kind)
	}
}

func done(actor int) engine.Event { return engine.Event{Kind: engine.FiringDone, Actor: actor} }

var start = engine.Event{Kind: engine.Start}
