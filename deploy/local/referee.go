package local

import (
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

// Referee says what the sinks of a plan must record, and what its configuration
// actors choose.
type Referee struct {
	Kernels *kernel.Registry
	Data    func(name string) (path string, err error)
	Models  compile.Models // of the plans' applications
}

// Results runs all frames of p here and returns the records of its sinks, by
// instance and frame, and the atr that its configuration actors chose, by frame.
func (f *Referee) Results(ctx context.Context, p *plan.Plan) ([]trace.Result, []plan.Choice, error) {
	return f.run(ctx, p, func(*Runner) {})
}

// run prepares a runner of p, runs it and returns what its sinks recorded and its
// configuration actors chose.
func (f *Referee) run(ctx context.Context, p *plan.Plan, prepare func(*Runner)) (results []trace.Result, choices []plan.Choice, err error) {
	var mu sync.Mutex
	h := &kernel.Host{Kernels: f.Kernels, Data: f.Data, Record: func(r trace.Result) {
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r)
	}}
	r, err := New(h, f.Models, p, nil)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	prepare(r)
	if err := r.Run(ctx); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(results, func(a, b trace.Result) int {
		if a.Instance != b.Instance {
			if a.Instance < b.Instance {
				return -1
			}
			return 1
		}
		return int(a.Frame - b.Frame)
	})
	for _, d := range graph.DPGs(p.Graph) {
		choices = append(choices, plan.Choice{Actor: p.Work[d.Config].Actor, Instance: p.Work[d.Config].Instance, Recorded: slices.Clone(r.Rates(d.Config))})
	}
	return results, choices, nil
}
