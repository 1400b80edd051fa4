package clocks

import (
	"math"
	"sort"
)

// point is a bound of an offset: x is the time and y the offset, both in ns and counted
// from the origin of a window.
type point struct{ x, y float64 }

// hull is the lower convex hull of points, from left to right.
type hull []point

// lowerHull returns the hull of points that ascend by x (Andrew's monotone chain). It
// uses their memory.
func lowerHull(points []point) hull {
	h := points[:0]
	for _, p := range points {
		if n := len(h); n > 0 && h[n-1].x == p.x {
			if p.y >= h[n-1].y {
				continue
			}
			h = h[:n-1]
		}
		for n := len(h); n > 1 && (h[n-1].y-h[n-2].y)*(p.x-h[n-2].x) >= (p.y-h[n-2].y)*(h[n-1].x-h[n-2].x); n-- {
			h = h[:n-1]
		}
		h = append(h, p)
	}
	return h
}

// slope returns that of the edge that begins at point i.
func (h hull) slope(i int) float64 { return (h[i+1].y - h[i].y) / (h[i+1].x - h[i].x) }

// intercept returns the greatest a for which no point lies below the line a + b*x.
func (h hull) intercept(b float64) float64 {
	if len(h) == 0 {
		return math.Inf(1)
	}
	i := sort.Search(len(h)-1, func(i int) bool { return h.slope(i) >= b })
	return h[i].y - b*h[i].x
}

// highest returns how high a line with a slope between least and most can be at x, with no
// point below it. That is a concave function of the slope, whose maximum lies at the slope
// of the edge over x.
func (h hull) highest(x, least, most float64) float64 {
	i := sort.Search(len(h), func(i int) bool { return h[i].x >= x })
	b := most
	switch {
	case i == 0:
		b = least
	case i < len(h):
		b = min(max(h.slope(i-1), least), most)
	}
	return h.intercept(b) + b*x
}
