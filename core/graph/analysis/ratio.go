package analysis

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"

	"github.com/edgeprune/edgeprune/core/graph"
)

// ratio is a period: num ns per den iterations, in lowest terms.
type ratio struct{ num, den int64 }

func newRatio(num, den int64) ratio {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return ratio{num / max(a, 1), den / max(a, 1)}
}

// compare is exact.
func (r ratio) compare(s ratio) int {
	hi1, lo1 := bits.Mul64(uint64(r.num), uint64(s.den))
	hi2, lo2 := bits.Mul64(uint64(s.num), uint64(r.den))
	return cmp.Or(cmp.Compare(hi1, hi2), cmp.Compare(lo1, lo2))
}

func (r ratio) float() float64 { return float64(r.num) / float64(r.den) }

// solver finds maximum cycle ratios of edges over n events. Its arrays are used
// again by every search.
type solver struct {
	n     int
	edges []edge
	first []int32 // by event, n+1: its edges in out
	out   []int32 // indices in edges, by from
	x     []int64 // by event: the longest path that was found
	by    []int32 // by event: the edge at its end, or -1
	dirty []bool
	seen  []int32
}

func newSolver(n int, edges []edge) *solver {
	s := &solver{
		n: n, edges: edges, first: make([]int32, n+1), out: make([]int32, len(edges)),
		x: make([]int64, n), by: make([]int32, n), dirty: make([]bool, n), seen: make([]int32, n),
	}
	for _, e := range edges {
		s.first[e.from+1]++
	}
	for i := range n {
		s.first[i+1] += s.first[i]
	}
	at := append([]int32(nil), s.first...)
	for i, e := range edges {
		s.out[at[e.from]] = int32(i)
		at[e.from]++
	}
	return s
}

// maxRatio returns the largest ratio of time to distance over all cycles, and
// the indices of a cycle's edges that has it. The long-run period of a self-timed
// execution equals it (Reiter 1968; for homogeneous graphs the maximum cycle mean,
// which Karp characterised in "A characterization of the minimum cycle mean in a
// digraph", Discrete Math. 23, 1978). It is found by policy iteration after Howard
// in the form that Dasdan's survey found fastest ("Experimental analysis of the
// fastest optimum cycle ratio and mean algorithms", ACM TODAES 9(4), 2004): as long
// as longest paths under the present ratio have a cycle, its ratio is the next.
// All arithmetic is in whole numbers. Without a cycle of any time it is 0/1.
func (s *solver) maxRatio() (ratio, []int32, error) {
	best := ratio{0, 1}
	var cycle []int32
	for i, e := range s.edges { // a good start: the slowest event by itself
		if e.from == e.to && e.dist > 0 {
			if r := newRatio(e.wait, e.dist); r.compare(best) > 0 {
				best, cycle = r, []int32{int32(i)}
			}
		}
	}
	for {
		if err := s.inRange(best); err != nil {
			return ratio{}, nil, err
		}
		c := s.longest(best)
		if c == nil {
			return best, cycle, nil
		}
		var wait, dist int64
		for _, i := range c {
			wait += s.edges[i].wait
			dist += s.edges[i].dist
		}
		if dist == 0 {
			return ratio{}, c, graph.ErrDeadlock
		}
		best, cycle = newRatio(wait, dist), c
	}
}

// inRange makes sure that the lengths of paths under ratio r are whole numbers of
// 64 bits.
func (s *solver) inRange(r ratio) error {
	var wait, dist float64
	for _, e := range s.edges {
		wait += float64(e.wait)
		dist += float64(e.dist)
	}
	if wait*float64(r.den) > math.MaxInt64/16 || dist*float64(r.num) > math.MaxInt64/16 {
		return fmt.Errorf("%w: %g ns and %g firings' tokens in all", ErrRange, wait, dist)
	}
	return nil
}

// longest finds the longest paths that end in every event, with edges of length
// wait·den − dist·num, and leaves them in x. If a cycle has a positive length, it
// returns its edges instead. Events are numbered along the flow, so sweeps there and
// back settle most paths at once (Yen's order for Bellman and Ford's algorithm).
func (s *solver) longest(r ratio) []int32 {
	for i := range s.n {
		s.x[i], s.by[i], s.dirty[i] = 0, -1, true
	}
	for sweep := 0; ; sweep++ {
		changed := false
		for i := range s.n {
			if sweep%2 == 1 {
				i = s.n - 1 - i
			}
			if s.dirty[i] {
				s.dirty[i] = false
				changed = s.relax(i, r) || changed
			}
		}
		if !changed {
			return nil
		}
		if c := s.policyCycle(); c != nil {
			return c
		}
	}
}

func (s *solver) relax(i int, r ratio) bool {
	changed := false
	for _, at := range s.out[s.first[i]:s.first[i+1]] {
		e := &s.edges[at]
		if v := s.x[i] + e.wait*r.den - e.dist*r.num; v > s.x[e.to] {
			s.x[e.to], s.by[e.to], s.dirty[e.to] = v, at, true
			changed = true
		}
	}
	return changed
}

// policyCycle returns the edges of a cycle among those that end the longest
// paths, in order, or nil.
func (s *solver) policyCycle() []int32 {
	for i := range s.seen {
		s.seen[i] = -1
	}
	for i := range int32(s.n) {
		at := i
		for s.seen[at] < 0 && s.by[at] >= 0 {
			s.seen[at] = i
			at = s.edges[s.by[at]].from
		}
		if s.seen[at] != i || s.by[at] < 0 {
			continue
		}
		var c []int32
		for e := s.by[at]; ; e = s.by[s.edges[e].from] {
			c = append(c, e)
			if s.edges[e].from == at {
				break
			}
		}
		for a, b := 0, len(c)-1; a < b; a, b = a+1, b-1 {
			c[a], c[b] = c[b], c[a]
		}
		return c
	}
	return nil
}
