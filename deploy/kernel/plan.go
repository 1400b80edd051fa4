package kernel

import (
	"context"
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/files"
)

// Host is what a process offers its kernels.
type Host struct {
	Kernels *Registry
	Data    func(name string) (path string, err error) // where a data set is
	Files   *files.Allowed                             // that kernels may read; nil: all that the process may
	Record  func(trace.Result)                         // takes the results of sinks
	Note    func(string)                               // takes what kernels have to say to the user; may be nil
	Context context.Context                            // Spec.Context of all
}

// Make makes the kernel of actor a of a plan on the device that runs it; MakeOn on
// one that takes it over. segment is its sub-model, for
// actors that run one. A kernel that keeps state needs an actor that says so, and
// the other way round: else it is ErrState.
func (h *Host) Make(p *plan.Plan, a int, segment []byte) (Kernel, error) {
	return h.MakeOn(p, p.Work[a].Device, a, segment)
}

// MakeOn is Make for a device, given by its index in the plan's platform.
func (h *Host) MakeOn(p *plan.Plan, device, a int, segment []byte) (Kernel, error) {
	actor, w := &p.Graph.Actors[a], &p.Work[a]
	k, err := h.Kernels.New(actor.Kernel, Spec{
		Actor: actor.Name, Params: actor.Params, In: actor.In, Out: actor.Out, Instance: w.Instance,
		Model: segment, Inputs: w.Inputs, Outputs: w.Outputs,
		Unit: *p.UnitOn(device, a), Rule: p.Workload.Rule(), Data: h.Data, Files: h.Files, Record: h.Record, Note: h.Note,
		Context: h.Context,
	})
	if err != nil {
		return nil, err
	}
	switch has := State(k) != nil; {
	case has && !actor.Stateful:
		err = fmt.Errorf("actor %s: %w: kernel %s keeps state; give the actor state: true", actor.Name, ErrState,
			actor.Kernel)
	case !has && actor.Stateful:
		err = fmt.Errorf(
			"actor %s: %w: kernel %s keeps none or can't give it; leave out state: true, or implement kernel.Stateful",
			actor.Name, ErrState, actor.Kernel,
		)
	default:
		return k, nil
	}
	return nil, errors.Join(err, k.Close())
}
