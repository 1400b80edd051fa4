package clocks

import (
	"cmp"
	"math"
	"slices"
)

// bounds are those of an offset from both sides.
type bounds struct{ upper, lower []bound }

func (b *bounds) sort() {
	byTime := func(a, b bound) int { return cmp.Compare(a.x, b.x) }
	slices.SortFunc(b.upper, byTime)
	slices.SortFunc(b.lower, byTime)
}

// near is how many bounds on either side of a time are looked at where all that is known of
// a clock is MaxDrift: those further away hardly ever say more.
const near = 32

// at returns the offset's interval at a time if all that is known is MaxDrift.
func (b *bounds) at(x int64) (low, high float64) {
	around := func(side []bound) []bound {
		i := index(side, x)
		return side[max(i-near, 0):min(i+near, len(side))]
	}
	low, high = math.Inf(-1), math.Inf(1)
	for _, u := range around(b.upper) {
		high = min(high, float64(u.offset)+MaxDrift*math.Abs(float64(x-u.x)))
	}
	for _, l := range around(b.lower) {
		low = max(low, float64(l.offset)-MaxDrift*math.Abs(float64(x-l.x)))
	}
	return low, high
}

// edge is the tightest bound so far, as a line that rises or falls by MaxDrift.
type edge struct {
	x, offset int64
	set       bool
}

// off returns how far beyond the edge a bound at a later time lies, in ns: above the line
// that rises from an upper bound (sign 1), or below the one that falls from a lower bound
// (sign -1).
func (e *edge) off(b bound, sign float64) float64 {
	return sign*float64(b.offset-e.offset) - MaxDrift*float64(b.x-e.x)
}

// take keeps the tighter one of the edge and a later bound.
func (e *edge) take(b bound, sign float64) {
	if !e.set || e.off(b, sign) < 0 {
		*e = edge{b.x, b.offset, true}
	}
}

// jump is a stretch of time in which one of two clocks jumped.
type jump struct{ from, to int64 }

// jump finds the first two sorted bounds that no clock keeps both, whose offset changes by
// no more than MaxDrift of the time between them. It takes O(n).
func (b *bounds) jump() *jump {
	var top, bottom edge // of the bounds so far from above and from below
	for u, l := 0, 0; u < len(b.upper) || l < len(b.lower); {
		if l == len(b.lower) || u < len(b.upper) && b.upper[u].x <= b.lower[l].x {
			at := b.upper[u]
			if bottom.set && bottom.off(at, -1) > tolerance {
				return &jump{bottom.x, at.x}
			}
			top.take(at, 1)
			u++
			continue
		}
		at := b.lower[l]
		if top.set && top.off(at, 1) > tolerance {
			return &jump{top.x, at.x}
		}
		bottom.take(at, -1)
		l++
	}
	return nil
}

// tolerance is for readings that are rounded to whole ns, and counters that tick less often.
const tolerance = 1e3
