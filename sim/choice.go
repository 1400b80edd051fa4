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
	by := map[int]int{} // by member of a dynamic part: its configuration actor
	for _, d := range graph.DPGs(p.Graph) {
		c := p.ChoiceOf(d.Config)
		if c == nil {
			return nil, nil, fmt.Errorf("%w: nothing says what actor %s chooses; "+
				"give recorded rates or their probabilities under workload.choices",
				ErrPlan, p.Graph.Actors[d.Config].Name)
		}
		choosers[d.Config] = &chooser{choice: c, atrs: c.ATRs(), seed: chooserSeed(p, d.Config)}
		for _, m := range append(d.Members(), d.Relays...) {
			by[m] = d.Config
		}
	}
	for f, q := range p.Graph.FIFOs {
		if config, ok := by[q.To]; ok && p.Graph.Actors[q.To].In[q.InPort].Control {
			setter[f] = config
		}
	}
	return choosers, setter, nil
}

// chooserSeed returns the seed of an actor's choices. It depends on what the actor is of its instance,
// and not on how many others there are; without a name there is but one.
func chooserSeed(p *plan.Plan, config int) uint64 {
	w := &p.Work[config]
	if w.Instance == "" {
		return draw.Mix(p.Seed, uint64(config))
	}
	return draw.Mix(p.SeedOf(w.Instance), draw.Named(w.Actor))
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
