package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"
)

// run is one run of a plan.
type run struct {
	driver      *Driver
	nc          *nats.Conn
	plan        *plan.Plan
	id          string
	coordinator string // its name
	slices      []*slice.Slice
	interrupts  Interrupter     // carries out the plan's faults; nil: it has none
	ctx         context.Context // ends when the run can't go on; the cause says why
	fail        context.CancelCauseFunc
	tally       *tally
	times       *runClocks
	// owned by follow: when checkClocks looked last, and when it first saw that a clock had jumped
	checked, jumped time.Time

	encoded []byte // the plan
	traces  traces
	models  map[int]map[int]wire.Model
	storing sync.Mutex          // held while sub-models are stored again
	agents  map[int]*agentState // by device
	owner   wire.Owner
	leases  leases
	frames  atomic.Int64 // that all sinks have taken
	t0      atomic.Int64 // when the run began on the coordinator's clock; 0: not yet

	mu      sync.Mutex
	outages []trace.Outage
	stopped map[int]int64 // by source that has been stopped: its firings; never changed, but replaced

	messages  messages
	untold    []string // devices that the run went on without, and that gave no counters
	fallbacks int      // of devices, as far as they have told
	before    uint64   // reconnects of nc before the run
	batches   chan *nats.Msg
	reports   chan *nats.Msg // heartbeats and errors
	subs      []kept
	rejected  wire.Rejected

	junked     bool          // messages were dropped, which the server has counted
	confirming atomic.Bool   // a report of an error is looked at
	unwatch    func()        // of the connection's errors
	over       chan struct{} // closed when nothing more is received
	wg         sync.WaitGroup
	done       chan struct{}
}

// devices returns the platform's indices of the devices that take part.
func (r *run) devices() []int {
	var ds []int
	for _, s := range r.slices {
		ds = append(ds, r.plan.Platform.Device(s.Device))
	}
	return ds
}

func (r *run) name(device int) string { return r.plan.Platform.Devices[device].Name }

// stoppedAt returns the firings of the sources that have been stopped; nil: none has.
func (r *run) stoppedAt() map[int]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

func (r *run) setStopped(firings map[int]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = firings
}

// ask sends a request to a device's agent and returns its reply. A limit of 0
// waits for as long as the run goes on: the request is sent again until it is answered, ever
// more rarely, as one that takes long may have many bytes. With patience and a limit it is
// sent again, too, until beyond the limit the patience is over.
func (r *run) ask(ctx context.Context, device int, verb wire.Verb, limit time.Duration, req any) (*wire.Reply, error) {
	patience := r.driver.Patience
	parent := ctx
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit+patience)
		defer cancel()
	}
	for wait := askAgain; ; {
		attempt, cancel := ctx, context.CancelFunc(func() {})
		if patience > 0 || limit == 0 {
			attempt, cancel = context.WithTimeout(ctx, wait)
		}
		reply, err := r.askOnce(attempt, device, verb, req)
		unanswered := attempt.Err() != nil
		cancel()
		if limit == 0 {
			wait = min(2*wait, seldom)
		}
		switch {
		case parent.Err() != nil:
			return nil, context.Cause(parent)
		case err == nil || patience == 0 && !(limit == 0 && unanswered) || errors.Is(err, ErrAgent) ||
			errors.Is(err, ErrHeld) || errors.Is(err, wire.ErrVersion) || ctx.Err() != nil ||
			transport.Passing(r.nc, err) != nil:
			return reply, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(reconnectWait):
		}
	}
}

// askOnce sends a request to a device's agent; without a deadline of ctx it waits for ever.
func (r *run) askOnce(ctx context.Context, index int, verb wire.Verb, req any) (*wire.Reply, error) {
	return r.driver.ask(ctx, r.coordinator, r.name(index), verb, req)
}

// ask sends a request to an agent in a coordinator's name; without a deadline of ctx it waits
// for ever.
func (d *Driver) ask(ctx context.Context, coordinator, device string, verb wire.Verb, req any) (*wire.Reply, error) {
	nc := d.Conn
	data, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	answer, err := transport.Request(ctx, nc, wire.OrderSubject(coordinator, device, verb), data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("%w %s; start one with: edgeprune agent --name %s --nats %s", ErrNoAgent, device, device,
			transport.Redacted(nc.ConnectedUrl()))
	case errors.Is(err, context.DeadlineExceeded) && !nc.IsConnected():
		return nil, fmt.Errorf("device %s: %s: %w", device, verb, gone(nc))
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w: device %s does not answer %q", ErrAgentLost, device, verb)
	case errors.Is(err, wire.ErrMessage): // it would answer so again
		return nil, fmt.Errorf("%w: device %s: answer to %q: %w", ErrAgent, device, verb, err)
	case err != nil:
		return nil, fmt.Errorf("device %s: %s: %w", device, verb, err)
	}
	reply := &wire.Reply{}
	if err := json.Unmarshal(answer, reply); err != nil {
		return nil, fmt.Errorf("%w: device %s: answer to %q: %w", ErrAgent, device, verb, err)
	}
	reply.Clean()
	if verb != wire.Status { // which every version may be asked for
		if err := reply.Check("device "+device, d.build()); err != nil {
			return nil, err
		}
	}
	if reply.Held != nil {
		return nil, &heldError{device, *reply.Held}
	}
	if reply.Error != "" {
		text := reply.Error
		if !strings.Contains(text, "device "+device) {
			text = "device " + device + ": " + text
		}
		failed := ErrAgent
		if reply.Plan {
			failed = ErrPlan
		}
		err := fmt.Errorf("%w: %s: %s", failed, verb, text)
		switch {
		case reply.NotLoaded:
			err = fmt.Errorf("%w: %w", errNotLoaded, err)
		case len(reply.Lacking) > 0:
			return reply, err
		}
		return nil, err
	}
	return reply, nil
}

// askAll asks all devices at once and returns the replies in the order of the
// slices; nil for those that are gone and not needed.
func (r *run) askAll(ctx context.Context, verb wire.Verb, limit time.Duration, req any) ([]*wire.Reply, error) {
	devices := r.devices()
	replies := make([]*wire.Reply, len(devices))
	var g errgroup.Group
	for i, device := range devices {
		g.Go(func() (err error) {
			if r.spare(device) && r.t0.Load() != 0 {
				soon, cancel := context.WithTimeout(ctx, askAgain)
				defer cancel()
				replies[i], _ = r.askOnce(soon, device, verb, req)
				return nil
			}
			replies[i], err = r.ask(ctx, device, verb, limit, req)
			return err
		})
	}
	return replies, g.Wait()
}

// present proves that every device has an agent, and finds out what clocks they have.
func (r *run) present() error {
	replies, err := r.askAll(r.ctx, wire.Status, answerLimit, nil)
	if err != nil {
		return err
	}
	for i, device := range r.devices() {
		if s := replies[i].Status; s != nil {
			if err := r.times.note(device, r.name(device), s.Clock); err != nil {
				return err
			}
		}
	}
	return nil
}
