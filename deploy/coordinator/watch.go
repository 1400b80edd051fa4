package coordinator

import (
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const (
	// waitingBatches is how many trace batches may wait to be taken, beside the messages of
	// each subscription that wait to be gathered: at most waitingBytes of these.
	waitingBatches = 64
	waitingBytes   = 512 << 20
)

// watch subscribes to what agents say and begins to watch them, and the connection.
func (r *run) watch() error {
	r.batches, r.reports = make(chan *nats.Msg, waitingBatches), make(chan *nats.Msg, 1<<12)
	r.done, r.over = make(chan struct{}), make(chan struct{})
	r.unwatch = transport.Watch(r.nc, func(err error) {
		err = identity.Denied(err, identity.Coordinator, r.coordinator)
		r.fail(fmt.Errorf("%w: %s: %w", ErrTransport, transport.Server(r.nc), err))
	})
	var err error
	for _, s := range r.slices {
		a := r.agents[r.plan.Platform.Device(s.Device)]
		err = errors.Join(err,
			r.subscribe(a, wire.TraceSubject(s.Device, r.coordinator, r.id), r.batches),
			r.subscribe(a, wire.ErrorSubject(s.Device, r.coordinator, r.id), r.reports),
			r.subscribe(a, wire.AliveSubject(s.Device), r.reports),
		)
	}
	if err = errors.Join(err, r.nc.Flush()); err != nil {
		r.unsubscribe()
		return fmt.Errorf("deploy: subscribe: %w", err)
	}
	r.wg.Go(r.watchAgents)
	return nil
}

// subscribe has the messages of an agent, put together from their parts, sent to c. Each part
// shows that the agent lives.
func (r *run) subscribe(a *agentState, subject string, c chan<- *nats.Msg) error {
	var parts delivery.Gatherer
	sub, err := r.nc.Subscribe(subject, func(msg *nats.Msg) {
		a.listen()
		whole, ok, err := parts.Add(msg.Data)
		switch {
		case err != nil:
			r.fail(fmt.Errorf("%w: %s: %w", ErrAgent, subject, err))
		case ok:
			select {
			case c <- &nats.Msg{Subject: subject, Data: whole}:
			case <-r.over:
			}
		}
	})
	if err == nil {
		r.subs = append(r.subs, sub)
		err = sub.SetPendingLimits(-1, waitingBytes)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", subject, err)
	}
	return nil
}

// unsubscribe ends what watch has begun, but for watchAgents.
func (r *run) unsubscribe() {
	close(r.over)
	for _, sub := range r.subs {
		_ = sub.Unsubscribe() // it fails only on a closed connection
	}
	r.unwatch()
}

// gone says that there is no connection to the server. The error wraps ErrNoServer.
func gone(nc *nats.Conn) error {
	return fmt.Errorf("%w: the coordinator has lost its connection to the %s: %w", ErrNoServer, transport.Server(nc),
		transport.Unreachable(nc))
}

// serverBack reports whether the coordinator is connected. It fails the run if it has not
// been for longer than limit, and hears nothing of agents meanwhile: what was silent then
// begins again.
func (r *run) serverBack(since *time.Time, limit time.Duration) bool {
	switch {
	case r.nc.IsConnected():
		if !since.IsZero() {
			*since = time.Time{}
			for _, a := range r.agents {
				a.listen()
			}
		}
		return true
	case since.IsZero():
		*since = time.Now()
	case time.Since(*since) > limit:
		after := time.Since(*since).Round(time.Millisecond)
		r.fail(fmt.Errorf("%w, for %v by now", gone(r.nc), after))
	}
	return false
}

// losses says how often the coordinator's connection was lost in the run, "" for never: a
// server that drops clients which don't take their messages fast enough says no reason.
func (r *run) losses() string {
	n := r.nc.Stats().Reconnects - r.before
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; the coordinator's connection to the %s was lost %d times in the run, see its log for why",
		transport.Server(r.nc), n)
}
