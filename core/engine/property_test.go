package engine_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
)

// world runs the engines of all devices and delivers their messages in an order
// that rapid draws; only those of one FIFO and direction keep theirs.
type world struct {
	t       *rapid.T
	g       *graph.Graph
	where   []int
	engines []*engine.Engine
	queues  map[string][]delivery // messages and firings under way
	keys    []string              // of queues, in order of first use
	made    []uint64              // tokens produced, by FIFO
	used    []uint64              // tokens whose consumption has completed
	fired   []int64
}

type delivery struct {
	device int
	ev     engine.Event
}

func (w *world) post(key string, d delivery) {
	if _, ok := w.queues[key]; !ok {
		w.keys = append(w.keys, key)
	}
	w.queues[key] = append(w.queues[key], d)
}

// next draws a queue that is not empty and takes its first message.
func (w *world) next() (delivery, bool) {
	var full []string
	for _, k := range w.keys {
		if len(w.queues[k]) > 0 {
			full = append(full, k)
		}
	}
	if len(full) == 0 {
		return delivery{}, false
	}
	k := rapid.SampledFrom(full).Draw(w.t, "next")
	d := w.queues[k][0]
	w.queues[k] = w.queues[k][1:]
	return d, true
}

func (w *world) step(d delivery) {
	if d.ev.Kind == engine.FiringDone {
		for _, tok := range w.engines[d.device].Out(d.ev.Actor) {
			w.made[tok.FIFO] += uint64(tok.N)
		}
		for _, tok := range w.engines[d.device].In(d.ev.Actor) {
			w.used[tok.FIFO] += uint64(tok.N)
		}
	}
	effects, err := w.engines[d.device].Step(0, d.ev, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range effects {
		q := graph.FIFO{}
		if f.Kind != engine.Fire {
			q = w.g.FIFOs[f.FIFO]
		}
		switch f.Kind {
		case engine.Fire:
			w.firing(d.device, f)
		case engine.Send:
			ev := engine.Event{Kind: engine.Data, FIFO: f.FIFO, Seq: f.Seq}
			for range rapid.IntRange(1, 2).Draw(w.t, "copies") {
				w.post(fmt.Sprint("data", f.FIFO), delivery{w.where[q.To], ev})
			}
		case engine.SendAck:
			w.post(fmt.Sprint("ack", f.FIFO), delivery{w.where[q.From], engine.Event{Kind: engine.Ack, FIFO: f.FIFO, Seq: f.Seq}})
		}
	}
}

// firing checks what a firing reads and writes against the world's own count.
func (w *world) firing(device int, f engine.Effect) {
	if f.Firing != w.fired[f.Actor] {
		w.t.Fatalf("actor %d fires number %d, expected %d", f.Actor, f.Firing, w.fired[f.Actor])
	}
	w.fired[f.Actor]++
	e := w.engines[device]
	for _, tok := range e.In(f.Actor) {
		last := tok.Seq + uint64(tok.N)
		if tok.Seq != w.used[tok.FIFO] || last > w.made[tok.FIFO] {
			w.t.Fatalf("actor %d reads tokens %d to %d of FIFO %d; %d were made, %d used", f.Actor, tok.Seq, last, tok.FIFO, w.made[tok.FIFO], w.used[tok.FIFO])
		}
	}
	for _, tok := range e.Out(f.Actor) {
		last := tok.Seq + uint64(tok.N)
		if capacity := uint64(w.g.FIFOs[tok.FIFO].Capacity); tok.Seq != w.made[tok.FIFO] || last > w.used[tok.FIFO]+capacity {
			w.t.Fatalf("actor %d writes tokens %d to %d of FIFO %d; %d were made, %d used, capacity %d",
				f.Actor, tok.Seq, last, tok.FIFO, w.made[tok.FIFO], w.used[tok.FIFO], capacity)
		}
	}
	w.post(fmt.Sprint("done", f.Actor), delivery{device, engine.Event{Kind: engine.FiringDone, Actor: f.Actor}})
}

// randomGraph draws a graph of up to 8 actors with forward FIFOs of any delay,
// and feedback FIFOs that carry tokens enough.
func randomGraph(t *rapid.T) *graph.Graph {
	n := rapid.IntRange(1, 8).Draw(t, "actors")
	var links []link
	for range rapid.IntRange(0, 12).Draw(t, "FIFOs") {
		l := link{from: rapid.IntRange(0, n-1).Draw(t, "from"), to: rapid.IntRange(0, n-1).Draw(t, "to"), rate: rapid.IntRange(1, 3).Draw(t, "rate")}
		l.delay = rapid.IntRange(0, 4).Draw(t, "delay")
		if l.from >= l.to {
			l.delay += l.rate
		}
		l.capacity = max(l.delay, l.rate) + rapid.IntRange(0, 4).Draw(t, "room")
		links = append(links, l)
	}
	return build(n, links...)
}

// TestRandomGraphs runs graphs that Validate accepts, cut over one to three
// devices, with messages delivered in any order and now and then twice: all
// actors fire as often as the limit allows, and no FIFO goes beyond its bounds.
// Of graphs that it refuses, none runs to completion.
func TestRandomGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t)
		valid := graph.Validate(g)
		devices := rapid.IntRange(1, 3).Draw(t, "devices")
		w := &world{t: t, g: g, queues: map[string][]delivery{}, made: make([]uint64, len(g.FIFOs)), used: make([]uint64, len(g.FIFOs)), fired: make([]int64, len(g.Actors))}
		for range g.Actors {
			w.where = append(w.where, rapid.IntRange(0, devices-1).Draw(t, "device"))
		}
		for f, q := range g.FIFOs {
			w.made[f] = uint64(q.Delay)
		}
		const limit = 6
		for d, s := range cut(g, w.where, rapid.IntRange(1, 3).Draw(t, "lanes"), limit) {
			for i := range s.Actors {
				s.Actors[i].Limit = limit
			}
			e, err := engine.New(s)
			if err != nil {
				t.Fatal(err)
			}
			w.engines = append(w.engines, e)
			w.post(fmt.Sprint("start", d), delivery{d, start})
		}
		for d, ok := w.next(); ok; d, ok = w.next() {
			w.step(d)
		}
		complete := true
		for _, n := range w.fired {
			complete = complete && n == limit
		}
		if complete != (valid == nil) {
			t.Fatalf("fired %v of %d times; Validate says: %v", w.fired, limit, valid)
		}
	})
}
