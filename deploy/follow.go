package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// follow takes trace batches until every actor has fired for every frame, and
// ends the sources early when the driver has seen enough.
func (r *run) follow() error {
	stall := r.driver.Stall
	if stall <= 0 {
		stall = defaultStall
	}
	timer := time.NewTimer(stall)
	defer timer.Stop()
	next := int64(0) // counted frames at which Enough is asked next
	stopped := false
	for !r.tally.done() {
		select {
		case msg := <-r.batches:
			if err := r.tally.add(msg); err != nil {
				return err
			}
			timer.Reset(stall)
		case <-timer.C:
			return r.stalled(stall)
		case <-r.ctx.Done():
			return context.Cause(r.ctx)
		}
		if stopped || !r.mayStop() {
			continue
		}
		if n := r.tally.counted(); n >= max(next, r.plan.Workload.MinFrames, 1) {
			next = n + n/8 + 1
			r.tally.trace.sort()
			if stopped = r.driver.Enough(r.plan, &r.tally.trace.Trace); stopped {
				if err := r.stop(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *run) mayStop() bool { return r.plan.Workload.Precision > 0 && r.driver.Enough != nil }

// stop ends all sources, and has every instance complete the frames that have begun.
func (r *run) stop() error {
	begun := map[string]int64{}
	for a, w := range r.plan.Work {
		if !w.Source {
			continue
		}
		reply, err := r.ask(w.Device, wire.Stop, answerLimit, wire.StopRequest{RunRequest: wire.RunRequest{Run: r.id}, Actor: a})
		if err != nil {
			return err
		}
		if n, ok := begun[w.Instance]; !ok || reply.Firings < n {
			begun[w.Instance] = reply.Firings
		}
	}
	for a, w := range r.plan.Work {
		if n, ok := begun[w.Instance]; ok {
			r.tally.target[a] = n
		}
	}
	return nil
}

// stalled says which actors wait, and for what.
func (r *run) stalled(after time.Duration) error {
	var waits []string
	for _, device := range r.devices() {
		reply, err := r.ask(device, wire.Status, time.Second, nil)
		if err != nil {
			waits = append(waits, err.Error())
			continue
		}
		for _, w := range reply.Status.Waits {
			waits = append(waits, "device "+r.name(device)+": "+w)
		}
	}
	slices.Sort(waits)
	return fmt.Errorf("%w: no event for %v:\n  %s", ErrStalled, after, strings.Join(waits, "\n  "))
}

// targets returns how often the plan's actors have to fire.
func targets(p *plan.Plan) []int64 {
	t := make([]int64, len(p.Work))
	for a := range t {
		t[a] = p.Workload.Frames
	}
	return t
}
