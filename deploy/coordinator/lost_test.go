package coordinator_test

import (
	"maps"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	all := withModels()
	maps.Copy(all, map[string]kernel.New{"slow": slow, "sum": newSum, "tell": tell})
	testbedtest.Main(m, all)
}

func TestKilledAgentEndsTheRun(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
	require.NoError(t, err)
	defer tb.Close()
	sub, err := tb.Conn().SubscribeSync(wire.TraceSubject("d1", tb.Driver().Name, wire.Any))
	require.NoError(t, err)
	go func() {
		for range 2 { // by the second batch the coordinator has the first
			_, _ = sub.NextMsg(10 * time.Second)
		}
		_ = cmds.Started()[1].Process.Kill()
	}()
	tr, err := tb.Driver().Run(t.Context(), with(small(1e6), 0, "slow"))
	require.ErrorIs(t, err, coordinator.ErrAgentLost)
	require.Contains(t, err.Error(), "device d1: signal: killed")
	require.NotEmpty(t, tr.Events, "%d events, partial", len(tr.Events))
	assert.Contains(t, tr.Partial, "d1", "%d events, partial", len(tr.Events))
	tb.Close()
	cmds.CheckGone(t)
}

func TestSilentAgentEndsTheRun(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
	require.NoError(t, err)
	defer tb.Close()
	sub, err := tb.Conn().SubscribeSync(wire.TraceSubject("d0", tb.Driver().Name, wire.Any))
	require.NoError(t, err)
	go func() {
		_, _ = sub.NextMsg(10 * time.Second)
		_ = cmds.Started()[0].Process.Signal(syscall.SIGSTOP)
	}()
	// Without its testbed the driver has the heartbeats alone, as with remote agents.
	d := &coordinator.Driver{Conn: tb.Conn(), Name: tb.Driver().Name}
	_, err = d.Run(t.Context(), with(small(1e6), 0, "slow"))
	require.ErrorIs(t, err, coordinator.ErrAgentLost)
	assert.Contains(t, err.Error(), "device d0 has been silent")
	_ = cmds.Started()[0].Process.Signal(syscall.SIGCONT)
}

func TestDiscover(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	got, err := coordinator.Discover(t.Context(), tb.Conn(), 200*time.Millisecond)
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.True(t, got["d0"])
	assert.True(t, got["d1"])
}
