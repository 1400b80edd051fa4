package world

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/engine"
)

// TokenBytes is the size of a token's value.
const TokenBytes = 8

// memory is a FIFO's ring of slots on one device.
type memory struct {
	slots [][TokenBytes]byte
	given uint64 // slots of tokens up to before this one have been given to a firing
}

func newMemory(capacity int) *memory { return &memory{slots: make([][TokenBytes]byte, capacity)} }

func (m *memory) slot(seq uint64) *[TokenBytes]byte { return &m.slots[seq%uint64(len(m.slots))] }

// at returns the value of token seq.
func (m *memory) at(seq uint64) uint64 { return binary.LittleEndian.Uint64(m.slot(seq)[:]) }

func (m *memory) set(seq, value uint64) { binary.LittleEndian.PutUint64(m.slot(seq)[:], value) }

// run returns the values of a run of tokens.
func (m *memory) run(t engine.Tokens) []uint64 {
	values := make([]uint64, t.N)
	for i := range values {
		values[i] = m.at(t.Seq + uint64(i))
	}
	return values
}

// give gives the slots of the tokens before next to whoever writes them.
func (m *memory) give(next uint64) { m.given = next }

// record is what a firing leaves.
type record struct {
	actor  int
	firing int64
	state  uint64
	result []uint64         // of actors without outputs
	tokens map[int][]uint64 // by FIFO with delay tokens
}

// save takes the record of a firing, before anything can change.
func (w *World) save(d *device, f *engine.Effect) {
	r := record{actor: f.Actor, firing: f.Firing, state: d.state[f.Actor], tokens: map[int][]uint64{}}
	if len(w.graph.Actors[f.Actor].Out) == 0 {
		r.result = slices.Concat(d.firing[f.Actor].in...)
	}
	for i, q := range w.graph.FIFOs {
		if q.From == f.Actor && q.Delay > 0 {
			frames := w.graph.Frames(i)
			r.tokens[i] = d.memory[i].run(engine.Tokens{FIFO: i, Seq: frames.First(f.Firing), N: frames.Rate})
		}
	}
	d.saves = append(d.saves, r)
}

// flush makes the first of the records durable.
func (w *World) flush(d *device) error {
	r := d.saves[0]
	d.saves = d.saves[1:]
	if n := int64(len(d.disk[r.actor])); r.firing == n {
		d.disk[r.actor] = append(d.disk[r.actor], r)
	} else if r.firing > n {
		return fmt.Errorf("device %s: actor %d leaves record %d after record %d", d.name, r.actor, r.firing, n-1)
	}
	if d.engine == nil {
		return nil
	}
	return w.step(d, engine.Event{Kind: engine.Saved, Actor: r.actor, Firing: r.firing + 1})
}

func (w *World) restore(d *device, f *engine.Effect) {
	d.state[f.Actor] = 0
	if f.Firing > 0 {
		d.state[f.Actor] = d.disk[f.Actor][f.Firing-1].state
	}
}

// reload puts delay tokens where they were.
func (w *World) reload(d *device, f *engine.Effect) error {
	q, frames, m := w.graph.FIFOs[f.FIFO], w.graph.Frames(f.FIFO), d.memory[f.FIFO]
	m.give(f.Seq + uint64(f.N))
	for seq := f.Seq; seq < f.Seq+uint64(f.N); seq++ {
		if seq < uint64(q.Delay) {
			m.set(seq, 0)
			continue
		}
		n, records := frames.OfToken(seq), d.disk[q.From]
		if n >= int64(len(records)) {
			return fmt.Errorf("device %s: FIFO %d: token %d is asked for, %d records are there",
				d.name, f.FIFO, seq, len(records))
		}
		m.set(seq, records[n].tokens[f.FIFO][seq-frames.First(n)])
	}
	return nil
}
