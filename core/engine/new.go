package engine

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
)

// Engine runs one slice. It is not safe for concurrent use; one driver owns it.
type Engine struct {
	actors   []actor // what most events need comes first: see actor
	fifos    []fifo
	units    []unit
	actorAt  table
	recovery *recovery // nil unless positions are being found out
	firings  int32     // in progress
	alone    aloneState
	reset    bool // waits for firings to end before it finds out positions again
	running  bool // positions are known and the run has begun
	started  bool

	hellosDue []int32 // peers that a Hello is due to at the end of the step
	fifoAt    table
	epoch     uint64
	peers     []peer
	resets    int
	captures  []capture
	slice     *slice.Slice
	ports     []int32         // FIFOs by port of all actors: see near
	times     []arrival.Times // of the sources with a schedule
	tokens    []Tokens        // by port of all actors, as In and Out gave them; nil: nobody has asked
}

// New returns the engine of a slice, before the Start event. The slice stays
// the caller's and must not change. Errors wrap ErrSlice.
func New(s *slice.Slice, o Options) (*Engine, error) {
	if err := checkSlice(s); err != nil {
		return nil, err
	}
	actors, fifos := s.Actors, s.FIFOs
	if s.Alone != nil {
		actors = append(actors[:len(actors):len(actors)], s.Alone.Actors...)
		fifos = fifos[:len(fifos):len(fifos)]
		for _, f := range s.Alone.FIFOs {
			fifos = append(fifos, slice.FIFO{FIFO: f})
		}
	}
	e := allocate(len(actors), len(fifos), len(s.Units))
	e.slice, e.epoch = s, max(o.Epoch, 1)
	e.actorAt = newTable(len(actors), func(i int) int { return actors[i].Actor })
	e.fifoAt = newTable(len(fifos), func(i int) int { return fifos[i].FIFO })
	peers := s.Peers()
	e.peers = make([]peer, 0, len(peers))
	for _, name := range peers {
		e.peers = append(e.peers, peer{index: int32(len(e.peers)), name: name, session: boundary.NewSession(e.epoch)})
	}
	if err := e.addActors(actors, o.Resume); err != nil {
		return nil, err
	}
	rest := make([]fifoRest, len(fifos))
	for i, f := range fifos {
		if err := e.addFIFO(int32(i), f, &rest[i]); err != nil {
			return nil, err
		}
	}
	for i := range e.actors {
		if err := e.finishActor(int32(i), o.Saved); err != nil {
			return nil, err
		}
	}
	if err := e.groups(actors); err != nil {
		return nil, err
	}
	e.limit()
	e.track()
	for i := range e.peers {
		p := &e.peers[i]
		p.hello.FIFOs = make([]boundary.Position, 0, len(p.fifos))
	}
	e.begin(o.Resume)
	return e, nil
}

// allocate returns an engine with room for its state. That of a small slice is in one piece: of
// a plan with thousands of devices, each event would touch pages of memory all over.
func allocate(actors, fifos, units int) *Engine {
	const few = 8
	if actors > few || fifos > few || units > 1 {
		return &Engine{actors: make([]actor, actors), fifos: make([]fifo, fifos), units: make([]unit, units)}
	}
	small := &struct {
		engine Engine
		units  [1]unit
		actors [few]actor
		fifos  [few]fifo
	}{}
	e := &small.engine
	e.actors, e.fifos, e.units = small.actors[:actors:actors], small.fifos[:fifos:fifos], small.units[:units:units]
	return e
}

// addActors makes the actors, with the FIFOs of all their ports in one piece.
func (e *Engine) addActors(actors []slice.Actor, resumed bool) error {
	g, ports := e.slice.Graph, 0
	perUnit := make([]int, len(e.units))
	for _, sa := range actors {
		ports += len(g.Actors[sa.Actor].In) + len(g.Actors[sa.Actor].Out)
		perUnit[sa.Unit]++
	}
	e.ports = make([]int32, ports)
	for i := range e.ports {
		e.ports[i] = -1
	}
	ports = 0
	rest := make([]actorRest, len(actors))
	for i, sa := range actors {
		ga := &g.Actors[sa.Actor]
		e.actors[i] = actor{
			index: int32(sa.Actor), unit: int32(sa.Unit), actorRest: &rest[i],
			paced: sa.Limit > 0 || sa.Arrivals.Scheduled(), durable: sa.Durable, inner: ga.Kind == graph.DynamicProcessing,
			inputs: uint16(len(ga.In)), outputs: uint16(len(ga.Out)), near: [near]int32{-1, -1, -1, -1},
		}
		rest[i] = actorRest{
			limit: sa.Limit, control: -1, port: int32(ports),
			standby: i >= len(e.slice.Actors), passive: i >= len(e.slice.Actors),
		}
		ports += len(ga.In) + len(ga.Out)
		if sa.Arrivals.Scheduled() {
			e.times = append(e.times, arrival.Of(sa.Arrivals))
			e.actors[i].times = int32(len(e.times))
		}
		if sa.Capture != nil {
			if sa.Arrivals.Scheduled() && !sa.Capture.Drops() {
				return fmt.Errorf("%w: actor %s: with a schedule, captured frames are dropped or simply wait: leave the rule out",
					ErrSlice, ga.Name)
			}
			if err := e.setCapture(&e.actors[i], *sa.Capture, resumed); err != nil {
				return err
			}
		}
	}
	for i, u := range e.slice.Units {
		e.units[i].lanes = int32(u.Lanes)
		if n := perUnit[i]; n <= len(e.units[i].few) {
			e.units[i].queue = e.units[i].few[:n]
		} else {
			e.units[i].queue = make([]int32, n)
		}
	}
	return nil
}

// finishActor refuses an actor with a port that no FIFO of the slice is joined
// to, and fills in what its FIFOs tell.
func (e *Engine) finishActor(i int32, saved func(actor int) int64) error {
	a := &e.actors[i]
	ga := &e.slice.Graph.Actors[a.index]
	for p, f := range e.ins(a) {
		if f < 0 {
			return fmt.Errorf("%w: no FIFO at input port %s.%s on device %s", ErrSlice, ga.Name, ga.In[p].Name, e.slice.Device)
		}
	}
	held := false
	for p, f := range e.outs(a) {
		if f < 0 {
			return fmt.Errorf("%w: no FIFO at output port %s.%s on device %s", ErrSlice, ga.Name, ga.Out[p].Name, e.slice.Device)
		}
		held = held || !e.fifos[f].delayed()
		if e.fifos[f].control() {
			a.config, a.relay = a.control < 0, a.control >= 0
		}
	}
	for _, f := range slices.Concat(e.ins(a), e.outs(a)) {
		if e.fifos[f].variable() && a.control < 0 {
			return fmt.Errorf("%w: actor %s has ports of variable rate and no control port", ErrSlice, ga.Name)
		}
	}
	a.durable = a.durable || !held // nothing else would tell how far it came
	if a.durable && a.standby {
		return fmt.Errorf("%w: actor %s leaves records, so that no other device can take it over", ErrSlice, ga.Name)
	}
	if a.durable && saved != nil {
		a.saved = saved(int(a.index))
	}
	return nil
}
