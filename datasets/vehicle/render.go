package vehicle

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// Render draws picture number index of the stream that seed names, Side×Side
// pixels, opaque, and returns it with its label, which is Label(index). The
// same arguments give the same picture; the caller owns it.
func Render(seed uint64, index int, d Difficulty) (*image.RGBA, int) {
	s := drawScene(seed, index, d)
	return s.img, s.label
}

// scene is a rendering and where the vehicle stands in it.
type scene struct {
	img            *image.RGBA
	label          int
	pose           pose
	length, height float64 // of the vehicle, in its own frame
}

func drawScene(seed uint64, index int, d Difficulty) scene {
	r := rand.New(rand.NewPCG(seed, uint64(index)*0x9E3779B97F4A7C15+1))
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, Side, Side))}
	s := scene{img: c.img, label: Label(index)}
	ground := c.background(r, d)
	var shapes []shape
	shapes, s.length = silhouette(r, s.label)
	s.pose = drawPose(r, d, s.length, ground)
	c.shadow(s.pose, s.length)
	for _, part := range shapes {
		c.fill(part, s.pose)
		for _, q := range part.outline {
			s.height = max(s.height, q.y)
		}
	}
	c.occlude(r, d)
	c.light(r, d)
	return s
}

// Input appends the picture's pixels to dst as the classifier takes them,
// 3×Side×Side floats, channel first, each value/127.5 − 1.
func Input(dst []float32, img *image.RGBA) []float32 {
	for ch := range 3 {
		for i := range Side * Side {
			dst = append(dst, float32(img.Pix[4*i+ch])/127.5-1)
		}
	}
	return dst
}

// pose maps the vehicle's frame to pixels.
type pose struct {
	centre, origin point   // in the vehicle's frame, in pixels
	sin, cos       float64 // of the tilt, times the scale
	flipX, flipY   float64 // ±1
}

func drawPose(r *rand.Rand, d Difficulty, length, ground float64) pose {
	scale := in(r, d.ScaleMin, d.ScaleMax)
	sin, cos := math.Sincos(in(r, -d.RotationDegrees, d.RotationDegrees) * math.Pi / 180)
	p := pose{
		centre: point{length / 2, 0},
		origin: point{Side/2 + in(r, -d.ShiftPixels, d.ShiftPixels), ground},
		sin:    scale * sin,
		cos:    scale * cos,
		flipX:  1,
		flipY:  -1,
	}
	if d.Mirror && r.IntN(2) == 0 {
		p.flipX = -1
	}
	return p
}

// at returns the pixel place of a point of the vehicle. Each product is
// converted so that no architecture fuses it with a sum.
func (p pose) at(q point) point {
	x, y := (q.x-p.centre.x)*p.flipX, (q.y-p.centre.y)*p.flipY
	return point{
		p.origin.x + (float64(x*p.cos) - float64(y*p.sin)),
		p.origin.y + (float64(x*p.sin) + float64(y*p.cos)),
	}
}

// from is the inverse of at.
func (p pose) from(q point) point {
	x, y := q.x-p.origin.x, q.y-p.origin.y
	square := float64(p.sin*p.sin) + float64(p.cos*p.cos)
	return point{
		p.centre.x + float64((float64(x*p.cos)+float64(y*p.sin))*p.flipX/square),
		p.centre.y + float64((float64(y*p.cos)-float64(x*p.sin))*p.flipY/square),
	}
}

// straight is the pose of things given in pixels from the upper left corner.
func straight() pose { return pose{cos: 1, flipX: 1, flipY: 1} }

type canvas struct {
	img    *image.RGBA
	raster vector.Rasterizer
}

