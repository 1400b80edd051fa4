package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
)

// world runs the engines of all devices of a cut graph. Tokens have values that
// follow from what made them, so that a wrong, lost or doubled one shows. What happens
// next is drawn from rng. It stands for a driver: it keeps the contract of
// package engine and decides nothing.
type world struct {
	rng     *rand.Rand
	g       *graph.Graph
	frames  int64
	where   []int // by actor: its device
	devices []*device
	faults  faults
	bend    bend
	now     int64
	events  int
	cut     int                  // events until the way between the first two devices is mended
	alone   int                  // firings of actors that a device took over
	late    []message            // of broken connections, under way for any time
	sent    func(*engine.Effect) // sees every token sent; may be nil
	rates   []int                // that configuration actors have set, in order
}

// faults say how many of what may happen in a run.
type faults struct {
	reconnects, crashes int
	partitions          int // of the first two devices
	downFor             int // most steps that a crashed device stays down
}

// bend breaks the protocol in a way that a test must notice.
type bend struct {
	noEpochs     bool // messages of earlier incarnations count as the present ones'
	keepDoubles  bool // a doubled token counts as the next one
	earlyAcks    bool // tokens are acknowledged when they arrive
	creditBeyond int  // tokens that a sender sends beyond its credit
}

type device struct {
	name   string
	slice  *graph.Slice
	engine *engine.Engine // nil: it is down
	epoch  uint64
	peers  []int             // by index in the slice's Peers
	memory map[int][]uint64  // by FIFO: the values in its slots
	state  map[int]uint64    // by actor
	firing map[int]*firing   // by actor
	saves  []record          // not durable yet
	disk   map[int][]record  // by actor: durable, in order
	out    map[int][]message // by device: on the way to it
	timers []timer
	back   int   // events after which it is up again
	most   int64 // bytes of tokens held
}

type firing struct {
	n  int64
	in [][]uint64
}

// record is what a firing leaves.
type record struct {
	actor  int
	firing int64
	state  uint64
	result []uint64         // of actors without outputs
	tokens map[int][]uint64 // by FIFO with delay tokens
}

type message struct {
	from, to int
	ev       engine.Event
	value    uint64
}

type timer struct {
	at int64
	ev engine.Event
}

// mix hashes what a token's value follows from.
func mix(h uint64, v uint64) uint64 {
	h ^= v + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}

// value is the token i of an output port.
func value(actor, port, i int, n int64, state uint64, in [][]uint64) uint64 {
	h := mix(mix(mix(uint64(actor)+1, uint64(port)), uint64(i)), uint64(n))
	h = mix(h, state)
	for _, tokens := range in {
		for _, v := range tokens {
			h = mix(h, v)
		}
		h = mix(h, 77)
	}
	return h
}

// rateOf is the atr that a configuration actor sets.
func rateOf(actor int, n int64, low, high int, state uint64, in [][]uint64) int {
	return low + int(value(actor, 99, 0, n, state, in)%uint64(high-low+1))
}

func newWorld(seed uint64, g *graph.Graph, where []int, slices []*graph.Slice, frames int64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 1)), g: g, where: where, frames: frames}
	for _, s := range slices {
		d := &device{name: s.Device, slice: s, disk: map[int][]record{}, out: map[int][]message{}}
		for _, p := range s.Peers() {
			for i, o := range slices {
				if o.Device == p {
					d.peers = append(d.peers, i)
				}
			}
		}
		w.devices = append(w.devices, d)
	}
	return w
}

// boot starts an incarnation of a device.
func (w *world) boot(d *device) error {
	resume := d.epoch > 0
	d.epoch += 1 << 20
	d.memory, d.state, d.firing = map[int][]uint64{}, map[int]uint64{}, map[int]*firing{}
	d.saves, d.timers = nil, nil
	e, err := engine.New(d.slice, engine.Options{Epoch: d.epoch, Resume: resume, Saved: func(actor int) int64 { return int64(len(d.disk[actor])) }})
	if err != nil {
		return err
	}
	d.engine = e
	fifos := d.slice.FIFOs
	if d.slice.Alone != nil {
		for _, f := range d.slice.Alone.FIFOs {
			fifos = append(slices.Clone(fifos), graph.SliceFIFO{FIFO: f})
		}
	}
	for _, f := range fifos {
		d.memory[f.FIFO] = make([]uint64, w.g.FIFOs[f.FIFO].Capacity)
	}
	for p := range d.peers {
		if err := w.step(d, engine.Event{Kind: engine.Reconnected, Peer: p}); err != nil {
			return err
		}
	}
	return w.step(d, engine.Event{Kind: engine.Start})
}

