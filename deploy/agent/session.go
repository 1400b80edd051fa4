package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/journal"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/deploy/seal"
	"github.com/edgeprune/edgeprune/deploy/shape"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// session is a loaded run: a node and what joins it to NATS.
type session struct {
	agent       *Agent
	run         string
	coordinator string // that loaded it
	epoch       uint64
	plan        *plan.Plan
	node        *node.Node
	journal     *journal.Journal // nil: the run goes with the process
	traces      *traceSender
	ctx         context.Context // ends when the session closes, or with what made it fail
	end         context.CancelCauseFunc
	once        sync.Once                  // starts
	began       atomic.Pointer[wire.Began] // set by once

	tokenBytes atomic.Uint64 // of messages with parts of tokens that the trace has a Send of
	wg         sync.WaitGroup

	leaving    *leaving             // of tokens over links that are not shaped; nil: none leaves the machine
	senders    []*shape.Sender      // data and acknowledgements of every link direction
	senderOf   []*shape.Sender      // by FIFO; nil: it crosses no boundary
	dataTo     [][]*shape.Sender    // by peer: those of tokens
	boxes      map[string]*seal.Box // by peer over a sealed link
	heardPeer  []atomic.Int64       // by peer: when one of its messages came, on clock.Now
	subs       []subscription
	drained    sync.WaitGroup            // of subs
	before     uint64                    // bytes that the agent had published when the run was loaded
	notes      notes                     // of its kernels
	loadNotes  []string                  // what the answer to the load said of these
	hello      []byte                    // the last one that was sent; guarded by the node's mutex
	fetched    fetched                   // of its sub-models
	crossed    []*crossed                // by link and peer; complete when the session is made
	rates      map[string]float64        // of links, in bytes per second, as measured
	paced      map[string]*profile.Rates // bandwidths over time, by link
	capacities map[string]*profile.Rates // over time, by medium
	start      shape.Start               // of the run

	metering atomic.Pointer[power.Recording] // nil: no meter is read
	energy   *energy.Metered                 // what was read; set when the session has closed
	state    *device.State                   // of the device when the run was loaded; nil: it is not read
}

