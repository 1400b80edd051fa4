package graph_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
)

// Three delay tokens come before those of frame 0; the consumer takes two at a time.
func TestFrames(t *testing.T) {
	f := graph.Frames{Rate: 2, Delay: 3}
	for _, c := range []struct {
		seq       uint64
		made, ack int64
	}{{3, 0, 0}, {4, 0, 1}, {5, 1, 1}, {6, 1, 2}, {11, 4, 4}} {
		assert.Equal(t, c.made, f.OfToken(c.seq), "token %d: made by firing", c.seq)
		assert.Equal(t, c.ack, f.OfAck(c.seq), "all before %d: acknowledges firing", c.seq)
	}
	got := f.OfAck(1)
	assert.EqualValues(t, -1, got, "all before 1: acknowledges firing %d, want none", got)
	for firing := range int64(5) {
		first := f.First(firing)
		assert.Equal(t, firing, f.OfToken(first), "firing %d: first token", firing)
		if firing > 0 {
			assert.Equal(t, firing-1, f.OfToken(first-1), "firing %d: first token", firing)
		}
	}
}
