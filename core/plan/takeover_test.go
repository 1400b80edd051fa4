package plan_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFallback(t *testing.T) {
	p := plantest.Compiled(t, plantest.WithFallback(t))
	want := []plan.Takeover{{Device: 0, Unit: 0, Peer: 1, After: 2 * time.Second}}
	assert.Equal(t, want, p.Fallbacks)
	parts := p.Slices()
	got := parts[0].Alone
	require.NotNil(t, got, "alone")
	require.Nil(t, parts[1].Alone, "alone")
	assert.Equal(t, "server", got.Peer)
	assert.EqualValues(t, 2e9, got.AfterNs)
	var actors, local []int
	for _, a := range parts[1].Actors {
		actors = append(actors, a.Actor)
	}
	for _, q := range parts[1].FIFOs {
		if q.Role == slice.Local {
			local = append(local, q.FIFO)
		}
	}
	var taken []int
	for _, a := range got.Actors {
		taken = append(taken, a.Actor)
		assert.Equal(t, 0, a.Unit, "taken over")
		require.False(t, a.Durable, "taken over")
		assert.EqualValues(t, 0, a.Limit, "taken over")
	}
	assert.Equal(t, actors, taken, "takes over actors %v and FIFOs %v; the server", taken, got.FIFOs)
	assert.Equal(t, local, got.FIFOs, "takes over actors %v and FIFOs %v; the server", taken, got.FIFOs)
	for a := range p.Work {
		own, other := p.UnitOn(p.Work[a].Device, a), p.UnitOn(1-p.Work[a].Device, a)
		assert.Same(t, p.UnitOf(a), own, "actor %d runs on", a)
		takes := slices.Contains(taken, a)
		if takes {
			assert.Same(t, &p.Platform.Devices[0].Units[0], other, "actor %d runs on the other device on", a)
		}
		if !takes {
			assert.Nil(t, other, "actor %d runs on the other device on", a)
		}
	}
	data, err := json.Marshal(p)
	var q plan.Plan
	if err == nil {
		err = json.Unmarshal(data, &q)
	}
	require.NoError(t, err, "through JSON: %v", q.Fallbacks)
	assert.Equal(t, q.Slices()[0].Alone, got, "through JSON: %v", q.Fallbacks)
	on := p.Alone()
	for _, a := range actors {
		assert.Equal(t, 0, on.Work[a].Device, "alone")
		assert.Equal(t, p.CostKey(a, &p.Platform.Devices[0].Units[0]), on.Work[a].CostKey, "alone")
		assert.Equal(t, 1, p.Work[a].Device, "alone")
	}
	assert.Negative(t, slices.Max(on.Routes), "alone: routes")
	assert.GreaterOrEqual(t, slices.Max(p.Routes), 0, "alone: routes")
	key := p.CostKey(p.Graph.Actor("net[1:3]"), &p.Platform.Devices[0].Units[0])
	require.True(t, strings.HasSuffix(key, "cpu t1"), "cost")
	assert.NotEqual(t, p.Work[p.Graph.Actor("net[1:3]")].CostKey, key, "cost")
}
