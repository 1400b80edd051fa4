package engine_test

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// grouped is a source and a sink on one device of two lanes; the source fires in groups.
func grouped(group int) *slice.Slice {
	g := build(2, link{from: 0, to: 1, capacity: 4}, link{from: 1, to: 0, delay: 2, capacity: 2})
	s := cut(g, []int{0, 0}, 2, 4)[0]
	s.Actors[0].Group = group
	return s
}

// A source that fires in groups waits for all that the last group has led to.
func TestGroups(t *testing.T) {
	e := engineOf(t, grouped(2))
	assert.Equal(t, []string{"fire a0 #0"}, step(t, e, 0, start))
	both := step(t, e, 0, done(0))
	slices.Sort(both)
	assert.Equal(t, []string{"fire a0 #1", "fire a1 #0"}, both)
	assert.Empty(t, step(t, e, 0, done(1)), "one token is back, the other is not")
	assert.Equal(t, []string{"fire a1 #1"}, step(t, e, 0, done(0)))
	assert.Equal(t, []string{"fire a0 #2"}, step(t, e, 0, done(1)))
}

func TestBadGroups(t *testing.T) {
	_, err := engine.New(grouped(3), engine.Options{})
	require.ErrorIs(t, err, engine.ErrSlice)
	assert.EqualError(t, err, "slice can't be run: actor a0: groups of 3 firings need as many delay tokens in its "+
		"feedback "+
		"FIFOs, one a firing")
	s := cut(build(2, chain(2, 2)...), []int{0, 0}, 1, 4)[0]
	s.Actors[0].Group = 2
	_, err = engine.New(s, engine.Options{})
	assert.EqualError(t, err, "slice can't be run: actor a0: groups of firings need a feedback FIFO")
}
