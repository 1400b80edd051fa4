package count

import (
	"math"
	"math/bits"
)

// Sum adds counts that can be taken away again. Its Value is what Add makes of those that
// are in it.
type Sum struct {
	hi, lo  uint64
	unknown int
}

// Plus returns the sum with a count more.
func (s Sum) Plus(n int64) Sum {
	if n < 0 {
		s.unknown++
		return s
	}
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, uint64(n), 0)
	s.hi += carry
	return s
}

// Minus returns the sum without a count that is in it.
func (s Sum) Minus(n int64) Sum {
	if n < 0 {
		s.unknown--
		return s
	}
	var borrow uint64
	s.lo, borrow = bits.Sub64(s.lo, uint64(n), 0)
	s.hi -= borrow
	return s
}

// Less returns the sum without another one, whose counts are all in it.
func (s Sum) Less(o Sum) Sum {
	var borrow uint64
	s.lo, borrow = bits.Sub64(s.lo, o.lo, 0)
	s.hi -= o.hi + borrow
	s.unknown -= o.unknown
	return s
}

// Value returns the sum as Add does: -1 with an unknown count, at most the largest int64.
func (s Sum) Value() int64 {
	switch {
	case s.unknown > 0:
		return -1
	case s.hi > 0 || s.lo > math.MaxInt64:
		return math.MaxInt64
	}
	return int64(s.lo)
}
