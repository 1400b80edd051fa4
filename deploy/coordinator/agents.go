package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"golang.org/x/sync/errgroup"
)

const (
	silence    = 3 * time.Second // after which an agent counts as lost
	watchEvery = 250 * time.Millisecond
)

// ward is what the coordinator knows of a device's agent.
type ward struct {
	device int
	spare  bool // others go on without it

	mu          sync.Mutex
	loads       uint64
	incarnation string          // that has the run loaded; "": none has yet
	seen        map[string]bool // incarnations that have been heard of
	mending     bool
	heard       time.Time
}

func (r *run) newWards() {
	r.wards = make(map[int]*ward)
	for i, d := range r.devices() {
		r.wards[d] = &ward{device: d, spare: r.slices[i].Spare, seen: map[string]bool{}, heard: time.Now()}
	}
}

// silent returns how long nothing has been heard of an agent.
func (w *ward) silent() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.heard)
}

// spare reports whether the run goes on without a device.
func (r *run) spare(device int) bool { return r.wards[device].spare && r.driver.Patience > 0 }

// epoch returns the epoch of the last load.
func (w *ward) epoch() uint64 { return w.loads * engine.EpochStep }

// load has a device load its slice, with what it saved of it unless it is the
// first time. Kernels may take minutes to make; the heartbeats tell whether agents live.
func (r *run) load(w *ward) error {
	r.mu.Lock()
	req := wire.LoadRequest{
		Run: r.id, Device: w.device, Plan: r.encoded, Models: r.models[w.device], Limits: r.limits,
		Recover: r.driver.Patience > 0,
	}
	r.mu.Unlock()
	w.mu.Lock()
	req.Resume = w.loads > 0
	w.loads++
	req.Epoch = w.epoch()
	w.mu.Unlock()
	reply, err := r.ask(r.ctx, w.device, wire.Load, 0, req)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.incarnation = reply.Incarnation
	w.seen[w.incarnation] = true
	return nil
}

// loadAll has all devices load their slices.
func (r *run) loadAll() error {
	var g errgroup.Group
	for _, w := range r.wards {
		g.Go(func() error { return r.load(w) })
	}
	return g.Wait()
}

// start begins the slices, servers first.
func (r *run) start() error {
	devices := r.devices()
	rank := map[plan.Role]int{plan.Server: 0, plan.Gateway: 1, plan.Endpoint: 2}
	slices.SortStableFunc(devices, func(a, b int) int {
		return rank[r.plan.Platform.Devices[a].Role] - rank[r.plan.Platform.Devices[b].Role]
	})
	r.t0.Store(clock.Now() + int64(leadTime))
	for _, device := range devices {
		err := r.startOne(device)
		if errors.Is(err, errNotLoaded) && r.driver.Patience > 0 {
			continue // it has been restarted: mend starts it
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) startOne(device int) error {
	_, err := r.ask(r.ctx, device, wire.Start, answerLimit, wire.StartRequest{
		RunRequest: wire.RunRequest{Run: r.id}, T0: r.t0.Load(), Machine: clock.Machine(),
	})
	return err
}

// lookAfter fails the run when an agent reports an error, goes silent for longer
// than the patience or dies, and has those that come back go on.
func (r *run) lookAfter() {
	limit := max(silence, r.driver.Patience)
	bySubject := make(map[string]*ward)
	for _, w := range r.wards {
		bySubject[wire.AliveSubject(r.name(w.device))] = w
	}
	var lost <-chan struct{}
	if r.driver.Processes != nil {
		lost = r.driver.Processes.Lost()
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case msg := <-r.signs:
			w := bySubject[msg.Subject]
			if w == nil {
				r.fail(fmt.Errorf("%w: %s", ErrAgent, msg.Data))
				continue
			}
			var alive wire.Alive
			if json.Unmarshal(msg.Data, &alive) == nil && w.anew(alive.Incarnation) {
				if r.driver.Patience == 0 {
					r.fail(fmt.Errorf("%w: the agent of device %s was started again during the run", ErrAgentLost, r.name(w.device)))
					continue
				}
				r.wg.Go(func() { r.mend(w) })
			}
		case <-tick.C:
			for _, w := range r.wards {
				if since := w.silent(); since > limit && !r.spare(w.device) {
					r.fail(fmt.Errorf("%w: device %s has been silent for %v", ErrAgentLost, r.name(w.device), since.Round(time.Millisecond)))
				}
			}
		case <-lost:
			r.fail(r.driver.Processes.Err())
			lost = nil
		case <-r.done:
			return
		}
	}
}

// anew notes that an incarnation lives, and reports whether it is one that must be given the run, and is
// not being given it.
func (w *ward) anew(incarnation string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = time.Now()
	if w.seen[incarnation] || w.mending {
		return false
	}
	w.seen[incarnation] = true
	w.mending = w.incarnation != ""
	return w.mending
}

// mend gives the run to an agent that has been started again.
func (r *run) mend(w *ward) {
	err := r.load(w)
	w.mu.Lock()
	w.mending = false
	w.mu.Unlock()
	if err == nil && r.t0.Load() != 0 {
		err = r.startOne(w.device)
	}
	if err != nil && !errors.Is(err, errNotLoaded) && !errors.Is(err, context.Canceled) {
		r.fail(err)
	}
}

// restarts returns how often agents and the NATS server were started again.
func (r *run) restarts() int {
	n := int(r.nc.Stats().Reconnects - r.before)
	for _, w := range r.wards {
		w.mu.Lock()
		n += max(int(w.loads), len(w.seen), 1) - 1
		w.mu.Unlock()
	}
	return n
}
