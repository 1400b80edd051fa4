package agent_test

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An agent waits for a server that is not there yet, but not for one that refuses it.
func TestRefusedAgentDoesNotWait(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{Users: []*server.User{{Username: "d0"}}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := agent.Run(ctx, agent.Config{Device: "d0", URL: b.Server().ClientURL(), Wait: time.Hour,
		Options: []nats.Option{nats.UserInfo("d0", "wrong")}})
	require.ErrorIs(t, err, agent.ErrConnect)
	require.ErrorIs(t, err, nats.ErrAuthorization)
	assert.NoError(t, ctx.Err(), "it waited")
}
