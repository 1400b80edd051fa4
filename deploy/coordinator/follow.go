package coordinator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// follow takes trace batches until every sink has taken every frame, and ends the
// sources early when the driver has seen enough.
func (r *run) follow() error {
	stall := r.driver.Stall
	if stall <= 0 {
		stall = defaultStall
	}
	stall += r.driver.Patience
	timer, tick := time.NewTimer(stall), time.NewTicker(watchEvery)
	defer timer.Stop()
	defer tick.Stop()
	defer r.count()
	next := int64(0) // counted frames at which Enough is asked next
	stopped := false
	for !r.tally.done(r.restarts() == 0 && r.tally.batches.Dropped() == 0) {
		select {
		case msg := <-r.batches:
			before := r.tally.recorded()
			if err := r.take(msg); err != nil {
				return err
			}
			if r.tally.recorded() > before { // probes of clocks come as long as agents live
				timer.Reset(stall)
			}
		case <-tick.C: // after a restart less is waited for
			if frames := r.count(); r.driver.Progress != nil {
				r.driver.Progress(frames, r.plan.Workload.Frames)
			}
			if err := r.checkClocks(); err != nil {
				return err
			}
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
			if err := r.sort(); err != nil {
				return err
			}
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
	limits := map[int]int64{}
	for a, w := range r.plan.Work {
		if !w.Source {
			continue
		}
		reply, err := r.stopOne(w.Device, a)
		if err != nil {
			return err
		}
		limits[a] = reply.Firings
		r.setStopped(maps.Clone(limits))
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

// stopOne ends a source; if its agent has been started again, as soon as it has
// the run again.
func (r *run) stopOne(device, actor int) (*wire.Reply, error) {
	for {
		reply, err := r.ask(r.ctx, device, wire.Stop, answerLimit,
			wire.StopRequest{RunRequest: wire.RunRequest{Run: r.id}, Actor: actor})
		if !errors.Is(err, errNotLoaded) || r.driver.Patience == 0 {
			return reply, err
		}
		select {
		case <-r.ctx.Done():
			return nil, context.Cause(r.ctx)
		case <-time.After(reconnectWait):
		}
	}
}

// stalled says which actors wait, and for what.
func (r *run) stalled(after time.Duration) error {
	var waits []string
	for _, device := range r.devices() {
		ctx, cancel := context.WithTimeout(r.ctx, time.Second)
		reply, err := r.askOnce(ctx, device, wire.Status, nil)
		cancel()
		if err != nil {
			waits = append(waits, err.Error())
			continue
		}
		if reply.Status == nil {
			waits = append(waits, "device "+r.name(device)+" answers without its status")
			continue
		}
		for _, w := range reply.Status.Waits {
			waits = append(waits, "device "+r.name(device)+": "+w)
		}
		if text := wire.RejectedText(reply.Status.Rejected); text != "" {
			waits = append(waits, "device "+r.name(device)+": "+text)
		}
	}
	slices.Sort(waits)
	return fmt.Errorf("%w: no event for %v:\n  %s%s", ErrStalled, after, strings.Join(waits, "\n  "), r.losses()+r.junk())
}

// targets returns how often the plan's actors have to fire.
func targets(p *plan.Plan) []int64 {
	t := make([]int64, len(p.Work))
	for a := range t {
		t[a] = p.Workload.Frames
	}
	return t
}
