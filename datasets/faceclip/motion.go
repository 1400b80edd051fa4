package faceclip

import (
	"image"
	"math"
	"math/rand/v2"
)

// windows returns the window of every frame. spare is how far it can go.
func (c Clip) windows(spare image.Point) []window {
	path := make([]window, c.Frames)
	at := motion(spare)
	for i, frame := range c.clock() {
		path[i] = at(frame)
	}
	return path
}

// motion returns a smooth path, by frames that the camera has moved: swings to and
// fro that take in the people at either side in turn.
func motion(spare image.Point) func(frame int) window {
	random := rand.New(rand.NewPCG(Seed, 0))
	swing := func(periodFrames, least, most float64) func(frame int) int {
		phase := random.Float64()
		return func(frame int) int {
			wave := math.Sin(2 * math.Pi * (float64(frame)/periodFrames + phase))
			return int(math.Round(subPixels * ((least+most)/2 + wave*(most-least)/2)))
		}
	}
	// As shares of the way: everyone is in view in between.
	x := swing(60, .22*float64(spare.X), .78*float64(spare.X))
	y := swing(43, .1*float64(spare.Y), .9*float64(spare.Y))
	return func(frame int) window { return window{x(frame), y(frame)} }
}

// The lengths of stretches in frames.
const (
	leastMoving, mostMoving = 6, 12
	leastStill, mostStill   = 9, 18
)

// clock returns for every frame how many frames the camera has moved so far.
func (c Clip) clock() []int {
	random := rand.New(rand.NewPCG(Seed, 1))
	frames, moved := make([]int, c.Frames), 0
	moving, left := !c.pauses, c.Frames
	if c.pauses {
		left = 1 + leastStill + random.IntN(mostStill-leastStill+1)
	}
	for i := range frames {
		if left == 0 {
			moving = !moving
			left = leastStill + random.IntN(mostStill-leastStill+1)
			if moving {
				left = leastMoving + random.IntN(mostMoving-leastMoving+1)
			}
		}
		if moving && i > 0 {
			moved++
		}
		frames[i] = moved
		left--
	}
	return frames
}

// noisy adds the sensor's noise to a frame, which it changes.
func (c Clip) noisy(frame *image.RGBA, index int) *image.RGBA {
	if c.NoiseSigma == 0 {
		return frame
	}
	random := rand.New(rand.NewPCG(Seed, 1000+uint64(index)))
	for i := range frame.Pix {
		if i%4 < 3 {
			v := float64(frame.Pix[i]) + float64(c.NoiseSigma*random.NormFloat64())
			frame.Pix[i] = uint8(min(max(math.Round(v), 0), 255))
		}
	}
	return frame
}
