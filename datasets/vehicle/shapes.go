package vehicle

import (
	"image/color"
	"math"
	"math/rand/v2"
)

// point is a place in the vehicle's own frame: x in pixels at scale 1, forward
// positive, 0 at the rear; y in pixels above the ground.
type point struct{ x, y float64 }

// shape is a filled polygon.
type shape struct {
	outline []point
	fill    color.RGBA
}

// silhouette draws the parameters of one vehicle of the class and returns its
// shapes from back to front and its length in pixels at scale 1.
func silhouette(r *rand.Rand, label int) (shapes []shape, length float64) {
	p := paint{body: anyColour(r), glass: glassColour(r), tyre: grey(r, 10, 60), rim: grey(r, 90, 200)}
	switch label {
	case Bus:
		return bus(r, p)
	case Car:
		return car(r, p)
	case Truck:
		return truck(r, p)
	default:
		return van(r, p)
	}
}

type paint struct{ body, glass, tyre, rim color.RGBA }

func car(r *rand.Rand, p paint) ([]shape, float64) {
	l, sill, waist := in(r, 48, 64), in(r, 3, 5), in(r, 12, 15)
	roof := waist + in(r, 7, 11)
	rear, front := l*in(r, 0.02, 0.22), l*in(r, 0.68, 0.76)
	rearTop, frontTop := rear+in(r, 2, 8), front-in(r, 7, 12)
	s := []shape{
		{[]point{{0, sill}, {0, waist - 1}, {rear, waist}, {rearTop, roof}, {frontTop, roof}, {front, waist},
			{l - 2, waist - 3}, {l, sill}}, p.body},
		{[]point{{rear + 2.5, waist}, {rearTop + 1.5, roof - 2}, {frontTop - 1, roof - 2}, {front - 3, waist}}, p.glass},
	}
	if r.IntN(3) > 0 {
		pillar := (rearTop + frontTop) / 2
		s = append(s, box(pillar, waist, pillar+2, roof, p.body))
	}
	radius := in(r, 5, 6.5)
	return wheels(s, p, radius, l*in(r, 0.16, 0.22), l*in(r, 0.78, 0.84)), l
}

func van(r *rand.Rand, p paint) ([]shape, float64) {
	l, sill, roof := in(r, 52, 66), in(r, 3, 5), in(r, 25, 32)
	waist := roof * in(r, 0.5, 0.58)
	nose := in(r, 5, 12)
	screen := l - nose - in(r, 4, 9)
	s := []shape{
		{[]point{{0, sill}, {0, roof - 1}, {2, roof}, {screen, roof}, {l - nose, waist}, {l - 1, waist - 3}, {l, sill}},
			p.body},
		{[]point{{screen - in(r, 7, 10), waist}, {screen - 7, roof - 3}, {screen - 1, roof - 3}, {l - nose - 2.5, waist}},
			p.glass},
	}
	switch r.IntN(3) {
	case 0: // passenger van: windows along the side
		s = windowRow(s, p, 3, screen-11, waist, roof-3, 2+r.IntN(2))
	case 1: // one rear window
		s = append(s, box(3, waist, 3+in(r, 6, 10), roof-3, p.glass))
	}
	return wheels(s, p, in(r, 5, 6.5), l*in(r, 0.16, 0.23), l*in(r, 0.77, 0.83)), l
}

func bus(r *rand.Rand, p paint) ([]shape, float64) {
	l, sill, roof := in(r, 66, 80), in(r, 3, 5), in(r, 26, 34)
	waist := roof * in(r, 0.45, 0.58)
	top, slant := roof-in(r, 2.5, 6), in(r, 0, 5)
	s := []shape{{[]point{{0, sill}, {0, roof - 1}, {1, roof}, {l - 1 - slant, roof}, {l, waist}, {l, sill}}, p.body}}
	if r.IntN(2) == 0 { // a stripe in a second colour
		s = append(s, box(0, waist-in(r, 4, 7), l, waist-2, anyColour(r)))
	}
	s = windowRow(s, p, in(r, 2, 4), l-slant-in(r, 2, 4), waist, top, 5+r.IntN(4))
	if r.IntN(2) == 0 { // a door
		x := l * in(r, 0.8, 0.86)
		s = append(s, box(x, sill+1, x+in(r, 5, 7), top, p.glass))
	}
	radius, rear := in(r, 4.5, 6), l*in(r, 0.18, 0.27)
	if r.IntN(3) == 0 {
		return wheels(s, p, radius, rear, rear+2.2*radius, l*in(r, 0.78, 0.86)), l
	}
	return wheels(s, p, radius, rear, l*in(r, 0.76, 0.86)), l
}

