package coordinator_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
)

// A token takes four seconds to cross, longer than an agent may be silent: its heartbeats
// don't wait behind the token, and the run ends well, without patience.
func TestHeartbeatsDoNotQueueBehindTokens(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{JetStream: true})
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	cfg := agent.Config{Device: "d0", Kernels: kernels}
	testbedtest.Slow(&cfg, 100_000)
	b.Start(cfg)
	b.Agent("d1", nil)
	tr, err := b.Coordinate("d0", "d1").Run(t.Context(), chain("slow", 2, tensor(400_000), plan.Link{}))
	require.NoError(t, err)
	assert.Len(t, tr.Results, 2)
	assert.Zero(t, tr.Restarts)
}
