package compile

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Expansion is an application before it is mapped, so that mappings can be compared.
type Expansion struct {
	Chain []ChainActor
	// Plan has a device for every actor of Chain, on which it fires alone, so that its tokens are
	// coded wherever the codec does that between devices. It has no links, and can't be run.
	Plan     *plan.Plan
	Actors   []int         // by index in Chain: the one of Plan
	Platform plan.Platform // of the file, with all defaults filled in

	file   *planfile.File
	models Models
}

// Expand returns the expansion of a file's application under the codec and the calibration of one
// of its instances, whose mapping is not looked at. Errors are those of Compile.
func Expand(f *planfile.File, models Models, instance int) (*Expansion, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	chain, joints, err := joined(f, models)
	if err != nil {
		return nil, err
	}
	x := &Expansion{
		Chain: chain, Platform: settled(f), file: f, models: models,
		Plan: &plan.Plan{Graph: &graph.Graph{Name: f.Application.Name}, Seed: f.Seed},
	}
	inst := f.Instances[instance]
	inst.Name, inst.CopyOf = "", ""
	b := &builder{file: f, models: models, joints: joints, inst: &inst, plan: x.Plan}
	places := make([]place, len(chain))
	for k := range chain {
		places[k].device = k
		x.Plan.Platform.Devices = append(x.Plan.Platform.Devices, plan.Device{
			Name: fmt.Sprint(k), Units: []plan.Unit{{Lanes: 1, Threads: 1, Slowdown: 1, Provider: plan.Named(plan.CPU)}},
		})
	}
	if err := b.expand(chain, places); err != nil {
		return nil, err
	}
	for _, c := range chain {
		x.Actors = append(x.Actors, b.parts[c.Spec][max(c.Segment, 0)])
	}
	return x, nil
}

// Joined returns the work of the actors of Chain from first up to last, segments or parts of one
// model, as Compile fuses them where they neighbour on one unit. It has no place.
func (x *Expansion) Joined(first, last int) (plan.Work, error) {
	c := x.Chain[first]
	w := x.Plan.Work[x.Actors[first]]
	if !w.Branch { // its tensors don't matter
		w.To = w.From + last - first + 1
		return w, nil
	}
	w, _, _, err := section(x.file, c, last-first+1, x.models[w.Model])
	return w, err
}

// Params returns, by index in Chain, how many elements the constants have that an actor's session
// holds; 0 of an ordinary actor. See work.ParamList for what counts.
func (x *Expansion) Params() ([]int64, error) {
	elements := make([]int64, len(x.Chain))
	for k := 0; k < len(x.Chain); k++ {
		c := x.Chain[k]
		if c.Segment != 0 {
			continue // an ordinary actor, or counted with the first of its model
		}
		spec := &x.file.Application.Actors[c.Spec]
		m := x.models[spec.Model]
		of, err := x.nodes(c, m)
		if err != nil {
			return nil, err
		}
		for _, p := range work.ParamList(m.Model) {
			needed := map[int]bool{}
			for _, n := range p.Users {
				if n < len(of) && of[n] >= 0 {
					needed[of[n]] = true
				}
			}
			for segment := range needed {
				elements[k+segment] += p.Elements
			}
		}
	}
	return elements, nil
}

// nodes gives every node of the model that c begins its segment or part; -1: none.
func (x *Expansion) nodes(c ChainActor, m *Model) ([]int, error) {
	if len(x.file.Application.Actors[c.Spec].Parts) > 0 {
		return division(x.file, c.Spec, m)
	}
	of := slices.Repeat([]int{-1}, len(m.Nodes()))
	for k := 0; k+1 < len(m.Cuts); k++ {
		for n := m.Cuts[k].Nodes; n < m.Cuts[k+1].Nodes; n++ {
			of[n] = k
		}
	}
	return of, nil
}
