package enginetest

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// check looks for breaches of the contract in one trace.
type check struct {
	plan     *plan.Plan
	line     *trace.Line
	firings  [][]*trace.Event  // by actor and frame; nil: it skipped the frame
	rates    map[int][]int     // by FIFO of a dynamic part: the atr by frame
	tokens   map[int][]move    // by boundary FIFO
	receipts map[int][]receipt // by boundary FIFO
	problems []string
}

// move is a change of the tokens that a TX FIFO holds for its peer.
type move struct {
	at   int64
	sent int64 // 1 for a token, 0 for an acknowledgement
	upTo int64 // acknowledged tokens, the initial ones among them
}

type receipt struct{ frame, at int64 }

func (c *check) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *check) split(tr *trace.Trace) {
	c.tokens, c.receipts, c.rates = map[int][]move{}, map[int][]receipt{}, map[int][]int{}
	g := c.plan.Graph
	for i := range tr.Events {
		e := &tr.Events[i]
		if e.Kind == trace.Firing {
			if e.Actor < 0 || e.Actor >= len(c.firings) {
				c.fail("firing of actor %d, which is not in the plan", e.Actor)
				continue
			}
			if e.Frame < 0 || e.Frame > int64(len(tr.Events)) {
				continue // trace.Check reports it
			}
			for int64(len(c.firings[e.Actor])) <= e.Frame {
				c.firings[e.Actor] = append(c.firings[e.Actor], nil)
			}
			c.firings[e.Actor][e.Frame] = e
			if dev, unit := c.plan.DeviceOf(e.Actor).Name, c.plan.UnitOf(e.Actor).Name; e.Device != dev || e.Unit != unit {
				c.fail("actor %s fired on %s/%s; it is mapped to %s/%s", e.Name, e.Device, e.Unit, dev, unit)
			}
			continue
		}
		if e.Kind == trace.Capture || e.Kind == trace.Drop {
			c.device(e, e.Actor)
			continue
		}
		if e.FIFO < 0 || e.FIFO >= len(g.FIFOs) {
			c.fail("%s on FIFO %d, which is not in the plan", e.Kind, e.FIFO)
			continue
		}
		switch q := g.FIFOs[e.FIFO]; e.Kind {
		case trace.Send:
			c.tokens[e.FIFO] = append(c.tokens[e.FIFO], move{at: e.Start, sent: 1})
			c.device(e, q.From)
		case trace.Ack:
			c.tokens[e.FIFO] = append(c.tokens[e.FIFO], move{at: e.End, upTo: (e.Frame + 1) * int64(g.Frames(e.FIFO).Rate)})
			c.device(e, q.From)
		case trace.Recv:
			c.receipts[e.FIFO] = append(c.receipts[e.FIFO], receipt{e.Frame, e.End})
			c.device(e, q.To)
		}
	}
}

// device checks that an event was recorded where an actor lies.
func (c *check) device(e *trace.Event, actor int) {
	if want := c.plan.DeviceOf(actor).Name; e.Device != want {
		c.fail("%s of %s, frame %d, was recorded on device %s instead of %s", e.Kind, e.Name, e.Frame, e.Device, want)
	}
}

// atrs takes the rates that configuration actors have set.
func (c *check) atrs() {
	for _, d := range graph.DPGs(c.plan.Graph) {
		var rates []int
		for _, e := range c.firings[d.Config] {
			rates = append(rates, e.Rate)
		}
		for _, f := range d.FIFOs {
			c.rates[f] = rates
		}
	}
}

// frames checks that every actor fired for every frame; one inside a dynamic
// part for those that trace.Check has proven to be the right ones.
func (c *check) frames() {
	inner := map[int]bool{}
	for _, d := range graph.DPGs(c.plan.Graph) {
		for _, a := range d.Inner {
			inner[a] = true
		}
	}
	for a, firings := range c.firings {
		n := int64(0)
		for _, e := range firings {
			if e != nil {
				n++
			}
		}
		if n != c.plan.Workload.Frames && !inner[a] {
			c.fail("actor %s fired %d times for %d frames", c.plan.Graph.Actors[a].Name, n, c.plan.Workload.Frames)
		}
	}
}

// firing returns the firing of an actor for a frame, or nil.
func (c *check) firing(actor, frame int) *trace.Event {
	if frame < 0 || frame >= len(c.firings[actor]) {
		return nil
	}
	return c.firings[actor][frame]
}

// before reports whether an event certainly began before another one had ended.
func (c *check) before(e, other *trace.Event) bool {
	return c.line.Between(other.Device, other.End, e.Device, e.Start).High < 0
}

