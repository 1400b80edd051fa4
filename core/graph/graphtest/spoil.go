package graphtest

import (
	"github.com/edgeprune/edgeprune/core/graph"
	"pgregory.net/rapid"
)

// Spoil makes one random change to a valid graph that breaks a rule, and returns
// the error of that rule. Other rules may be broken by it, too.
func Spoil(t *rapid.T, g *graph.Graph) (rule error) { return SpoilBytes(drawBytes(t, 8), g) }

// SpoilBytes does what Spoil does, as the bytes choose.
func SpoilBytes(data []byte, g *graph.Graph) error {
	c := &choices{data: data}
	for first, i := c.n(len(spoilers)), 0; ; i++ { // not every change fits every graph; the first does
		s := spoilers[(first+len(spoilers)-i%len(spoilers))%len(spoilers)]
		if s.spoil(c, g) {
			return s.rule
		}
	}
}

// spoilers break one rule each; they return false, and leave the graph alone, where
// they find nothing to break.
var spoilers = []struct {
	rule  error
	spoil func(c *choices, g *graph.Graph) bool
}{
	{graph.ErrName, func(c *choices, g *graph.Graph) bool { pick(c, g.Actors).Name = "a b"; return true }},
	{graph.ErrName, func(c *choices, g *graph.Graph) bool {
		g.Actors[1+c.n(len(g.Actors)-1)].Name = g.Actors[0].Name
		return true
	}},
	{graph.ErrName, onPort(func(p *graph.Port) { p.Name = "" })},
	{graph.ErrRate, onPort(func(p *graph.Port) { p.LRL = -1 })},
	{graph.ErrRate, onPort(func(p *graph.Port) { p.LRL = p.URL + 1 })},
	{graph.ErrRate, onPort(func(p *graph.Port) { p.LRL, p.URL = 0, 0 })},
	{graph.ErrBound, onPort(func(p *graph.Port) { p.URL = graph.MaxRate + 1 })},
	{graph.ErrTokenType, onPort(func(p *graph.Port) { p.Type.Elem = "float" })},
	{graph.ErrTokenType, onPort(func(p *graph.Port) { p.Type.Shape = []int64{1 << 20, 1 << 20, 1 << 30} })},
	{graph.ErrType, onPort(func(p *graph.Port) { p.Type.Shape = []int64{99} })},
	{graph.ErrAsymmetric, onPort(func(p *graph.Port) { p.URL += 2 })},
	{graph.ErrAsymmetric, onPort(func(p *graph.Port) { p.LRL++ })},
	{graph.ErrControl, onPort(func(p *graph.Port) { p.Control = !p.Control })},
	{graph.ErrUnconnected, func(c *choices, g *graph.Graph) bool {
		i := c.n(len(g.FIFOs))
		g.FIFOs = append(g.FIFOs[:i], g.FIFOs[i+1:]...)
		return true
	}},
	{graph.ErrUnconnected, onFIFO(anyFIFO, func(g *graph.Graph, q *graph.FIFO) { q.To = len(g.Actors) })},
	{graph.ErrUnconnected, onFIFO(anyFIFO, func(_ *graph.Graph, q *graph.FIFO) { q.OutPort = -1 })},
	{graph.ErrUnconnected, func(c *choices, g *graph.Graph) bool {
		g.FIFOs = append(g.FIFOs, *pick(c, g.FIFOs))
		return true
	}},
	{graph.ErrCapacity, onFIFO(anyFIFO, func(_ *graph.Graph, q *graph.FIFO) { q.Capacity = 0 })},
	{graph.ErrCapacity, onFIFO(anyFIFO, func(_ *graph.Graph, q *graph.FIFO) { q.Delay = -1 })},
	{graph.ErrBound, onFIFO(anyFIFO, func(_ *graph.Graph, q *graph.FIFO) { q.Capacity = graph.MaxCapacity + 1 })},
	{graph.ErrDelay, onFIFO((*graph.Graph).Variable, func(_ *graph.Graph, q *graph.FIFO) { q.Delay = 1; q.Capacity++ })},
	{graph.ErrDelay, onFIFO(isControl, func(_ *graph.Graph, q *graph.FIFO) { q.Delay = 1; q.Capacity++ })},
	{graph.ErrDeadlock, onFIFO(waits,
		func(g *graph.Graph, q *graph.FIFO) { appendFIFO(g, q.To, q.From, link{1, 1, 0, 9}) })},
	{graph.ErrDeadlock, onFIFO(waits,
		func(g *graph.Graph, q *graph.FIFO) { appendFIFO(g, q.From, q.From, link{3, 3, 2, 9}) })},
	{graph.ErrCapacity, onFIFO(waits,
		func(g *graph.Graph, q *graph.FIFO) { appendFIFO(g, q.From, q.To, link{2, 2, 3, 4}) })},
	{graph.ErrKind, onActor(graph.StaticProcessing, func(a *graph.Actor) { a.Kind = graph.Dynamic })},
	{graph.ErrKind, onActor(graph.Dynamic, func(a *graph.Actor) { a.Kind = graph.StaticProcessing })},
	{graph.ErrKind, onActor(graph.Dynamic, func(a *graph.Actor) { a.Kind = graph.DynamicProcessing })},
	{graph.ErrKind, onActor(graph.DynamicProcessing, func(a *graph.Actor) { a.Kind = graph.Dynamic })},
	{graph.ErrKind, onActor(graph.Configuration, func(a *graph.Actor) { a.Kind = "configurator" })},
	{graph.ErrControl, onActor(graph.Configuration, func(a *graph.Actor) { a.Kind = graph.StaticProcessing })},
	{graph.ErrControl, onFIFO(isControl, func(g *graph.Graph, q *graph.FIFO) {
		g.Actors[q.From].Out[q.OutPort].Type, g.Actors[q.To].In[q.InPort].Type = Type, Type
	})},
	{graph.ErrControl, onFIFO(waits, func(g *graph.Graph, q *graph.FIFO) {
		g.AddControl(q.From, q.To, 1, graph.Pos{}) // its producer may be one that configures, not its consumer
	})},
	{graph.ErrDPG, twoConfigurations},
	{graph.ErrDPG, sharedConfiguration},
	{graph.ErrDPG, mixedLimits},
	{graph.ErrDPG, noExit},
}
