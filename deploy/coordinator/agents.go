package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"
)

const (
	silence    = 3 * time.Second // after which an agent counts as lost
	watchEvery = 250 * time.Millisecond
)

// agentState is what the coordinator knows of a device's agent.
type agentState struct {
	device int
	spare  bool // others go on without it

	mu          sync.Mutex      // guards what follows
	loads       int             // of the run, also those that failed
	epoch       uint64          // of the last one
	incarnation string          // that has the run loaded; "": none has yet
	seen        map[string]bool // incarnations that are known to have been
	restoring   bool            // a restart is being looked into, or made up for
	heard       time.Time
	seal        string // the public key that it seals tokens with; "": it was not asked
	asked       bool   // what it says when it is silent
	left        string // why it has ended, as it has said; "": it hasn't
}

func (r *run) newAgents() {
	r.agents = make(map[int]*agentState)
	for i, d := range r.devices() {
		r.agents[d] = &agentState{device: d, spare: r.slices[i].Spare, seen: map[string]bool{}, heard: time.Now()}
	}
}

// silent returns how long nothing has been heard of an agent.
func (a *agentState) silent() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Since(a.heard)
}

// ask reports whether a silent agent has not been asked yet.
func (a *agentState) ask() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	first := !a.asked
	a.asked = true
	return first
}

// listen notes that the agent lives, or that it could not be heard until now.
func (a *agentState) listen() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.heard = time.Now()
}

// nextLoad counts a load and returns its epoch, and whether it goes on with what an
// earlier one saved.
func (a *agentState) nextLoad() (epoch uint64, resume bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.loads++
	a.epoch = nextEpoch(a.epoch)
	return a.epoch, a.loads > 1
}

// loaded notes which incarnation has the run.
func (a *agentState) loaded(incarnation string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.incarnation = incarnation
	a.seen[incarnation] = true
}

// restarts returns how often the agent was started again, as far as is known.
func (a *agentState) restarts() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(a.loads, len(a.seen), 1) - 1
}

// alive notes a heartbeat. It reports whether it claims that an agent that has the run was
// started again; if so, the caller looks into that and calls restored.
func (a *agentState) alive(incarnation string) (claims bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.heard = time.Now()
	if a.incarnation == "" || a.seen[incarnation] || a.restoring {
		return false
	}
	a.restoring = true
	return true
}

// restarted notes that the agent was started again, as an incarnation.
func (a *agentState) restarted(incarnation string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[incarnation] = true
	a.left = ""
}

// leave notes that an agent ends, and why. It reports whether the run has lost it: not one of
// the same name that the run doesn't know.
func (a *agentState) leave(incarnation, why string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.incarnation != "" && a.incarnation != incarnation {
		return false
	}
	a.heard, a.left = time.Now(), why
	return true
}

// farewell returns why an agent has ended, as it has said.
func (a *agentState) farewell() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.left
}

func (a *agentState) restored() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.restoring = false
}

// spare reports whether the run goes on without a device.
func (r *run) spare(device int) bool { return r.agents[device].spare && r.driver.Patience > 0 }

// load has a device load its slice, with what it saved of it unless it is the
// first time. Kernels may take minutes to make; the heartbeats tell whether agents live.
func (r *run) load(a *agentState) error {
	over := r.traces.of(&r.plan.Platform, r.name(a.device))
	req := wire.LoadRequest{
		Build: r.driver.build(),
		Run:   r.id, Device: a.device, Plan: r.encoded, Models: r.models[a.device], Limits: r.stoppedAt(),
		Recover: r.driver.Patience > 0, Probe: r.toProbe(a.device), Owner: r.owner, PatienceNs: int64(r.driver.Patience),
		Seal: r.peerKeys(a.device), Rates: r.rates(a.device),
		Bandwidths: over.links, Capacities: over.media,
	}
	req.Epoch, req.Resume = a.nextLoad()
	reply, err := r.ask(r.ctx, a.device, wire.Load, 0, req)
	for n := 0; err != nil && reply != nil && len(reply.Lacking) > 0; n++ {
		if n == storedAgain {
			return fmt.Errorf("%w; they are missing there although they were uploaded: if it is behind a leaf node with a "+
				"JetStream of its own, give its agent --js-domain, that of the NATS server with the object store", err)
		}
		if err := r.uploadAgain(reply.Lacking); err != nil {
			return err
		}
		reply, err = r.ask(r.ctx, a.device, wire.Load, 0, req)
	}
	if err != nil {
		return err
	}
	a.loaded(reply.Incarnation)
	r.note(reply)
	return r.noteKey(a, reply)
}

// note hands on what kernels have to say.
func (r *run) note(reply *wire.Reply) {
	for _, text := range reply.Notes {
		if r.driver.Note != nil {
			r.driver.Note(text)
		}
	}
}

