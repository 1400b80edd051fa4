package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const (
	lastLimit   = 2 * time.Second // for the report that the connection is closed
	failedBytes = 1 << 10         // of the reason of a failure in a heartbeat
)

// beat says every half second that the agent lives, until ctx ends or the connection is
// closed, whose reason it returns. It says too why a run has failed: the report of that
// may have been lost.
func (a *Agent) beat(ctx context.Context) error {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for n := 1; ; n++ {
		if n%meetEvery == 0 {
			a.meet(a.nc)
		}
		alive := wire.Alive{Wire: wire.Format, Incarnation: a.incarnation}
		_, alive.Ended = a.holder.tell()
		if s := a.running.Load(); s != nil {
			alive.Run, alive.Failed = s.run, shortened(s.failure())
		}
		if s := a.loading.Load(); s != nil {
			alive.Fetched, alive.Fetching = s.fetched.done.Load(), s.fetched.total.Load()
		}
		b, err := json.Marshal(alive)
		if err == nil {
			err = transport.Passing(a.nc, a.nc.Publish(wire.AliveSubject(a.cfg.Device), b))
		}
		if err != nil && !a.nc.IsClosed() {
			a.fault(err)
		}
		select {
		case <-tick.C:
		case <-a.soon:
		case <-a.closed:
			if other := a.twin.Load(); other != nil {
				return a.twinError(other)
			}
			nc := a.nc
			if a.bulk.IsClosed() {
				nc = a.bulk
			}
			err := fmt.Errorf("%w at %s: %w", ErrConnect, transport.Redacted(a.cfg.URL), transport.Closed(nc))
			a.reportClosed(err)
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

// beatNow has a heartbeat sent at once.
func (a *Agent) beatNow() {
	select {
	case a.soon <- struct{}{}:
	default: // one is about to be sent
	}
}

// fault takes what went wrong with the connection: it ends the run. Without one, what
// stays wrong is met again in the next run.
func (a *Agent) fault(err error) {
	if errors.Is(err, transport.ErrDropped) {
		return // what is over the bound of a subscription is counted there, and what was lost asked for again
	}
	if s := a.loading.Load(); s != nil {
		s.fail(err)
	}
	if errors.Is(err, transport.ErrClosed) {
		a.close()
	}
}

// reportClosed reports, over another connection, that the agent's is closed; what can't be
// reported is known from the heartbeats that fail to come.
func (a *Agent) reportClosed(why error) {
	s := a.running.Load()
	if s == nil {
		return
	}
	opts := append([]nats.Option{nats.Timeout(lastLimit)}, a.cfg.Options...)
	nc, err := nats.Connect(a.cfg.URL, append(opts, nats.NoReconnect())...)
	if err != nil {
		return
	}
	defer transport.Close(nc)
	text := fmt.Appendf(nil, "device %s: %v", a.cfg.Device, why)
	err = transport.Publish(nc, wire.ErrorSubject(a.cfg.Device, s.coordinator, s.run), text)
	if err == nil {
		_ = nc.FlushTimeout(lastLimit) // as above
	}
}

// shortened cuts a text to what a heartbeat has room for.
func shortened(text string) string {
	if len(text) > failedBytes {
		text = strings.ToValidUTF8(text[:failedBytes], "") + " ..."
	}
	return text
}
