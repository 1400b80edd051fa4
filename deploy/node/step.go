package node

import (
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

func (n *Node) step(ev engine.Event) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.locked(ev)
}

// now returns the time since the run's start, 0 before it.
func (n *Node) now(clock int64) int64 {
	if n.epoch == 0 {
		return 0
	}
	return clock - n.epoch
}

// locked steps the engine and carries out its effects. The mutex is held.
func (n *Node) locked(ev engine.Event) error {
	at := n.clock.Now()
	err := n.stepAt(n.now(at), at, ev)
	for i := 0; i < len(n.saved) && err == nil; i++ { // records count as saved at once
		err = n.stepAt(n.now(at), at, n.saved[i])
	}
	n.saved = n.saved[:0]
	return err
}

// ofPeer reports whether an event is a message of a peer, which may be no peer's.
func ofPeer(kind engine.EventKind) bool {
	return kind == engine.Data || kind == engine.Ack || kind == engine.HelloFrom
}

// stepAt steps the engine at time now of the run, which is clock on the node's clock.
func (n *Node) stepAt(now, clock int64, ev engine.Event) error {
	if err := n.Err(); err != nil {
		return err
	}
	var err error
	before := n.engine.Epoch()
	if n.effects, err = n.engine.Step(now, ev, n.effects[:0]); err != nil {
		if ofPeer(ev.Kind) { // the engine is as it was before
			if n.refused != nil {
				n.refused(err)
			}
			return err
		}
		n.Fail(err)
		return n.Err()
	}
	if alone := n.engine.Alone(); alone && !n.alone || n.engine.Epoch() != before {
		n.fallbacks++
	}
	n.alone = n.engine.Alone()
	for i := range n.effects {
		if err := n.carryOut(&n.effects[i], now, clock); err != nil {
			n.Fail(err)
			return n.Err()
		}
	}
	return nil
}

func (n *Node) carryOut(e *engine.Effect, now, clock int64) error {
	switch e.Kind {
	case engine.Fire:
		a := n.actors[e.Actor]
		a.prepare(e.Firing, n.engine.In(e.Actor), n.engine.Out(e.Actor), n.fifos)
		if a.firing.Capture = int64(e.N); e.N > 0 {
			n.recordFrame(wire.Capture, e, clock)
		}
		n.units[a.unit] <- a
	case engine.Send:
		n.out.Send(e.TokenID, clock)
	case engine.SendAck:
		n.out.Ack(e.TokenID, clock)
	case engine.SendHello, engine.SendCheck:
		return n.out.Greet(e.Peer, e.Hello, e.Kind == engine.SendCheck)
	case engine.ArmTimer:
		if e.Actor < 0 {
			n.timers.add(peerTimer{peer: e.Peer, at: e.At, due: clock + e.At - now})
			return nil
		}
		n.actors[e.Actor].arm(n.epoch + e.At)
	case engine.Drop:
		n.recordFrame(wire.Drop, e, clock)
	case engine.Save:
		return n.save(n.actors[e.Actor], e.Firing)
	case engine.Restore:
		return n.restore(n.actors[e.Actor], e.Firing)
	case engine.Reload:
		return n.reload(e.FIFO, e.Seq, e.N)
	}
	return nil
}
