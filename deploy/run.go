package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"
)

const (
	silence    = 3 * time.Second // after which an agent counts as lost
	watchEvery = 250 * time.Millisecond
)

// run is one run of a plan.
type run struct {
	driver *Driver
	nc     *nats.Conn
	plan   *plan.Plan
	id     string
	slices []*graph.Slice
	ctx    context.Context // ends when the run can't go on; the cause says why
	fail   context.CancelCauseFunc
	tally  *tally

	batches chan *nats.Msg
	signs   chan *nats.Msg // heartbeats and errors
	subs    []*nats.Subscription
	wg      sync.WaitGroup
	done    chan struct{}
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

// watch subscribes to what agents say and begins to look after them.
func (r *run) watch() error {
	r.batches, r.signs, r.done = make(chan *nats.Msg, 1<<14), make(chan *nats.Msg, 1<<12), make(chan struct{})
	subscribe := func(subject string, c chan *nats.Msg) error {
		sub, err := r.nc.ChanSubscribe(subject, c)
		if err == nil {
			r.subs = append(r.subs, sub)
		}
		return err
	}
	err := errors.Join(
		subscribe(wire.TraceSubject(r.id, "*"), r.batches),
		subscribe(wire.ErrorSubject(r.id, "*"), r.signs),
	)
	for _, s := range r.slices {
		err = errors.Join(err, subscribe(wire.AliveSubject(s.Device), r.signs))
	}
	if err = errors.Join(err, r.nc.Flush()); err != nil {
		for _, sub := range r.subs {
			_ = sub.Unsubscribe()
		}
		return fmt.Errorf("deploy: subscribe: %w", err)
	}
	r.wg.Go(r.lookAfter)
	return nil
}

func (r *run) unwatch() {
	close(r.done)
	r.wg.Wait()
	for _, sub := range r.subs {
		_ = sub.Unsubscribe() // it fails only on a closed connection
	}
}

// lookAfter fails the run when an agent reports an error, goes silent or dies.
func (r *run) lookAfter() {
	heard := make(map[string]time.Time)
	for _, s := range r.slices {
		heard[wire.AliveSubject(s.Device)] = time.Now()
	}
	var lost <-chan struct{}
	if tb := r.driver.Testbed; tb != nil {
		lost = tb.Lost()
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case msg := <-r.signs:
			if _, ok := heard[msg.Subject]; ok {
				heard[msg.Subject] = time.Now()
				continue
			}
			r.fail(fmt.Errorf("%w: %s", ErrAgent, msg.Data))
		case <-tick.C:
			for _, s := range r.slices {
				if since := time.Since(heard[wire.AliveSubject(s.Device)]); since > silence {
					r.fail(fmt.Errorf("%w: device %s has been silent for %v", ErrAgentLost, s.Device, since.Round(time.Millisecond)))
				}
			}
		case <-lost:
			r.fail(r.driver.Testbed.Err())
			lost = nil
		case <-r.done:
			return
		}
	}
}

// ask sends a request to a device's agent and returns its reply. A limit of 0
// waits for as long as the run goes on.
func (r *run) ask(device int, verb wire.Verb, limit time.Duration, req any) (*wire.Reply, error) {
	ctx := r.ctx
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	reply, err := ask(ctx, r.nc, r.name(device), verb, req)
	if r.ctx.Err() != nil {
		return nil, context.Cause(r.ctx)
	}
	return reply, err
}

// ask sends a request to an agent; without a deadline of ctx it waits for ever.
func ask(ctx context.Context, nc *nats.Conn, device string, verb wire.Verb, req any) (*wire.Reply, error) {
	data, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	msg, err := nc.RequestWithContext(ctx, wire.AgentSubject(device, verb), data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("%w %s; start one with: edgeprune agent --name %s --nats %s", ErrNoAgent, device, device, nc.ConnectedUrlRedacted())
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w: device %s does not answer %q", ErrAgentLost, device, verb)
	case err != nil:
		return nil, fmt.Errorf("device %s: %s: %w", device, verb, err)
	}
	reply := &wire.Reply{}
	if err := json.Unmarshal(msg.Data, reply); err != nil {
		return nil, fmt.Errorf("%w: device %s: answer to %q: %w", ErrAgent, device, verb, err)
	}
	if reply.Error != "" {
		text := reply.Error
		if !strings.Contains(text, "device "+device) {
			text = "device " + device + ": " + text
		}
		return nil, fmt.Errorf("%w: %s: %s", ErrAgent, verb, text)
	}
	return reply, nil
}

// askAll asks all devices at once and returns the replies in the order of the slices.
func (r *run) askAll(verb wire.Verb, limit time.Duration, req func(device int) any) ([]*wire.Reply, error) {
	devices := r.devices()
	replies := make([]*wire.Reply, len(devices))
	var g errgroup.Group
	for i, device := range devices {
		g.Go(func() (err error) {
			replies[i], err = r.ask(device, verb, limit, req(device))
			return err
		})
	}
	return replies, g.Wait()
}

// present proves that every device has an agent.
func (r *run) present() error {
	_, err := r.askAll(wire.Status, answerLimit, func(int) any { return nil })
	return err
}
