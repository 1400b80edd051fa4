package draw_test

import (
	"math/bits"
	"testing"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/stretchr/testify/assert"
)

// Draws of neighbouring numbers have nothing to do with each other: half of their bits differ.
func TestMix(t *testing.T) {
	differ := 0
	for i := range uint64(1000) {
		differ += bits.OnesCount64(draw.Mix(7, i)^draw.Mix(7, i+1)) + bits.OnesCount64(draw.Mix(i, 7)^draw.Mix(i+1, 7))
	}
	assert.InDelta(t, 64_000, differ, 1000)
	assert.NotEqual(t, draw.Mix(1, 2), draw.Mix(2, 1))
}

// Uniform draws are as likely in every tenth, within five standard deviations, and never 0.
func TestUniform(t *testing.T) {
	var tenths [10]int
	for i := range uint64(100_000) {
		u := draw.Uniform(3, i)
		assert.True(t, u > 0 && u <= 1)
		tenths[min(int(u*10), 9)]++
	}
	for i, n := range tenths {
		assert.InDelta(t, 10_000, n, 475, "tenth %d", i)
	}
}

// A source gives the draws on its number, from the first one on after a reset.
func TestSource(t *testing.T) {
	var s draw.Source
	for range 2 {
		s.Reset(9)
		for i := range uint64(3) {
			assert.Equal(t, draw.Mix(9, i), s.Uint64())
		}
	}
	assert.NotEqual(t, draw.Named("a"), draw.Named("b"))
}
