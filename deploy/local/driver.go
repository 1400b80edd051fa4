package local

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// Driver runs plans in this process. What it records is what the sinks of a plan must
// record wherever the plan runs. It is safe for concurrent use.
type Driver struct {
	Kernels *kernel.Registry
	Data    func(name string) (path string, err error) // where data sets are; may be nil if no source needs one
	Models  compile.Models                             // of the plans' applications
	Note    func(string)                               // takes what kernels have to say to the user; may be nil
}

// Run runs all frames of p and returns the trace, with the results of its sinks by
// instance and frame. Faults and fallbacks of the plan take no part.
func (d *Driver) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	return d.run(ctx, p, nil, func(*Runner) {})
}

// Results runs all frames of p and returns the records of its sinks, by instance and
// frame, and the atr that its configuration actors chose, by frame.
func (d *Driver) Results(ctx context.Context, p *plan.Plan) ([]trace.Result, []plan.Choice, error) {
	var runner *Runner
	t, err := d.run(ctx, p, nil, func(r *Runner) { runner = r })
	if err != nil {
		return nil, nil, err
	}
	var choices []plan.Choice
	for _, part := range graph.DPGs(p.Graph) {
		choices = append(choices, plan.Choice{
			Actor: p.Work[part.Config].Actor, Instance: p.Work[part.Config].Instance,
			Recorded: slices.Clone(runner.Rates(part.Config)),
		})
	}
	return t.Results, choices, nil
}

// run prepares a runner of the actors of p that include accepts, nil all, and runs it.
func (d *Driver) run(ctx context.Context, p *plan.Plan, include func(actor int) bool, prepare func(*Runner)) (
	t *trace.Trace, err error,
) {
	var mu sync.Mutex
	var results []trace.Result
	h := &kernel.Host{Kernels: d.Kernels, Data: d.Data, Note: d.Note, Record: func(r trace.Result) {
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r)
	}}
	r, err := New(h, d.Models, p, include)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	prepare(r)
	t, err = r.Run(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(results, func(a, b trace.Result) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Frame, b.Frame))
	})
	t.Results = results
	return t, nil
}