// precedence checks that every firing of a consumer began after the tokens it
// takes were made and, over a boundary, had arrived; and that a firing of a
// producer on the same device began only when a slot was free.
func (c *check) precedence(f int) {
	g := c.plan.Graph
	q, name := g.FIFOs[f], g.FIFOName(f)
	_, rate := g.Rate(f)
	remote := c.plan.Routes[f] >= 0
	rates, dynamic := c.rates[f]
	for n, taker := range c.firings[q.To] {
		last := (n+1)*rate - 1 - q.Delay // the last token it takes, not counting initial ones
		if taker == nil || last < 0 || dynamic && rates[n] == 0 {
			continue
		}
		if maker := c.firing(q.From, last/rate); maker == nil || c.before(taker, maker) {
			c.fail("FIFO %s: firing %d of the consumer began before firing %d of the producer had ended", name, n, last/rate)
		}
		if remote && !c.arrived(f, n, last, dynamic, taker.Start) {
			c.fail("FIFO %s: firing %d of the consumer began before its tokens had arrived", name, n)
		}
	}
	for n, maker := range c.firings[q.From] {
		over := q.Delay + (n+1)*rate - q.Capacity // tokens that must be consumed by then
		if maker == nil || over <= 0 || dynamic {
			continue
		}
		taker := c.firing(q.To, (over-1)/rate)
		if taker == nil && g.Actors[q.To].Kind == graph.DynamicProcessing {
			continue // it skipped the frame, some time
		}
		if taker == nil || c.before(maker, taker) {
			c.fail("FIFO %s: firing %d of the producer began while the FIFO was full", name, n)
		}
	}
}

// arrived reports whether a boundary FIFO's tokens had arrived at a time: those up
// to token last, or those of frame n where the rate varies.
func (c *check) arrived(f, n, last int, dynamic bool, at int64) bool {
	in := c.receipts[f]
	if !dynamic {
		return last < len(in) && in[last].at <= at
	}
	tokens := 0
	for _, r := range in {
		if r.frame == int64(n) && r.at <= at {
			tokens++
		}
	}
	return tokens == c.rates[f][n]
}

// credit checks that a TX FIFO never has more tokens outstanding than its
// capacity: sent or initial, and not acknowledged.
func (c *check) credit(f int) {
	q, name := c.plan.Graph.FIFOs[f], c.plan.Graph.FIFOName(f)
	moves := slices.Clone(c.tokens[f])
	slices.SortStableFunc(moves, func(a, b move) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return int(a.sent - b.sent) // acknowledgements first
	})
	if _, dynamic := c.rates[f]; dynamic {
		return // its numbers leave gaps; the engine's own tests cover it
	}
	sent, acked := int64(q.Delay), int64(0)
	for _, m := range moves {
		sent += m.sent
		acked = max(acked, m.upTo)
		if acked > sent {
			c.fail("FIFO %s: %d tokens acknowledged, %d sent", name, acked, sent)
			return
		}
		if sent-acked > int64(q.Capacity) {
			c.fail("FIFO %s: %d tokens outstanding, capacity %d", name, sent-acked, q.Capacity)
			return
		}
	}
}

// schedule checks that no periodic source fires before its release.
func (c *check) schedule() {
	for a := range c.firings {
		due := arrival.Of(c.plan.Schedule(c.plan.Work[a].Instance))
		for n, e := range c.firings[a] {
			if e == nil {
				continue
			}
			if at := due.At(int64(n)); c.plan.Work[a].Source && e.Start < at {
				c.fail("source %s: firing %d began at %d ns, due at %d ns", e.Name, n, e.Start, at)
			}
		}
	}
}

// queries checks that no query of several frames begins before the last one has left, as far as
// the clocks tell.
func (c *check) queries() {
	size := int64(c.plan.Workload.Query())
	if c.plan.Workload.Kind != plan.MultiStream {
		return
	}
	for a := range c.firings {
		for n := size; c.plan.Work[a].Source && n < int64(len(c.firings[a])); n += size {
			if first := c.firings[a][n]; first != nil {
				c.leftBefore(first)
			}
		}
	}
}

// leftBefore checks that all frames before the one that a firing begins with have left.
func (c *check) leftBefore(first *trace.Event) {
	for a, firings := range c.firings {
		for _, last := range firings[:min(first.Frame, int64(len(firings)))] {
			if last == nil || !c.plan.Work[a].Sink {
				continue
			}
			if c.line.Between(last.Device, last.End, first.Device, first.Start).High < 0 {
				c.fail("source %s: the query of frame %d began at %d ns; frame %d of the last one left at %d ns", first.Name,
					first.Frame, first.Start, last.Frame, last.End)
			}
		}
	}
}
