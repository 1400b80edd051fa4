package testbedtest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// Broker is a NATS server of a test's own, with agents of it and a coordinator's
// connection, all in this process.
type Broker struct {
	t       testing.TB
	mu      sync.Mutex
	options server.Options
	srv     *server.Server
	agents  map[string]chan error // by device: what agent.Run returned
}

// Coordinator is the user that Coordinate connects as; an agent's is its device.
const Coordinator = "coordinator"

// NewBroker starts a server on a free port of the loopback interface, which ends with
// the test. Users, if there are any, have their names as passwords.
func NewBroker(t testing.TB, o server.Options) *Broker {
	t.Helper()
	o.Host, o.Port, o.NoLog, o.NoSigs = "127.0.0.1", server.RANDOM_PORT, true, true
	for _, u := range o.Users {
		u.Password = u.Username
	}
	if o.JetStream {
		o.StoreDir = t.TempDir()
	}
	b := &Broker{t: t, options: o, agents: map[string]chan error{}}
	b.start()
	t.Cleanup(b.Stop)
	return b
}

// Serve starts one that asks nobody for a key and stores sub-models, and returns its URL, for
// packages that know no NATS.
func Serve(t testing.TB) string {
	t.Helper()
	return NewBroker(t, server.Options{JetStream: true}).Server().ClientURL()
}

func (b *Broker) start() {
	o := b.options
	srv, err := server.NewServer(&o)
	require.NoError(b.t, err)
	srv.Start()
	require.True(b.t, srv.ReadyForConnections(10*time.Second), "no server")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.srv = srv
}

// Stop ends the server for good. It may be called again.
func (b *Broker) Stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.srv.Shutdown()
	b.srv.WaitForShutdown()
}

// Restart ends the server and starts one with changed options at the same port.
func (b *Broker) Restart(change func(*server.Options)) {
	b.options.Port = b.Server().Addr().(*net.TCPAddr).Port
	b.Stop()
	change(&b.options)
	b.start()
}

// Server returns the server that runs.
func (b *Broker) Server() *server.Server {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.srv
}

// Traffic implements coordinator.Server.
func (b *Broker) Traffic() (map[string]coordinator.Traffic, error) {
	return testbed.Traffic(b.Server())
}

// as returns the options of a user's connection.
func (b *Broker) as(user string) nats.Option {
	if len(b.options.Users) == 0 {
		return nats.UserInfo("", "")
	}
	return nats.UserInfo(user, user)
}

// Agent runs an agent, with kernels beside those of the conformance suite, until the
// test ends.
func (b *Broker) Agent(device string, kernels map[string]kernel.New, options ...nats.Option) {
	b.t.Helper()
	r, err := kerneltest.Registry(kernels)
	require.NoError(b.t, err)
	b.Start(agent.Config{Device: device, Kernels: r, State: b.t.TempDir(), Options: options})
}

// Start runs an agent, whose server and user it fills in, until the test ends.
func (b *Broker) Start(cfg agent.Config) {
	b.t.Helper()
	device := cfg.Device
	if cfg.StopLimit == 0 {
		cfg.StopLimit = -1
	}
	if cfg.URL == "" {
		cfg.URL = b.Server().ClientURL()
	}
	cfg.Options = append(cfg.Options, b.as(device))
	ctx, cancel := context.WithCancel(context.Background())
	done, ended := make(chan error, 1), make(chan struct{})
	b.agents[device] = done
	go func() {
		defer close(ended)
		done <- agent.Run(ctx, cfg)
	}()
	b.t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// Ended returns what an agent ended with; the test fails if it doesn't end.
func (b *Broker) Ended(device string) error {
	b.t.Helper()
	select {
	case err := <-b.agents[device]:
		return err
	case <-time.After(10 * time.Second):
		require.Fail(b.t, "the agent goes on", device)
		return nil
	}
}

// Coordinate returns a coordinator of agents that are present.
func (b *Broker) Coordinate(devices ...string) *coordinator.Driver {
	b.t.Helper()
	nc, err := nats.Connect(b.Server().ClientURL(), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond),
		nats.ReconnectBufSize(-1),
		b.as(Coordinator), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	require.NoError(b.t, err)
	b.t.Cleanup(func() { transport.Close(nc) })
	for {
		present, err := coordinator.Discover(b.t.Context(), nc, 50*time.Millisecond)
		require.NoError(b.t, err)
		missing := 0
		for _, d := range devices {
			if !present[d] {
				missing++
			}
		}
		if missing == 0 {
			return &coordinator.Driver{Conn: nc}
		}
	}
}