// step feeds an event to a device and carries out the effects.
func (w *world) step(d *device, ev engine.Event) error {
	w.events++
	effects, err := d.engine.Step(w.now, ev, nil)
	if err != nil {
		return fmt.Errorf("device %s: %+v: %w", d.name, ev, err)
	}
	for i := range effects {
		if err := w.carryOut(d, &effects[i]); err != nil {
			return err
		}
	}
	held := int64(0)
	for _, f := range d.slice.FIFOs {
		n := d.engine.Held(f.FIFO)
		if n > w.g.FIFOs[f.FIFO].Capacity+w.bend.creditBeyond {
			return fmt.Errorf("device %s: FIFO %s holds %d tokens, its bound is %d", d.name, w.g.FIFOName(f.FIFO), n, w.g.FIFOs[f.FIFO].Capacity)
		}
		held += int64(n) * w.g.Type(f.FIFO).Bytes()
	}
	d.most = max(d.most, held)
	return nil
}

func (w *world) carryOut(d *device, f *engine.Effect) error {
	switch f.Kind {
	case engine.Fire:
		fr := &firing{n: f.Firing}
		for _, run := range d.engine.In(f.Actor) {
			fr.in = append(fr.in, w.read(d, run))
		}
		d.firing[f.Actor] = fr
		if w.devices[w.where[f.Actor]] != d {
			w.alone++
		}
	case engine.Send:
		if w.sent != nil {
			w.sent(f)
		}
		w.post(d, f.Peer, engine.Event{Kind: engine.Data, TokenID: f.TokenID}, w.slot(d, f.FIFO, f.Seq))
	case engine.SendAck:
		w.post(d, f.Peer, engine.Event{Kind: engine.Ack, TokenID: f.TokenID}, 0)
	case engine.SendHello:
		h := *f.Hello
		h.FIFOs = slices.Clone(h.FIFOs)
		w.post(d, f.Peer, engine.Event{Kind: engine.HelloFrom, Hello: &h}, 0)
	case engine.ArmTimer:
		d.timers = append(d.timers, timer{f.At, engine.Event{Kind: engine.Timer, Actor: f.Actor, Peer: f.Peer}})
	case engine.Save:
		w.save(d, f)
	case engine.Restore:
		w.restore(d, f)
	case engine.Reload:
		return w.reload(d, f)
	}
	return nil
}

func (w *world) slot(d *device, fifo int, seq uint64) uint64 {
	m := d.memory[fifo]
	return m[seq%uint64(len(m))]
}

func (w *world) read(d *device, run engine.Tokens) []uint64 {
	values := make([]uint64, run.N)
	for i := range values {
		values[i] = w.slot(d, run.FIFO, run.Seq+uint64(i))
	}
	return values
}

func (w *world) post(d *device, peer int, ev engine.Event, v uint64) {
	to := d.peers[peer]
	from := slices.Index(w.devices, d)
	ev.Peer = slices.Index(w.devices[to].peers, from)
	d.out[to] = append(d.out[to], message{from, to, ev, v})
}

// save takes the record of a firing, before anything can change.
func (w *world) save(d *device, f *engine.Effect) {
	r := record{actor: f.Actor, firing: f.Firing, state: d.state[f.Actor], tokens: map[int][]uint64{}}
	if len(w.g.Actors[f.Actor].Out) == 0 {
		r.result = slices.Concat(d.firing[f.Actor].in...)
	}
	for i, q := range w.g.FIFOs {
		if _, rate := w.g.Rate(i); q.From == f.Actor && q.Delay > 0 {
			r.tokens[i] = w.read(d, engine.Tokens{FIFO: i, Seq: uint64(q.Delay) + uint64(f.Firing)*uint64(rate), N: rate})
		}
	}
	d.saves = append(d.saves, r)
}

