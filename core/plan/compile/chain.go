package compile

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Model is an ONNX model with the cuts that make it a chain of actors.
type Model struct {
	*onnx.Model
	Cuts []cut.Cut // Cuts[k] is partition point k: the first k segments lie before it
	// Ports name the ports of actors for the model's tensors.
	Ports Ports
}

// NewModel finds the chain cuts of m, which ONNX Runtime must be able to run.
func NewModel(m *onnx.Model) (*Model, error) {
	if err := m.Runnable(); err != nil {
		return nil, err
	}
	cuts, err := cut.Chain(m)
	if err != nil {
		return nil, err
	}
	return &Model{Model: m, Cuts: cuts, Ports: NewPorts(m)}, nil
}

// Models holds the models of an application by name.
type Models map[string]*Model

// ChainActor is one actor of an application whose models are expanded to the
// chain of their segments.
type ChainActor struct {
	Name    string // by which it is mapped: Actor, or Actor/Part for a segment or part
	Actor   string // of the application
	Part    string // the cut that ends the segment, or the part's name; "" of an ordinary actor
	Spec    int    // index in planfile.Application.Actors
	Segment int    // of the model, between Cuts[Segment] and Cuts[Segment+1], or index in Parts; -1 for an ordinary actor
}

// Chain lists the actors of the application in precedence order. Partition
// point k leaves the first k of them on the endpoint.
func Chain(f *planfile.File, models Models) ([]ChainActor, error) {
	var chain []ChainActor
	var errs []error
	for i, a := range f.Application.Actors {
		path := fmt.Sprintf("$.application.actors[%d]", i)
		if a.Model == "" {
			chain = append(chain, ChainActor{Name: a.Name, Actor: a.Name, Spec: i, Segment: -1})
			continue
		}
		m := models[a.Model]
		if m == nil {
			errs = append(errs, f.Errorf(path+".model", "%w: actor %s wants the model %q, which was not loaded",
				ErrNoModel, a.Name, a.Model))
			continue
		}
		if len(a.Parts) > 0 {
			if _, err := division(f, i, m); err != nil {
				errs = append(errs, err)
			}
			for k, p := range a.Parts {
				chain = append(chain, segmentActor(a.Name, p.Name, i, k))
			}
			continue
		}
		for k := 0; k+1 < len(m.Cuts); k++ {
			chain = append(chain, segmentActor(a.Name, m.Cuts[k+1].Name, i, k))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return chain, nil
}

func segmentActor(actor, part string, spec, segment int) ChainActor {
	return ChainActor{Name: actor + "/" + part, Actor: actor, Part: part, Spec: spec, Segment: segment}
}
