package coordinator_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leaving starts agents of d0 and d1, and returns a coordinator and what stops that of d0.
func leaving(t *testing.T) (d *coordinator.Driver, stop func()) {
	t.Helper()
	b := testbedtest.NewBroker(t, server.Options{})
	kernels := map[string]kernel.New{"slow": slow}
	b.Agent("d1", kernels)
	r, err := kerneltest.Registry(kernels)
	require.NoError(t, err)
	state := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		err := agent.Run(ctx, agent.Config{Device: "d0", URL: b.Server().ClientURL(), Kernels: r, State: state,
			StopLimit: -1})
		assert.NoError(t, err)
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return b.Coordinate("d0", "d1"), cancel
}

// An agent that is stopped ends the run at once, and is named.
func TestStoppedAgentEndsTheRun(t *testing.T) {
	d, stop := leaving(t)
	ended, _ := started(t, d, d.Conn)
	stop()
	err := within(t, ended)
	require.ErrorIs(t, err, coordinator.ErrAgentLost)
	assert.ErrorContains(t, err, "device d0: its agent, process ")
	assert.ErrorContains(t, err, ", was stopped")
}

// With patience it may come back; if it doesn't, the error says why it went.
func TestStoppedAgentThatDoesNotComeBack(t *testing.T) {
	d, stop := leaving(t)
	d.Patience = time.Millisecond // it is at least the time after which an agent is missed
	ended, _ := started(t, d, d.Conn)
	stop()
	err := within(t, ended)
	require.ErrorIs(t, err, coordinator.ErrAgentLost)
	assert.ErrorContains(t, err, "was stopped, and did not come back within 3s")
}
