package analysis_test

import (
	"container/heap"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// selfTimed runs a mapped graph token by token: every actor fires as soon as it
// can. It knows nothing of cycles or ratios.
type selfTimed struct {
	g      *graph.Graph
	m      *analysis.Mapping
	now    int64
	queue  moments
	order  int
	fill   []int // tokens at the consumer, by FIFO
	room   []int // slots at the producer
	begun  []int // firings, by actor
	done   []int
	acked  []int // firings of the consumer whose acknowledgements are on the way, by FIFO
	known  []int // firings of the consumer that the producer knows of
	free   map[int]int64
	starts [][]int64
}

type moment struct {
	at   int64
	n    int
	then func()
}
type moments []moment

func (q moments) Len() int { return len(q) }
func (q moments) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].n < q[j].n
}
func (q moments) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *moments) Push(x any)   { *q = append(*q, x.(moment)) }
func (q *moments) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

func (s *selfTimed) at(t int64, then func()) {
	s.order++
	heap.Push(&s.queue, moment{t, s.order, then})
}

// run fires every actor n times and returns when its firings started.
func run(b *builder, n int) [][]int64 {
	g := b.g
	s := &selfTimed{g: g, m: b.m, free: map[int]int64{}, begun: make([]int, len(g.Actors)),
		done: make([]int, len(g.Actors)), starts: make([][]int64, len(g.Actors))}
	for _, q := range g.FIFOs {
		s.fill = append(s.fill, q.Delay)
		s.room = append(s.room, q.Capacity-q.Delay)
	}
	s.acked, s.known = make([]int, len(g.FIFOs)), make([]int, len(g.FIFOs))
	s.step(n)
	for len(s.queue) > 0 {
		m := heap.Pop(&s.queue).(moment)
		s.now = m.at
		m.then()
		s.step(n)
	}
	return s.starts
}

func (s *selfTimed) rate(f int) int { _, url := s.g.Rate(f); return url }

func (s *selfTimed) step(n int) {
	for a := range s.g.Actors {
		if s.ready(a, n) {
			s.fire(a)
		}
	}
	for f, q := range s.g.FIFOs {
		for s.m.Cross[f].Link >= 0 && s.committed(q.To, s.acked[f]) {
			s.acked[f]++
			s.at(s.now+s.m.Cross[f].Ack, func() {
				s.known[f]++
				s.room[f] += s.rate(f)
			})
		}
	}
}

func (s *selfTimed) ready(a, n int) bool {
	if s.begun[a] != s.done[a] || s.begun[a] == n {
		return false
	}
	for f, q := range s.g.FIFOs {
		if q.To == a && s.fill[f] < s.rate(f) || q.From == a && s.room[f] < s.rate(f) {
			return false
		}
	}
	return true
}

func (s *selfTimed) fire(a int) {
	s.starts[a] = append(s.starts[a], s.now)
	s.begun[a]++
	for f, q := range s.g.FIFOs {
		if q.To == a {
			s.fill[f] -= s.rate(f)
		}
		if q.From == a {
			s.room[f] -= s.rate(f)
		}
	}
	s.at(s.now+s.m.Cost[a].Worst, func() { s.finish(a) })
}

func (s *selfTimed) finish(a int) {
	s.done[a]++
	for f, q := range s.g.FIFOs { // in port order: test graphs add FIFOs so
		if q.To == a && s.m.Cross[f].Link < 0 {
			s.room[f] += s.rate(f)
		}
		if q.From != a {
			continue
		}
		c := s.m.Cross[f]
		if c.Link < 0 {
			s.fill[f] += s.rate(f)
			continue
		}
		for range s.rate(f) {
			s.free[c.Channel] = max(s.free[c.Channel], s.now) + c.Occupancy
			s.at(s.free[c.Channel]+c.Flight, func() { s.fill[f]++ })
		}
	}
}

// committed reports whether firing n of an actor may be acknowledged.
func (s *selfTimed) committed(a, n int) bool {
	if s.done[a] <= n {
		return false
	}
	for f, q := range s.g.FIFOs {
		if q.From != a || q.Delay > 0 {
			continue
		}
		if s.m.Cross[f].Link >= 0 && s.known[f] <= n || s.m.Cross[f].Link < 0 && !s.committed(q.To, n) {
			return false
		}
	}
	return true
}

// randomDynamic draws a valid graph with dynamic parts, mapped as by randomMapped.
func randomDynamic(rng *rand.Rand) *builder {
	choices := make([]byte, 72)
	for i := range choices {
		choices[i] = byte(rng.Uint32())
	}
	devices := 1 + rng.IntN(3)
	b := newBuilder(devices)
	g := graphtest.FromBytes(choices)
	graphtest.CutRoom(g)
	for range g.Actors {
		b.actor(rng.IntN(devices), int64(1+rng.IntN(1000)))
	}
	b.g = g
	for _, q := range g.FIFOs {
		c := analysis.Crossing{Link: -1}
		if at := b.device(q.To); at != b.device(q.From) {
			c = analysis.Crossing{Channel: q.From*devices + at, Occupancy: int64(rng.IntN(300)), Flight: int64(rng.IntN(500)),
				Ack: int64(rng.IntN(500))}
		}
		b.m.Cross = append(b.m.Cross, c)
	}
	return b
}

