package ssd

import "math"

// Anchor is a default box, as fractions of the input's side.
type Anchor struct{ CenterY, CenterX, Height, Width float32 }

// trainedSize is the input side, in pixels, for which the anchors' scales are
// meant. At another size they cover the same number of pixels.
const trainedSize = 512

// firstHalvings lead from the input to the first of the six feature
// maps.
const firstHalvings, maps = 4, 6

// GridSizes returns the cells per side of the six feature maps for a square
// input of inputSize pixels. Each halving rounds up.
func GridSizes(inputSize int) [maps]int {
	var sizes [maps]int
	g := inputSize
	for range firstHalvings {
		g = (g + 1) / 2
	}
	for k := range sizes {
		sizes[k] = g
		g = (g + 1) / 2
	}
	return sizes
}

// Anchors returns the anchors for a square input of inputSize pixels, in the
// order of the detector's outputs: feature map, row, column, anchor. 512 gives
// 5118 of them, 300 gives 1917.
func Anchors(inputSize int) []Anchor {
	var out []Anchor
	for k, grid := range GridSizes(inputSize) {
		shapes := anchorShapes(k)
		for y := range grid {
			for x := range grid {
				for _, s := range shapes {
					root := math.Sqrt(s.ratio)
					size := s.scale * trainedSize / float64(inputSize)
					out = append(out, Anchor{
						CenterY: float32((float64(y) + .5) / float64(grid)),
						CenterX: float32((float64(x) + .5) / float64(grid)),
						Height:  float32(size / root),
						Width:   float32(size * root),
					})
				}
			}
		}
	}
	return out
}

type anchorShape struct{ scale, ratio float64 }

func anchorShapes(k int) []anchorShape {
	scale := func(k int) float64 {
		if k == maps {
			return 1
		}
		return .2 + .75*float64(k)/(maps-1)
	}
	s := scale(k)
	if k == 0 {
		return []anchorShape{{.1, 1}, {s, 2}, {s, .5}}
	}
	// .3333, not 1/3: the number that the weights were trained with.
	return []anchorShape{{s, 1}, {math.Sqrt(s * scale(k+1)), 1}, {s, 2}, {s, .5}, {s, 3}, {s, .3333}}
}
