package graph_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
)

// What is put in to hold a source back is known by a flag: its names give way to ports
// that the application has.
func TestAddFeedback(t *testing.T) {
	token := graph.TokenType{Elem: "uint8", Shape: []int64{4}}
	named := func(name string) []graph.Port { return []graph.Port{{Name: name, LRL: 1, URL: 1, Type: token}} }
	g := &graph.Graph{
		Actors: []graph.Actor{{Name: "source", In: named("go"), Out: named("done")},
			{Name: "sink", In: named("go"), Out: named("done")}},
		FIFOs: []graph.FIFO{
			{From: 0, To: 1, Capacity: 1}, {From: 1, To: 0, Delay: 1, Capacity: 1},
		},
	}
	g.AddFeedback(1, 0, 1, 2)
	assert.NoError(t, graph.Validate(g))
	assert.Equal(t, "sink.done0->source.go0", g.FIFOName(2))
	assert.Equal(t, graph.FIFO{From: 1, OutPort: 1, To: 0, InPort: 1, Delay: 1, Capacity: 2}, g.FIFOs[2])
	assert.True(t, g.Actors[1].Out[1].Feedback && g.Actors[0].In[1].Feedback)
	assert.False(t, g.Actors[1].Out[0].Feedback || g.Actors[0].In[0].Feedback)
}
