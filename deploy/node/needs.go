package node

import (
	"math"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Needs is what a device needs to run its slice of a plan. What is greater than an int64 can
// say is math.MaxInt64.
type Needs struct {
	Actors  int64 // that it runs, those among them that it may take over
	Lanes   int64 // of its units: a goroutine each
	Threads int64 // of lanes, and those that sessions add: threads - 1 of the unit for each actor
	// FIFOBytes is the memory of tokens: all that New allocates for FIFOs.
	FIFOBytes  int64
	ModelBytes int64 // of its sub-models, each once
	// MemoryBytes is the least that all of this takes: a session keeps a model of its own.
	MemoryBytes int64
}

// NeedsOf adds up what a device (index in the plan's platform) needs. models are the bytes of
// its sub-models. It allocates nothing of it. The plan's indices must be in range.
func NeedsOf(p *plan.Plan, device int, models []int64) Needs {
	var n Needs
	for _, u := range p.Platform.Devices[device].Units {
		n.Lanes = sum(n.Lanes, int64(u.Lanes))
	}
	n.Threads = n.Lanes
	for a := range p.Work {
		u := p.UnitOn(device, a)
		if u == nil {
			continue
		}
		n.Actors++
		n.Threads = sum(n.Threads, int64(u.Threads)-1)
	}
	for _, bytes := range models {
		n.ModelBytes = sum(n.ModelBytes, bytes)
	}
	for f, q := range p.Graph.FIFOs {
		if p.UnitOn(device, q.From) != nil || p.UnitOn(device, q.To) != nil {
			n.FIFOBytes = sum(n.FIFOBytes, ringBytes(p.Graph, f))
		}
	}
	n.MemoryBytes = sum(n.FIFOBytes, n.ModelBytes)
	return n
}

// ringBytes returns the bytes that newRing allocates.
func ringBytes(g *graph.Graph, f int) int64 {
	_, rate := g.Rate(f)
	capacity := int64(g.FIFOs[f].Capacity)
	slot := sum(stride(g.Type(f).Bytes()), int64(unsafe.Sizeof(Slot{})))
	return sum(product(capacity, slot), product(sum(capacity, int64(rate)), int64(unsafe.Sizeof(uintptr(0)))))
}

// stride returns the bytes from one slot to the next one.
func stride(tokenBytes int64) int64 {
	if tokenBytes > math.MaxInt64-wire.Headroom-ort.Alignment {
		return math.MaxInt64
	}
	return wire.Headroom + (tokenBytes+ort.Alignment-1)/ort.Alignment*ort.Alignment
}

// sum and product add and multiply; negative numbers count as 0, and what is too great as
// math.MaxInt64.
func sum(a, b int64) int64 {
	a, b = max(a, 0), max(b, 0)
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func product(a, b int64) int64 {
	a, b = max(a, 0), max(b, 0)
	if b > 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}
