package analysis_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
)

// builder grows a mapped graph whose actors have a lane each.
type builder struct {
	g *graph.Graph
	m *analysis.Mapping
}

func newBuilder(devices int) *builder {
	b := &builder{&graph.Graph{Name: "test"}, &analysis.Mapping{Cost: []analysis.Cost{}}}
	for d := range devices {
		b.m.Devices = append(b.m.Devices, fmt.Sprint("d", d))
	}
	b.m.Links = []string{"air"}
	return b
}

func (b *builder) actor(device int, ns int64) int {
	a := len(b.g.Actors)
	b.g.Actors = append(b.g.Actors, graph.Actor{Name: fmt.Sprint("a", a), Kind: graph.StaticProcessing})
	b.m.Units = append(b.m.Units, analysis.Unit{Device: device, Name: fmt.Sprint("u", a), Lanes: 1})
	b.m.UnitOf = append(b.m.UnitOf, a)
	b.m.Cost = append(b.m.Cost, analysis.Cost{Known: true, Best: ns, Worst: ns})
	return a
}

// fifo joins two actors through new ports, and returns the FIFO's index.
func (b *builder) fifo(from, to, lrl, url, delay, capacity int) int {
	out, in := &b.g.Actors[from].Out, &b.g.Actors[to].In
	port := graph.Port{LRL: lrl, URL: url, Type: graph.TokenType{Elem: "uint8", Shape: []int64{10}}}
	f := graph.FIFO{From: from, OutPort: len(*out), To: to, InPort: len(*in), Delay: delay, Capacity: capacity}
	port.Name = fmt.Sprint("o", f.OutPort)
	*out = append(*out, port)
	port.Name = fmt.Sprint("i", f.InPort)
	*in = append(*in, port)
	b.g.FIFOs = append(b.g.FIFOs, f)
	b.m.Cross = append(b.m.Cross, analysis.Crossing{Link: -1})
	return len(b.g.FIFOs) - 1
}

func (b *builder) device(a int) int { return b.m.Units[b.m.UnitOf[a]].Device }

// randomMapped draws a valid graph of up to 8 actors over one to three devices,
// with a lane for every actor and a channel for every producer and device.
func randomMapped(rng *rand.Rand) *builder {
	for {
		devices := 1 + rng.IntN(3)
		b := newBuilder(devices)
		n := 2 + rng.IntN(7)
		for range n {
			b.actor(rng.IntN(devices), int64(1+rng.IntN(1000)))
		}
		for i := range n + rng.IntN(n) {
			from, to := rng.IntN(n), rng.IntN(n)
			if i < n-1 {
				from, to = rng.IntN(i+1), i+1 // joined
			}
			rate, delay := 1+rng.IntN(3), 0
			if from >= to {
				delay = rate * (1 + rng.IntN(3))
			}
			if rng.IntN(4) == 0 {
				delay += rng.IntN(5)
			}
			f := b.fifo(from, to, rate, rate, delay, max(delay, rate)+rng.IntN(4))
			if at := b.device(to); at != b.device(from) {
				b.g.FIFOs[f].Capacity += rate
				b.m.Cross[f] = analysis.Crossing{
					Channel: from*devices + at, Occupancy: int64(rng.IntN(300)), Flight: int64(rng.IntN(500)),
					Ack: int64(rng.IntN(500)),
				}
			}
		}
		if graph.Validate(b.g) == nil {
			return b
		}
	}
}
