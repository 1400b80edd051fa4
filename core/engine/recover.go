package engine

import (
	"math"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

// recovery is the state of finding out where an incarnation goes on: every
// actor at the first iteration that is not committed. Commits spread from
// consumers to producers, and so does this: an actor's place is known when those of all
// its consumers are, peers' from their Hellos, and how many records it has.
type recovery struct {
	left     int     // actors and TX FIFOs whose place is not known
	waits    []int   // by actor: outputs that are not known
	at       []int64 // by actor: the least that is known so far
	placed   []bool  // by actor
	answered []bool  // by FIFO: TX, the peer has told its place
	// By FIFO: TX, how much is not known: the peer's word, and, where this device can do
	// the peer's work, how far that is committed here.
	lacks []int
	told  []int64 // by FIFO: TX, what the peer has committed by its own word
	upTo  []int64 // by FIFO: TX, the most that is committed as far as is known
}

// begin sets all positions: to those of a new run, or by finding them out.
func (e *Engine) begin(resume bool) {
	for i := range e.fifos {
		f := &e.fifos[i]
		f.reserved, f.produced = f.delay, f.delay
		f.taken, f.consumed, f.stored, f.restored = 0, 0, 0, false
		if f.crosses {
			f.last, f.timed = f.delay, 0
		}
	}
	for i := range e.actors {
		a := &e.actors[i]
		a.begun, a.done, a.committed, a.scanned, a.blocked = 0, 0, 0, 0, blockedDone
		a.firing, a.now = false, 0
		if a.capture == 0 {
			a.armed = false
		} else { // captures go on
			e.captureOf(a).waiting = false
		}
	}
	if resume {
		e.findPositions()
		return
	}
	e.settle()
}

// settle computes what every actor waits for.
func (e *Engine) settle() {
	for i := range e.fifos {
		e.fifos[i].alignSlots()
	}
	for i := range e.actors {
		e.settleOne(&e.actors[i])
	}
}

func (e *Engine) settleOne(a *actor) {
	a.waits = 1 // until the run begins
	if a.stopped {
		a.waits++
	}
	e.countWaits(a)
}

// findPositions begins a recovery. It may end at once, where nobody has to be asked.
func (e *Engine) findPositions() {
	r := &recovery{
		waits: make([]int, len(e.actors)), at: make([]int64, len(e.actors)),
		placed: make([]bool, len(e.actors)), answered: make([]bool, len(e.fifos)),
		lacks: make([]int, len(e.fifos)), told: make([]int64, len(e.fifos)), upTo: make([]int64, len(e.fifos)),
	}
	e.recovery = r
	for i := range e.actors {
		a := &e.actors[i]
		r.left++
		r.at[i] = math.MaxInt64
		if a.durable {
			r.at[i] = a.saved
		}
		for _, place := range e.outs(a) {
			f := &e.fifos[place]
			if !f.delayed() {
				r.waits[i]++
			}
			if f.role == slice.TX {
				r.left++
				r.lacks[place] = 1
				if f.to >= 0 {
					r.lacks[place]++
				}
			}
		}
	}
	for i := range e.actors {
		if r.waits[i] == 0 && !r.placed[i] {
			e.setPosition(int32(i))
		}
	}
}

// setPosition sets an actor's position and tells those it takes tokens from.
func (e *Engine) setPosition(i int32) {
	r, a := e.recovery, &e.actors[i]
	at := r.at[i]
	r.placed[i] = true
	r.left--
	if a.passive { // only how far the peer's work is committed
		for _, place := range e.ins(a) {
			if f := &e.fifos[place]; f.crosses {
				e.setCommitted(place, at*f.rate())
			} else {
				e.limitPosition(f.from, at)
			}
		}
		return
	}
	a.begun, a.done, a.committed = at, at, at
	for _, place := range e.outs(a) {
		f := &e.fifos[place]
		f.reserved = f.delay + at*f.rate()
		f.produced, f.stored, f.restored = f.reserved, f.reserved, f.reserved > 0
		if f.crosses {
			f.last = max(f.last, f.reserved)
		}
	}
	for _, place := range e.ins(a) {
		f := &e.fifos[place]
		f.taken, f.consumed = at*f.rate(), at*f.rate()
		if f.role == slice.RX {
			f.produced = max(f.taken, f.delay)
			e.needHello(&e.peers[f.peer], boundary.Answer)
		}
		if f.from >= 0 && !f.delayed() {
			e.limitPosition(f.from, at)
		}
	}
}

// limitPosition says that an output of an actor is committed up to an iteration.
func (e *Engine) limitPosition(i int32, at int64) {
	r := e.recovery
	r.at[i] = min(r.at[i], at)
	if r.waits[i]--; r.waits[i] == 0 {
		e.setPosition(i)
	}
}

// peerPosition takes the place of the peer at a TX FIFO.
func (e *Engine) peerPosition(f *fifo, committed, arrived int64) {
	i := e.fifoAt.find(int(f.index))
	f.have = arrived
	if r := e.recovery; !r.answered[i] {
		r.answered[i], r.told[i] = true, committed
		e.setCommitted(i, committed)
	}
}

// setCommitted takes how far the tokens of a TX FIFO are committed. The peer may lag
// behind what this device did alone.
func (e *Engine) setCommitted(i int32, committed int64) {
	r, f := e.recovery, &e.fifos[i]
	r.upTo[i] = max(r.upTo[i], committed)
	if r.lacks[i]--; r.lacks[i] > 0 {
		return
	}
	r.left--
	f.consumed, f.mark = r.upTo[i], 0
	if r.told[i] < f.consumed {
		f.have, f.mark = unknown, f.consumed
	}
	if !f.delayed() {
		e.limitPosition(f.from, f.consumed/f.rate())
	}
}

// positionsFound goes on with the run when every place is known.
func (e *Engine) positionsFound(now int64, effects []Effect) []Effect {
	if e.recovery == nil || e.recovery.left > 0 {
		return effects
	}
	e.recovery = nil
	for i := range e.actors {
		if a := &e.actors[i]; a.durable && a.begun > 0 {
			effects = append(effects, Effect{Kind: Restore, Actor: int(a.index), Firing: a.begun})
		}
	}
	for i := range e.fifos {
		f := &e.fifos[i]
		if !f.delayed() {
			continue
		}
		first := f.taken
		switch f.role {
		case slice.TX:
			first = f.consumed
		case slice.Local:
			f.produced = min(f.stored, first+int64(f.capacity))
		}
		if f.produced > first {
			effects = append(effects, Effect{
				Kind: Reload, TokenID: boundary.TokenID{FIFO: int(f.index), Seq: uint64(first)}, N: int(f.produced - first),
			})
		}
	}
	e.settle()
	for i := range e.fifos {
		if f := &e.fifos[i]; f.role == slice.TX && f.have != unknown {
			effects = e.resend(f, effects)
		}
	}
	for i := range e.peers { // what came meanwhile was dropped
		e.ask(&e.peers[i], boundary.Reconnect)
	}
	if e.started {
		effects = e.run(now, effects)
	}
	return effects
}

// known reports whether the position of a boundary FIFO's end on this device is known.
func (e *Engine) known(f *fifo) bool {
	switch {
	case e.reset, e.alone != withPeer && f.role == slice.Local:
		return false
	case e.recovery == nil:
		return true
	case f.role == slice.RX:
		return e.recovery.placed[f.to]
	}
	return false
}

// startOver begins a new incarnation in place, because the peer went on without
// this device. Firings in progress end first, and count for nothing.
func (e *Engine) startOver() {
	e.reset, e.running = true, false
	e.epoch++
	e.resets++
	for i := range e.peers {
		e.peers[i].session.Restart(e.epoch)
	}
	for i := range e.units {
		u := &e.units[i]
		u.lanes, u.head, u.count = int32(e.slice.Units[i].Lanes), 0, 0
	}
	if e.firings == 0 {
		e.beginAgain()
	}
}

// beginAgain finds out positions again, once no firing is in progress.
func (e *Engine) beginAgain() {
	e.reset = false
	for i := range e.fifos {
		if f := &e.fifos[i]; f.crosses {
			f.have = unknown
		}
	}
	e.begin(true)
	for i := range e.peers {
		e.ask(&e.peers[i], boundary.Reconnect)
	}
}