// loadAll has all devices load their slices.
func (r *run) loadAll() error {
	var g errgroup.Group
	for _, a := range r.agents {
		g.Go(func() error { return r.load(a) })
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
	r.t0.Store(r.times.own.Now() + int64(leadTime))
	r.tally.trace.BeganUnixNs = time.Now().Add(leadTime).UnixNano()
	r.times.beganAt(wire.Began{At: r.t0.Load(), Clock: r.times.own.ID()})
	for i := range r.plan.Faults {
		r.wg.Go(func() { r.interrupt(&r.plan.Faults[i], r.interrupts) })
	}
	for _, device := range devices {
		err := r.startOne(device)
		if errors.Is(err, errNotLoaded) && r.driver.Patience > 0 {
			continue // its agent has been started again: restore starts the slice
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) startOne(device int) error {
	req := r.times.start(device)
	req.Run = r.id
	reply, err := r.ask(r.ctx, device, wire.Start, answerLimit, req)
	if err != nil {
		return err
	}
	if reply.Began == nil {
		return fmt.Errorf("%w: device %s began without saying when", ErrAgent, r.name(device))
	}
	r.times.beganAt(*reply.Began)
	return r.times.note(device, r.name(device), reply.Began.Clock)
}

// watchAgents fails the run when an agent reports an error, goes silent for longer
// than the patience or ends, and restores the run on those that come back.
func (r *run) watchAgents() {
	bySubject := make(map[string]*agentState)
	for _, a := range r.agents {
		bySubject[wire.AliveSubject(r.name(a.device))] = a
	}
	var lost <-chan struct{}
	if r.driver.Processes != nil {
		lost = r.driver.Processes.Lost()
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var gone time.Time // since when there is no connection; zero: there is one
	missed, begun := newMissing(r), time.Now()
	for {
		select {
		case msg := <-r.reports:
			a := bySubject[msg.Subject]
			if a == nil {
				r.reported(msg)
				continue
			}
			r.heartbeat(a, msg.Data)
		case <-tick.C:
			limit := max(silence, r.driver.Patience)
			if r.serverBack(&gone, limit) {
				r.checkSilence(limit)
			}
			missed.look(begun)
		case <-lost:
			r.fail(r.driver.Processes.Err())
			lost = nil
		case <-r.done:
			return
		}
	}
}

// reported takes a report of an error, which ends the run if the device says the same when it
// is asked, or does not answer. Else it is counted. One is looked at at a time: the heartbeats
// tell of those that are missed.
func (r *run) reported(msg *nats.Msg) {
	if !r.confirming.CompareAndSwap(false, true) {
		r.rejected.Add("error"+wire.OverBound, 1)
		return
	}
	device := r.plan.Platform.Device(wire.Sender(msg.Subject))
	r.wg.Go(func() {
		defer r.confirming.Store(false)
		ctx, cancel := context.WithTimeout(r.ctx, askAgain)
		defer cancel()
		reply, err := r.askOnce(ctx, device, wire.Status, nil)
		if err == nil && reply.Status != nil && reply.Status.Run == r.id && reply.Status.Failed == "" {
			r.rejected.Add("error"+wire.Refused, 1)
			return
		}
		r.fail(fmt.Errorf("%w: %s", ErrAgent, wire.Clean(string(msg.Data), wire.TextBytes)))
	})
}

// heartbeat takes a heartbeat, and looks into it when it claims a restart.
func (r *run) heartbeat(a *agentState, data []byte) {
	var alive wire.Alive
	if json.Unmarshal(data, &alive) != nil || alive.Incarnation == "" {
		r.rejected.Add("alive"+wire.Malformed, 1)
		return
	}
	alive.Clean()
	if alive.Wire != wire.Format { // what else it says may mean something else
		if a.alive(alive.Incarnation) {
			r.wg.Go(func() { r.lookInto(a, alive.Incarnation) })
		}
		return
	}
	if e := alive.Ended; e != nil && e.Run == r.id {
		r.fail(endedError(r.name(a.device), e))
	}
	if alive.Run == r.id && alive.Failed != "" {
		r.fail(fmt.Errorf("%w: %s", ErrAgent, alive.Failed))
	}
	r.moved(r.name(a.device), alive.Fetched, alive.Fetching)
	if alive.Goodbye != "" {
		// With patience, the agent may come back, from now on within that.
		if a.leave(alive.Incarnation, alive.Goodbye) && r.driver.Patience == 0 {
			r.fail(fmt.Errorf("%w: device %s: %s", ErrAgentLost, r.name(a.device), alive.Goodbye))
		}
		return
	}
	if a.alive(alive.Incarnation) {
		r.wg.Go(func() { r.lookInto(a, alive.Incarnation) })
	}
}

// checkSilence fails the run if nothing was heard of an agent for longer than limit.
func (r *run) checkSilence(limit time.Duration) {
	for _, a := range r.agents {
		if a.silent() > limit && !r.spare(a.device) && a.ask() {
			r.wg.Go(func() { r.fail(r.silentError(a)) })
		}
	}
}

// silentError says that an agent is silent and, if it answers all the same, what it says.
func (r *run) silentError(a *agentState) error {
	err := fmt.Errorf("%w: device %s has been silent for %v", ErrAgentLost, r.name(a.device),
		a.silent().Round(time.Millisecond))
	if why := a.farewell(); why != "" {
		return fmt.Errorf("%w: device %s: %s, and did not come back within %v", ErrAgentLost, r.name(a.device), why,
			max(silence, r.driver.Patience))
	}
	ctx, cancel := context.WithTimeout(r.ctx, diagnoseLimit)
	defer cancel()
	reply, failed := r.askOnce(ctx, a.device, wire.Status, nil)
	switch {
	case errors.Is(failed, ErrNoAgent):
		return fmt.Errorf("%w; its agent has ended, or has no connection to the NATS server%s", err, r.losses())
	case failed == nil && reply.Status != nil && reply.Status.Failed != "":
		return fmt.Errorf("%w; it says: %s", err, reply.Status.Failed)
	case failed == nil:
		return fmt.Errorf("%w, but answers: its heartbeats on %s don't arrive", err, wire.AliveSubject(r.name(a.device)))
	}
	return fmt.Errorf("%w%s", err, r.losses())
}

// restarts returns how often agents and the NATS server were started again.
func (r *run) restarts() int {
	n := int(r.nc.Stats().Reconnects - r.before)
	for _, a := range r.agents {
		n += a.restarts()
	}
	return n
}
