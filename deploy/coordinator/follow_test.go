package coordinator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Agents go on to probe each other's clocks while nothing happens.
func TestStalledRunOfSeveralClocks(t *testing.T) {
	release, started := make(chan struct{}), make(chan struct{})
	d := startApart(t, apart(), map[string]kernel.New{"blocks": blocks(release, started)}, "d0", "d1")
	d.Stall = 1500 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	_, err := d.Run(ctx, with(small(50), 2, "blocks"))
	close(release)
	require.ErrorIs(t, err, coordinator.ErrStalled)
}

// A request whose answer is lost is asked again, also without patience, and what its answer
// says is not lost.
func TestLostAnswersAreAskedForAgain(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d1")
	nc := testbedtest.Observe(t, tb.URL())
	asked := 0
	_, err := nc.Subscribe(wire.OrderSubject(wire.Any, "d0", wire.Load), func(msg *nats.Msg) {
		asked++
		if asked < 3 {
			return
		}
		b, err := json.Marshal(wire.Reply{Build: wire.Build{Wire: wire.Format},
			Error: fmt.Sprintf("it was asked %d times", asked)})
		assert.NoError(t, err)
		assert.NoError(t, msg.Respond(b))
	})
	require.NoError(t, err)
	stop := make(chan struct{})
	go func() { // d0 lives
		for tick := time.NewTicker(200 * time.Millisecond); ; {
			select {
			case <-tick.C:
				b, _ := json.Marshal(wire.Alive{Wire: wire.Format, Incarnation: "one"})
				_ = nc.Publish(wire.AliveSubject("d0"), b)
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	defer close(stop)
	for _, v := range []wire.Verb{wire.Status, wire.Claim} {
		_, err = nc.Subscribe(wire.OrderSubject(wire.Any, "d0", v), func(msg *nats.Msg) {
			b, _ := json.Marshal(wire.Reply{Build: wire.Build{Wire: wire.Format}, Status: &wire.AgentStatus{Device: "d0"}})
			_ = msg.Respond(b)
		})
		require.NoError(t, err)
	}
	require.NoError(t, nc.Flush())
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	_, err = tb.Driver().Run(ctx, small(3))
	require.ErrorContains(t, err, "it was asked 3 times")
}

// What happened twice does not relate clocks: while the run goes on, too.
func TestKillInARunOfSeveralClocksWithAPrecision(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Restarting(testbedtest.Apart, "d0", "d1"))
	require.NoError(t, err)
	t.Cleanup(tb.Close)
	devices := watch(t, tb, "d0", "d1")
	tr := runWhile(t, tb.Driver(), thereAndBack(), nil, func(ctx context.Context) error {
		for _, w := range devices {
			if err := w.atWork(ctx, 0); err != nil {
				return err
			}
		}
		return interrupt(ctx, tb, devices, "d1")
	})
	assert.Positive(t, tr.Restarts)
	require.NotNil(t, tr.Clocks)
	assert.True(t, slices.IsSortedFunc(tr.Results, func(a, b trace.Result) int { return int(a.Frame - b.Frame) }))
}
