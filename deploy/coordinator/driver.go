package coordinator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

const (
	defaultStall  = 60 * time.Second
	leadTime      = 50 * time.Millisecond // from the start requests to the start
	answerLimit   = 10 * time.Second      // of requests that do no work
	askAgain      = time.Second           // a request that is not answered
	seldom        = 30 * time.Second      // at the latest, where that is ever more rarely
	reconnectWait = 200 * time.Millisecond
	// With silence these make the 5 s within which a run without patience says what is wrong.
	diagnoseLimit = 300 * time.Millisecond // what a silent agent says
	abandonLimit  = 500 * time.Millisecond // the end of a run that has failed
)

// Driver is the coordinator: it runs plans on the agents that its connection
// reaches, one run at a time.
type Driver struct {
	Conn *nats.Conn

	// Name is the coordinator's in subjects; "" makes one.
	Name string

	// Processes, if not nil, end the run when one of them ends.
	Processes Processes

	// Server, if not nil, is the NATS server, whose counters the trace is compared with.
	Server Server

	// Clock is the coordinator's own; nil: the machine's. Devices may have others.
	Clock clock.Clock

	// Models are those of the plans' applications; the coordinator sends every agent the
	// sub-models of its slice.
	Models compile.Models

	// Store says how sub-models are stored.
	Store models.Options

	// Moved, if not nil, is told how many bytes of sub-models, of how many, have arrived at a
	// device, or in the object store if it has no name. It is called from any goroutine.
	Moved func(device string, done, total int64)

	// Enough says whether a run whose workload has a precision may end: it gets the
	// trace so far, sorted, whose last frames may be incomplete. It is called only after
	// MinFrames counted frames, and ever more rarely. nil runs all frames.
	Enough func(*plan.Plan, *trace.Trace) bool

	// Stall is how long nothing may happen before a run ends with ErrStalled; 0 is
	// one minute.
	Stall time.Duration

	// Patience is how long an agent, or the NATS server, may be gone in a run. One that
	// comes back within that time goes on with what it saved, and no frame is lost or
	// doubled. After it, and at once if it is 0, the run ends with ErrAgentLost, unless
	// other devices go on without that one, or with ErrNoServer. An agent or the server is
	// missed after 3 s at the earliest.
	Patience time.Duration

	// Wait has a run wait for devices that other coordinators hold, for as long as its
	// context goes on, and Waiting, if not nil, is told for whom, whenever that changes. Take
	// ends the runs that they hold them for: who may send orders to a device may do that.
	// Without either, Run returns ErrHeld.
	Wait, Take bool
	Waiting    func(string)

	// Finished, if not nil, gets the status of the agents of a complete run, by device name.
	Finished func([]wire.AgentStatus)

	// Progress, if not nil, is told several times a second how many frames all sinks have
	// taken, of how many at most.
	Progress func(frames, total int64)

	// Measured, if not nil, returns at how many bytes per second tokens from a device pass a link,
	// as measured; 0: it is not known. It is told to who watches the run. It is called from any
	// goroutine.
	Measured func(link, from string) float64

	// Read returns what was read of the trace of a link, and Capacity of that of a medium; nil: it
	// was not read, so that the plan can't be run. Where no link or medium names one, they are not
	// needed.
	Read     func(*plan.Link) *profile.Link
	Capacity func(*plan.Medium) *profile.Rates

	// Observer, if not nil, is told of runs.
	Observer Observer

	// Note, if not nil, gets what kernels have to say to the user, such as files that were
	// skipped; the same when it is said again. With patience it also gets what is waited for,
	// and when it is there again. It is called from any goroutine.
	Note func(string)

	// Version of the program, for agents of another one to name it.
	Version string

	making sync.Once // makes made
	made   string    // a name that no other driver has
}

// Processes are agents and the NATS server where the caller has started them itself.
type Processes interface {
	// Lost is closed when one has ended unasked and is not started again.
	Lost() <-chan struct{}
	// Err says, once Lost is closed, which one has ended and why.
	Err() error
}

