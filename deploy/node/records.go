package node

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/deploy/journal"
)

// records holds the records of a durable actor's firings that a restart of the
// engine may ask for.
type records struct {
	list  []*firingRecord // ascending by firing
	spare []*firingRecord
	fifos []savedFIFO // its outputs with delay tokens
}

// savedFIFO is a FIFO whose producer saves its tokens.
type savedFIFO struct {
	index, rate, delay int
	consumer           int // index of the actor; -1: on another device
}

// firingRecord is the record of one firing.
type firingRecord struct {
	firing   int64
	snapshot []byte
	tokens   [][]byte // of all FIFOs, one after the other
}

// makeRecords makes a durable actor's records, with what earlier incarnations saved.
func (n *Node) makeRecords(a *actor, saved *journal.Actor) {
	g := n.slice.Graph
	a.records = &records{}
	for _, f := range a.outs {
		q := g.FIFOs[f]
		if q.Delay == 0 {
			continue
		}
		_, rate := g.Rate(f)
		k := savedFIFO{index: f, rate: rate, delay: q.Delay, consumer: q.To}
		if n.fifos[f].hold != nil {
			k.consumer = -1
		}
		a.records.fifos = append(a.records.fifos, k)
	}
	if saved == nil {
		return
	}
	for _, r := range saved.Records {
		p := &firingRecord{firing: r.Firing}
		for _, part := range r.Parts {
			switch part.Kind {
			case journal.Snapshot:
				p.snapshot = part.Data
			case journal.Token:
				p.tokens = append(p.tokens, part.Data)
			case journal.Result:
				n.recordSaved(a, r.Firing, part.Data)
			}
		}
		if a.records.reloadable(a) {
			a.records.list = append(a.records.list, p)
		}
	}
}

// reloadable reports whether the records of an actor can be asked for at all: those of a
// sink hold results only.
func (r *records) reloadable(a *actor) bool { return a.state != nil || len(r.fifos) > 0 }

// save makes the record of a firing that has just ended.
func (n *Node) save(a *actor, firing int64) error {
	n.parts = n.parts[:0]
	if a.records.reloadable(a) {
		p := a.records.add(firing)
		if a.state != nil {
			p.snapshot = a.state.Snapshot(p.snapshot[:0])
			n.parts = append(n.parts, journal.Part{Kind: journal.Snapshot, Data: p.snapshot})
		}
		at := 0
		for _, f := range a.records.fifos {
			first := uint64(f.delay) + uint64(firing)*uint64(f.rate)
			for i := range uint64(f.rate) {
				s := n.Slot(f.index, first+i)
				if at == len(p.tokens) {
					p.tokens = append(p.tokens, nil)
				}
				p.tokens[at] = append(p.tokens[at][:0], s.Data[:s.Len]...)
				n.parts = append(n.parts, journal.Part{Kind: journal.Token, FIFO: f.index, Seq: first + i, Data: p.tokens[at]})
				at++
			}
		}
		a.records.forget(n.needed(a))
	}
	if n.keeper == nil {
		n.saved = append(n.saved, engine.Event{Kind: engine.Saved, Actor: a.index, Firing: firing + 1})
		return nil
	}
	n.results.Lock()
	for _, r := range a.results {
		if r.frame == firing { // not of a firing that counts for nothing
			n.parts = append(n.parts, journal.Part{Kind: journal.Result, Data: r.data})
		}
	}
	a.results = a.results[:0]
	n.results.Unlock()
	err := n.keeper.Append(a.index, firing, n.parts...)
	n.keeper.Forget(a.index, n.needed(a))
	return err
}

// needed returns the first firing of an actor whose record may be asked for, beside
// the one before it.
func (n *Node) needed(a *actor) int64 {
	first := n.engine.Committed(a.index)
	for _, f := range a.records.fifos {
		consumed := int64(0) // tokens that no restart can need
		if f.consumer >= 0 {
			consumed = n.engine.Committed(f.consumer) * int64(f.rate)
		} else {
			consumed = int64(f.delay) + n.engine.Fired(a.index)*int64(f.rate) - int64(n.engine.Held(f.index))
		}
		first = min(first, max(consumed-int64(f.delay), 0)/int64(f.rate))
	}
	return first
}

func (r *records) add(firing int64) *firingRecord {
	// After the engine has gone back, firings come again.
	for i := len(r.list); i > 0 && r.list[i-1].firing >= firing; i-- {
		r.spare = append(r.spare, r.list[i-1])
		r.list = r.list[:i-1]
	}
	p := &firingRecord{}
	if n := len(r.spare); n > 0 {
		p, r.spare = r.spare[n-1], r.spare[:n-1]
	}
	p.firing = firing
	r.list = append(r.list, p)
	return p
}

// forget drops the records before that of the last firing before first.
func (r *records) forget(first int64) {
	n := 0
	for n+1 < len(r.list) && r.list[n+1].firing < first {
		r.spare = append(r.spare, r.list[n])
		n++
	}
	r.list = append(r.list[:0], r.list[n:]...)
}

// restore gives an actor the state that it had before a firing.
func (n *Node) restore(a *actor, firing int64) error {
	if a.state == nil {
		return nil
	}
	var last *firingRecord
	for _, p := range a.records.list {
		if p.firing < firing {
			last = p
		}
	}
	var snapshot []byte
	if last != nil {
		snapshot = last.snapshot
	} else if firing > 0 {
		return fmt.Errorf("actor %s: %w: its state before firing %d", a.name, ErrRecord, firing)
	}
	if err := a.state.Restore(snapshot); err != nil {
		return fmt.Errorf("actor %s: its state before firing %d: %w", a.name, firing, err)
	}
	return nil
}

// reload puts saved tokens of a FIFO back into their slots.
func (n *Node) reload(fifo int, seq uint64, count int) error {
	g := n.slice.Graph
	a := n.actors[g.FIFOs[fifo].From]
	n.fifos[fifo].give(seq + uint64(count))
	for end := seq + uint64(count); seq < end; seq++ {
		s := n.Slot(fifo, seq)
		if seq < uint64(g.FIFOs[fifo].Delay) {
			clear(s.Data)
			if s.Type.Variable() {
				s.Len = 0
			}
			continue
		}
		token := a.records.token(fifo, seq)
		if token == nil || len(*token) > len(s.Data) {
			return fmt.Errorf("FIFO %s: %w: token %d", g.FIFOName(fifo), ErrRecord, seq)
		}
		s.Len = copy(s.Data, *token)
	}
	return nil
}

func (r *records) token(fifo int, seq uint64) *[]byte {
	at := 0
	for _, f := range r.fifos {
		if f.index != fifo {
			at += f.rate
			continue
		}
		firing, i := (seq-uint64(f.delay))/uint64(f.rate), at+int((seq-uint64(f.delay))%uint64(f.rate))
		for _, p := range r.list {
			if p.firing == int64(firing) && i < len(p.tokens) {
				return &p.tokens[i]
			}
		}
	}
	return nil
}

// encode appends a result's values to b.
func encode(b []byte, values []float32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
