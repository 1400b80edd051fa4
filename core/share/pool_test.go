package share_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/share"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The solver that the pool is compared with: it knows all that will happen, divides the
// capacity by filling up from the lowest limit, and steps from change to change.

type fluid struct {
	at          int64 // ns
	bytes       float64
	limit       float64 // bytes/s; 0: none
	leaves      int64   // it is removed then; 0: not
	left, ended float64
	here, over  bool
}

type change struct {
	at       int64
	capacity float64 // bytes/s
}

// rates returns what each of the flows that are here passes, in bytes per ns.
func rates(flows []fluid, capacity float64) []float64 {
	var here []int
	for i := range flows {
		if flows[i].here {
			here = append(here, i)
		}
	}
	limit := func(i int) float64 {
		if flows[i].limit == 0 {
			return math.Inf(1)
		}
		return flows[i].limit / 1e9
	}
	slices.SortFunc(here, func(a, b int) int { return cmp.Compare(limit(a), limit(b)) })
	got := make([]float64, len(flows))
	for k, i := range here {
		got[i] = min(limit(i), capacity/float64(len(here)-k))
		capacity -= got[i]
	}
	return got
}

// solve sets when the flows end; +Inf: never.
func solve(flows []fluid, changes []change) {
	now, capacity := 0.0, 0.0
	for i := range flows {
		flows[i].left, flows[i].ended = flows[i].bytes, math.Inf(1)
	}
	for {
		got := rates(flows, capacity/1e9)
		next, first := math.Inf(1), -1
		for i := range flows {
			f := &flows[i]
			if f.over {
				continue
			}
			if !f.here {
				next = min(next, float64(f.at))
				continue
			}
			if f.leaves > 0 {
				next = min(next, float64(f.leaves))
			}
		}
		if len(changes) > 0 {
			next = min(next, float64(changes[0].at))
		}
		for i := range flows {
			if flows[i].here && got[i] > 0 && now+flows[i].left/got[i] < next {
				next, first = now+flows[i].left/got[i], i
			}
		}
		if math.IsInf(next, 1) {
			return
		}
		for i := range flows {
			if flows[i].here {
				flows[i].left -= got[i] * (next - now)
			}
		}
		now = next
		if first >= 0 {
			flows[first].here, flows[first].over, flows[first].ended = false, true, now
			continue
		}
		for i := range flows {
			f := &flows[i]
			switch {
			case f.over:
			case !f.here && float64(f.at) == now:
				f.here = true
			case f.here && f.leaves > 0 && float64(f.leaves) == now:
				f.here, f.over = false, true
			}
		}
		if len(changes) > 0 && float64(changes[0].at) == now {
			capacity, changes = changes[0].capacity, changes[1:]
		}
	}
}

// drawn returns flows and changes of capacity of a random case.
func drawn(rng *rand.Rand) ([]fluid, []change) {
	span := int64(1000 + rng.IntN(1_000_000))
	changes := []change{{0, math.Pow(10, 5+4*rng.Float64())}}
	for range rng.IntN(6) {
		c := change{1 + rng.Int64N(span), math.Pow(10, 5+4*rng.Float64())}
		if rng.IntN(4) == 0 {
			c.capacity = 0
		}
		changes = append(changes, c)
	}
	changes = append(changes, change{span + 1, 1e8}) // so that all end
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	changes = slices.CompactFunc(changes, func(a, b change) bool { return a.at == b.at })
	limits := make([]float64, 1+rng.IntN(12))
	for i := range limits {
		if rng.IntN(5) > 0 {
			limits[i] = math.Pow(10, 4+4*rng.Float64())
		}
	}
	flows := make([]fluid, 1+rng.IntN(25))
	for i := range flows {
		f := &flows[i]
		f.at, f.bytes = rng.Int64N(span), float64(rng.IntN(100_000))
		f.limit = limits[rng.IntN(len(limits))]
		if rng.IntN(8) == 0 {
			f.leaves = f.at + 1 + rng.Int64N(span)
		}
	}
	return flows, changes
}

// run lets a pool do what solve does, and returns when flows ended; -1: they didn't.
func run(flows []fluid, changes []change) []int64 {
	p := share.New(0)
	ended := make([]int64, len(flows))
	ids := make([]share.Flow, len(flows))
	type event struct {
		at   int64
		kind int // 0: a flow leaves, 1: one comes, 2: the capacity changes
		of   int
	}
	var events []event
	for i, f := range flows {
		ended[i] = -1
		events = append(events, event{f.at, 1, i})
		if f.leaves > 0 {
			events = append(events, event{f.leaves, 0, i})
		}
	}
	for i, c := range changes {
		events = append(events, event{c.at, 2, i})
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	take := func(now int64) {
		for {
			_, tag, ok := p.Take(now)
			if !ok {
				return
			}
			ended[tag] = now
		}
	}
	for len(events) > 0 || p.Len() > 0 {
		at, ok := p.Next()
		if ok && (len(events) == 0 || at <= events[0].at) {
			take(at)
			continue
		}
		if len(events) == 0 {
			break
		}
		e := events[0]
		events = events[1:]
		switch e.kind {
		case 0:
			if ended[e.of] < 0 {
				p.Remove(e.at, ids[e.of])
			}
		case 1:
			ids[e.of] = p.Add(e.at, p.Class(flows[e.of].limit), flows[e.of].bytes, int32(e.of))
		case 2:
			p.SetCapacity(e.at, changes[e.of].capacity)
		}
	}
	return ended
}

// TestPoolAgainstSolver compares when flows end with what the solver says, of 10,000 random
// cases. The pool rounds up to whole ns.
func TestPoolAgainstSolver(t *testing.T) {
	const cases = 10_000
	ends, early, late := 0, 0.0, 0.0
	for seed := range uint64(cases) {
		flows, changes := drawn(rand.New(rand.NewPCG(seed, 5)))
		got := run(flows, changes)
		solve(flows, changes)
		for i, f := range flows {
			if math.IsInf(f.ended, 1) {
				require.Negative(t, got[i], "case %d: flow %d of %+v ended at %d; it was removed", seed, i, flows, got[i])
				continue
			}
			ends++
			off := float64(got[i]) - f.ended
			require.Less(t, math.Abs(off), 1.01, "case %d: flow %d ended at %d ns, solved %.6f", seed, i, got[i], f.ended)
			early, late = min(early, off), max(late, off)
		}
	}
	fmt.Printf("%d ends of %d random cases: %.4f ns early to %.4f ns late; rounding up to a whole ns is up to 1 ns late\n",
		ends, cases, -early, late)
	assert.Greater(t, early, -0.01)
	assert.LessOrEqual(t, late, 1.0001)
}