// Dial returns a coordinator of the agents at a NATS server; if its access prescribes no
// name, it makes one. Its Conn comes back whenever the server does; the caller closes it.
// Errors wrap ErrNoServer, identity.ErrRefused, or are those of the access.
func Dial(access *identity.Access) (*Driver, error) {
	if access.Role == identity.Device {
		return nil, fmt.Errorf("%w: the key of device %s gives no orders; use the testbed file of a coordinator",
			identity.ErrRefused, access.Name)
	}
	name := cmp.Or(access.Name, NewName())
	if err := wire.CheckName("coordinator", name); err != nil {
		return nil, err
	}
	options, err := access.Options()
	if err != nil {
		return nil, err
	}
	nc, err := nats.Connect(access.URL, append(options, nats.Name("edgeprune coordinator "+name), nats.MaxReconnects(-1),
		nats.CustomInboxPrefix(wire.InboxPrefix(name)),
		nats.ReconnectWait(reconnectWait), nats.ReconnectBufSize(-1))...) // what is lost meanwhile is sent again
	err = identity.Explain(err)
	switch url := transport.Redacted(access.URL); {
	case errors.Is(err, identity.ErrRefused):
		return nil, fmt.Errorf("NATS server at %s: %w", url, err)
	case err != nil:
		return nil, fmt.Errorf("%w at %s: %w; start one with edgeprune up", ErrNoServer, url, err)
	}
	return &Driver{Conn: nc, Name: name}, nil
}

// Run runs a plan and returns its trace, events sorted by end and device. Links that were
// measured are not shaped: see plan.Plan.Deployed. Where devices have
// different clocks, every event stays on that of its device, and the trace holds what
// relates them. A run that can't complete returns the trace so far, with Partial saying why, and an
// error: ErrUnsupported, ErrNoAgent, ErrAgent, ErrAgentLost, ErrHeld, ErrTaken, ErrStalled, ErrTrace,
// ErrNoServer, ErrTransport, trace.ErrConservation, trace.ErrClocks, or that of ctx.
// A run that can't even begin returns no trace.
func (d *Driver) Run(ctx context.Context, p *plan.Plan) (_ *trace.Trace, err error) {
	if err := Supports(p, d.Read); err != nil {
		return nil, err
	}
	over, err := d.traces(p)
	if err != nil {
		return nil, err
	}
	interrupts, err := d.interrupter(p)
	if err != nil {
		return nil, err
	}
	d.noteAsTheyAre(p)
	p = p.Deployed()
	name := d.name()
	if err := wire.CheckName("coordinator", name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r := &run{
		driver: d, nc: d.Conn, coordinator: name, plan: p, id: nuid.Next(), ctx: ctx, fail: cancel,
		slices: p.Slices(), tally: newTally(p), traces: over, interrupts: interrupts,
		before: d.Conn.Stats().Reconnects, times: newRunClocks(d.Clock),
	}
	r.tally.probed = r.probed
	r.owner, r.leases.changed = d.owner(name), make(chan struct{}, 1)
	r.newAgents()
	if err := r.watch(); err != nil {
		cancel(nil)
		return nil, err
	}
	r.wg.Go(r.renewLeases)
	if o := d.Observer; o != nil {
		o.Begun(r.now)
		defer func() { o.Ended(r.now(), err) }()
	}
	err = r.run()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause // what ended the run rather than what then failed
		}
	}
	cancel(nil)
	close(r.done)
	r.wg.Wait()
	if err != nil {
		r.abandon()
	}
	r.release()
	r.unsubscribe()
	r.noteJunk("the coordinator", r.rejected.Counts())
	t := &r.tally.trace
	if interrupts != nil {
		t.Outages, t.EndNs = r.outages, int64(r.since())
		slices.SortStableFunc(t.Outages, func(a, b trace.Outage) int { return cmp.Compare(a.FromNs, b.FromNs) })
	}
	if unsorted := r.sort(); err == nil {
		err = unsorted
	}
	if err == nil {
		// A source that is restarted after it was stopped may have begun less than what
		// its consumers had by then.
		err = r.tally.checkResults(t.Restarts > 0 && r.stoppedAt() != nil)
	}
	if len(r.untold) > 0 {
		t.Counted = nil
		t.Unchecked = append(t.Unchecked,
			fmt.Sprintf("busy time of units against their own counters: devices %q have not told these", r.untold))
	}
	// Of an interrupted run, firings may be missing, but no results.
	if err == nil && t.Dropped == 0 && (t.Restarts == 0 || len(t.Results) > 0) {
		err = trace.Check(&t.Trace, engine.Laws(r.slices))
	}
	if err == nil && t.Dropped == 0 && t.Restarts == 0 {
		if r.junked {
			t.Unchecked = append(t.Unchecked, "bytes of messages against the NATS server's counters: it has counted messages "+
				"that were dropped, as they can't be true")
		} else {
			err = r.checkBytes()
		}
	}
	if err != nil {
		t.Partial = err.Error()
		return &t.Trace, fmt.Errorf("plan %s: %w", p.Name, err)
	}
	return &t.Trace, nil
}

