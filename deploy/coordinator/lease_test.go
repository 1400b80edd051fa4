package coordinator_test

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/lease"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leased starts agents of d0 and d1 whose leases are short, and returns what starts more
// coordinators of them.
func leased(t *testing.T, base time.Duration) (tb *testbed.Testbed, another func(name string) *coordinator.Driver) {
	t.Helper()
	r, err := kerneltest.Registry(map[string]kernel.New{"slow": slow})
	require.NoError(t, err)
	tb = testbedtest.Start(t, testbed.Config{Devices: []string{"d0", "d1"}, InProcess: true,
		Agent: agent.Config{Kernels: r, Lease: base}, Guests: []string{"first", "second"}})
	return tb, func(name string) *coordinator.Driver {
		d, err := coordinator.Dial(tb.Access(name))
		require.NoError(t, err)
		t.Cleanup(func() { transport.Close(d.Conn) })
		return d
	}
}

// long is a plan whose run goes on for as long as a test needs.
func long() *plan.Plan { return with(small(1e6), 0, "slow") }

// started runs a long plan until the test ends, and returns when it has begun. The
// channel gives what ended it.
func started(t *testing.T, d *coordinator.Driver, watch *nats.Conn) (ended <-chan error, stop func()) {
	t.Helper()
	sub, err := watch.SubscribeSync("edgeprune.>")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := d.Run(ctx, long())
		done <- err
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	for seen := 0; seen < 3; {
		msg, err := sub.NextMsg(10 * time.Second)
		require.NoError(t, err, "it does not begin")
		if strings.Contains(msg.Subject, ".trace.") {
			seen++
		}
	}
	require.NoError(t, sub.Unsubscribe())
	return done, cancel
}

// status returns that of a device's agent.
func status(t *testing.T, nc *nats.Conn, device string) *wire.AgentStatus {
	t.Helper()
	d := &coordinator.Driver{Conn: nc}
	s, err := d.Status(t.Context(), device)
	require.NoError(t, err)
	return s
}

// free waits until both devices are.
func free(t *testing.T, nc *nats.Conn) {
	t.Helper()
	for _, device := range []string{"d0", "d1"} {
		require.Eventually(t, func() bool {
			s := status(t, nc, device)
			return s.Held == nil && s.Run == ""
		}, 20*time.Second, 20*time.Millisecond, device)
	}
}

func TestSecondCoordinatorIsRefused(t *testing.T) {
	tb, another := leased(t, 0)
	first := another("first")
	ended, stop := started(t, first, testbedtest.Observe(t, tb.URL()))
	second := another("second")
	tr, err := second.Run(t.Context(), small(3))
	require.ErrorIs(t, err, coordinator.ErrHeld)
	host, _ := os.Hostname()
	assert.ErrorContains(t, err, "device d0 is held by coordinator first (user ")
	assert.ErrorContains(t, err, " on host "+host+", process "+strconv.Itoa(os.Getpid())+") for run ")
	assert.ErrorContains(t, err, " UTC; wait for it with --wait, or end that run with --take")
	assert.Empty(t, tr.Events)
	held := status(t, testbedtest.Observe(t, tb.URL()), "d0")
	require.NotNil(t, held.Held)
	assert.Equal(t, "first", held.Held.Owner.Coordinator)
	assert.Equal(t, held.Held.Run, held.Run)
	select {
	case err := <-ended:
		require.NoError(t, err, "the first run was disturbed")
	default:
	}
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	free(t, testbedtest.Observe(t, tb.URL()))
	_, err = second.Run(t.Context(), small(3))
	require.NoError(t, err, "they are free")
	free(t, testbedtest.Observe(t, tb.URL()))
}

func TestSecondCoordinatorWaits(t *testing.T) {
	tb, another := leased(t, 0)
	first := tb.Driver()
	ended, stop := started(t, first, testbedtest.Observe(t, tb.URL()))
	second := another("second")
	second.Wait = true
	told := make(chan string, 10)
	second.Waiting = func(text string) { told <- text }
	done := make(chan error, 1)
	go func() {
		_, err := second.Run(t.Context(), small(3))
		done <- err
	}()
	assert.Contains(t, <-told, "waiting for device d0, held by coordinator "+first.Name+" (user ")
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NoError(t, <-done)
	assert.Empty(t, told, "it is told once for whom it waits")
}

func TestSecondCoordinatorTakes(t *testing.T) {
	tb, another := leased(t, 0)
	first := tb.Driver()
	first.Patience = time.Minute
	ended, _ := started(t, first, testbedtest.Observe(t, tb.URL()))
	second := another("second")
	second.Take = true
	_, err := second.Run(t.Context(), small(3))
	require.NoError(t, err)
	err = <-ended
	require.ErrorIs(t, err, coordinator.ErrTaken)
	assert.ErrorContains(t, err, "another coordinator ended the run: device d")
	assert.ErrorContains(t, err, " was taken by coordinator second (user ")
	free(t, testbedtest.Observe(t, tb.URL()))
}