func truck(r *rand.Rand, p paint) ([]shape, float64) {
	l, sill := in(r, 62, 80), in(r, 5, 7)
	cab, cabRoof := in(r, 14, 20), in(r, 21, 29)
	gap, bed := in(r, 1, 4), sill+in(r, 3, 5)
	rear := l - cab
	waist := cabRoof * in(r, 0.5, 0.6)
	slant := in(r, 0, 6)
	cargo := anyColour(r)
	s := []shape{
		box(0, sill, l-2, bed, grey(r, 30, 90)),
		{[]point{{rear, sill - 1}, {rear, cabRoof}, {l - slant - 1, cabRoof}, {l, waist}, {l, sill - 1}}, p.body},
		{[]point{{rear + cab*in(r, 0.25, 0.45), waist}, {rear + cab*0.45, cabRoof - 3}, {l - slant - 2, cabRoof - 3},
			{l - 1.5, waist}}, p.glass},
	}
	switch r.IntN(4) {
	case 0: // low load
		s = append(s, box(0, bed, rear-gap, bed+in(r, 4, 10), cargo))
	case 1: // tank
		s = append(s, shape{ellipse(point{(rear - gap) / 2, bed + 8}, (rear-gap)/2, in(r, 8, 10)), cargo})
	default: // box body
		s = append(s, box(0, bed-1, rear-gap, in(r, 25, 36), cargo))
	}
	radius, axle := in(r, 4.5, 6), l*in(r, 0.1, 0.18)
	if r.IntN(3) == 0 {
		return wheels(s, p, radius, axle+radius, l-cab*in(r, 0.4, 0.6)), l
	}
	return wheels(s, p, radius, axle, axle+2.2*radius, l-cab*in(r, 0.4, 0.6)), l
}

// windowRow adds n equal windows between x0 and x1.
func windowRow(s []shape, p paint, x0, x1, y0, y1 float64, n int) []shape {
	pitch := (x1 - x0) / float64(n)
	for i := range n {
		x := x0 + float64(pitch*float64(i))
		s = append(s, box(x, y0, x+pitch-1.8, y1, p.glass))
	}
	return s
}

// wheels adds wheels of the given radius that stand on the ground.
func wheels(s []shape, p paint, radius float64, xs ...float64) []shape {
	for _, x := range xs {
		centre := point{x, radius}
		s = append(s, shape{ellipse(centre, radius, radius), p.tyre}, shape{ellipse(centre, radius/2, radius/2), p.rim})
	}
	return s
}

func box(x0, y0, x1, y1 float64, c color.RGBA) shape {
	return shape{[]point{{x0, y0}, {x0, y1}, {x1, y1}, {x1, y0}}, c}
}

// ellipse returns a 20-sided outline.
func ellipse(c point, rx, ry float64) []point {
	const sides = 20
	out := make([]point, sides)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / sides)
		out[i] = point{c.x + float64(rx*cos), c.y + float64(ry*sin)}
	}
	return out
}

// in draws uniformly from [lo, hi). The conversion keeps the product from
// being fused with the sum, which would differ between architectures.
func in(r *rand.Rand, lo, hi float64) float64 { return lo + float64(r.Float64()*(hi-lo)) }

func grey(r *rand.Rand, lo, hi float64) color.RGBA {
	v := uint8(in(r, lo, hi))
	return color.RGBA{v, v, v, 255}
}

func anyColour(r *rand.Rand) color.RGBA {
	return color.RGBA{uint8(r.UintN(256)), uint8(r.UintN(256)), uint8(r.UintN(256)), 255}
}

// glassColour is bluish, dark or bright.
func glassColour(r *rand.Rand) color.RGBA {
	v := in(r, 20, 220)
	return color.RGBA{uint8(v * 0.85), uint8(v * 0.95), uint8(v + 20), 255}
}
