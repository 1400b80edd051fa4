package coordinator_test

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// promptly is long before the 10 s and 60 s after which a run is given up for other reasons.
const promptly = 8 * time.Second

// disturbed runs a long plan on d0 and d1 and calls then when it has begun. It returns what
// the run ends with, which it does promptly.
func disturbed(t *testing.T, d *coordinator.Driver, then func()) error {
	t.Helper()
	sub, err := d.Conn.SubscribeSync(wire.TraceSubject("d1", wire.Any, wire.Any))
	require.NoError(t, err)
	var once sync.WaitGroup
	once.Go(func() {
		if _, err := sub.NextMsg(promptly); assert.NoError(t, err) {
			then()
		}
	})
	ended := make(chan error, 1)
	go func() {
		_, err := d.Run(t.Context(), with(small(1e6), 0, "slow"))
		ended <- err
	}()
	once.Wait()
	return within(t, ended)
}

func within(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(promptly):
		require.Fail(t, "the run goes on")
		return nil
	}
}

// run runs a plan, which ends promptly.
func run(t *testing.T, d *coordinator.Driver, p *plan.Plan) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		_, err := d.Run(t.Context(), p)
		ended <- err
	}()
	return within(t, ended)
}

// sources are the kernels of agents: those of modelPlan and a slow source.
var sources = func() map[string]kernel.New {
	all := floats()
	all["slow"] = slow
	return all
}()

// denying returns a coordinator of two agents, whose users may not publish or subscribe to what is denied.
func denying(t *testing.T, user string, publish, subscribe []string) (*testbedtest.Broker, *coordinator.Driver) {
	t.Helper()
	var users []*server.User
	for _, name := range []string{"d0", "d1", testbedtest.Coordinator} {
		u := &server.User{Username: name, Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{}, Subscribe: &server.SubjectPermission{}}}
		if name == user {
			u.Permissions.Publish.Deny, u.Permissions.Subscribe.Deny = publish, subscribe
		}
		users = append(users, u)
	}
	b := testbedtest.NewBroker(t, server.Options{Users: users, JetStream: true})
	b.Agent("d0", sources)
	b.Agent("d1", sources)
	return b, b.Coordinate("d0", "d1")
}

// A subject that a device or the coordinator may not use is the run's error, whichever it is.
func TestMissingPermissionsEndTheRun(t *testing.T) {
	for _, tt := range []struct {
		user, subject string
		subscribe     bool
	}{
		{"d0", "edgeprune.data.>", false},
		{"d1", "edgeprune.data.>", true},
		{"d1", "edgeprune.ack.>", false},
		{"d0", "edgeprune.ack.>", true},
		{"d0", "edgeprune.hello.>", false},
		{"d1", "edgeprune.hello.>", true},
		{"d1", "edgeprune.trace.>", false},
		{"d1", "edgeprune.received.>", true},
		{"d1", "edgeprune.alive.>", false},
		{testbedtest.Coordinator, "edgeprune.order.*.d1.load", false},
		{testbedtest.Coordinator, "edgeprune.received.>", false},
		{testbedtest.Coordinator, "edgeprune.trace.>", true},
		{testbedtest.Coordinator, "edgeprune.error.>", true},
		{testbedtest.Coordinator, "edgeprune.alive.d0.all", true},
	} {
		name := tt.user + " may not publish to " + tt.subject
		publish, subscribe := []string{tt.subject}, []string(nil)
		if tt.subscribe {
			name = tt.user + " may not subscribe to " + tt.subject
			publish, subscribe = subscribe, publish
		}
		t.Run(name, func(t *testing.T) {
			_, d := denying(t, tt.user, publish, subscribe)
			err := run(t, d, with(small(1e6), 0, "slow"))
			require.ErrorContains(t, err, "permissions violation")
			assert.ErrorContains(t, err, strings.TrimRight(strings.Split(tt.subject, "*")[0], ".>"))
			assert.ErrorContains(t, err, strings.TrimRight(tt.subject[strings.LastIndex(tt.subject, "*")+1:], ".>"))
			if tt.user == testbedtest.Coordinator {
				require.ErrorIs(t, err, coordinator.ErrTransport)
			} else {
				require.ErrorIs(t, err, coordinator.ErrAgent)
				assert.ErrorContains(t, err, "device "+tt.user)
			}
		})
	}
}

