package clocks

import (
	"math"
	"slices"
	"sort"
)

const (
	windowNs = 16e9  // for which an offset lies on a line; longer where messages are rare
	leastNs  = 250e6 // where no line fits, one is looked for in parts of the window down to this
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
	r.measure(first, last)
	return r
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

// fit finds the lines of a window. Where there are none, as a clock's rate has changed, it
// looks in halves of the window, which overlap by half.
func fit(b *bounds, from, length int64) *window {
	w := &window{from: from, to: from + length}
	upper, lower := within(b.upper, w.from, w.to), within(b.lower, w.from, w.to)
	w.origin = bound{x: from}
	if len(upper) > 0 {
		w.origin.offset = upper[0].offset
	} else if len(lower) > 0 {
		w.origin.offset = lower[0].offset
	}
	switch {
	case w.fit(upper, lower):
	case length/2 < leastNs:
		w.upper, w.lower, w.bent = nil, nil, &bounds{upper, lower}
	default:
		w.upper, w.lower = nil, nil
		for i := range int64(3) {
			w.parts = append(w.parts, fit(b, from+i*length/4, length/2))
		}
	}
	return w
}

// within returns the bounds in a stretch of time, and where a half of it has none, the
// nearest one beyond it.
func within(bounds []bound, from, to int64) []bound {
	index := func(x int64) int { return sort.Search(len(bounds), func(i int) bool { return bounds[i].x >= x }) }
	first, middle, end := index(from), index(from+(to-from)/2), index(to+1)
	if first == middle && first > 0 {
		first--
	}
	if middle == end && end < len(bounds) {
		end++
	}
	return bounds[first:end]
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
