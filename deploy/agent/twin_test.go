package agent_test

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An agent whose name another one has is refused, and told which one.
func TestSecondAgentOfOneName(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	b.Agent("d0", nil)
	nc := b.Coordinate("d0").Conn
	first := ask(t, nc, wire.Status, "").Status
	err := agent.Run(t.Context(), agent.Config{Device: "d0", URL: nc.ConnectedUrl()})
	require.ErrorIs(t, err, agent.ErrTwin)
	host, err2 := os.Hostname()
	require.NoError(t, err2)
	assert.EqualError(t, err, "agent: there is another agent of this name: device d0 has the agent that is process "+
		strconv.Itoa(os.Getpid())+" on host "+host+", started at "+first.Started.Format("2006-01-02 15:04:05 MST")+
		"; stop that one, or give this one another --name")
	assert.Equal(t, host, first.Host)
	assert.Equal(t, wire.Free, ask(t, nc, wire.Status, "").Status.State, "the first one goes on")
}

// Of agents that come at the same time, one stays.
func TestAgentsOfOneNameThatComeTogether(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	const n = 5
	ended := make(chan error, n)
	for range n {
		go func() {
			ended <- agent.Run(ctx, agent.Config{Device: "d0", URL: b.Server().ClientURL(), StopLimit: -1})
		}()
	}
	for range n - 1 {
		require.ErrorIs(t, <-ended, agent.ErrTwin)
	}
	nc := b.Coordinate("d0").Conn
	require.NotNil(t, nc)
	assert.Empty(t, ended)
	cancel()
	require.NoError(t, <-ended)
}

// An agent that was cut off when another one took its name keeps it: the younger gives way.
func TestAgentThatComesBackKeepsItsName(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	cut := make(chan *nats.Conn, 1)
	b.Start(agent.Config{Device: "d0", Options: []nats.Option{
		nats.ReconnectWait(time.Hour), nats.ConnectHandler(func(nc *nats.Conn) { cut <- nc }),
	}})
	first := <-cut
	b.Coordinate("d0")
	b.Restart(func(*server.Options) {})
	require.Eventually(t, first.IsReconnecting, 10*time.Second, 10*time.Millisecond)
	younger := make(chan error, 1)
	go func() {
		younger <- agent.Run(t.Context(), agent.Config{Device: "d0", URL: b.Server().ClientURL(), StopLimit: -1})
	}()
	nc := b.Coordinate("d0").Conn
	before := ask(t, nc, wire.Status, "").Incarnation
	require.NoError(t, first.ForceReconnect())
	require.ErrorIs(t, <-younger, agent.ErrTwin)
	require.Eventually(t, func() bool { // the server may send what comes just now to the younger
		msg, err := nc.Request(wire.OrderSubject("c", "d0", wire.Status), nil, time.Second)
		var r wire.Reply
		return err == nil && json.Unmarshal(msg.Data, &r) == nil && r.Incarnation != "" && r.Incarnation != before
	}, 30*time.Second, 10*time.Millisecond)
}

// Who was killed does not keep its name: nobody answers.
func TestAgentAfterOneThatWasKilled(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	nc := b.Coordinate().Conn
	sub, err := nc.SubscribeSync(wire.MeetSubject("d0")) // somebody whose end the server has not noticed
	require.NoError(t, err)
	require.NoError(t, nc.Flush())
	b.Agent("d0", nil)
	b.Coordinate("d0")
	n, _, err := sub.Pending()
	require.NoError(t, err)
	assert.Positive(t, n)
}
