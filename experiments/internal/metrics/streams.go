package metrics

import (
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Streams are the Streams of all instances of a plan.
type Streams struct {
	of     map[string]*Stream
	actors []*Stream // by actor
	fifos  []*Stream // by FIFO: that of the actor it comes from
}

// NewStreams returns the Streams of p, that have seen no event.
func NewStreams(p *plan.Plan) (*Streams, error) {
	all := &Streams{of: map[string]*Stream{}}
	instances, err := newInstances(p)
	if err != nil {
		return nil, err
	}
	for _, in := range instances {
		if all.of[in.name], err = in.stream(); err != nil {
			return nil, err
		}
	}
	for i := range p.Work {
		all.actors = append(all.actors, all.of[p.Work[i].Instance])
	}
	for i := range p.Graph.FIFOs {
		all.fifos = append(all.fifos, all.actors[p.Graph.FIFOs[i].From])
	}
	return all, nil
}

// Add gives an event to the instance that it is of.
func (all *Streams) Add(e *trace.Event) error {
	if e.Actor >= 0 {
		return all.actors[e.Actor].Add(e)
	}
	return all.fifos[e.FIFO].Add(e)
}

// Outcome returns that of an instance; see Stream.Outcome.
func (all *Streams) Outcome(instance string, t *trace.Trace) (result.Outcome, error) {
	return all.of[instance].Outcome(t)
}
