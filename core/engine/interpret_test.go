package engine_test

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// verify compares what the sinks recorded with what they have to.
func (w *world) verify() error {
	want := interpret(w.g, w.frames)
	for a, got := range w.results() {
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

// interpret is a naive interpreter of a graph: it fires all actors in precedence
// order, iteration by iteration, with FIFOs of any length.
func interpret(g *graph.Graph, frames int64) map[int][][]uint64 {
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
				state[a] = mix(state[a], value(a, 98, 0, n, 0, in))
			}
			rate := 0
			if act.Kind == graph.Configuration {
				low, high := configLimits(g, a)
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

// configLimits returns the limits of the dynamic part that an actor configures.
func configLimits(g *graph.Graph, actor int) (low, high int) {
	for _, d := range graph.DPGs(g) {
		if d.Config == actor {
			return d.LRL, d.URL
		}
	}
	return 0, 1
}
