package coordinator

import (
	"errors"
	"fmt"
	"slices"
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
	// waitingReports is how many bytes of heartbeats, and of reports of errors, of a device may wait.
	waitingReports = 4 << 20
)

// watch subscribes to what agents say and begins to watch them, and the connection.
func (r *run) watch() error {
	r.batches, r.reports = make(chan *nats.Msg, waitingBatches), make(chan *nats.Msg, 1<<12)
	r.done, r.over = make(chan struct{}), make(chan struct{})
	r.unwatch = transport.Watch(r.nc, func(err error) {
		var dropped *transport.DroppedError
		if errors.As(err, &dropped) && r.bounded(dropped.Sub) {
			return // it is counted at the end; what devices have said is said again
		}
		err = identity.Denied(err, identity.Coordinator, r.coordinator)
		r.fail(fmt.Errorf("%w: %s: %w", ErrTransport, transport.Server(r.nc), err))
	})
	var err error
	for _, s := range r.slices {
		a := r.agents[r.plan.Platform.Device(s.Device)]
		err = errors.Join(err,
			r.subscribe(a, "trace", wire.TraceSubject(s.Device, r.coordinator, r.id), r.batches, waitingBytes),
			r.subscribe(a, "error", wire.ErrorSubject(s.Device, r.coordinator, r.id), r.reports, waitingReports),
			r.subscribe(a, "alive", wire.AliveSubject(s.Device), r.reports, waitingReports),
		)
	}
	if err = errors.Join(err, r.nc.Flush()); err != nil {
		r.unsubscribe()
		return fmt.Errorf("deploy: subscribe: %w", err)
	}
	r.wg.Go(r.watchAgents)
	return nil
}

// bounded reports whether a subscription is one of the run's own.
func (r *run) bounded(sub *nats.Subscription) bool {
	return slices.ContainsFunc(r.subs, func(own kept) bool { return own.Subscription == sub })
}

// kept is a subscription to messages of a kind.
type kept struct {
	*nats.Subscription
	kind string
}

// subscribe has the messages of a kind of an agent, put together from their parts, sent to c.
// Each part shows that the agent lives.
// What is none of them, and what is more than may wait, in bytes, is dropped and counted.
func (r *run) subscribe(a *agentState, kind, subject string, c chan<- *nats.Msg, most int) error {
	parts := delivery.Gatherer{Most: uint64(most)}
	sub, err := r.nc.Subscribe(subject, func(msg *nats.Msg) {
		a.listen()
		whole, ok, err := parts.Add(msg.Data)
		switch {
		case err != nil:
			r.rejected.Add(kind+wire.Malformed, 1)
		case ok:
			select {
			case c <- &nats.Msg{Subject: subject, Data: whole}:
			case <-r.over:
			}
		}
	})
	if err == nil {
		r.subs = append(r.subs, kept{sub, kind})
		err = sub.SetPendingLimits(-1, most)
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
		n, _ := sub.Dropped() // as below
		r.rejected.Add(sub.kind+wire.OverBound, uint64(n))
		_ = sub.Unsubscribe() // it fails only on a closed connection
	}
	r.unwatch()
}

// junk says what the coordinator has dropped, "" for nothing.
func (r *run) junk() string {
	if text := wire.RejectedText(r.rejected.Counts()); text != "" {
		return "; " + text
	}
	return ""
}

// noteJunk lets the user know what who has dropped.
func (r *run) noteJunk(who string, counts map[string]uint64) {
	text := wire.RejectedText(counts)
	if text == "" {
		return
	}
	r.junked = true
	if r.driver.Note != nil {
		r.driver.Note(who + ": " + text)
	}
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
