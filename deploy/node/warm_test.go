package node

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestModelsAreWarmedAndLeaveZeroes(t *testing.T) {
	p := cut(1)
	p.Work[0].Model = "m"
	runs := 0
	n := newNode(t, p, 0, all(func(_ int, x *kernel.Firing) error {
		runs++
		x.Out[0][0].Data[0] = 1
		return nil
	}), &fakeOutbox{})
	assert.Equal(t, warmups, runs, "%d runs, then %d in the slot; want %d runs and 0", runs, n.Slot(0, 0).Data[0], warmups)
	assert.EqualValues(t, 0, n.Slot(0, 0).Data[0], "%d runs, then %d in the slot; want %d runs and 0", runs,
		n.Slot(0, 0).Data[0], warmups)
	_, err := New(p, 0, all(func(int, *kernel.Firing) error { panic("no memory") }), &fakeOutbox{}, Options{})
	require.ErrorIs(t, err, kernel.ErrPanic, "a panic while warming up")
	assert.Contains(t, err.Error(), "count0", "a panic while warming up")
}

// Of a model whose tensors travel with their shape, a warm-up forgives what made-up
// values may do, and nothing else.
func TestWarmupsForgive(t *testing.T) {
	of := graph.Shaped{Elem: "float32", Most: []int64{4}, Open: []bool{true}}
	other := errors.New("no such provider")
	for _, tt := range []struct {
		name   string
		device int // 0 makes the tensor, 1 takes it
		fails  error
		says   string // "" forgives
	}{
		{"an output beyond its bound", 0, kernel.ErrBound, ""},
		{"an output, for another reason", 0, other, "no such provider"},
		{"an output, by a panic", 0, nil, "no memory"},
		{"an input", 1, other, ""},
		{"an input, by a panic", 1, nil, "no memory"},
	} {
		p := cut(1)
		q := &p.Graph.FIFOs[0]
		p.Graph.Actors[q.From].Out[q.OutPort].Type, p.Graph.Actors[q.To].In[q.InPort].Type = of.TokenType(), of.TokenType()
		p.Work[q.From].Model, p.Work[q.To].Model = "m", "m"
		n, err := New(p, tt.device, all(func(int, *kernel.Firing) error {
			if tt.fails == nil {
				panic("no memory")
			}
			return tt.fails
		}), &fakeOutbox{}, Options{})
		assert.Equal(t, (tt.says == ""), (err == nil), tt.name)
		if err != nil {
			assert.Contains(t, err.Error(), tt.says, tt.name)
		}
		if err == nil {
			n.Close()
		}
	}
}