// newSession makes kernels and token memory, and subscribes. Tokens may arrive as
// soon as it returns.
func (a *Agent) newSession(coordinator string, req *wire.LoadRequest) (*session, error) {
	p := &plan.Plan{}
	if err := json.Unmarshal(req.Plan, p); err != nil {
		return nil, fmt.Errorf("device %s: plan: %w", a.cfg.Device, err)
	}
	if req.Device < 0 || req.Device >= len(p.Platform.Devices) || p.Platform.Devices[req.Device].Name != a.cfg.Device {
		return nil, fmt.Errorf("%w: the plan's device %d is not %s", ErrConfig, req.Device, a.cfg.Device)
	}
	if err := check(p); err != nil {
		return nil, fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	if err := a.cfg.Limits.check(needs(p, req)); err != nil {
		return nil, fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	s := &session{agent: a, run: req.Run, coordinator: coordinator, epoch: req.Epoch, plan: p,
		before: a.sentBytes(), rates: req.Rates, paced: req.Bandwidths, capacities: req.Capacities}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	a.loading.Store(s)
	if err := s.make(req); err != nil {
		a.loading.Store(nil)
		if fault := s.fault(); fault != nil {
			err = fmt.Errorf("device %s: %w", a.cfg.Device, fault)
		}
		return nil, err
	}
	return s, nil
}

// make makes all that a session consists of.
func (s *session) make(req *wire.LoadRequest) error {
	a, p := s.agent, s.plan
	o := node.Options{Epoch: req.Epoch, Resume: req.Resume, Limits: req.Limits, Clock: a.cfg.Clock, Refused: a.refused}
	if req.Recover {
		kept, err := s.open(req.Resume)
		if err != nil {
			s.end(nil)
			return fmt.Errorf("device %s: %w", a.cfg.Device, err)
		}
		o.Journal, o.Kept = s.journal, kept.Actors
	}
	var err error
	load := loadOf{a.cfg.Device, s.coordinator, s.run, s.epoch, &a.rejected}
	if s.traces, err = newTraceSender(a.bulk, load, s.heard, s.received, s.fail); err != nil {
		s.end(nil)
		s.shut(false)
		return fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	a.traces, o.Behind = s.traces, s.traces.behind.Load
	models, err := a.fetch(s, req.Models)
	if err != nil {
		s.end(nil)
		s.shut(false)
		return fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	s.node, err = node.New(p, req.Device, func(actor int, record func(trace.Result)) (kernel.Kernel, error) {
		return s.makeKernel(req.Device, actor, models[req.Models[actor].SHA256], record)
	}, s, o)
	if err != nil {
		s.end(nil)
		s.shut(false)
		return err
	}
	context.AfterFunc(s.ctx, func() {
		if fault := s.fault(); fault != nil {
			s.node.Fail(fault)
		}
	})
	err = s.makeBoxes(req.Seal)
	if err == nil {
		err = s.join()
	}
	if err != nil {
		s.close(false)
		return fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	s.wg.Go(s.stream)
	s.wg.Go(s.watch)
	s.probe(req.Probe)
	if alone := s.node.Slice().Alone; alone != nil {
		if err := s.listen(alone.Peer); err != nil {
			s.close(false)
			return fmt.Errorf("device %s: %w", a.cfg.Device, err)
		}
	}
	return nil
}

// fail ends the run with what went wrong with the connection.
func (s *session) fail(err error) {
	s.end(fmt.Errorf("%s: %w", transport.Server(s.agent.nc), err))
}

// fault returns what went wrong with the connection, nil for nothing.
func (s *session) fault() error {
	if err := context.Cause(s.ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// failure returns why the run has failed, "" if it hasn't.
func (s *session) failure() string {
	if err := s.node.Err(); err != nil && !errors.Is(err, node.ErrClosed) {
		return err.Error()
	}
	return ""
}

// fullDisk is how long a run that shall survive waits for room on the disk.
const fullDisk = 30 * time.Second

// open opens the run's journal and removes those of runs that are over.
func (s *session) open(resume bool) (*journal.Contents, error) {
	cfg := &s.agent.cfg
	if cfg.State == "" {
		return nil, fmt.Errorf("%w: the run shall survive the end of the agent, which has no folder for that; give --state",
			ErrConfig)
	}
	dir := filepath.Join(cfg.State, cfg.Device)
	path := filepath.Join(dir, s.run+journal.Suffix)
	if err := journal.Clean(dir, path); err != nil {
		return nil, err
	}
	var kept *journal.Contents
	var err error
	s.journal, kept, err = journal.Open(path, resume, journal.Options{
		FullFor: fullDisk,
		Saved:   func(actor int, firings int64) { s.node.Saved(actor, firings) },
		Failed:  func(err error) { s.node.Fail(err) },
	})
	return kept, err
}

// received says which results of an actor the coordinator has.
func (s *session) received(actor int, frame int64) {
	if s.journal != nil {
		s.journal.Received(actor, frame)
	}
}

// heard notes that the run's owner was heard.
func (s *session) heard() { s.agent.holder.renew(s.coordinator, s.run) }

// shut closes the journal; of a run that is over it removes it.
func (s *session) shut(over bool) {
	switch {
	case s.journal == nil:
	case over:
		_ = s.journal.Remove() // what can't be removed now is removed by Clean
	default:
		_ = s.journal.Close() // the node has failed with its error
	}
}

// makeKernel makes an actor's kernel for a device, with its sub-model if it runs one.
func (s *session) makeKernel(device, actor int, model []byte, record func(trace.Result)) (kernel.Kernel, error) {
	a := s.agent
	host := kernel.Host{Kernels: a.cfg.Kernels, Data: a.data, Files: a.cfg.Files, Record: record, Note: s.notes.add,
		Context: s.ctx}
	k, err := host.MakeOn(s.plan, device, actor, model)
	if why := a.library.Load(); errors.Is(err, ort.ErrNotLoaded) && why != nil {
		err = fmt.Errorf("%w: %w", err, *why)
	}
	return k, err
}

func (a *Agent) data(name string) (string, error) {
	if a.cfg.Data == nil {
		return "", fmt.Errorf("%w: data set %s is asked for, but the agent has no data sets", ErrConfig, name)
	}
	return a.cfg.Data(name)
}

// watch reports what the node fails with.
func (s *session) watch() {
	<-s.node.Done()
	// Of a run that the agent has ended, the heartbeats say by whom.
	if text := s.failure(); text != "" && !errors.Is(s.node.Err(), errEnded) {
		s.agent.log.Error("failed", "run", s.run, "error", text)
		// The heartbeats tell of what is lost here.
		_ = transport.Publish(s.agent.nc, wire.ErrorSubject(s.agent.cfg.Device, s.coordinator, s.run), []byte(text))
	}
}

// stream sends what was recorded, several times a second, when it is much, and at the end.
func (s *session) stream() {
	tick := time.NewTicker(traceEvery)
	defer tick.Stop()
	for going := true; going; {
		select {
		case <-tick.C:
		case <-s.node.Full():
		case <-s.ctx.Done():
			going = false
		}
		b := s.node.Take()
		s.observe(&b)
		s.traces.send(b)
	}
}

// reconnected says that messages may have been lost.
func (s *session) reconnected() {
	for i := range s.node.Slice().Peers() {
		_ = s.node.Reconnected(i) // the node fails by itself
	}
}

// close takes what has arrived already, ends the node and sends the rest of the
// trace. Nothing of a run that is over is kept.
func (s *session) close(over bool) {
	s.countOver()
	for _, sub := range s.subs {
		end := sub.Drain
		if !sub.nc.IsConnected() {
			end = sub.Unsubscribe // there is nothing to come
		}
		if end() != nil {
			sub.drained() // the connection is closed
		}
	}
	s.drained.Wait()
	if s.leaving != nil {
		s.leaving.close()
	}
	_ = s.node.Close() // what a kernel fails to free is gone with the process
	s.endMetering()
	s.end(nil)
	s.wg.Wait()
	s.shut(over)
}

// link returns the link that a FIFO crosses, nil for none.
func (s *session) link(f slice.FIFO) *plan.Link {
	if r := s.plan.Routes[f.FIFO]; r >= 0 {
		return &s.plan.Platform.Links[r]
	}
	return nil
}

// leavingOver returns what records when tokens have left over a link, nil for one that holds them
// back itself, or that stays on the machine.
func (s *session) leavingOver(l *plan.Link) *leaving {
	if l != nil && l.Shaped() || !s.agent.outgoing.Outside() {
		return nil
	}
	if s.leaving == nil {
		s.leaving = newLeaving(&s.agent.outgoing, s.agent.bulk, s.agent.cfg.Clock)
	}
	return s.leaving
}
