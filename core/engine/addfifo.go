package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/slice"
)

// addFIFO fills in place i of the FIFOs and joins it to its actors here.
func (e *Engine) addFIFO(i int32, sf slice.FIFO, rest *fifoRest) error {
	g := e.slice.Graph
	q, name := g.FIFOs[sf.FIFO], g.FIFOName(sf.FIFO)
	from, to := e.actorAt.find(q.From), e.actorAt.find(q.To)
	here := func(a int32) bool { return a >= 0 && !e.actors[a].standby }
	fits := false
	switch sf.Role {
	case slice.Local:
		fits = from >= 0 && to >= 0 && e.actors[from].standby == e.actors[to].standby
	case slice.TX:
		fits = here(from) && !here(to)
	case slice.RX:
		fits = here(to) && !here(from)
	}
	if !fits {
		return fmt.Errorf("%w: FIFO %s: its role on device %s doesn't fit where its actors are",
			ErrSlice, name, e.slice.Device)
	}
	lrl, url := g.Rate(sf.FIFO)
	control := g.Actors[q.To].In[q.InPort].Control
	switch {
	case url < 1:
		return fmt.Errorf("%w: FIFO %s: rate %d; it must be at least 1", ErrSlice, name, url)
	case q.Delay < 0 || q.Capacity < max(q.Delay, url):
		return fmt.Errorf("%w: FIFO %s: capacity %d must hold %d delay tokens and %d tokens of a firing",
			ErrSlice, name, q.Capacity, q.Delay, url)
	case q.Capacity > math.MaxInt32:
		return fmt.Errorf("%w: FIFO %s: capacity %d; it may be at most %d", ErrSlice, name, q.Capacity, math.MaxInt32)
	case q.Delay > 0 && (lrl != url || control):
		return fmt.Errorf("%w: FIFO %s: a FIFO of variable rate or of control tokens has no delay tokens", ErrSlice, name)
	case q.Delay > 0 && sf.Role != slice.Local && q.Capacity < q.Delay+url:
		return fmt.Errorf("%w: FIFO %s: over a boundary, capacity %d must hold %d delay tokens beside %d tokens of a firing",
			ErrSlice, name, q.Capacity, q.Delay, url)
	case control && url != 1:
		return fmt.Errorf("%w: FIFO %s: control tokens come one at a time", ErrSlice, name)
	}
	f := &e.fifos[i]
	*f = fifo{
		from: from, to: to, role: sf.Role, carries: carriesOf(lrl != url, control, q.Delay > 0),
		url: int32(url), capacity: int32(q.Capacity), fifoRest: rest,
	}
	*rest = fifoRest{index: int32(sf.FIFO), peer: -1, delay: int64(q.Delay)}
	switch {
	case control:
		f.rates = make([]int32, q.Capacity)
	case f.variable() && sf.Role == slice.TX:
		f.rates = make([]int32, q.Capacity/url+1)
	}
	if sf.Role != slice.Local {
		p, ok := e.peerOf(sf.Peer)
		if !ok {
			return fmt.Errorf("%w: FIFO %s has no peer", ErrSlice, name)
		}
		f.crosses, f.peer, f.boundaryState = true, p, &boundaryState{have: unknown}
		e.peers[p].fifos = append(e.peers[p].fifos, i)
	}
	if from >= 0 {
		e.outs(&e.actors[from])[q.OutPort] = i
		e.actors[from].durable = e.actors[from].durable || f.delayed()
	}
	if to >= 0 {
		e.ins(&e.actors[to])[q.InPort] = i
		if control {
			e.actors[to].control, e.actors[to].dynamic = i, true
		}
	}
	return nil
}

func (e *Engine) peerOf(device string) (int32, bool) {
	i, ok := slices.BinarySearchFunc(e.peers, device, func(p peer, name string) int {
		return strings.Compare(p.name, name)
	})
	return int32(i), ok
}
