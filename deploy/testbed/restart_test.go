package testbed_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKilledChildrenComeBack(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Restarting(testbedtest.Works, "d0", "d1"))
	require.NoError(t, err)
	defer tb.Close()
	js, err := jetstream.New(tb.Conn())
	require.NoError(t, err)
	store, err := js.CreateObjectStore(
		t.Context(), jetstream.ObjectStoreConfig{Bucket: wire.Bucket, Storage: jetstream.FileStorage},
	)
	if err == nil {
		_, err = store.PutString(t.Context(), "name", "content")
	}
	require.NoError(t, err)
	for _, victim := range []string{"d1", "", "d0"} {
		require.NoError(t, tb.Kill(victim))
		for there := false; !there && t.Context().Err() == nil; {
			time.Sleep(50 * time.Millisecond) // the victim may not be gone yet
			got, err := coordinator.Discover(t.Context(), tb.Conn(), 100*time.Millisecond)
			there = err == nil && got["d0"] && got["d1"]
		}
	}
	assert.Eventually(t, func() bool {
		info, err := store.GetInfo(t.Context(), "name") // reading the content takes a consumer, which nobody may make
		return err == nil && info.Size == uint64(len("content"))
	}, time.Minute, 100*time.Millisecond, "the object store holds what it held")
	tr, err := tb.Driver().Run(t.Context(), small(20))
	require.NoError(t, err, "a run afterwards: %v, %d restarts", err, tr.Restarts)
	require.Len(t, tr.Results, 20, "a run afterwards: %v, %d restarts", err, tr.Restarts)
	assert.Equal(t, 0, tr.Restarts, "a run afterwards: %v, %d restarts", err, tr.Restarts)
	assert.ErrorIs(t, tb.Kill("d9"), testbed.ErrSetup, "kill of nobody")
	tb.Close()
	cmds.CheckGone(t)
	assert.NoError(t, tb.Err(), "after a close")
}

func TestRestartsAreBounded(t *testing.T) {
	var cmds testbedtest.Commands
	cfg := cmds.Children(testbedtest.Fails, "d0")
	cfg.Restarts = 2
	_, err := testbed.Start(t.Context(), cfg)
	require.ErrorIs(t, err, coordinator.ErrAgentLost)
	assert.Contains(t, err.Error(), "ended 3 times")
	assert.Contains(t, err.Error(), "no such camera")
	assert.Len(t, cmds.Started(), 3, "started %d times", len(cmds.Started()))
	cfg = cmds.Restarting(testbedtest.Works, "d0")
	cfg.Restarts = 0
	cfg.Broker = func(string) *exec.Cmd { return exec.Command("false") }
	_, err = testbed.Start(t.Context(), cfg)
	require.ErrorIs(t, err, testbed.ErrSetup, "a NATS server that exits")
	assert.Contains(t, err.Error(), "exit status 1", "a NATS server that exits")
	cmds.CheckGone(t)
}

// An interrupted agent stays away until it may come back, however often that is.
func TestInterruptedChildrenStayAway(t *testing.T) {
	var cmds testbedtest.Commands
	cfg := cmds.Restarting(testbedtest.Works, "d0", "d1")
	cfg.Restarts = 1
	tb, err := testbed.Start(t.Context(), cfg)
	require.NoError(t, err)
	defer tb.Close()
	there := func() bool {
		got, err := coordinator.Discover(t.Context(), tb.Conn(), 100*time.Millisecond)
		return err == nil && got["d1"]
	}
	for range 3 {
		resume, err := tb.Interrupt("d1")
		require.NoError(t, err)
		_, err = tb.Interrupt("d1")
		assert.EqualError(t, err, "testbed: interrupt device d1: it is kept from being started already")
		require.Eventually(t, func() bool { return !there() }, time.Minute, 50*time.Millisecond)
		resume()
		resume() // has no effect
		require.Eventually(t, there, time.Minute, 50*time.Millisecond)
	}
	_, err = tb.Interrupt("d9")
	assert.EqualError(t, err, `testbed: it has no process for "d9"`)
	_, err = tb.Interrupt("d0")
	require.NoError(t, err)
	tb.Close() // of what is kept away, too
	cmds.CheckGone(t)
	assert.NoError(t, tb.Err())
}