// flush makes the first of the records durable.
func (w *world) flush(d *device) error {
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

func (w *world) restore(d *device, f *engine.Effect) {
	d.state[f.Actor] = 0
	if f.Firing > 0 {
		d.state[f.Actor] = d.disk[f.Actor][f.Firing-1].state
	}
}

// reload puts delay tokens where they were.
func (w *world) reload(d *device, f *engine.Effect) error {
	q := w.g.FIFOs[f.FIFO]
	_, rate := w.g.Rate(f.FIFO)
	m := d.memory[f.FIFO]
	for seq := f.Seq; seq < f.Seq+uint64(f.N); seq++ {
		v := uint64(0)
		if seq >= uint64(q.Delay) {
			n := (seq - uint64(q.Delay)) / uint64(rate)
			if n >= uint64(len(d.disk[q.From])) {
				return fmt.Errorf("device %s: FIFO %d: token %d is asked for, %d records are there", d.name, f.FIFO, seq, len(d.disk[q.From]))
			}
			v = d.disk[q.From][n].tokens[f.FIFO][(seq-uint64(q.Delay))%uint64(rate)]
		}
		m[seq%uint64(len(m))] = v
	}
	return nil
}

// complete ends a firing: its inputs must not have changed meanwhile.
func (w *world) complete(d *device, actor int) error {
	fr := d.firing[actor]
	for p, run := range d.engine.In(actor) {
		if !slices.Equal(w.read(d, run), fr.in[p]) {
			return fmt.Errorf("device %s: tokens %d of FIFO %d changed while actor %d read them", d.name, run.Seq, run.FIFO, actor)
		}
	}
	a := &w.g.Actors[actor]
	ev := engine.Event{Kind: engine.FiringDone, Actor: actor}
	in := fr.in
	if a.Stateful {
		d.state[actor] = mix(d.state[actor], value(actor, 98, 0, fr.n, 0, in))
	}
	if a.Kind == graph.Configuration {
		low, high := configLimits(w.g, actor)
		ev.Rate = rateOf(actor, fr.n, low, high, d.state[actor], in)
		w.rates = append(w.rates, ev.Rate)
	}
	for p, run := range d.engine.Out(actor) {
		m := d.memory[run.FIFO]
		for i := range run.N {
			v := value(actor, p, i, fr.n, d.state[actor], in)
			if a.Out[p].Control {
				v = controlValue(a, ev.Rate, in)
			}
			m[(run.Seq+uint64(i))%uint64(len(m))] = v
		}
	}
	return w.step(d, ev)
}

// controlValue is what a configuration actor or a relay puts on a control output.
func controlValue(a *graph.Actor, rate int, in [][]uint64) uint64 {
	if a.Kind == graph.Configuration {
		return uint64(rate)
	}
	for p := range a.In {
		if a.In[p].Control {
			return in[p][0]
		}
	}
	return 0
}

// deliver hands a message to its device.
func (w *world) deliver(m message) error {
	d := w.devices[m.to]
	if d.engine == nil {
		return nil
	}
	ev := m.ev
	w.distort(&ev, d, m.from)
	if ev.Kind == engine.Data {
		if w.g.Actors[w.g.FIFOs[ev.FIFO].To].In[w.g.FIFOs[ev.FIFO].InPort].Control {
			ev.Rate = int(m.value)
		}
		if d.engine.Accepts(ev) {
			slots := d.memory[ev.FIFO]
			slots[ev.Seq%uint64(len(slots))] = m.value
			if w.bend.earlyAcks {
				w.post(d, ev.Peer, engine.Event{
					Kind: engine.Ack, TokenID: boundary.TokenID{FIFO: ev.FIFO, Seq: ev.Seq + 1, Prev: ev.Seq + 1, From: ev.To, To: ev.From},
				}, 0)
			}
		}
	}
	return w.step(d, ev)
}

// distort breaks the protocol as the world's bend says.
func (w *world) distort(ev *engine.Event, d *device, from int) {
	if w.bend.noEpochs && w.devices[from].engine != nil {
		epoch := w.devices[from].engine.Epoch()
		if ev.Kind == engine.HelloFrom {
			h := *ev.Hello
			h.From, h.To = epoch, d.engine.Epoch()
			ev.Hello = &h
		} else {
			ev.From, ev.To = epoch, d.engine.Epoch()
		}
	}
	if w.bend.keepDoubles && ev.Kind == engine.Data && !d.engine.Accepts(*ev) {
		for seq := ev.Seq; seq < ev.Seq+16; seq++ { // the number that the receiver would give it
			try := *ev
			try.Seq, try.Prev = seq, seq
			if d.engine.Accepts(try) {
				*ev = try
				return
			}
		}
	}
}