// In the worst case every atr is url: dynamic graphs run as static ones.
func TestThroughputOfDynamicGraphs(t *testing.T) {
	const firings = 400
	for seed := range uint64(150) {
		b := randomDynamic(rand.New(rand.NewPCG(seed, 3)))
		r, err := analysis.Analyze(b.g, b.m)
		require.NoError(t, err, "seed %d", seed)
		w := r.Flows[0].Worst
		best := r.Flows[0].Best
		assert.LessOrEqual(t, best.Period, w.Period, "seed %d: best %+v, worst", seed, best)
		assert.LessOrEqual(t, r.Flows[0].BestPath.Time, r.Flows[0].WorstPath.Time, "seed %d: best %+v, worst", seed, best)
		for a, starts := range run(b, firings) {
			require.Len(t, starts, firings, "seed %d: actor %d fired %d times", seed, a, len(starts))
			got := float64(starts[firings-1]-starts[firings/2-1]) / (firings / 2)
			diff := got/w.Period - 1
			// over few firings
			assert.LessOrEqual(t, diff, 5e-3, "seed %d: actor %d takes %g ns per firing, analysis says %g (%s of %v)", seed, a,
				got, w.Period, w.Limit, w.On)
			assert.GreaterOrEqual(t, diff, -5e-3, "seed %d: actor %d takes %g ns per firing, analysis says %g (%s of %v)", seed,
				a, got, w.Period, w.Limit, w.On)
		}
	}
}

// Where every actor has a lane, the throughput from maximum cycle mean is that of
// self-timed execution, within 0.1 %.
func TestThroughputOfSelfTimedExecution(t *testing.T) {
	const firings = 1000
	for seed := range uint64(500) {
		b := randomMapped(rand.New(rand.NewPCG(seed, 0)))
		r, err := analysis.Analyze(b.g, b.m)
		require.NoError(t, err, "seed %d", seed)
		require.Len(t, r.Flows, 1, "seed %d: %d flows", seed, len(r.Flows))
		w := r.Flows[0].Worst
		assert.True(t, w.Exact, "seed %d: not exact because %s", seed, w.Why)
		for a, starts := range run(b, firings) {
			require.Len(t, starts, firings, "seed %d: actor %d fired %d times", seed, a, len(starts))
			got := float64(starts[firings-1]-starts[firings/2-1]) / (firings / 2)
			diff := got/w.Period - 1
			assert.LessOrEqual(t, diff, 1e-3, "seed %d: actor %d takes %g ns per firing, analysis says %g (%s of %v)", seed, a,
				got, w.Period, w.Limit, w.On)
			assert.GreaterOrEqual(t, diff, -1e-3, "seed %d: actor %d takes %g ns per firing, analysis says %g (%s of %v)", seed,
				a, got, w.Period, w.Limit, w.On)
		}
	}
}

// The critical path is how long the first iteration takes at least, and with
// room and lanes enough exactly.
func TestCriticalPathOfSelfTimedExecution(t *testing.T) {
	for seed := range uint64(200) {
		b := randomMapped(rand.New(rand.NewPCG(seed, 1)))
		r, err := analysis.Analyze(b.g, b.m)
		require.NoError(t, err, "seed %d", seed)
		end := int64(0)
		for a, starts := range run(b, 1) {
			end = max(end, starts[0]+b.m.Cost[a].Worst)
		}
		p := r.Flows[0].WorstPath
		assert.LessOrEqual(t, p.Time, end, "seed %d: critical path of %d ns, but the iteration took %d: %+v", seed, p.Time,
			end, p.Steps)
		if p.Time < end {
			assert.True(t, blocked(b), "seed %d: critical path of %d ns, but the iteration took %d: %+v", seed, p.Time, end,
				p.Steps)
		}
		for i, s := range p.Steps {
			if i == 0 {
				assert.EqualValues(t, 0, s.Start, "seed %d: steps", seed)
			}
			if i > 0 {
				assert.GreaterOrEqual(t, s.Start, p.Steps[i-1].End, "seed %d: steps", seed)
			}
			assert.GreaterOrEqual(t, s.End, s.Start, "seed %d: steps", seed)
		}
		n := len(p.Steps)
		assert.NotEqual(t, 0, n, "seed %d: %d ns by", seed, p.Time)
		assert.Equal(t, p.Time, p.Steps[n-1].End, "seed %d: %d ns by", seed, p.Time)
	}
}

// blocked reports whether the first firing of some actor can wait for room.
func blocked(b *builder) bool {
	for f, q := range b.g.FIFOs {
		if _, url := b.g.Rate(f); q.Capacity-q.Delay < url {
			return true
		}
	}
	return false
}