// A device that may not report its errors has its heartbeats say them, and its answers
// those that these can't.
func TestFailuresAreToldInOtherWays(t *testing.T) {
	for _, denied := range [][]string{
		{"edgeprune.data.>", "edgeprune.error.>"},
		{"edgeprune.data.>", "edgeprune.error.>", "edgeprune.alive.>"},
	} {
		_, d := denying(t, "d0", denied, nil)
		err := run(t, d, with(small(1e6), 0, "slow"))
		require.ErrorContains(t, err, "permissions violation", "%v", denied)
		assert.ErrorContains(t, err, "device d0", "%v", denied)
	}
}

// An agent that may not be one says so and ends.
func TestAgentsWithoutPermissionsEnd(t *testing.T) {
	for _, subject := range []string{"edgeprune.order.>", "$SRV.PING"} {
		b := testbedtest.NewBroker(t, server.Options{Users: []*server.User{{Username: "d0", Permissions: &server.Permissions{
			Subscribe: &server.SubjectPermission{Deny: []string{subject}}}}}})
		b.Agent("d0", nil)
		err := b.Ended("d0")
		require.ErrorIs(t, err, nats.ErrPermissionViolation)
		assert.ErrorContains(t, err, "register d0")
	}
}

// A server that is gone for good is what the run ends with, not agents that are silent.
func TestServerThatIsGone(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	b.Agent("d0", sources)
	b.Agent("d1", sources)
	err := disturbed(t, b.Coordinate("d0", "d1"), b.Stop)
	require.ErrorIs(t, err, coordinator.ErrNoServer)
	assert.NotErrorIs(t, err, coordinator.ErrAgentLost)
	assert.ErrorContains(t, err, "lost its connection to the NATS server nats://127.0.0.1:")
	assert.ErrorContains(t, err, "connection refused")
}

// A server that comes back in time is no error, also with less room for messages.
func TestServerThatComesBackWithLess(t *testing.T) {
	const frames = 400
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: 1 << 20})
	b.Agent("d0", sources)
	b.Agent("d1", sources)
	d := b.Coordinate("d0", "d1")
	sub, err := d.Conn.SubscribeSync(wire.TraceSubject("d1", wire.Any, wire.Any))
	require.NoError(t, err)
	ended := make(chan error, 1)
	var tr *trace.Trace
	go func() {
		var err error
		tr, err = d.Run(t.Context(), with(chain("less", frames, tensor(100_000), plan.Link{}), 0, "slow"))
		ended <- err
	}()
	_, err = sub.NextMsg(promptly)
	require.NoError(t, err)
	b.Restart(func(o *server.Options) { o.MaxPayload = wire.LeastPayload })
	require.NoError(t, within(t, ended))
	assert.Len(t, tr.Results, frames)
	assert.Positive(t, tr.Restarts)
}

// A server that comes back with no room for messages at all is the run's error.
func TestServerThatComesBackWithTooLittle(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	b.Agent("d0", sources)
	b.Agent("d1", sources)
	err := disturbed(t, b.Coordinate("d0", "d1"), func() {
		b.Restart(func(o *server.Options) { o.MaxPayload = wire.LeastPayload - 1 })
	})
	require.ErrorContains(t, err, transport.ErrPayload.Error())
	assert.ErrorContains(t, err, "raise max_payload")
}

func TestServerWithTooSmallMessages(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: wire.LeastPayload - 1})
	b.Agent("d0", nil)
	require.ErrorIs(t, b.Ended("d0"), transport.ErrPayload)
	err := run(t, b.Coordinate(), small(1))
	require.ErrorIs(t, err, transport.ErrPayload)
}

