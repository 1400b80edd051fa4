package node

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What crosses to another device is told first, and of very many FIFOs not all.
func TestWorkTellsOfBoundariesFirst(t *testing.T) {
	s := &slice.Slice{}
	for i := range 2 * mostFIFOs {
		s.FIFOs = append(s.FIFOs, slice.FIFO{FIFO: i})
	}
	s.FIFOs[100].Role, s.FIFOs[7].Role = slice.TX, slice.RX
	told := toldOf(s)
	require.Len(t, told, mostFIFOs)
	assert.Equal(t, []int{7, 100, 0, 1}, []int{told[0].FIFO, told[1].FIFO, told[2].FIFO, told[3].FIFO})
}

// What a producer has fired and its full FIFO are told while it waits for the peer's commit.
func TestWork(t *testing.T) {
	out := &fakeOutbox{}
	n := newNode(t, cut(3), 0, all(nothing), out)
	require.NoError(t, n.Start(clock.Now()))
	out.wait(t, 2)
	w := n.Work()
	require.Len(t, w.Units, 1)
	assert.EqualValues(t, 2, w.Units[0].Firings)
	assert.Equal(t, 1, w.Units[0].Lanes)
	assert.Positive(t, w.Units[0].BusyNs)
	full := wire.FIFOWork{Name: "count0.out0->pass1.in0", Peer: "d1", Sends: true, Tokens: 2, Capacity: 2}
	assert.Equal(t, []wire.FIFOWork{full}, w.FIFOs)
	require.True(t, n.Acked(ours(0, 2)))
	out.wait(t, 3)
	w = n.Work()
	assert.EqualValues(t, 3, w.Units[0].Firings)
	assert.Equal(t, 1, w.FIFOs[0].Tokens)
	assert.Zero(t, w.FIFOsLeftOut)
}
