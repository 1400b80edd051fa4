package agent

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/lease"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// holder knows for which run the device is held. It has a mutex of its own, as a load, which
// has the agent's, may take minutes.
type holder struct {
	base time.Duration // of leases; 0: lease.Base

	mu    sync.Mutex
	held  *wire.Held
	clock lease.Clock
	ended *wire.Ended // the last run that the agent has ended by itself
}

// claim decides on a claim of a device with that many connections so far. It returns who
// held the device before; if the claim is refused, that is who goes on to.
func (h *holder) claim(req *wire.ClaimRequest, links uint64) (lease.Verdict, *wire.Held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.held
	verdict := lease.Decide(before, req)
	switch verdict {
	case lease.Refused:
		return verdict, before
	case lease.Taken:
		by := req.Owner
		h.ended = &wire.Ended{Run: before.Run, Why: fmt.Sprintf("the device was taken by %v", by), By: &by}
		fallthrough
	case lease.Granted, lease.Replaced:
		h.held = &wire.Held{Run: req.Run, Owner: req.Owner, Since: time.Now().UTC().Truncate(time.Second)}
		h.clock = lease.NewClock(h.base, time.Duration(req.PatienceNs), clock.Now(), links)
	case lease.Kept:
		h.clock.Renew(clock.Now())
	}
	return verdict, before
}

// release forgets an owner's run, if the device is held for it.
func (h *holder) release(req *wire.ClaimRequest) (released bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil || lease.Decide(h.held, req) != lease.Kept {
		return false
	}
	h.held = nil
	return true
}

// renew notes that a coordinator was heard, which may own a run.
func (h *holder) renew(coordinator, run string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held != nil && h.held.Run == run && h.held.Owner.Coordinator == coordinator {
		h.clock.Renew(clock.Now())
	}
}

// look returns the run whose lease is over, once; nil: none is.
func (h *holder) look(connected bool, links uint64) *wire.Ended {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil || !h.clock.Look(clock.Now(), connected, links) {
		return nil
	}
	h.ended = &wire.Ended{Run: h.held.Run, Why: fmt.Sprintf("its owner, %v, has been silent for more than %v, its lease",
		h.held.Owner, h.clock.Limit())}
	h.held = nil
	return h.ended
}

// tell returns for whom the device is held, and the last run that the agent has ended.
func (h *holder) tell() (*wire.Held, *wire.Ended) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held, h.ended
}

// claim takes a claim, or gives the device back.
func (a *Agent) claim(coordinator string, data []byte) (*wire.Reply, error) {
	var req wire.ClaimRequest
	if err := a.decode(coordinator, data, &req, &req.Build); err != nil {
		return nil, err
	}
	if err := errors.Join(wire.CheckName("run", req.Run), wire.CheckName("coordinator", coordinator)); err != nil {
		return nil, fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	if req.Release {
		req.Owner.Coordinator = coordinator
		if a.holder.release(&req) {
			a.log.Info("released", "run", req.Run, "owner", req.Owner.String())
			a.endRun(req.Run, fmt.Errorf("%w by its owner", errEnded))
		}
		return &wire.Reply{}, nil
	}
	if err := a.hold(coordinator, &req); err != nil {
		return nil, err
	}
	reply := &wire.Reply{LeaseNs: int64(a.leaseBase())}
	if req.Seal {
		key, err := a.sealKey()
		if err != nil {
			return nil, err
		}
		reply.Seal = key.Public()
	}
	return reply, nil
}

func (a *Agent) leaseBase() time.Duration {
	if a.cfg.Lease <= 0 {
		return lease.Base
	}
	return a.cfg.Lease
}

// hold has the device held for a run of a coordinator, and ends the one that was there before. The error is a
// heldError if somebody else goes on to hold it.
func (a *Agent) hold(coordinator string, req *wire.ClaimRequest) error {
	req.Owner.Coordinator = coordinator
	verdict, before := a.holder.claim(req, a.nc.Stats().Reconnects)
	switch verdict {
	case lease.Refused:
		return &heldError{a.cfg.Device, *before}
	case lease.Granted, lease.Replaced:
		a.log.Info("claimed", "run", req.Run, "owner", req.Owner.String())
	case lease.Taken:
		a.log.Warn("taken", "run", req.Run, "owner", req.Owner.String(), "from", before.Owner.String(), "ended", before.Run)
		_, ended := a.holder.tell()
		a.endRun(before.Run, fmt.Errorf("%w: %s", errEnded, ended.Why))
		a.beatNow()
	}
	return nil
}

// heldError says who holds a device.
type heldError struct {
	device string
	held   wire.Held
}

func (e *heldError) Error() string { return fmt.Sprintf("device %s is %v", e.device, e.held) }

// renewals takes what owners say to keep their leases.
func (a *Agent) renewals() error {
	subject := wire.LeaseSubject(wire.Any, a.cfg.Device, wire.Any)
	_, err := a.nc.Subscribe(subject, func(msg *nats.Msg) {
		a.holder.renew(wire.Sender(msg.Subject), msg.Subject[strings.LastIndexByte(msg.Subject, '.')+1:])
	})
	return err
}

// endLeases ends the runs whose owners have gone, until done.
func (a *Agent) endLeases(done <-chan struct{}) {
	tick := time.NewTicker(lease.Every(a.cfg.Lease))
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if ended := a.holder.look(a.nc.IsConnected(), a.nc.Stats().Reconnects); ended != nil {
			a.log.Warn("lease over", "run", ended.Run, "reason", ended.Why)
			a.endRun(ended.Run, fmt.Errorf("%w: %s", errEnded, ended.Why))
			a.beatNow()
		}
	}
}

// endRun ends a run for good if it is loaded, or is being loaded, and frees what it took. It
// doesn't wait for that.
func (a *Agent) endRun(run string, why error) {
	if s := a.loading.Load(); s != nil && s.run == run {
		s.end(why)
	}
	go func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.session != nil && a.session.run == run {
			a.unload(true)
		}
		if a.traces != nil && a.traces.run == run {
			a.traces.close()
			a.traces = nil
		}
	}()
}
