// Package local runs a whole plan in this process, one firing after another and
// without a network: to profile kernels and to compare results. It drives an engine
// per device, as every driver does, and hands their messages over in memory. It may not
// emulate anything, nor decide what fires: the engines do.
package local

import (
	"errors"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// Runner holds the kernels and the token memory of one plan. It is not safe
// for concurrent use.
type Runner struct {
	// Observe, if set, is called after every firing with its kernel's time.
	Observe func(actor int, frame int64, took time.Duration)
	// Before, if set, is called before every firing, outside of its time.
	Before func(actor int)

	plan    *plan.Plan
	kernels []*kernel.Guarded // by actor; nil for actors that are left out
	tokens  [][]*kernel.Token // by FIFO; both sides of a boundary use the same
	firings []kernel.Firing
	most    map[int]int   // by configuration actor: the upper limit of the atr that it sets
	rates   map[int][]int // by configuration actor: what it has set in the last Run
}

// New makes the kernels of every actor that include accepts (nil accepts all), with
// the sub-models of the application's models. The others fire without running anything: their outputs stay zero.
func New(h *kernel.Host, models compile.Models, p *plan.Plan, include func(actor int) bool) (*Runner, error) {
	r := &Runner{plan: p, kernels: make([]*kernel.Guarded, len(p.Work)), firings: make([]kernel.Firing, len(p.Work)),
		most: map[int]int{}, rates: map[int][]int{}}
	for _, d := range graph.DPGs(p.Graph) {
		r.most[d.Config] = d.URL
	}
	for f, q := range p.Graph.FIFOs {
		t := p.Graph.Type(f)
		slots := make([]*kernel.Token, q.Capacity)
		for s := range slots {
			slots[s] = kernel.NewToken(t, s)
		}
		r.tokens = append(r.tokens, slots)
	}
	for a := range p.Work {
		actor := &p.Graph.Actors[a]
		r.firings[a] = kernel.Firing{In: make([][]*kernel.Token, len(actor.In)), Out: make([][]*kernel.Token, len(actor.Out))}
		if include != nil && !include(a) {
			continue
		}
		var segment []byte
		if p.Work[a].Model != "" {
			var err error
			if segment, err = models.Segment(p, a); err != nil {
				return nil, errors.Join(err, r.Close())
			}
		}
		k, err := h.Make(p, a, segment)
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		r.kernels[a] = kernel.Guard(k, p.Graph, a)
	}
	return r, nil
}

// Close frees the kernels.
func (r *Runner) Close() error {
	var errs []error
	for a, k := range r.kernels {
		if k != nil {
			errs = append(errs, k.Close())
		}
		r.kernels[a] = nil
	}
	return errors.Join(errs...)
}

// Rates returns the atr of every iteration that configuration actor a has set in
// the last Run.
func (r *Runner) Rates(a int) []int { return r.rates[a] }

// OutBytes returns the bytes in use of the token that actor a last wrote to
// each of its output ports.
func (r *Runner) OutBytes(a int) []int64 {
	var n []int64
	for _, port := range r.firings[a].Out {
		total := 0
		for _, t := range port {
			total += t.Len
		}
		n = append(n, int64(total))
	}
	return n
}
