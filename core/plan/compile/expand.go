package compile

import (
	"errors"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Graph returns the application graph of a file as it is before it is mapped: a
// model is one actor, every FIFO that gives no capacity has fifo_capacity or
// graph.DefaultCapacity, and there is no platform. A file for it needs nothing but
// the application. Errors wrap yamlfile.ErrInput and give file:line:column.
func Graph(f *planfile.File, models Models) (*graph.Graph, error) {
	if err := f.CheckActors(); err != nil {
		return nil, err
	}
	chain, joints, err := joined(f, models)
	if err != nil {
		return nil, err
	}
	b := &builder{file: f, models: models, joints: joints, inst: &planfile.Instance{}, plan: &plan.Plan{
		Graph: &graph.Graph{Name: f.Application.Name},
		// Two lanes let neighbours overlap, as if each had a unit of its own.
		Platform: plan.Platform{Devices: []plan.Device{{Units: []plan.Unit{{Lanes: 2}}}}},
	}}
	if err := b.expand(chain, make([]place, len(chain))); err != nil {
		return nil, err
	}
	g := b.plan.Graph
	for i := range f.Application.Actors {
		if parts := b.parts[i]; f.Application.Actors[i].Model != "" {
			g.Actors[parts[0]].Name = f.Application.Actors[i].Name
		}
	}
	return g, input(graph.Validate(g))
}

// joined returns the chain of actors, and what FIFOs join of them.
func joined(f *planfile.File, models Models) ([]ChainActor, *joints, error) {
	chain, err := Chain(f, models)
	if err != nil {
		return nil, nil, err
	}
	j, err := findJoints(f, models)
	return chain, j, err
}

// expand adds the actors and FIFOs of the application, mapped to the places given.
func (b *builder) expand(chain []ChainActor, places []place) error {
	b.makers, b.takers, b.used, b.parts = map[end]end{}, map[end][]end{}, map[end]bool{}, map[int][]int{}
	b.inserted, b.ins, b.outs = map[int]bool{}, map[end]int{}, map[end]int{}
	first := len(b.plan.Graph.Actors)
	var errs []error
	for k := 0; k < len(chain); {
		n := 1
		if chain[k].Segment < 0 {
			errs = append(errs, b.ordinary(chain[k], places[k]))
		} else {
			for k+n < len(chain) && chain[k+n].Spec == chain[k].Spec && places[k+n] == places[k] {
				n++
			}
			errs = append(errs, b.segment(chain[k], n, places[k]))
		}
		k += n
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for j := range b.file.Application.FIFOs {
		errs = append(errs, b.fifo(j))
	}
	b.controls(first)
	return errors.Join(errs...)
}
