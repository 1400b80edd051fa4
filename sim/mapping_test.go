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
