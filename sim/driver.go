// Package sim runs a plan in virtual time: a discrete-event simulation of
// devices and links around the same engine that a deployment runs. It may not
// read a clock, start a goroutine, or decide anything that the engine decides.
package sim

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Driver simulates plans with what was measured on one machine. It holds no
// state of a run.
type Driver struct {
	Profile *profile.Profile
	Cost    CostModel // of a firing; nil is the median
	Link    LinkModel // nil is Measured
}

// Run simulates a plan to its end and returns the trace, which is the same for
// the same plan, profile and models. All Frames of the workload are run. It is
// an error if something the plan needs was not measured, if a sink did not fire
// for every frame, if the trace breaks a conservation law, or if ctx ends.
//
// The plan's faults happen at their times, or at those that its seed fixes. Beside the time
// that a device is down, its peers take to notice and Hellos take to cross, recovery costs
// nothing: neither leaving records nor reading them, nor making kernels. A run that was
// interrupted ends with its last result.
func (d *Driver) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	r, err := d.newRun(p)
	if err == nil {
		r.makeRoom()
		err = r.run(ctx)
	}
	if err == nil {
		err = trace.Check(r.trace, r.laws)
	}
	if err != nil {
		return nil, fmt.Errorf("simulate plan %s: %w", p.Name, err)
	}
	return r.trace, nil
}

// Stream simulates a plan as Run does, but gives each event to the caller in the order of
// the trace instead of keeping it, so that its memory does not grow with the frames, but
// for 4 bytes per choice of a configuration actor. An event is the caller's until each
// returns; an error from each ends the run. begin is given the header before the first
// event; Stream returns it. Only of a plan with faults, whose events may turn out to count
// for nothing, are all kept until the run is over.
func (d *Driver) Stream(
	ctx context.Context, p *plan.Plan, begin func(*trace.Trace) error, each func(*trace.Event) error,
) (*trace.Trace, error) {
	t, err := d.stream(ctx, p, begin, each)
	if err != nil {
		return nil, fmt.Errorf("simulate plan %s: %w", p.Name, err)
	}
	return t, nil
}

func (d *Driver) stream(
	ctx context.Context, p *plan.Plan, begin func(*trace.Trace) error, each func(*trace.Event) error,
) (*trace.Trace, error) {
	r, err := d.newRun(p)
	if err != nil {
		return nil, err
	}
	return r.trace, r.stream(ctx, begin, each)
}

// stream runs a run and gives its events.
func (r *run) stream(ctx context.Context, begin func(*trace.Trace) error, each func(*trace.Event) error) error {
	if r.faulty {
		return r.replay(ctx, begin, each)
	}
	if err := begin(r.trace); err != nil {
		return err
	}
	check := trace.NewChecker(r.laws)
	r.each = func(e *trace.Event) error {
		check.Add(e)
		return each(e)
	}
	if err := r.run(ctx); err != nil {
		return err
	}
	return check.End(r.trace)
}

// replay gives the events of a run with faults when it is over.
func (r *run) replay(ctx context.Context, begin func(*trace.Trace) error, each func(*trace.Event) error) error {
	if err := r.run(ctx); err != nil {
		return err
	}
	if err := trace.Check(r.trace, r.laws); err != nil {
		return err
	}
	events := r.trace.Events
	r.trace.Events = nil
	if err := begin(r.trace); err != nil {
		return err
	}
	for i := range events {
		if err := each(&events[i]); err != nil {
			return err
		}
	}
	return nil
}

// run feeds events to engines in the order of their times until the run is over.
func (r *run) run(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return err
	}
	for n := 0; !r.over(); n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if err := r.step(); err != nil {
			return err
		}
	}
	r.end()
	r.give()
	if r.given != nil {
		return r.given
	}
	return r.finished()
}

