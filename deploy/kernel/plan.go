package kernel

import (
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Host is what a process offers its kernels.
type Host struct {
	Kernels *Registry
	Data    func(name string) (path string, err error) // where a data set is
	Record  func(trace.Result)                         // takes the results of sinks
}

// Make makes the kernel of actor a of a plan. segment is its sub-model, for
// actors that run one.
func (h *Host) Make(p *plan.Plan, a int, segment []byte) (Kernel, error) {
	actor, w := &p.Graph.Actors[a], &p.Work[a]
	return h.Kernels.New(actor.Kernel, Spec{
		Actor: actor.Name, Params: actor.Params, In: actor.In, Out: actor.Out, Instance: w.Instance,
		Model: segment, Inputs: w.Inputs, Outputs: w.Outputs,
		Unit: *p.UnitOf(a), Data: h.Data, Record: h.Record,
	})
}