// fill draws a shape, rasterising only the pixels that it can touch.
func (c *canvas) fill(s shape, p pose) {
	places := make([]point, len(s.outline))
	low, high := point{Side, Side}, point{0, 0}
	for i, q := range s.outline {
		at := p.at(q)
		places[i] = at
		low = point{min(low.x, at.x), min(low.y, at.y)}
		high = point{max(high.x, at.x), max(high.y, at.y)}
	}
	around := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x)), int(math.Ceil(high.y)))
	around = around.Intersect(c.img.Bounds())
	if around.Empty() {
		return
	}
	c.raster.Reset(around.Dx(), around.Dy())
	c.raster.DrawOp = draw.Over
	for i, at := range places {
		x, y := float32(at.x-float64(around.Min.X)), float32(at.y-float64(around.Min.Y))
		if i == 0 {
			c.raster.MoveTo(x, y)
			continue
		}
		c.raster.LineTo(x, y)
	}
	c.raster.ClosePath()
	c.raster.Draw(c.img, around, image.NewUniform(s.fill), image.Point{})
}

// background draws sky, road and clutter and returns the row on which the
// vehicle stands.
func (c *canvas) background(r *rand.Rand, d Difficulty) float64 {
	top, bottom, road := d.backColour(r), d.backColour(r), grey(r, 40, 200)
	ground := Side*0.66 + in(r, -d.ShiftPixels, d.ShiftPixels)
	horizon := int(ground - in(r, 0, 14))
	for y := range Side {
		row := mix(top, bottom, float64(y)/Side)
		if y >= horizon {
			row = mix(road, color.RGBA{0, 0, 0, 255}, float64(y-horizon)/(2*Side))
		}
		draw.Draw(c.img, image.Rect(0, y, Side, y+1), image.NewUniform(row), image.Point{}, draw.Src)
	}
	for range r.IntN(d.Clutter + 1) {
		w, h := in(r, 6, 34), in(r, 6, 46)
		x, base := in(r, -10, Side), float64(horizon)
		if r.IntN(2) == 0 { // a house
			c.fill(box(x, base-h, x+w, base, d.backColour(r)), straight())
			continue
		}
		c.fill(box(x-1.5, base-h, x+1.5, base, grey(r, 30, 90)), straight()) // a tree
		c.fill(shape{ellipse(point{x, base - h}, w/2, w/2.5), d.backColour(r)}, straight())
	}
	return ground
}

func (c *canvas) shadow(p pose, length float64) {
	c.fill(shape{ellipse(point{length / 2, 0.5}, length/2+2, 2.5), color.RGBA{0, 0, 0, 110}}, p)
}

// occlude draws posts and bushes in front of the vehicle.
func (c *canvas) occlude(r *rand.Rand, d Difficulty) {
	for range r.IntN(d.Occluders + 1) {
		w, x := in(r, 2, d.OccluderPixels), in(r, 8, Side-8)
		if r.IntN(2) == 0 {
			c.fill(box(x-w/2, in(r, 0, Side/2), x+w/2, Side, d.backColour(r)), straight())
			continue
		}
		c.fill(shape{ellipse(point{x, in(r, Side*0.4, Side*0.75)}, w, w), d.backColour(r)}, straight())
	}
}

// light scales the picture by a gain that changes from left to right, and adds
// noise.
func (c *canvas) light(r *rand.Rand, d Difficulty) {
	left, right := in(r, d.GainMin, d.GainMax), in(r, d.GainMin, d.GainMax)
	sigma := in(r, 0, d.NoiseSigma)
	for i := range Side * Side {
		gain := left + float64((right-left)*float64(i%Side)/Side)
		for ch := range 3 {
			v := float64(float64(c.img.Pix[4*i+ch])*gain) + float64(sigma*r.NormFloat64())
			c.img.Pix[4*i+ch] = uint8(min(max(v+0.5, 0), 255))
		}
	}
}

// backColour draws a colour for things that are no vehicle.
func (d Difficulty) backColour(r *rand.Rand) color.RGBA {
	return mix(grey(r, 30, 230), anyColour(r), d.Vividness)
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	blend := func(p, q uint8) uint8 { return uint8(float64(float64(p)*(1-t)) + float64(float64(q)*t)) }
	return color.RGBA{blend(a.R, b.R), blend(a.G, b.G), blend(a.B, b.B), 255}
}
