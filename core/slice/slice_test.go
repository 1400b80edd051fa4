package slice_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/build"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chain returns a -> b -> c with FIFOs of 3 and 2 tokens of 4 bytes.
func chain(t *testing.T) *graph.Graph {
	t.Helper()
	b := build.New("chain")
	b.Actor("a", "source").Out("out", "int32[1]")
	b.Actor("b", "work").In("in", "int32[1]").Out("out", "int32[1]")
	b.Actor("c", "sink").In("in", "int32[1]")
	b.Connect("a.out", "b.in").Capacity(3)
	b.Connect("b.out", "c.in").Capacity(2)
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestFIFOBytes(t *testing.T) {
	s := &slice.Slice{Graph: chain(t), FIFOs: []slice.FIFO{{FIFO: 0}, {FIFO: 1, Role: slice.TX, Peer: "server"}}}
	assert.Equal(t, int64(3*4+2*4), s.FIFOBytes())
}

func TestPeers(t *testing.T) {
	s := &slice.Slice{Graph: chain(t), FIFOs: []slice.FIFO{
		{FIFO: 0, Role: slice.RX, Peer: "server"}, {FIFO: 1, Role: slice.TX, Peer: "gateway"}, {FIFO: 1},
	}}
	assert.Equal(t, []string{"gateway", "server"}, s.Peers())
	assert.Empty(t, (&slice.Slice{FIFOs: []slice.FIFO{{FIFO: 0}}}).Peers())
}
