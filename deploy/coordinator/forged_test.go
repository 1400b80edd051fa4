package coordinator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// during runs a plan of 100 frames, and calls forge with the run's name when token seq of
// its first FIFO is on its way, before the next one is made.
func during(t *testing.T, tb *testbed.Testbed, seq uint64, forge func(nc *nats.Conn, run string) error) *trace.Trace {
	t.Helper()
	nc := testbedtest.Observe(t, tb.URL())
	sub, err := nc.SubscribeSync(wire.DataSubject(wire.Any, wire.Any, wire.Any, 0))
	require.NoError(t, err)
	defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
	forged := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		for {
			msg, err := sub.NextMsgWithContext(ctx)
			if err != nil {
				forged <- err
				return
			}
			h, _, err := wire.Decode(msg.Data, 8)
			if err == nil && h.Seq == seq {
				forged <- forge(nc, strings.Split(msg.Subject, ".")[4])
				return
			}
		}
	}()
	tr, err := tb.Driver().Run(ctx, with(small(100), 0, "slow"))
	require.NoError(t, err)
	require.NoError(t, <-forged)
	return tr
}

// Tokens with the next number, other contents, and the epochs that a first start had when
// they were counted from 1, change nothing: whoever sees no message can't make one.
func TestForgedTokenIsDropped(t *testing.T) {
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	tr := during(t, tb, 3, func(nc *nats.Conn, run string) error {
		for n := uint64(1); n <= 4; n++ {
			for seq := uint64(4); seq < 8; seq++ {
				h := wire.Header{Kind: wire.Data, Total: 8, Length: 8,
					TokenID: boundary.TokenID{From: n * engine.EpochStep, To: n * engine.EpochStep, Seq: seq, Prev: seq}}
				b := make([]byte, wire.HeaderBytes+8)
				h.Encode(b)
				err := nc.Publish(wire.DataSubject("d0", "d1", run, 0), b)
				if err != nil {
					return err
				}
			}
		}
		return nc.Flush()
	})
	require.Len(t, tr.Results, 100)
	for n, r := range tr.Results {
		assert.Equal(t, []float32{float32(n)}, r.Values)
	}
}

// Heartbeats of an incarnation that there is not are no restart: the run goes on, and its
// trace is checked as strictly as that of any run.
func TestForgedHeartbeatIsNoRestart(t *testing.T) {
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	tr := during(t, tb, 3, func(nc *nats.Conn, run string) error {
		for n := range 3 {
			b, err := json.Marshal(wire.Alive{Incarnation: fmt.Sprintf("forged %d", n), Run: run})
			if err == nil {
				err = nc.Publish(wire.AliveSubject("d0"), b)
			}
			if err != nil {
				return err
			}
		}
		return nc.Flush()
	})
	assert.Len(t, tr.Results, 100)
	assert.Zero(t, tr.Restarts)
}