// end fills in what is known of a trace when its run is over.
func (r *run) end() {
	if r.faulty {
		r.leaveLines()
		r.trace.EndNs = r.now
	}
	if r.trace.Restarts > 0 {
		r.cleanUp()
	}
	if r.faulty && r.sums != nil {
		r.countUnderway()
	}
	for i := range r.devices {
		r.trace.Captured = append(r.trace.Captured, r.engines[i].Captured()...)
	}
	for i := range r.fifos {
		if b := &r.fifos[i]; b.tokens != nil && b.tokens.Loses() {
			r.trace.Crossed = append(r.trace.Crossed, trace.Crossed{
				Name: b.name, Link: b.link, FIFO: i, Bytes: b.crossed, LostBytes: b.lost(),
			})
		}
	}
}

// begin lets the devices get to know each other, before the run and at no cost, and
// sets when they start and what will go wrong.
func (r *run) begin() error {
	for i := range r.devices {
		for p := range r.devices[i].conns {
			r.push(pending{kind: engine.Reconnected, device: int32(i), index: int32(p)})
		}
	}
	for r.connecting = true; r.events.len() > 0 && r.events.peek().at == 0; {
		if err := r.step(); err != nil {
			return err
		}
	}
	r.connecting = false
	r.schedule()
	for i := range r.devices {
		r.push(pending{kind: engine.Start, device: int32(i)})
	}
	for a := range r.plan.Work {
		if r.plan.Work[a].Sink {
			r.left++
		}
	}
	return nil
}

// push takes in an event to come. One whose time is more than can be said comes last, for step to
// refuse.
func (r *run) push(p pending) {
	if p.at < 0 {
		p.at = math.MaxInt64
	}
	if p.works() {
		r.work++
		if r.captures && p.kind == engine.Timer {
			r.shots++
		}
	}
	r.events.push(&p)
}

// step feeds the next event to its engine, and then what was saved: that takes no time.
func (r *run) step() error {
	p := r.events.pop()
	if p.at == math.MaxInt64 {
		return fmt.Errorf("%w: it goes on for more than 292 years, since %v; let periods, costs and latencies be shorter, "+
			"or bandwidths higher", ErrPlan, time.Duration(r.now))
	}
	r.now = p.at
	if p.works() {
		r.work--
		if r.captures && p.kind == engine.Timer {
			r.shots--
		} else {
			r.moved = r.now
		}
	}
	if r.media != nil && r.onMedium(&p) {
		return nil
	}
	if r.faulty {
		if p.kind >= faultBegins {
			return r.fault(&p)
		}
		if r.outdated(&p) {
			return nil
		}
		if r.sums != nil {
			return r.stepSummed(&p)
		}
	}
	return r.do(&p)
}

// do feeds an event that happens to its engine.
func (r *run) do(p *pending) error {
	var ev engine.Event
	p.fill(&ev)
	switch p.kind {
	case engine.Data, engine.Ack:
		ev.TokenID = r.tokens.items[p.place]
		r.tokens.release(p.place)
		r.arrived(p, &ev.TokenID)
	case engine.HelloFrom:
		ev.Hello = &r.hellos.items[p.place]
		r.hellos.release(p.place) // none is sent before this one is read
	}
	err := r.feed(p.device, &ev)
	if err == nil {
		err = r.given
	}
	for i := 0; i < len(r.saves) && err == nil; i++ {
		s := &r.saves[i]
		r.saved[s.Actor] = max(r.saved[s.Actor], s.Firing)
		if r.plan.Work[s.Actor].Sink {
			r.barren = 0
			if s.Firing == r.plan.Workload.Frames {
				r.left--
			}
		}
		err = r.feed(p.device, s)
	}
	r.saves = r.saves[:0]
	return err
}

func (r *run) feed(device int32, ev *engine.Event) (err error) {
	if r.effects, err = r.engines[device].Step(r.now, *ev, r.effects[:0]); err != nil {
		return fmt.Errorf("at %d ns: %w", r.now, err)
	}
	for i := range r.effects {
		r.carryOut(device, &r.effects[i])
	}
	return nil
}
