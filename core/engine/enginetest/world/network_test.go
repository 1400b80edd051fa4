package world_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
)

// While nothing breaks, messages arrive once each and in order.
func TestNetworkKeepsOrder(t *testing.T) {
	n := world.NewNetwork[int](rand.New(rand.NewPCG(1, 1)))
	for m := range 5 {
		n.Send(0, 1, m)
	}
	assert.Equal(t, 5, n.Pending(0, 1))
	assert.Zero(t, n.Pending(1, 0))
	for want := range 5 {
		got, ok := n.Take(0, 1)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	_, ok := n.Take(0, 1)
	assert.False(t, ok)
}

// A connection that breaks loses messages, doubles them, and lets later ones overtake
// them. What it keeps stays in order.
func TestNetworkBreaks(t *testing.T) {
	n := world.NewNetwork[int](rand.New(rand.NewPCG(1, 1)))
	const sent = 1000
	for m := range sent {
		n.Send(0, 1, m)
	}
	n.Break(0, 1)
	last := -1
	times := make([]int, sent)
	for m, ok := n.Take(0, 1); ok; m, ok = n.Take(0, 1) {
		assert.Greater(t, m, last, "the connection keeps its order")
		last = m
		times[m]++
	}
	for n.Late() > 0 {
		to, m := n.TakeLate()
		assert.Equal(t, 1, to)
		times[m]++
	}
	seen := map[int]int{}
	for _, k := range times {
		seen[k]++
	}
	assert.Positive(t, seen[0], "lost")
	assert.Positive(t, seen[1], "once")
	assert.Positive(t, seen[3], "once in order, and twice late")
	assert.Equal(t, sent, seen[0]+seen[1]+seen[3])
}