// A coordinator with a key that may do no more than it must renews its leases.
func TestLeasesAreRenewed(t *testing.T) {
	tb, another := leased(t, 4*time.Second)
	first, nc := another("first"), testbedtest.Observe(t, tb.URL())
	ended, _ := started(t, first, nc)
	held := status(t, nc, "d0").Held
	require.NotNil(t, held)
	sub, err := nc.SubscribeSync(wire.LeaseSubject("first", "d0", held.Run))
	require.NoError(t, err)
	for range 2 * lease.Renewals { // so many leases, one after the other
		select {
		case err := <-ended:
			require.NoError(t, err, "a lease is over")
		default:
		}
		_, err := sub.NextMsg(10 * time.Second)
		require.NoError(t, err)
	}
	now := status(t, nc, "d0").Held
	require.NotNil(t, now)
	assert.Equal(t, held.Run, now.Run)
}

// Two coordinators that take turns at the same devices both get through.
func TestCoordinatorsThatWaitForEachOther(t *testing.T) {
	_, another := leased(t, 0)
	done := make(chan error)
	for _, name := range []string{"first", "second"} {
		d := another(name)
		d.Wait = true
		go func() {
			for range 3 {
				if _, err := d.Run(t.Context(), small(3)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 2 {
		require.NoError(t, <-done)
	}
}

// An agent whose owner is gone ends the run, forgets it, and is there for others.
func TestAgentsOutliveTheirOwner(t *testing.T) {
	tb, another := leased(t, time.Second)
	first := another("first")
	ended, _ := started(t, first, testbedtest.Observe(t, tb.URL()))
	first.Conn.Close()
	require.ErrorIs(t, <-ended, coordinator.ErrTransport)
	require.NotNil(t, status(t, testbedtest.Observe(t, tb.URL()), "d0").Held, "for as long as the lease goes on")
	free(t, testbedtest.Observe(t, tb.URL()))
	sub, err := testbedtest.Observe(t, tb.URL()).SubscribeSync("edgeprune.>")
	require.NoError(t, err)
	for begin := time.Now(); time.Since(begin) < 1500*time.Millisecond; {
		msg, err := sub.NextMsg(time.Second)
		require.NoError(t, err)
		assert.NotContains(t, msg.Subject, ".trace.", "it goes on to send records")
	}
	_, err = tb.Driver().Run(t.Context(), small(3))
	require.NoError(t, err)
}

// Records that are left of a run that is over are not sent for ever, either.
func TestRecordsOutliveTheirOwnerNotForLong(t *testing.T) {
	tb, another := leased(t, 500*time.Millisecond)
	first := another("first")
	ended, _ := started(t, first, testbedtest.Observe(t, tb.URL()))
	run := status(t, testbedtest.Observe(t, tb.URL()), "d0").Run
	first.Conn.Close()
	require.ErrorIs(t, <-ended, coordinator.ErrTransport)
	finish, err := json.Marshal(wire.RunRequest{Run: run})
	require.NoError(t, err)
	subject := wire.OrderSubject("first", "d0", wire.Finish)
	answer, err := transport.Request(t.Context(), testbedtest.Observe(t, tb.URL()), subject, finish)
	require.NoError(t, err)
	assert.NotContains(t, string(answer), "error")
	free(t, testbedtest.Observe(t, tb.URL()))
}

// A run whose agents say that they have ended it ends.
func TestRunThatItsAgentsHaveEnded(t *testing.T) {
	tb, another := leased(t, 0)
	d := another("first")
	ended, _ := started(t, d, testbedtest.Observe(t, tb.URL()))
	nc := testbedtest.Observe(t, tb.URL())
	alive := wire.Alive{Wire: wire.Format, Incarnation: "x",
		Ended: &wire.Ended{Run: status(t, nc, "d0").Run, Why: "it had to"}}
	b, err := json.Marshal(alive)
	require.NoError(t, err)
	require.NoError(t, testbedtest.Observe(t, tb.URL()).Publish(wire.AliveSubject("d0"), b))
	err = <-ended
	require.ErrorIs(t, err, coordinator.ErrAgentLost)
	assert.ErrorContains(t, err, "the agent of device d0 has ended the run: it had to")
}

// A run goes on with an agent that was started again and has forgotten who holds it.
func TestRestartedAgentIsHeldAgain(t *testing.T) {
	var cmds testbedtest.Commands
	tb := testbedtest.Start(t, cmds.Restarting(testbedtest.Works, "d0", "d1"))
	devices := watch(t, tb, "d0", "d1")
	runWhile(t, tb.Driver(), endless(long()), func(*trace.Trace) bool { return true }, func(ctx context.Context) error {
		for _, w := range devices {
			if err := w.atWork(ctx, 0); err != nil {
				return err
			}
		}
		before := status(t, testbedtest.Observe(t, tb.URL()), "d1").Held
		if err := interrupt(ctx, tb, devices, "d1"); err != nil {
			return err
		}
		after := status(t, testbedtest.Observe(t, tb.URL()), "d1").Held
		if assert.NotNil(t, before) && assert.NotNil(t, after) {
			assert.Equal(t, before.Run, after.Run)
			assert.Equal(t, before.Owner, after.Owner)
		}
		return nil
	})
	free(t, testbedtest.Observe(t, tb.URL()))
}
