package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Engine runs one slice. It is not safe for concurrent use; one driver owns it.
type Engine struct {
	slice   *graph.Slice
	actors  []actor
	fifos   []fifo
	roles   []graph.Role
	units   []unit
	actorAt table
	fifoAt  table
	started bool
}

// New returns the engine of a slice, before the Start event. The slice stays
// the caller's and must not change. Errors wrap ErrSlice, or graph.ErrDynamic
// for ports whose rate may vary.
func New(s *graph.Slice) (*Engine, error) {
	if err := checkSlice(s); err != nil {
		return nil, err
	}
	e := &Engine{
		slice:   s,
		actors:  make([]actor, len(s.Actors)),
		fifos:   make([]fifo, len(s.FIFOs)),
		roles:   make([]graph.Role, len(s.FIFOs)),
		units:   make([]unit, len(s.Units)),
		actorAt: newTable(len(s.Actors), func(i int) int { return s.Actors[i].Actor }),
		fifoAt:  newTable(len(s.FIFOs), func(i int) int { return s.FIFOs[i].FIFO }),
	}
	for i, sa := range s.Actors {
		ga := &s.Graph.Actors[sa.Actor]
		e.actors[i] = actor{
			index: sa.Actor, unit: int32(sa.Unit), limit: sa.Limit, period: sa.Period,
			waits: int32(1 + len(ga.In) + len(ga.Out)), // 1: for Start
			ins:   unset(len(ga.In)), outs: unset(len(ga.Out)),
			in: make([]Tokens, len(ga.In)), out: make([]Tokens, len(ga.Out)),
		}
		e.units[sa.Unit].queue = append(e.units[sa.Unit].queue, nil)
	}
	for i, u := range s.Units {
		e.units[i].lanes = u.Lanes
	}
	for i := range s.FIFOs {
		if err := e.addFIFO(i); err != nil {
			return nil, err
		}
	}
	for i := range e.actors {
		if err := e.checkPorts(&e.actors[i]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func unset(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = -1
	}
	return s
}

// checkSlice refuses indices that lie outside the graph or the slice.
func checkSlice(s *graph.Slice) error {
	g := s.Graph
	for i, u := range s.Units {
		if u.Lanes < 1 {
			return fmt.Errorf("%w: unit %s of device %s has %d lanes; give it at least 1", ErrSlice, u.Name, s.Device, s.Units[i].Lanes)
		}
	}
	actors, fifos := make(map[int]bool, len(s.Actors)), make(map[int]bool, len(s.FIFOs))
	for _, a := range s.Actors {
		if a.Actor < 0 || a.Actor >= len(g.Actors) || actors[a.Actor] {
			return fmt.Errorf("%w: device %s: actor %d is not in the graph or is listed twice", ErrSlice, s.Device, a.Actor)
		}
		if a.Unit < 0 || a.Unit >= len(s.Units) {
			return fmt.Errorf("%w: actor %s: device %s has no unit %d", ErrSlice, g.Actors[a.Actor].Name, s.Device, a.Unit)
		}
		actors[a.Actor] = true
	}
	for _, f := range s.FIFOs {
		if f.FIFO < 0 || f.FIFO >= len(g.FIFOs) || fifos[f.FIFO] {
			return fmt.Errorf("%w: device %s: FIFO %d is not in the graph or is listed twice", ErrSlice, s.Device, f.FIFO)
		}
		fifos[f.FIFO] = true
	}
	return nil
}

// addFIFO fills in place i of the FIFOs and joins it to its actors here.
func (e *Engine) addFIFO(i int) error {
	sf := e.slice.FIFOs[i]
	g := e.slice.Graph
	q := g.FIFOs[sf.FIFO]
	from, to := e.actorAt.find(q.From), e.actorAt.find(q.To)
	if (from >= 0) != (sf.Role != graph.RX) || (to >= 0) != (sf.Role != graph.TX) {
		return fmt.Errorf("%w: FIFO %s: its role on device %s doesn't fit where its actors are", ErrSlice, g.FIFOName(sf.FIFO), e.slice.Device)
	}
	lrl, url := g.Rate(sf.FIFO)
	switch {
	case lrl != url:
		return fmt.Errorf("FIFO %s: %w", g.FIFOName(sf.FIFO), graph.ErrDynamic)
	case url < 1:
		return fmt.Errorf("%w: FIFO %s: rate %d; it must be at least 1", ErrSlice, g.FIFOName(sf.FIFO), url)
	case q.Delay < 0 || q.Capacity < max(q.Delay, url):
		return fmt.Errorf("%w: FIFO %s: capacity %d must hold %d delay tokens and %d tokens of a firing",
			ErrSlice, g.FIFOName(sf.FIFO), q.Capacity, q.Delay, url)
	}
	e.roles[i] = sf.Role
	delay := uint64(q.Delay)
	e.fifos[i] = fifo{
		index: sf.FIFO, from: from, to: to, rate: uint64(url), capacity: uint64(q.Capacity),
		reserved: delay, produced: delay,
	}
	f := &e.fifos[i]
	if from >= 0 {
		e.actors[from].outs[q.OutPort] = int32(i)
		if f.free = f.capacity-delay >= f.rate; f.free {
			e.actors[from].waits--
		}
	}
	if to >= 0 {
		e.actors[to].ins[q.InPort] = int32(i)
		if f.filled = delay >= f.rate; f.filled {
			e.actors[to].waits--
		}
	}
	return nil
}

// checkPorts refuses an actor with a port that no FIFO of the slice is joined to.
func (e *Engine) checkPorts(a *actor) error {
	ga := &e.slice.Graph.Actors[a.index]
	for p, f := range a.ins {
		if f < 0 {
			return fmt.Errorf("%w: no FIFO at input port %s.%s on device %s", ErrSlice, ga.Name, ga.In[p].Name, e.slice.Device)
		}
	}
	for p, f := range a.outs {
		if f < 0 {
			return fmt.Errorf("%w: no FIFO at output port %s.%s on device %s", ErrSlice, ga.Name, ga.Out[p].Name, e.slice.Device)
		}
	}
	return nil
}
