package graph_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Three delay tokens come before those of frame 0; the consumer takes two at a time.
func TestFrames(t *testing.T) {
	f := graph.Frames{Rate: 2, Delay: 3}
	for _, c := range []struct {
		seq       uint64
		made, ack int64
	}{{3, 0, 0}, {4, 0, 1}, {5, 1, 1}, {6, 1, 2}, {11, 4, 4}} {
		if got := f.OfToken(c.seq); got != c.made {
			t.Errorf("token %d: made by firing %d, want %d", c.seq, got, c.made)
		}
		if got := f.OfAck(c.seq); got != c.ack {
			t.Errorf("all before %d: acknowledges firing %d, want %d", c.seq, got, c.ack)
		}
	}
	if got := f.OfAck(1); got != -1 {
		t.Errorf("all before 1: acknowledges firing %d, want none", got)
	}
	for firing := range int64(5) {
		first := f.First(firing)
		if f.OfToken(first) != firing || firing > 0 && f.OfToken(first-1) != firing-1 {
			t.Errorf("firing %d: first token %d", firing, first)
		}
	}
}
