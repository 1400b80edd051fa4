package coordinator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// altered is a server whose counters are altered before the second and all later
// readings of a run.
type altered struct {
	coordinator.Server
	alter    func(*coordinator.Traffic)
	readings int
}

func (a *altered) Traffic() (map[string]coordinator.Traffic, error) {
	all, err := a.Server.Traffic()
	if a.readings++; a.readings > 1 {
		name := wire.ConnectionName("d0")
		traffic := all[name]
		a.alter(&traffic)
		all[name] = traffic
	}
	return all, err
}

func TestARunIsComparedWithTheServersCounters(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	const token = 2 * plan.ChunkBytes
	p := chain("counted", 20, tensor(token), plan.Link{})
	d := tb.Driver()
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	assert.Empty(t, tr.Unchecked)
	require.Len(t, tr.Counted, 2)
	for _, c := range tr.Counted {
		assert.Positive(t, c.BusyNs, c.Device)
	}

	server := d.Server
	for name, tt := range map[string]struct {
		alter func(*coordinator.Traffic)
		words string // of a law that doesn't hold; "": it holds
	}{
		"as they are":  {func(*coordinator.Traffic) {}, ""},
		"a token less": {func(c *coordinator.Traffic) { c.FromClient -= token }, "device d0: sent"},
		"a token more": {func(c *coordinator.Traffic) { c.FromClient += token }, "device d0: sent"},
	} {
		d.Server = &altered{Server: server, alter: tt.alter}
		_, err := d.Run(t.Context(), p)
		if tt.words == "" {
			assert.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, trace.ErrConservation, name)
		assert.ErrorContains(t, err, tt.words, name)
	}

	for reason, server := range map[string]coordinator.Server{
		"the NATS server is not this program's own": nil,
		"device d0 has connected again": &altered{
			Server: server, alter: func(c *coordinator.Traffic) { c.Connection++ },
		},
	} {
		d.Server = server
		tr, err := d.Run(t.Context(), p)
		require.NoError(t, err)
		require.Len(t, tr.Unchecked, 1)
		assert.Contains(t, tr.Unchecked[0], reason)
	}
}
