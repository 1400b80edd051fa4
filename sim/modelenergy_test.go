package sim_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Under every cost model, the energy of a device is what its power figures make of the times that
// it was busy, and without figures it is missing, not 0.
func TestEnergyOfCostModels(t *testing.T) {
	watts := func(w quantity.Watts) *quantity.Watts { return &w }
	for _, kind := range []costmodel.Kind{costmodel.Empirical, costmodel.Lognormal, costmodel.Shifted, costmodel.Phases} {
		p := with(t, 200, string(kind), 1)
		d := &sim.Driver{Profile: phasedProfile(2000)}
		s, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		require.Len(t, s.Devices, 1)
		assert.Nil(t, s.Devices[0].Energy, "%s", kind)
		p.Platform.Devices[0].Power = &energy.Figures{Idle: watts(2)}
		s, err = d.Summarize(t.Context(), p)
		require.NoError(t, err)
		assert.Nil(t, s.Devices[0].Energy, "%s: a figure lacks", kind)
		assert.Contains(t, s.Devices[0].Missing, "units.station0", "%s", kind)
		p.Platform.Devices[0].Power = &energy.Figures{
			Idle: watts(2), Units: map[string]quantity.Watts{"free": 0, "station0": 5},
		}
		s, err = d.Summarize(t.Context(), p)
		require.NoError(t, err)
		require.NotNil(t, s.Devices[0].Energy, "%s: %s", kind, s.Devices[0].Missing)
		busy := 0.
		took, _ := kernels(t, d, p, 1)
		for _, k := range took {
			busy += k.Seconds()
		}
		assert.InEpsilon(t, 5*busy, s.Devices[0].Energy.Units["station0"], 1e-6, "%s", kind)
		assert.InEpsilon(t, 2*s.End.Seconds(), s.Devices[0].Energy.Idle, 1e-6, "%s", kind)
	}
}