// A coordinator or an agent whose connection is closed for good ends the run with why.
func TestClosedConnections(t *testing.T) {
	t.Run("the coordinator's", func(t *testing.T) {
		b := testbedtest.NewBroker(t, server.Options{})
		b.Agent("d0", sources)
		b.Agent("d1", sources)
		d := b.Coordinate("d0", "d1")
		err := disturbed(t, d, d.Conn.Close)
		require.ErrorIs(t, err, coordinator.ErrTransport)
		require.ErrorIs(t, err, transport.ErrClosed)
		_, err = coordinator.Discover(t.Context(), d.Conn, time.Second)
		require.ErrorIs(t, err, nats.ErrConnectionClosed)
		require.ErrorIs(t, run(t, d, small(1)), nats.ErrConnectionClosed)
	})
	t.Run("an agent's", func(t *testing.T) {
		b := testbedtest.NewBroker(t, server.Options{})
		agents := &dialer{}
		b.Agent("d0", sources, nats.SetCustomDialer(agents))
		b.Agent("d1", sources)
		err := disturbed(t, b.Coordinate("d0", "d1"), agents.violate)
		require.ErrorIs(t, err, coordinator.ErrAgent)
		require.ErrorContains(t, err, "device d0")
		require.ErrorContains(t, err, "Maximum Payload Violation")
		ended := b.Ended("d0")
		require.ErrorIs(t, ended, transport.ErrClosed)
		assert.ErrorContains(t, ended, "Maximum Payload Violation")
	})
}

// dialer makes connections that can be made to send what the server doesn't take.
type dialer struct {
	mu   sync.Mutex
	last net.Conn
}

// Dial implements nats.CustomDialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil {
		d.last = &lockedConn{Conn: c}
		return d.last, err
	}
	return c, err
}

func (d *dialer) violate() {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = d.last.Write([]byte("PUB x 999999999\r\n"))
}

type lockedConn struct {
	net.Conn
	mu sync.Mutex
}

func (c *lockedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Conn.Write(b)
}

// Messages that the coordinator had to drop are the run's error.
func TestDroppedMessages(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	b.Agent("d0", sources)
	b.Agent("d1", sources)
	d := b.Coordinate("d0", "d1")
	release := make(chan struct{})
	sub, err := d.Conn.Subscribe("edgeprune.data.>", func(*nats.Msg) { <-release })
	require.NoError(t, err)
	require.NoError(t, sub.SetPendingLimits(1, -1))
	err = run(t, d, with(small(1e6), 0, "slow"))
	close(release)
	require.ErrorIs(t, err, coordinator.ErrTransport)
	require.ErrorIs(t, err, transport.ErrDropped)
	assert.ErrorContains(t, err, "edgeprune.data.>")
}

// An object store that refuses is the run's error at once, with patience too.
func TestObjectStoresThatRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		options server.Options
		text    string
	}{
		"no JetStream": {server.Options{}, "enable JetStream in the configuration of the NATS server nats://127.0.0.1"},
		"a full store": {server.Options{JetStream: true, JetStreamMaxStore: 1}, "is full: free room there"},
	} {
		for _, patience := range []time.Duration{0, time.Minute} {
			t.Run(name, func(t *testing.T) {
				b := testbedtest.NewBroker(t, tt.options)
				b.Agent("d0", nil)
				b.Agent("d1", nil)
				d := b.Coordinate("d0", "d1")
				d.Models, d.Patience = times6(t), patience
				err := run(t, d, modelAt(t, "source"))
				require.ErrorContains(t, err, "object store edgeprune-models")
				require.ErrorContains(t, err, tt.text)
			})
		}
	}
}

// Who may not use the object store is named at once too.
func TestObjectStoreWithoutPermission(t *testing.T) {
	for _, user := range []string{"d1", testbedtest.Coordinator} {
		for _, patience := range []time.Duration{0, time.Minute} {
			_, d := denying(t, user, []string{"$JS.API.>"}, nil)
			d.Models, d.Patience = times6(t), patience
			err := run(t, d, modelAt(t, "source"))
			require.ErrorContains(t, err, "permissions violation", user)
			require.ErrorContains(t, err, "$JS.API.", user)
			if user == "d1" {
				require.ErrorIs(t, err, coordinator.ErrAgent)
				require.ErrorContains(t, err, "device d1")
			}
		}
	}
}

// A device that can't save what it has to is the run's error, with the file and the reason.
func TestFullDisk(t *testing.T) {
	var cmds testbedtest.Commands
	tb := testbedtest.Start(t, cmds.Children(testbedtest.Full, "d0", "d1"))
	d := tb.Driver()
	d.Patience = time.Minute
	err := run(t, d, with(small(1e6), 0, "slow"))
	require.ErrorIs(t, err, coordinator.ErrAgent)
	require.ErrorContains(t, err, "file too large")
	require.ErrorContains(t, err, ".journal")
	assert.ErrorContains(t, err, "device d1")
}
