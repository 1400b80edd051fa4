package enginetest

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// check looks for breaches of the contract in one trace.
type check struct {
	plan     *plan.Plan
	firings  [][]trace.Event // by actor
	tokens   map[int][]move  // by boundary FIFO
	receipts map[int][]int64 // times, by boundary FIFO
	problems []string
}

// move is a change of the tokens that a TX FIFO holds for its peer.
type move struct {
	at   int64
	sent int64 // tokens; 0 for an acknowledgement
	upTo int64 // acknowledged tokens, the initial ones among them
}

func (c *check) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *check) split(tr *trace.Trace) {
	c.tokens, c.receipts = map[int][]move{}, map[int][]int64{}
	g := c.plan.Graph
	for _, e := range tr.Events {
		if e.Kind == trace.Firing {
			if e.Actor < 0 || e.Actor >= len(c.firings) {
				c.fail("firing of actor %d, which is not in the plan", e.Actor)
				continue
			}
			c.firings[e.Actor] = append(c.firings[e.Actor], e)
			if dev, unit := c.plan.DeviceOf(e.Actor).Name, c.plan.UnitOf(e.Actor).Name; e.Device != dev || e.Unit != unit {
				c.fail("actor %s fired on %s/%s; it is mapped to %s/%s", e.Name, e.Device, e.Unit, dev, unit)
			}
			continue
		}
		if e.FIFO < 0 || e.FIFO >= len(g.FIFOs) {
			c.fail("%s on FIFO %d, which is not in the plan", e.Kind, e.FIFO)
			continue
		}
		_, rate := g.Rate(e.FIFO)
		switch q := g.FIFOs[e.FIFO]; e.Kind {
		case trace.Send:
			c.tokens[e.FIFO] = append(c.tokens[e.FIFO], move{at: e.Start, sent: 1})
			c.device(&e, q.From)
		case trace.Ack:
			c.tokens[e.FIFO] = append(c.tokens[e.FIFO], move{at: e.End, upTo: (e.Frame + 1) * int64(rate)})
			c.device(&e, q.From)
		case trace.Recv:
			c.receipts[e.FIFO] = append(c.receipts[e.FIFO], e.End)
			c.device(&e, q.To)
		}
	}
}

// device checks that an event was recorded where an actor lies.
func (c *check) device(e *trace.Event, actor int) {
	if want := c.plan.DeviceOf(actor).Name; e.Device != want {
		c.fail("%s of %s, frame %d, was recorded on device %s instead of %s", e.Kind, e.Name, e.Frame, e.Device, want)
	}
}

// frames checks that every actor fired for every frame.
func (c *check) frames() {
	for a := range c.firings {
		if n := int64(len(c.firings[a])); n != c.plan.Workload.Frames {
			c.fail("actor %s fired %d times for %d frames", c.plan.Graph.Actors[a].Name, n, c.plan.Workload.Frames)
		}
	}
}

// precedence checks that every firing of a consumer began after the tokens it
// takes were made and, over a boundary, had arrived; and that a firing of a
// producer on the same device began only when a slot was free.
func (c *check) precedence(f int) {
	g := c.plan.Graph
	q, name := g.FIFOs[f], g.FIFOName(f)
	_, rate := g.Rate(f)
	makers, takers := c.firings[q.From], c.firings[q.To]
	remote := c.plan.Routes[f] >= 0
	for n, taker := range takers {
		last := (n+1)*rate - 1 - q.Delay // the last token it takes, not counting initial ones
		if last < 0 {
			continue
		}
		if m := last / rate; m >= len(makers) || taker.Start < makers[m].End {
			c.fail("FIFO %s: firing %d of the consumer began before firing %d of the producer had ended", name, n, m)
		}
		if in := c.receipts[f]; remote && (last >= len(in) || taker.Start < in[last]) {
			c.fail("FIFO %s: firing %d of the consumer began before its tokens had arrived", name, n)
		}
	}
	for n, maker := range makers {
		over := q.Delay + (n+1)*rate - q.Capacity // tokens that must be consumed by then
		if over <= 0 {
			continue
		}
		if m := (over - 1) / rate; m >= len(takers) || maker.Start < takers[m].End {
			c.fail("FIFO %s: firing %d of the producer began while the FIFO was full", name, n)
		}
	}
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
	w := c.plan.Workload
	for a := range c.firings {
		for n, e := range c.firings[a] {
			if due := int64(n) * int64(w.Period); c.plan.Work[a].Source && e.Start < due {
				c.fail("source %s: firing %d began at %d ns, due at %d ns", e.Name, n, e.Start, due)
			}
		}
	}
}
