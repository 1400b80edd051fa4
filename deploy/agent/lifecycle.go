package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

const (
	stopLimit = 4 * time.Second // for what is at work when an agent is told to stop
	byeLimit  = time.Second     // for its last message
)

// Run connects, serves requests until ctx ends, and stops. It returns nil
// when ctx has ended, and an error if it can't connect at first or may not do what an
// agent does; after that it reconnects for as long as it takes. An error wraps
// ErrConnect, transport.ErrClosed among them, if the connection doesn't come back, ErrTwin
// if another agent has the device's name, and ErrBusy if it could not stop in time: the
// process is to end then.
func Run(ctx context.Context, cfg Config) error {
	if err := wire.CheckName("device", cfg.Device); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if cfg.Kernels == nil {
		cfg.Kernels = builtin.Registry()
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Machine()
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.Files == nil {
		cfg.Files = &files.Allowed{}
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	host, _ := os.Hostname() // who doesn't know it, doesn't say it
	a := &Agent{cfg: cfg, incarnation: nuid.Next(), closed: make(chan struct{}), holder: holder{base: cfg.Lease},
		soon: make(chan struct{}, 1), started: time.Now().UTC(), host: host, stopping: make(chan struct{}),
		log: log.With("device", cfg.Device)}
	a.close = sync.OnceFunc(func() { close(a.closed) })
	if cfg.StopLimit < 0 {
		return a.run(ctx)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	case <-a.stopping:
	}
	limit := cfg.StopLimit
	if limit == 0 {
		limit = stopLimit
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(limit):
		err := fmt.Errorf("%w: it was left behind after %v", ErrBusy, limit)
		a.log.Error("stopped", "error", err)
		return err
	}
}

// run is the life of an agent.
func (a *Agent) run(ctx context.Context) (err error) {
	a.log.Info("started", "version", a.cfg.Version, "host", a.host, "pid", os.Getpid(), "incarnation", a.incarnation)
	defer func() {
		if err != nil {
			a.log.Error("stopped", "error", err)
		} else {
			a.log.Info("stopped")
		}
	}()
	for _, c := range []struct {
		nc     **nats.Conn
		name   string
		back   func(*nats.Conn)
		option []nats.Option
	}{
		{&a.nc, wire.ConnectionName(a.cfg.Device), a.meet, nil},
		{&a.bulk, wire.DataConnectionName(a.cfg.Device), a.bulkBack, []nats.Option{nats.SetCustomDialer(&a.outgoing)}},
	} {
		*c.nc, err = a.connect(ctx, c.name, c.back, c.option...)
		if err != nil {
			return err
		}
		defer transport.Close(*c.nc)
		defer transport.Watch(*c.nc, a.fault)()
	}
	a.log.Info("connected", "server", transport.Redacted(a.nc.ConnectedUrl()))
	if m := a.cfg.Metrics; m != nil {
		m.Reads(a.measured)
	}
	if err = a.join(ctx); err == nil {
		done := make(chan struct{})
		var leases sync.WaitGroup
		leases.Go(func() { a.endLeases(done) })
		err = a.beat(ctx)
		close(done)
		leases.Wait()
	}
	close(a.stopping)
	a.goodbye(err)
	if a.svc != nil {
		_ = a.svc.Stop() // it fails only on a closed connection
	}
	if s := a.loading.Load(); s != nil && a.running.Load() == nil {
		s.end(fmt.Errorf("%w: the agent was stopped", errEnded)) // a load takes no longer than it must
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unload(false)
	a.traces.close()
	a.traces = nil // a run that is being ended looks for it
	if freed := a.endReference(); err == nil {
		err = freed
	}
	return err
}

// join makes the agent one of the testbed, unless another one has its name.
func (a *Agent) join(ctx context.Context) error {
	if err := a.alone(ctx); err != nil {
		return err
	}
	if err := a.register(); err != nil {
		return fmt.Errorf("agent: register %s: %w", a.cfg.Device, identity.Denied(err, identity.Device, a.cfg.Device))
	}
	a.meet(a.nc)
	return nil
}

// goodbye tells coordinators that the agent stops, so that they need not find out.
func (a *Agent) goodbye(why error) {
	text := fmt.Sprintf("its agent, process %d on host %s, was stopped", os.Getpid(), a.host)
	if why != nil {
		text = fmt.Sprintf("its agent, process %d on host %s, ends: %v", os.Getpid(), a.host, why)
	}
	a.log.Info("stopping")
	alive := wire.Alive{Wire: wire.Format, Incarnation: a.incarnation, Goodbye: shortened(text)}
	if s := a.running.Load(); s != nil {
		alive.Run = s.run
	}
	b, err := json.Marshal(alive)
	if err == nil {
		err = a.nc.Publish(wire.AliveSubject(a.cfg.Device), b)
	}
	if err == nil {
		_ = a.nc.FlushTimeout(byeLimit) // who doesn't hear it finds out
	}
}

// connectionError logs what nobody waits for.
func (a *Agent) connectionError(_ *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	a.log.Warn("connection", "subject", subject, "error", err)
}
