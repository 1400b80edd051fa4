// Package local runs a whole plan in this process, one firing after another and
// without a network: to profile kernels and to compare results. It may not
// emulate anything, nor decide what fires: the engine does.
package local

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/clock"
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
	tokens  [][]*kernel.Token
	firings []kernel.Firing
	most    map[int]int   // by configuration actor: the upper limit of the atr that it sets
	rates   map[int][]int // by configuration actor: what it has set
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

// whole returns the plan as the slice of one device, with the units of all: nothing
// crosses a boundary here.
func whole(p *plan.Plan) *slice.Slice {
	all := &slice.Slice{Device: p.Name, Graph: p.Graph}
	for _, s := range p.Slices() {
		first := len(all.Units)
		all.Units = append(all.Units, s.Units...)
		for _, sa := range s.Actors {
			sa.Unit += first
			all.Actors = append(all.Actors, sa)
		}
	}
	for f := range p.Graph.FIFOs {
		all.FIFOs = append(all.FIFOs, slice.FIFO{FIFO: f})
	}
	return all
}

// Run runs the plan's workload from its first frame. Every source fires as
// often as the plan says; a camera doesn't wait.
func (r *Runner) Run(ctx context.Context) error {
	clear(r.rates)
	e, err := engine.New(whole(r.plan), engine.Options{})
	if err != nil {
		return err
	}
	var queue []engine.Effect
	var now int64
	step := func(ev engine.Event) error {
		queue, err = e.Step(now, ev, queue)
		return err
	}
	if err := step(engine.Event{Kind: engine.Start}); err != nil {
		return err
	}
	for at := 0; at < len(queue); at++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch ef := queue[at]; ef.Kind {
		case engine.Fire:
			rate, err := r.fire(e, ef)
			if err == nil {
				err = step(engine.Event{Kind: engine.FiringDone, Actor: ef.Actor, Rate: rate})
			}
			if err != nil {
				return err
			}
		case engine.Save: // nothing here outlives the process
			err = step(engine.Event{Kind: engine.Saved, Actor: ef.Actor, Firing: ef.Firing + 1})
		case engine.ArmTimer:
			now = max(now, ef.At)
			err = step(engine.Event{Kind: engine.Timer, Actor: ef.Actor})
		}
		if err != nil {
			return err
		}
		if at >= 4096 { // forget what is done
			queue, at = append(queue[:0], queue[at+1:]...), -1
		}
	}
	for a, w := range r.plan.Work {
		if n := e.Fired(a); n != r.plan.Workload.Frames {
			return fmt.Errorf("actor %s of instance %q fired %d of %d times", r.plan.Graph.Actors[a].Name, w.Instance, n, r.plan.Workload.Frames)
		}
	}
	return nil
}

// Rates returns the atr of every iteration that configuration actor a has set in
// the last Run.
func (r *Runner) Rates(a int) []int { return r.rates[a] }

// fire runs a firing and returns the atr that it has set, if it sets one: for
// actors that are left out, the most that they may.
func (r *Runner) fire(e *engine.Engine, ef engine.Effect) (rate int, err error) {
	f := &r.firings[ef.Actor]
	f.Frame = ef.Firing
	r.bind(f.In, e.In(ef.Actor))
	r.bind(f.Out, e.Out(ef.Actor))
	k := r.kernels[ef.Actor]
	if k == nil {
		return r.most[ef.Actor], nil
	}
	if r.Before != nil {
		r.Before(ef.Actor)
	}
	now := clock.Now
	if r.plan.UnitOf(ef.Actor).ProcessorTime() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		now = clock.ThreadCPU
	}
	start := now()
	if err := k.Fire(f); err != nil {
		return 0, fmt.Errorf("actor %s, frame %d: %w", r.plan.Graph.Actors[ef.Actor].Name, ef.Firing, err)
	}
	if r.Observe != nil {
		r.Observe(ef.Actor, ef.Firing, time.Duration(now()-start))
	}
	if _, ok := r.most[ef.Actor]; ok {
		rate = k.Rate()
		r.rates[ef.Actor] = append(r.rates[ef.Actor], rate)
	}
	return rate, nil
}

func (r *Runner) bind(ports [][]*kernel.Token, runs []engine.Tokens) {
	for p, run := range runs {
		ports[p] = ports[p][:0]
		slots := r.tokens[run.FIFO]
		for n := range run.N {
			ports[p] = append(ports[p], slots[(run.Seq+uint64(n))%uint64(len(slots))])
		}
	}
}

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
