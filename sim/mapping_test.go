package sim_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMappingOfAPlan(t *testing.T) {
	b, c := shaped("mapping", 2, plan.Full, 100)
	b.Plan().Platform.Devices[1].Units[0].Slowdown = 3
	prof := costs()
	prof.Transport.Dispatch = 1
	delete(prof.Entries, enginetest.Count)
	m, err := (&sim.Driver{Profile: prof}).Mapping(b.Plan())
	require.NoError(t, err)
	require.False(t, m.Cost[c[0]].Known, "costs")
	assert.Equal(t, (analysis.Cost{Known: true, Best: 16, Worst: 16}), m.Cost[c[1]], "costs")
	assert.Equal(t, (analysis.Crossing{Occupancy: 8, Flight: 100, Ack: 100}), m.Cross[0], "crossing")
	b.Plan().Platform.Links[0].Between = []string{"d1", "d0"}
	prof.Entries[enginetest.Sink] = profile.Entry{Samples: []time.Duration{9, 4, 7}}
	model, err := sim.NewCostModel("empirical")
	require.NoError(t, err)
	m, err = (&sim.Driver{Profile: prof, Cost: model}).Mapping(b.Plan())
	require.NoError(t, err)
	assert.Equal(t, 1, m.Cross[0].Channel)
	assert.Equal(t, (analysis.Cost{Known: true, Best: 13, Worst: 28}), m.Cost[c[1]])
}

// Of a measured link, tokens come no faster than it passes them and their sender does, and no
// time is less than none.
func TestMappingOfMeasuredLinks(t *testing.T) {
	for name, c := range map[string]struct {
		send, oneWay              time.Duration
		burst                     int64
		wantOccupancy, wantFlight int64
	}{
		"the link's bandwidth":            {2, 30, 0, 8, 22},
		"a token that the pause pays for": {2, 30, 8, 8, 22},
		"its sender":                      {50, 60, 0, 50, 10},
		"a token that came sooner":        {2, 5, 0, 8, 0},
		"sooner than its sender was done": {50, 40, 8, 50, 0},
	} {
		p := four(t)
		d := passing(0, 40, c.oneWay)
		d.Sizes[0].Send, d.BurstBytes = []time.Duration{c.send}, c.burst
		d.PerMessageNs.Median = float64(c.send) // it works all the time
		m, err := (&sim.Driver{Profile: linked(p, d, passing(0, 40, 20), nil)}).Mapping(p)
		require.NoError(t, err, name)
		assert.Equal(t, c.wantOccupancy, m.Cross[0].Occupancy, name)
		assert.Equal(t, c.wantFlight, m.Cross[0].Flight, name)
		_, err = analysis.Analyze(p.Graph, m)
		require.NoError(t, err, name)
	}
}
