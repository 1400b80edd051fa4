package node

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// captor is what a live source tells of its frames.
type captor struct {
	node  *Node
	actor *actor
}

// Captured implements kernel.Captor.
func (c *captor) Captured() (number, dropped int64) {
	n, a := c.node, c.actor.index
	n.mu.Lock()
	defer n.mu.Unlock()
	before, _ := n.engine.Captures(a)
	n.lost = 0
	if n.locked(engine.Event{Kind: engine.Captured, Actor: a}) != nil {
		return 0, 0 // the node fails by itself
	}
	after, _ := n.engine.Captures(a)
	if after.Captured == before.Captured {
		return 0, 0
	}
	return after.Captured, n.lost
}

// Ended implements kernel.Captor.
func (c *captor) Ended(why error) {
	n, a := c.node, c.actor.index
	n.mu.Lock()
	lacks := n.engine.Lacks(a)
	n.mu.Unlock()
	if lacks > 0 {
		n.Fail(fmt.Errorf("actor %s: %w; %d frames of the run are still to come", c.actor.name, why, lacks))
	}
}

// recordFrame records what became of a captured frame. The mutex is held.
func (n *Node) recordFrame(kind wire.RecordKind, e *engine.Effect, clock int64) {
	if kind == wire.Drop {
		n.lost = int64(e.N)
	}
	n.Record(wire.Record{
		Kind: kind, Index: int32(e.Actor), Frame: e.Firing, Start: n.epoch + e.At, End: clock, Value: int64(e.N),
	})
}

// Captured returns what became of the frames of the device's sources that capture them.
func (n *Node) Captured() []trace.Captured {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.engine.Captured()
}
