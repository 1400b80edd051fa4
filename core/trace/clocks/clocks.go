package clocks

import (
	"fmt"
	"math"
)

// Message is one that was sent by one clock's device and received by another's: any order
// of events that is certain is as good.
type Message struct {
	From, To int   // index of the clock
	Sent     int64 // on the sender's clock, in ns: not after it was sent
	Received int64 // on the receiver's clock, in ns: not before it was received
}

// Interval bounds a time, in ns; both bounds belong to it.
type Interval struct{ Low, High int64 }

// Known reports whether the interval is bounded on both sides.
func (i Interval) Known() bool { return i.Low > math.MinInt64 && i.High < math.MaxInt64 }

// Middle returns the time in the middle.
func (i Interval) Middle() int64 { return i.Low + (i.High-i.Low)/2 }

// Spread returns half the width, rounded up.
func (i Interval) Spread() int64 { return (i.High - i.Low + 1) / 2 }

// Clocks holds how clocks relate. It is read-only.
type Clocks struct {
	direct [][]*relation // by clock, and clock that it is compared with; nil: no messages
	next   [][]int       // where the tightest way from one clock to another goes first; -1: there is none
}

// latest is the greatest time of a clock, 18 years, so that no difference overflows.
const latest = 1 << 59

// New relates clocks with the given names by their messages, whose order doesn't matter; a
// message of a clock to itself says nothing. It takes O(n log n) for n messages. Errors
// wrap ErrMessage, or ErrJump with the names of clocks and the time on one of them.
func New(names []string, messages []Message) (*Clocks, error) {
	n := len(names)
	c := &Clocks{direct: make([][]*relation, n), next: make([][]int, n)}
	pairs := make([]bounds, n*n) // by clock, times n, and clock that it is compared with
	for _, m := range messages {
		if min(m.From, m.To) < 0 || max(m.From, m.To) >= n {
			return nil, fmt.Errorf("%w: from %d to %d of %d", ErrMessage, m.From, m.To, n)
		}
		if max(m.Sent, m.Received) > latest || min(m.Sent, m.Received) < -latest {
			return nil, fmt.Errorf("%w: from %s at %d ns to %s at %d ns; a time is at most %d ns from 0", ErrMessage,
				names[m.From], m.Sent, names[m.To], m.Received, int64(latest))
		}
		if m.From == m.To {
			continue
		}
		there, back := &pairs[m.From*n+m.To], &pairs[m.To*n+m.From]
		there.upper = append(there.upper, bound{m.Sent, m.Received - m.Sent})
		back.lower = append(back.lower, bound{m.Received, m.Sent - m.Received})
	}
	var jumps []pairJump
	for i := range n {
		c.direct[i] = make([]*relation, n)
		for j := range n {
			b := &pairs[i*n+j]
			if len(b.upper)+len(b.lower) == 0 {
				continue
			}
			b.sort()
			if jump := b.jump(); jump != nil {
				jumps = append(jumps, pairJump{i, j, jump})
				continue
			}
			c.direct[i][j] = relate(b)
		}
	}
	if len(jumps) > 0 {
		return nil, jumped(names, c.direct, jumps)
	}
	c.route()
	return c, nil
}

// route finds the tightest ways (Floyd and Warshall): those with the least sum of widths.
func (c *Clocks) route() {
	n := len(c.direct)
	width := make([][]float64, n)
	for i := range n {
		width[i], c.next[i] = make([]float64, n), make([]int, n)
		for j := range n {
			width[i][j], c.next[i][j] = math.Inf(1), -1
			if r := c.direct[i][j]; r != nil && !math.IsInf(r.width, 1) {
				width[i][j], c.next[i][j] = r.width, j
			}
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				if w := width[i][k] + width[k][j]; i != j && w < width[i][j] {
					width[i][j], c.next[i][j] = w, c.next[i][k]
				}
			}
		}
	}
}

// At returns when a clock shows what another one shows at time x of its own: the interval
// that the messages between the two leave, or those along the tightest way over other
// clocks. It is not Known if messages don't relate them from both sides. It takes
// O(log n) for n messages.
func (c *Clocks) At(from, to int, x int64) Interval {
	i := Interval{x, x}
	for from != to {
		via := c.next[from][to]
		if via < 0 {
			return Interval{math.MinInt64, math.MaxInt64}
		}
		r := c.direct[from][via]
		low, _ := r.at(i.Low)
		_, high := r.at(i.High)
		i, from = Interval{low, high}, via
		if !i.Known() {
			return Interval{math.MinInt64, math.MaxInt64}
		}
	}
	return i
}

// Related reports whether messages relate two clocks from both sides.
func (c *Clocks) Related(i, j int) bool { return i == j || c.next[i][j] >= 0 }
