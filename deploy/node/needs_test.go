package node

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/require"
)

// drawnPlan returns a chain over two devices with FIFOs of any types and capacities.
func drawnPlan(r *rand.Rand) *plan.Plan {
	b := enginetest.NewBuilder("p", 1, 1+r.IntN(9), 1+r.IntN(9))
	devices := make([]int, 2+r.IntN(5))
	for i := range devices {
		devices[i] = r.IntN(2)
	}
	b.Chain(1, 1, devices...)
	p := b.Plan()
	for i := range p.Platform.Devices {
		p.Platform.Devices[i].Units[0].Threads = 1 + r.IntN(9)
	}
	for f := range p.Graph.FIFOs {
		q := &p.Graph.FIFOs[f]
		q.Capacity = 1 + r.IntN(40)
		of := graph.TokenType{Elem: "float32", Shape: []int64{r.Int64N(1000)}}
		p.Graph.Actors[q.From].Out[q.OutPort].Type, p.Graph.Actors[q.To].In[q.InPort].Type = of, of
	}
	return p
}

// What is added up is what a node allocates for FIFOs.
func TestNeedsAreWhatIsAllocated(t *testing.T) {
	for seed := range uint64(200) {
		p := drawnPlan(rand.New(rand.NewPCG(seed, 1)))
		for device := range 2 {
			n := NeedsOf(p, device, []int64{100})
			var bytes, actors int64
			for f, q := range p.Graph.FIFOs {
				if p.Work[q.From].Device != device && p.Work[q.To].Device != device {
					continue
				}
				r := newRing(p.Graph, f, slice.Local)
				one := len(r.slots[0].Buffer)
				if len(r.slots) > 1 {
					one = int(uintptr(unsafe.Pointer(&r.slots[1].Buffer[0])) - uintptr(unsafe.Pointer(&r.slots[0].Buffer[0])))
				} else {
					one = (one + 63) / 64 * 64
				}
				bytes += int64(len(r.slots)) * int64(one+int(unsafe.Sizeof(r.slots[0])))
				bytes += int64(len(r.tokens)+1) * 8
			}
			threads := int64(p.Platform.Devices[device].Units[0].Lanes)
			require.Equal(t, threads, n.Lanes)
			for _, w := range p.Work {
				if w.Device == device {
					actors++
					threads += int64(p.Platform.Devices[device].Units[0].Threads) - 1
				}
			}
			require.Equal(t, []int64{bytes, actors, threads}, []int64{n.FIFOBytes, n.Actors, n.Threads}, "seed %d", seed)
			if p.Work[0].Device == device {
				require.EqualValues(t, 100, n.ModelBytes)
			}
			require.Equal(t, n.FIFOBytes+n.ModelBytes, n.MemoryBytes)
		}
	}
}

// Whatever the numbers are, no sum overflows, and more of anything never needs less.
func TestNeedsDoNotOverflow(t *testing.T) {
	large := []int64{0, 1, 64, 1 << 20, 1 << 31, 1 << 40, math.MaxInt64 - 1, math.MaxInt64}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := drawnPlan(r)
		var models []int64
		for f := range p.Graph.FIFOs {
			q := &p.Graph.FIFOs[f]
			q.Capacity = int(large[r.IntN(len(large))])
			p.Graph.Actors[q.From].Out[q.OutPort].Type.Shape[0] = large[r.IntN(len(large))] / 4
		}
		for i := range p.Platform.Devices {
			u := &p.Platform.Devices[i].Units[0]
			u.Lanes, u.Threads = int(large[r.IntN(len(large))]), int(large[r.IntN(len(large))])
		}
		for range p.Work {
			models = append(models, large[r.IntN(len(large))])
		}
		before := NeedsOf(p, 0, models)
		for _, v := range figures(before) {
			require.GreaterOrEqual(t, v, int64(0), "seed %d", seed)
		}
		require.GreaterOrEqual(t, before.MemoryBytes, max(before.FIFOBytes, before.ModelBytes))
		switch q := &p.Graph.FIFOs[r.IntN(len(p.Graph.FIFOs))]; r.IntN(3) {
		case 0:
			q.Capacity = math.MaxInt
		case 1:
			p.Platform.Devices[0].Units[0].Lanes, p.Platform.Devices[0].Units[0].Threads = math.MaxInt, math.MaxInt
		default:
			models[0] = math.MaxInt64
		}
		after := figures(NeedsOf(p, 0, models))
		for i, v := range figures(before) {
			require.GreaterOrEqual(t, after[i], v, "seed %d, figure %d", seed, i)
		}
	}
}

func figures(n Needs) []int64 {
	return []int64{n.Actors, n.Lanes, n.Threads, n.FIFOBytes, n.ModelBytes, n.MemoryBytes}
}
