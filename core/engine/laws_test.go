package engine_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
)

func TestLaws(t *testing.T) {
	// a0 -> a2 on two devices, a1 -> a3 -> a4 on one.
	g := build(5, link{from: 0, to: 2}, link{from: 3, to: 4, rate: 3}, link{from: 1, to: 3})
	got := engine.Laws(cut(g, []int{0, 1, 1, 1, 1}, 2, 1))
	want := trace.Laws{
		Lanes: map[trace.Unit]int{{Device: "d0", Name: "cpu"}: 2, {Device: "d1", Name: "cpu"}: 2},
		Flows: [][]int{{0, 2}, {1, 3, 4}},
		Ends:  []int{2, 4},
		Rates: []int{1, 3, 1},
	}
	assert.Equal(t, want, got)
	none := engine.Laws(nil)
	assert.Empty(t, none.Lanes, "no slices")
	assert.Nil(t, none.Flows, "no slices")
}
