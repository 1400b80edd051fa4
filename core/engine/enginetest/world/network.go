package world

import (
	"math/rand/v2"
	"slices"
)

// Network carries messages between ends that are numbered from 0. A connection keeps
// the order of messages. When the connection of an end breaks, a message that is on
// its way is lost, comes once or twice at any later time, or arrives as if nothing had
// been.
type Network[M any] struct {
	rng    *rand.Rand
	queues map[direction][]M
	late   []late[M]
}

// direction is one of a connection.
type direction struct{ from, to int }

// late is a message of a connection that broke.
type late[M any] struct {
	direction
	message M
}

// NewNetwork returns a network that draws from rng what happens.
func NewNetwork[M any](rng *rand.Rand) *Network[M] { return &Network[M]{rng: rng} }

// Send puts a message on its way.
func (n *Network[M]) Send(from, to int, m M) {
	if n.queues == nil {
		n.queues = map[direction][]M{}
	}
	n.queues[direction{from, to}] = append(n.queues[direction{from, to}], m)
}

// Pending returns how many messages are on their way over a connection.
func (n *Network[M]) Pending(from, to int) int { return len(n.queues[direction{from, to}]) }

// Late returns how many messages of broken connections are still to come.
func (n *Network[M]) Late() int { return len(n.late) }

// Take takes the first message from a connection; ok is false if there is none.
func (n *Network[M]) Take(from, to int) (m M, ok bool) {
	queue := n.queues[direction{from, to}]
	if len(queue) == 0 {
		return m, false
	}
	n.queues[direction{from, to}] = queue[1:]
	return queue[0], true
}

// TakeLate draws one of the late messages, and returns whom it is for. There is at
// least one.
func (n *Network[M]) TakeLate() (to int, m M) {
	i := n.rng.IntN(len(n.late))
	l := n.late[i]
	n.late = slices.Delete(n.late, i, i+1)
	return l.to, l.message
}

// Drop loses all messages between two ends.
func (n *Network[M]) Drop(a, b int) {
	delete(n.queues, direction{a, b})
	delete(n.queues, direction{b, a})
}

// Break breaks the connection between two ends, and makes it again.
func (n *Network[M]) Break(a, b int) {
	n.disturb(direction{b, a})
	n.disturb(direction{a, b})
}

// disturb draws what becomes of every message in one direction.
func (n *Network[M]) disturb(d direction) {
	var kept []M
	for _, m := range n.queues[d] {
		switch n.rng.IntN(5) {
		case 0:
		case 1:
			n.late = append(n.late, late[M]{d, m})
		case 2:
			n.late = append(n.late, late[M]{d, m}, late[M]{d, m})
			kept = append(kept, m)
		default:
			kept = append(kept, m)
		}
	}
	if len(kept) == 0 {
		delete(n.queues, d)
		return
	}
	n.queues[d] = kept
}
