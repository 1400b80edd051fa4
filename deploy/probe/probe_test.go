package probe_test

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/clock/clocktest"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/probe"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProbesOfAnAgent(t *testing.T) {
	far := clocktest.New("far", 24*time.Hour, 0)
	cfg := testbed.Config{Devices: []string{"d0"}, InProcess: true, Clocks: map[string]clock.Clock{"d0": far}}
	cfg.Agent.Kernels = builtin.Registry()
	a := probe.Asker{Name: "c", Conn: testbedtest.Observe(t, testbedtest.Start(t, cfg).URL()), Clock: clock.Machine()}

	s, err := a.Ask(t.Context(), "d0")
	require.NoError(t, err)
	assert.Equal(t, "far", s.Clock)
	assert.LessOrEqual(t, s.Sent, far.Machine(s.Taken)+10)
	assert.LessOrEqual(t, s.Taken, s.Answered)
	assert.LessOrEqual(t, far.Machine(s.Answered), s.Back+10)

	_, err = a.Ask(t.Context(), "nobody")
	require.ErrorIs(t, err, nats.ErrNoResponders)
	a.Some(t.Context(), "nobody", func(probe.Sample) { t.Error("nobody answered") })

	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	a.Run(ctx, "d0", func(probe.Sample) {
		if n++; n == probe.Burst+2 {
			cancel()
		}
	})
	assert.Equal(t, probe.Burst+2, n, "they go on until the context ends")
}
