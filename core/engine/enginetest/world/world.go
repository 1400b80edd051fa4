package world

import (
	"math/rand/v2"
	"slices"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
)

// World is one run of a graph that is cut over devices. It is not safe for concurrent
// use, and runs once.
type World struct {
	// Faults says how much goes wrong. The zero Faults are none.
	Faults Faults
	// Breach breaks the protocol; the zero Breach keeps it.
	Breach Breach
	// OnSend sees every token that an engine sends; it may be nil.
	OnSend func(*engine.Effect)
	// NewTransport makes the transport of one incarnation of a device (index in the
	// slices). nil lets the network carry tokens whole.
	NewTransport func(device int, p *Port) Transport

	rng        *rand.Rand
	graph      *graph.Graph
	frames     int64
	deviceOf   []int // by actor
	devices    []*device
	network    Network[message]
	loss       map[lossy]float64 // drawn when first needed
	nowNs      int64
	events     int
	cutOff     int // events until the first two devices are connected again
	takenOver  int // firings of actors that a device took over from a lost peer
	configured []int
}

// Faults say how many faults may happen in a run.
type Faults struct {
	Reconnects int // connections of one device that break and are there again
	Crashes    int // of devices
	Partitions int // of the first two devices, which both notice
	DownEvents int // the most events that a crashed device stays down for
	// Silent lets messages be lost while connections stay open, which nobody notices, at
	// rates that are drawn for each kind of message and direction. A Transport's packets
	// are one kind.
	Silent bool
}

// Breach breaks the protocol in a way that a test must notice.
type Breach struct {
	NoEpochs     bool // messages of earlier incarnations count as the present ones'
	KeepDoubles  bool // a doubled token counts as the next one
	EarlyAcks    bool // tokens are acknowledged when they arrive
	NoChecks     bool // nobody asks for what is overdue
	CreditBeyond int  // tokens that a sender sends beyond its credit; set by Overdraw
}

// New returns a run of the graph that slices are of, one slice for every device, until
// every actor has fired for frames frames. Every actor's limit has to be frames. The
// slices are the World's until the run has ended.
func New(seed uint64, parts []*slice.Slice, frames int64) *World {
	g := parts[0].Graph
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &World{
		rng: rng, graph: g, frames: frames, deviceOf: make([]int, len(g.Actors)), network: Network[message]{rng: rng},
	}
	for at, s := range parts {
		d := &device{index: at, name: s.Device, slice: s, disk: map[int][]record{}}
		for _, p := range s.Peers() {
			d.peers = append(d.peers, slices.IndexFunc(parts, func(o *slice.Slice) bool { return o.Device == p }))
		}
		for _, sa := range s.Actors {
			w.deviceOf[sa.Actor] = at
		}
		w.devices = append(w.devices, d)
	}
	return w
}

// Overdraw makes senders believe that receivers have room for more tokens than they
// have. It is called before Run.
func (w *World) Overdraw(tokens int) {
	w.Breach.CreditBeyond = tokens
	for _, d := range w.devices {
		generous := *w.graph
		generous.FIFOs = slices.Clone(w.graph.FIFOs)
		for _, f := range d.slice.FIFOs {
			if f.Role == slice.TX {
				generous.FIFOs[f.FIFO].Capacity += tokens
			}
		}
		d.slice.Graph = &generous
	}
}

// Graph returns the graph that runs.
func (w *World) Graph() *graph.Graph { return w.graph }

// Frames returns for how many frames it runs.
func (w *World) Frames() int64 { return w.frames }

// Slice returns a device's slice.
func (w *World) Slice(device int) *slice.Slice { return w.devices[device].slice }

// Devices returns how many devices there are.
func (w *World) Devices() int { return len(w.devices) }

// MostBytes returns the most bytes of tokens that a device has held at a time.
func (w *World) MostBytes(device int) int64 { return w.devices[device].mostBytes }

// TakenOver returns how many firings of a lost peer's actors devices have begun.
func (w *World) TakenOver() int { return w.takenOver }

// Rates returns the atrs that configuration actors have set, in their order.
func (w *World) Rates() []int { return w.configured }

// Results returns what every actor without outputs has recorded, by actor and frame:
// the values of all tokens that it took.
func (w *World) Results() map[int][][]uint64 {
	results := map[int][][]uint64{}
	for a := range w.graph.Actors {
		if len(w.graph.Actors[a].Out) > 0 {
			continue
		}
		for _, r := range w.devices[w.deviceOf[a]].disk[a] {
			results[a] = append(results[a], r.result)
		}
	}
	return results
}
