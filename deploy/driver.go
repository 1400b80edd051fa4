package deploy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

const (
	defaultStall = 60 * time.Second
	leadTime     = 50 * time.Millisecond // from the start requests to the start
	answerLimit  = 10 * time.Second      // of requests that do no work
	farewell     = 1500 * time.Millisecond
)

// Driver is the coordinator: it runs plans on the agents that its connection
// reaches, one run at a time.
type Driver struct {
	Conn    *nats.Conn
	Testbed *Testbed // whose agents are watched beside their heartbeats; may be nil

	// Enough says whether a run whose workload has a precision may end: it gets the
	// trace so far, sorted, whose last frames may be incomplete. It is called only after
	// MinFrames counted frames, and ever more rarely. nil runs all frames.
	Enough func(*plan.Plan, *trace.Trace) bool

	// Stall is how long nothing may happen before a run ends with ErrStalled; 0 is
	// one minute.
	Stall time.Duration

	// Finished, if not nil, gets the status of the agents of a complete run, by device name.
	Finished func([]wire.AgentStatus)
}

// Dial returns a coordinator of the agents at a NATS server. The caller closes
// its Conn. Errors wrap ErrTestbed.
func Dial(url string) (*Driver, error) {
	nc, err := nats.Connect(url, nats.Name("edgeprune coordinator"))
	if err != nil {
		return nil, fmt.Errorf("%w: no NATS server at %s: %w; start one with edgeprune up", ErrTestbed, url, err)
	}
	return &Driver{Conn: nc}, nil
}

// Run runs a plan and returns its trace, events sorted by end and device. A run
// that can't complete returns the trace so far, with Partial saying why, and an
// error: ErrUnsupported, ErrNoAgent, ErrAgent, ErrAgentLost, ErrStalled, ErrTrace,
// trace.ErrConservation, or that of ctx.
// A run that can't even begin returns no trace.
func (d *Driver) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	if err := Supports(p); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{driver: d, nc: d.Conn, plan: p, id: nuid.Next(), ctx: ctx, fail: cancel}
	r.slices = p.Slices()
	if err := r.watch(); err != nil {
		return nil, err
	}
	defer r.unwatch()
	r.tally = newTally(p)
	err := r.run()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause // what ended the run rather than what then failed
		}
		r.abandon()
	}
	t := r.tally.trace
	t.sort()
	if err == nil {
		err = trace.Check(&t.Trace, engine.Laws(r.slices))
	}
	if err != nil {
		t.Partial = err.Error()
		return &t.Trace, fmt.Errorf("plan %s: %w", p.Name, err)
	}
	return &t.Trace, nil
}

// Supports returns an error wrapping ErrUnsupported if a plan can only be simulated.
func Supports(p *plan.Plan) error {
	for f, r := range p.Routes {
		if r < 0 {
			continue
		}
		if l := p.Platform.Links[r]; l.Duplex == plan.Half && l.Shaped() {
			return fmt.Errorf("%w: link %s, which FIFO %s crosses: emulated half-duplex links are simulated only; use duplex: full or --driver sim",
				ErrUnsupported, l.Name, p.Graph.FIFOName(f))
		}
	}
	return nil
}

func (r *run) run() error {
	if err := r.present(); err != nil {
		return err
	}
	models, err := r.upload()
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(r.plan)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	// Kernels may take minutes to make; the heartbeats tell whether agents live.
	_, err = r.askAll(wire.Load, 0, func(device int) any {
		return wire.LoadRequest{Run: r.id, Device: device, Plan: encoded, Models: models[device]}
	})
	if err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return err
	}
	if err := r.follow(); err != nil {
		return err
	}
	return r.finish()
}

// start begins the slices, servers first.
func (r *run) start() error {
	devices := r.devices()
	rank := map[plan.Role]int{plan.Server: 0, plan.Gateway: 1, plan.Endpoint: 2}
	slices.SortStableFunc(devices, func(a, b int) int {
		return cmp.Compare(rank[r.plan.Platform.Devices[a].Role], rank[r.plan.Platform.Devices[b].Role])
	})
	req := wire.StartRequest{
		RunRequest: wire.RunRequest{Run: r.id}, T0: clock.Now() + int64(leadTime), Machine: clock.Machine(),
	}
	for _, device := range devices {
		if _, err := r.ask(device, wire.Start, answerLimit, req); err != nil {
			return err
		}
	}
	return nil
}

// finish unloads the slices and takes the rest of the trace.
func (r *run) finish() error {
	named := func(int) any { return wire.RunRequest{Run: r.id} }
	if _, err := r.askAll(wire.Drain, answerLimit, named); err != nil {
		return err
	}
	replies, err := r.askAll(wire.Finish, answerLimit, named)
	if err != nil {
		return err
	}
	var statuses []wire.AgentStatus
	want := map[string]uint64{}
	for _, reply := range replies {
		if reply.Status == nil {
			return fmt.Errorf("%w: an agent finished without a status", ErrAgent)
		}
		statuses = append(statuses, *reply.Status)
		want[reply.Status.Device] = reply.Batches
	}
	deadline := time.After(answerLimit)
	for !r.tally.complete(want) {
		select {
		case msg := <-r.batches:
			if err := r.tally.add(msg); err != nil {
				return err
			}
		case <-deadline:
			return fmt.Errorf("%w: batches that agents sent did not arrive within %v", ErrTrace, answerLimit)
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

// abandon unloads the slices as far as their agents answer, and takes what is left
// of the trace.
func (r *run) abandon() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), farewell)
	defer cancel()
	r.ctx = ctx
	// The run has failed already: what fails now is a consequence.
	_, _ = r.askAll(wire.Finish, 0, func(int) any { return wire.RunRequest{Run: r.id} })
	_ = r.nc.FlushWithContext(ctx)
	for {
		select {
		case msg := <-r.batches:
			if errors.Is(r.tally.add(msg), ErrTrace) {
				return
			}
		default:
			return
		}
	}
}
