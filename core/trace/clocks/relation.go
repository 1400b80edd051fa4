package clocks

import (
	"math"
	"slices"
	"sort"
)

const (
	windowNs = 16e9 // for which an offset lies on a line; longer where messages are rare
	steady   = 1e-6 // slopes that differ by less may be those of one line; see wander
)

// relation is how the clock of one device reads against another's, by time on the latter.
type relation struct {
	windows []*window
	width   float64 // the median of what it leaves open, in ns; infinite if it is bounded from one side only
}

// relate finds a relation from sorted bounds, of which there is one at least, and no jump.
func relate(b *bounds) *relation {
	first, last := b.extent()
	length := max(windowNs, 2*(last-first)/int64(len(b.upper)+len(b.lower))) // no more windows than bounds
	r := &relation{}
	for at := first; ; at += length / 2 {
		r.windows = append(r.windows, fit(b, at, length))
		if at+length >= last {
			break
		}
	}
	r.bend()
	r.measure(first, last)
	return r
}

// bend gives up the lines of windows in which a clock's rate may have changed: those without
// a line, those between two whose slopes can't be the same, and those beside either.
func (r *relation) bend() {
	bent := make([]bool, len(r.windows))
	for k, w := range r.windows {
		changed := !w.fits
		if k > 0 && k+1 < len(r.windows) && !changed {
			before, after := r.windows[k-1], r.windows[k+1]
			changed = before.fits && after.fits &&
				max(before.least, after.least)-min(before.most, after.most) > steady
		}
		if changed {
			for i := max(k-1, 0); i <= min(k+1, len(bent)-1); i++ {
				bent[i] = true
			}
		}
	}
	for k, w := range r.windows {
		w.fits = !bent[k]
	}
}

// extent returns the times of the first and the last bound.
func (b *bounds) extent() (first, last int64) {
	first, last = math.MaxInt64, math.MinInt64
	for _, side := range [][]bound{b.upper, b.lower} {
		if len(side) > 0 {
			first, last = min(first, side[0].x), max(last, side[len(side)-1].x)
		}
	}
	return first, last
}

// fit finds the lines of a window.
func fit(b *bounds, from, length int64) *window {
	w := &window{from: from, to: from + length, all: b}
	upper, lower := within(b.upper, w.from, w.to), within(b.lower, w.from, w.to)
	w.origin = bound{x: from}
	if len(upper) > 0 {
		w.origin.offset = upper[0].offset
	} else if len(lower) > 0 {
		w.origin.offset = lower[0].offset
	}
	w.fits = w.fit(upper, lower)
	return w
}

// within returns the bounds in a stretch of time, and where a half of it has none, the
// nearest one beyond it.
func within(bounds []bound, from, to int64) []bound {
	first, middle, end := index(bounds, from), index(bounds, from+(to-from)/2), index(bounds, to+1)
	if first == middle && first > 0 {
		first--
	}
	if middle == end && end < len(bounds) {
		end++
	}
	return bounds[first:end]
}

// index returns that of the first of ascending bounds that is not before a time.
func index(bounds []bound, x int64) int {
	return sort.Search(len(bounds), func(i int) bool { return bounds[i].x >= x })
}

// measure sets the width, from that at the middles of the windows.
func (r *relation) measure(first, last int64) {
	var widths []float64
	for _, w := range r.windows {
		low, high := w.at(min(max((w.from+w.to)/2, first), last))
		widths = append(widths, high-low)
	}
	slices.Sort(widths)
	r.width = widths[len(widths)/2]
}

// at returns the interval of the other clock's reading when this one shows x.
func (r *relation) at(x int64) (low, high int64) {
	l, h := central(r.windows, x).at(x)
	if l > h { // by tolerance, or rounding
		l, h = h, l
	}
	return add(x, math.Floor(l)), add(x, math.Ceil(h))
}

// add returns the sum, or the end of the range if the offset is not bounded.
func add(x int64, offset float64) int64 {
	switch {
	case offset <= -unbounded:
		return math.MinInt64
	case offset >= unbounded:
		return math.MaxInt64
	}
	return x + int64(offset)
}

// unbounded is further than clocks of machines can be apart: 146 years, in ns.
const unbounded = 1 << 62
