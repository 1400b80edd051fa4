package world

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Verify compares what the actors without outputs have recorded with what Interpret
// says. It is called after Run.
func (w *World) Verify() error {
	want := Interpret(w.graph, w.frames)
	for a, got := range w.Results() {
		if len(got) != len(want[a]) {
			return fmt.Errorf("actor %d recorded %d frames, want %d", a, len(got), len(want[a]))
		}
		for n := range got {
			if !slices.Equal(got[n], want[a][n]) {
				return fmt.Errorf("actor %d, frame %d: got %x, want %x", a, n, got[n], want[a][n])
			}
		}
	}
	return nil
}

// Interpret is a naive interpreter of a valid graph: it fires all actors in precedence
// order, iteration by iteration, with FIFOs of any length. It returns what the actors
// without outputs take, as Results does.
func Interpret(g *graph.Graph, frames int64) map[int][][]uint64 {
	order, err := graph.Order(g)
	if err != nil {
		panic(err)
	}
	fifos := make([][]uint64, len(g.FIFOs))
	ins, outs := make([][]int, len(g.Actors)), make([][]int, len(g.Actors))
	for a := range g.Actors {
		ins[a], outs[a] = make([]int, len(g.Actors[a].In)), make([]int, len(g.Actors[a].Out))
	}
	for f, q := range g.FIFOs {
		fifos[f] = make([]uint64, q.Delay)
		outs[q.From][q.OutPort], ins[q.To][q.InPort] = f, f
	}
	state := make([]uint64, len(g.Actors))
	results := map[int][][]uint64{}
	for n := range frames {
		for _, a := range order {
			act := &g.Actors[a]
			atr := 0
			for p := range act.In {
				if act.In[p].Control {
					atr = int(fifos[ins[a][p]][0])
				}
			}
			if act.Kind == graph.DynamicProcessing && atr == 0 {
				for p := range act.In {
					if act.In[p].Control {
						fifos[ins[a][p]] = fifos[ins[a][p]][1:]
					}
				}
				continue
			}
			var in [][]uint64
			for p := range act.In {
				k := act.In[p].URL
				if !act.In[p].Static() {
					k = atr
				}
				f := ins[a][p]
				in = append(in, fifos[f][:k:k])
				fifos[f] = fifos[f][k:]
			}
			if act.Stateful {
				state[a] = nextState(a, state[a], n, in)
			}
			rate := 0
			if act.Kind == graph.Configuration {
				low, high := limits(g, a)
				rate = rateOf(a, n, low, high, state[a], in)
			}
			for p := range act.Out {
				k := act.Out[p].URL
				if !act.Out[p].Static() {
					k = atr
				}
				for i := range k {
					v := value(a, p, i, n, state[a], in)
					if act.Out[p].Control {
						v = controlValue(act, rate, in)
					}
					fifos[outs[a][p]] = append(fifos[outs[a][p]], v)
				}
			}
			if len(act.Out) == 0 {
				results[a] = append(results[a], slices.Concat(in...))
			}
		}
	}
	return results
}
