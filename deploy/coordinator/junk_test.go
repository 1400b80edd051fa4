package coordinator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Junk on every subject of a run, by somebody whom the server lets publish, is dropped and
// counted: every frame comes once and in order.
func TestJunkOnEverySubject(t *testing.T) {
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	nc := testbedtest.Observe(t, tb.URL())
	sub, err := nc.SubscribeSync(wire.DataSubject(wire.Any, wire.Any, wire.Any, 0))
	require.NoError(t, err)
	traces, err := nc.SubscribeSync(wire.TraceSubject(wire.Any, wire.Any, wire.Any))
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		first, err := sub.NextMsg(10 * time.Second)
		if !assert.NoError(t, err) {
			return
		}
		traced, err := traces.NextMsg(10 * time.Second)
		if !assert.NoError(t, err) {
			return
		}
		run, coordinator := strings.Split(first.Subject, ".")[4], strings.Split(traced.Subject, ".")[3]
		for _, junk := range []string{"", "junk", "{}", "null", "\x1b[31mred", strings.Repeat("x", 100_000)} {
			for _, subject := range []string{
				wire.DataSubject("d0", "d1", run, 0), wire.AckSubject("d1", "d0", run, 0), wire.HelloSubject("d0", "d1", run),
				wire.HelloSubject("d1", "d0", run), wire.TraceSubject("d0", coordinator, run),
				wire.ErrorSubject("d1", coordinator, run), wire.ReceivedSubject(coordinator, "d0", run),
				wire.AliveSubject("d0"), wire.ProbeSubject("d1", "d0"), wire.OrderSubject(coordinator, "d0", wire.Load),
			} {
				assert.NoError(t, nc.Publish(subject, []byte(junk)))
			}
		}
		assert.NoError(t, nc.Flush())
	}()
	d := tb.Driver()
	said := notes(d)
	tr, err := d.Run(t.Context(), with(small(1500), 0, "slow"))
	<-done
	require.NoError(t, err)
	require.Len(t, tr.Results, 1500)
	for i, r := range tr.Results {
		require.EqualValues(t, i, r.Frame, "in order")
	}
	for _, kind := range []string{
		"data malformed", "ack malformed", "hello malformed", "trace malformed", "error refused", "received malformed",
		"load malformed",
	} {
		assert.Contains(t, said(), kind)
	}
}
