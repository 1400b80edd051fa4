package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

func (a *Agent) load(coordinator string, data []byte) (*wire.Reply, error) {
	var req wire.LoadRequest
	if err := a.decode(coordinator, data, &req, &req.Build); err != nil {
		return nil, err
	}
	if err := errors.Join(wire.CheckName("run", req.Run), wire.CheckName("coordinator", coordinator)); err != nil {
		return nil, fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	if err := a.hold(coordinator, &wire.ClaimRequest{RunRequest: wire.RunRequest{Run: req.Run}, Owner: req.Owner,
		PatienceNs: req.PatienceNs}); err != nil {
		return nil, err
	}
	if s := a.session; s != nil && s.run == req.Run && s.epoch >= req.Epoch {
		if s.epoch > req.Epoch {
			return nil, fmt.Errorf("%w: run %s is loaded with epoch %d, asked for is %d", ErrConfig, s.run, s.epoch, req.Epoch)
		}
		return s.loadReply(), nil // the first answer may be lost
	}
	a.unload(a.session != nil && a.session.run != req.Run)
	_ = a.loadLibrary() // a kernel that needs it says so
	a.traces.close()
	a.traces = nil
	begin := time.Now()
	a.log.Info("loading", "run", req.Run, "coordinator", coordinator, "epoch", req.Epoch, "resume", req.Resume)
	s, err := a.newSession(coordinator, &req)
	if err != nil {
		return nil, err
	}
	a.log.Info("loaded", "run", req.Run, "plan", s.plan.Name, "seconds", time.Since(begin).Seconds())
	s.state = a.state()
	a.session = s
	a.totals.begin(s)
	a.running.Store(s)
	s.loadNotes = s.notes.take()
	return s.loadReply(), nil
}

// loadReply says that the session is there.
func (s *session) loadReply() *wire.Reply {
	reply := &wire.Reply{Notes: s.loadNotes}
	if len(s.boxes) > 0 {
		reply.Seal = s.agent.sealing.key.Public()
	}
	return reply
}

// unload ends the loaded run, if there is one; it may be over for good.
func (a *Agent) unload(over bool) {
	if a.session != nil {
		a.running.Store(nil)
		a.loading.Store(nil)
		a.session.close(over)
		a.totals.end(a.session)
		a.session = nil
	}
}

// loaded decodes a request and returns the session that it names.
func (a *Agent) loaded(coordinator string, data []byte, req any, run *string) (*session, error) {
	if err := json.Unmarshal(data, req); err != nil {
		return nil, err
	}
	if a.session == nil || a.session.run != *run || a.session.coordinator != coordinator {
		return nil, fmt.Errorf("%s: %w", *run, ErrNotLoaded)
	}
	a.holder.renew(coordinator, *run)
	return a.session, nil
}

func (a *Agent) start(coordinator string, data []byte) (*wire.Reply, error) {
	var req wire.StartRequest
	s, err := a.loaded(coordinator, data, &req, &req.Run)
	if err != nil {
		return nil, err
	}
	s.once.Do(func() {
		began := &wire.Began{At: req.T0, Clock: a.cfg.Clock.ID()}
		if req.Clock != began.Clock {
			began.At = a.cfg.Clock.Now() + req.Lead
		}
		s.began.Store(began)
		s.start.Set(began.At)
		s.meter(began.At)
		s.wg.Go(func() {
			if a.cfg.Clock.Waiter().Until(s.ctx, began.At) == nil {
				a.log.Info("begun", "run", s.run)
				_ = s.node.Start(began.At) // watch reports what the node fails with
			}
		})
	})
	return &wire.Reply{Began: s.began.Load()}, nil
}

func (a *Agent) stop(coordinator string, data []byte) (*wire.Reply, error) {
	var req wire.StopRequest
	s, err := a.loaded(coordinator, data, &req, &req.Run)
	if err != nil {
		return nil, err
	}
	n, err := s.node.Stop(req.Actor)
	return &wire.Reply{Firings: n}, err
}

func (a *Agent) drain(coordinator string, data []byte) (*wire.Reply, error) {
	var req wire.RunRequest
	s, err := a.loaded(coordinator, data, &req, &req.Run)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(drainLimit)
	for _, sender := range s.senders {
		for !sender.Idle() {
			if err := s.node.Err(); err != nil {
				return nil, fmt.Errorf("device %s: tokens are left to send: %w", a.cfg.Device, err)
			}
			if time.Now().After(deadline) {
				return nil, fmt.Errorf("device %s: tokens are left to send after %v", a.cfg.Device, drainLimit)
			}
			time.Sleep(time.Millisecond)
		}
	}
	if err := a.bulk.FlushTimeout(drainLimit); err != nil {
		return nil, err
	}
	for s.leaving != nil && !s.leaving.idle() && time.Now().Before(deadline) { // all has left: that is noted soon
		time.Sleep(time.Millisecond)
	}
	return &wire.Reply{}, nil
}

func (a *Agent) finish(coordinator string, data []byte) (*wire.Reply, error) {
	var req wire.FinishRequest
	_, err := a.loaded(coordinator, data, &req, &req.Run)
	if errors.Is(err, ErrNotLoaded) && a.last.reply != nil && a.last.run == req.Run {
		if !req.Received || a.session != nil {
			return a.last.reply, nil
		}
		a.traces.settle()
		again := *a.last.reply
		again.OtherBytes = int64(a.sentBytes() - a.last.tokens)
		return &again, nil
	}
	if err != nil {
		return nil, err
	}
	status := a.status()
	s := a.session
	a.log.Info("finished", "run", s.run, "frames", status.Frames)
	a.unload(true)
	tokens := s.before + s.tokenBytes.Load()
	a.last = finished{req.Run, &wire.Reply{Epoch: a.traces.epoch, Batches: a.traces.batches(), Status: status,
		Counted: s.node.Counted(), Captured: s.node.Captured(), WaitedNs: s.node.Waited(),
		OtherBytes: int64(a.sentBytes() - tokens), Notes: s.notes.take(), Metered: s.metered(),
		State: a.since(s.state),
	}, tokens}
	return a.last.reply, nil
}

func (a *Agent) tell(_ string, data []byte) (*wire.Reply, error) {
	var req wire.StatusRequest
	if len(data) > 0 {
		err := json.Unmarshal(data, &req)
		if err != nil {
			return nil, err
		}
	}
	if req.Collect {
		debug.FreeOSMemory()
	}
	status := a.status()
	if req.Detail {
		status.Detail = a.detail()
	}
	if req.Fingerprint {
		status.Fingerprint = a.fingerprint()
	}
	if req.Reference {
		took, err := a.reference()
		if err != nil {
			return nil, err
		}
		status.ReferenceNs = int64(took)
	}
	return &wire.Reply{Status: status}, nil
}