func (r *run) run() error {
	if err := r.present(); err != nil {
		return err
	}
	if err := r.claim(); err != nil {
		return err
	}
	var err error
	if r.models, err = r.upload(); err != nil {
		return err
	}
	if r.encoded, err = json.Marshal(r.plan); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if err := r.loadAll(); err != nil {
		return err
	}
	r.countBefore()
	r.probeMore()
	r.probe()
	if err := r.start(); err != nil {
		return err
	}
	if err := r.follow(); err != nil {
		return err
	}
	r.probeMore()
	return r.finish()
}

// finish unloads the slices and takes the rest of the trace. After a restart, what
// is missing of that can't be told from what is lost: it is no error.
func (r *run) finish() error {
	named := wire.RunRequest{Run: r.id}
	if _, err := r.askAll(r.ctx, wire.Drain, answerLimit, named); err != nil && r.restarts() == 0 {
		return err
	}
	replies, err := r.askAll(r.ctx, wire.Finish, answerLimit, named)
	if err != nil && r.restarts() == 0 {
		return err
	}
	var statuses []wire.AgentStatus
	want := map[delivery.Source]uint64{}
	for i, device := range r.devices() {
		reply := replies[i]
		if reply == nil {
			r.untold = append(r.untold, r.name(device))
			continue
		}
		if reply.Status == nil {
			return fmt.Errorf("%w: an agent finished without a status", ErrAgent)
		}
		statuses = append(statuses, *reply.Status)
		r.noteJunk("device "+r.name(device), reply.Status.Rejected)
		r.note(reply)
		r.countAfter(r.name(device), reply)
		r.fallbacks += reply.Status.Fallbacks
		want[delivery.Source{Device: r.name(device), Epoch: reply.Epoch}] = reply.Batches
	}
	deadline := time.After(answerLimit)
	for late := false; !late && !r.tally.batches.Complete(want); {
		select {
		case msg := <-r.batches:
			if err := r.take(msg); err != nil {
				return err
			}
		case <-deadline:
			if late = r.restarts() > 0; late {
				break
			}
			return fmt.Errorf("%w: batches that agents sent did not arrive within %v%s", ErrTrace, answerLimit, r.junk())
		case <-r.ctx.Done():
			return context.Cause(r.ctx)
		}
	}
	if r.driver.Finished != nil {
		slices.SortFunc(statuses, func(a, b wire.AgentStatus) int { return cmp.Compare(a.Device, b.Device) })
		r.driver.Finished(statuses)
	}
	return nil
}

// take adds a trace batch and says that it is received. One that can't be true is dropped and
// counted: a device sends its own again, which then are missing at the end.
func (r *run) take(msg *nats.Msg) error {
	device, ack, err := r.tally.add(msg)
	switch {
	case errors.Is(err, wire.ErrBatch):
		r.rejected.Add("trace"+wire.Malformed, 1)
		return nil
	case err != nil:
		r.rejected.Add("trace"+wire.Refused, 1)
		return nil
	}
	b, err := json.Marshal(ack)
	if err == nil {
		// Without it the batch comes again.
		err = transport.Passing(r.nc, r.nc.Publish(wire.ReceivedSubject(r.coordinator, device, r.id), b))
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrTransport, wire.ReceivedSubject(r.coordinator, device, r.id), err)
	}
	return nil
}

// abandon unloads the slices as far as their agents answer, and takes what is left
// of the trace.
func (r *run) abandon() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), abandonLimit)
	defer cancel()
	// The run has failed already: what fails now is a consequence.
	_, _ = r.askAll(ctx, wire.Finish, 0, wire.RunRequest{Run: r.id})
	_ = r.nc.FlushWithContext(ctx)
	arrived := make(chan struct{})
	if r.nc.Barrier(func() { close(arrived) }) != nil {
		close(arrived) // the connection is closed
	}
	for waiting := true; waiting || len(r.batches) > 0; {
		select {
		case msg := <-r.batches:
			if errors.Is(r.take(msg), ErrTrace) {
				return
			}
		case <-arrived:
			waiting, arrived = false, nil
		case <-ctx.Done():
			return
		}
	}
}
