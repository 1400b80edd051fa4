package clocks

import (
	"math"
	"slices"
)

const (
	// MaxDrift is how much faster one clock may run than another: each may be off by the
	// 500 ppm that NTP's discipline of a clock allows.
	MaxDrift = 1000e-6
	// wander is how far an offset may lie off its line, as a fraction of the time that the
	// line stands for: 4 µs in 16 s. Within such a time a clock's rate changes by the
	// temperature, and by what NTP corrects, by less than 1 ppm; a line through the middle
	// of such a change is off by a quarter of that.
	wander = 0.25e-6
)

// bound is one of an offset, in ns: at time x of a clock.
type bound struct{ x, offset int64 }

// window holds the lines that keep all bounds of a stretch of time. Of lines and offsets,
// x and y are counted from its origin.
type window struct {
	from, to     int64 // that it stands for
	origin       bound
	upper, lower hull    // lower: with y negated
	least, most  float64 // slopes
	fits         bool    // there is a line, and no sign that a rate changed
	all          *bounds // of the relation
}

// fit finds the window's lines. It returns false if there is none. The bounds ascend.
func (w *window) fit(upper, lower []bound) bool {
	length := max(span(upper), span(lower), w.to-w.from)
	slack := wander * float64(length)
	points := func(bounds []bound, sign float64) hull {
		ps := make([]point, len(bounds))
		for i, b := range bounds {
			ps[i] = point{float64(b.x - w.origin.x), sign*float64(b.offset-w.origin.offset) + slack}
		}
		return lowerHull(ps)
	}
	w.upper, w.lower = points(upper, 1), points(lower, -1)
	slopes := []float64{-MaxDrift, MaxDrift}
	add := func(s float64) {
		if math.Abs(s) < MaxDrift {
			slopes = append(slopes, s)
		}
	}
	for i := range max(len(w.upper)-1, 0) {
		add(w.upper.slope(i))
	}
	for i := range max(len(w.lower)-1, 0) {
		add(-w.lower.slope(i))
	}
	slices.Sort(slopes)
	return w.between(slopes)
}

// span is the time from the first of ascending bounds to the last.
func span(bounds []bound) int64 {
	if len(bounds) == 0 {
		return 0
	}
	return bounds[len(bounds)-1].x - bounds[0].x
}

// room returns how far apart two lines of a slope can be that keep all bounds; less than 0
// if there is none.
func (w *window) room(slope float64) float64 {
	return w.upper.intercept(slope) + w.lower.intercept(-slope)
}

// between sets the least and the most slope with room, which is concave and linear
// between the slopes given.
func (w *window) between(slopes []float64) bool {
	rooms := make([]float64, len(slopes))
	for i, s := range slopes {
		rooms[i] = w.room(s)
	}
	has := func(r float64) bool { return r >= 0 }
	first := slices.IndexFunc(rooms, has)
	if first < 0 {
		return false
	}
	last := len(rooms) - 1
	for !has(rooms[last]) {
		last--
	}
	cross := func(inside, outside int) float64 {
		in, out := rooms[inside], rooms[outside]
		return slopes[inside] + (slopes[outside]-slopes[inside])*in/(in-out)
	}
	w.least, w.most = slopes[first], slopes[last]
	if first > 0 {
		w.least = cross(first, first-1)
	}
	if last < len(rooms)-1 {
		w.most = cross(last, last+1)
	}
	return true
}

// at returns the offset's interval at a time; a bound that there is none of is infinite.
func (w *window) at(x int64) (low, high float64) {
	if !w.fits {
		return w.all.at(x)
	}
	d, base := float64(x-w.origin.x), float64(w.origin.offset)
	return base - w.lower.highest(d, -w.most, -w.least), base + w.upper.highest(d, w.least, w.most)
}

// central returns the window in whose middle a time lies most, of those that begin at equal
// distances.
func central(all []*window, x int64) *window {
	if len(all) == 1 {
		return all[0]
	}
	step := all[1].from - all[0].from
	i := (x - all[0].from - step/2) / step
	return all[min(max(i, 0), int64(len(all)-1))]
}
