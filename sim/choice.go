package sim

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
)

// chooser gives the atr that a configuration actor sets, frame by frame. A frame's
// is always the same, in whatever order frames are asked for.
type chooser struct {
	choice *plan.Choice
	atrs   []int
	seed   uint64
}

// newChoosers returns the choosers of a plan's configuration actors, by actor,
// and for every FIFO of control tokens the actor that sets them, -1 for others.
func newChoosers(p *plan.Plan) ([]*chooser, []int, error) {
	choosers := make([]*chooser, len(p.Graph.Actors))
	setter := make([]int, len(p.Graph.FIFOs))
	for f := range setter {
		setter[f] = -1
	}
	for _, d := range graph.DPGs(p.Graph) {
		c := p.ChoiceOf(d.Config)
		if c == nil {
			return nil, nil, fmt.Errorf("%w: nothing says what actor %s chooses; "+
				"give recorded rates or their probabilities under workload.choices",
				ErrPlan, p.Graph.Actors[d.Config].Name)
		}
		choosers[d.Config] = &chooser{choice: c, atrs: c.ATRs(), seed: draw.Mix(p.Seed, uint64(d.Config))}
		members := append(d.Members(), d.Relays...)
		for f, q := range p.Graph.FIFOs {
			for _, m := range members {
				if q.To == m && p.Graph.Actors[m].In[q.InPort].Control {
					setter[f] = d.Config
				}
			}
		}
	}
	return choosers, setter, nil
}

func (c *chooser) of(frame int64) int {
	if n := len(c.choice.Recorded); n > 0 {
		return c.choice.Recorded[frame%int64(n)]
	}
	u, sum := draw.Uniform(c.seed, uint64(frame)), 0.0
	for _, atr := range c.atrs {
		if sum += c.choice.Rates[atr]; u <= sum {
			return atr
		}
	}
	return c.atrs[len(c.atrs)-1]
}
