package result

import (
	"bytes"
	"math"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// energySweep is tableSweep with energies: simulated, modelled, of a meter, and missing.
func energySweep() *Sweep {
	s := tableSweep()
	of := func(means Means, end, srv, bound float64) *Energy {
		e := &Energy{Means: means, Devices: []DeviceEnergy{
			{Device: "slow", Endpoint: true, Joules: &end, Basis: "assumed", Bound: bound}, {Device: "server", Joules: &srv},
		}}
		if means == ByMeter {
			e.Devices[0].Basis, e.Devices[0].Meter = "", "ina3221: the device"
			e.Devices[1].Meter = "rapl: packages"
		} else {
			e.Devices[1].Basis = "fitted, residual 3 %"
		}
		if srv == 0 {
			e.Devices[1] = DeviceEnergy{Device: "server", Missing: "it has no power figures"}
		}
		return e
	}
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Stored != nil {
			r.Stored.Energy = of(BySimulation, 0.25*float64(i+1), 1.5, 0)
		}
		if r.Measured != nil {
			r.Measured.Energy = of([]Means{ByModel, ByMeter}[i%2], 0.26*float64(i+1), float64(i%3), 0.01*float64(i%2))
		}
	}
	return s
}

func TestEnergyTableGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, energySweep()))
	golden.Check(t, filepath.Join("testdata", "energy.txt"), b.String())
}

func TestPerFrame(t *testing.T) {
	j := 2.0
	var none *Energy
	v, _, ok := none.PerFrame(false)
	assert.False(t, ok)
	assert.True(t, math.IsNaN(v))
	e := &Energy{Devices: []DeviceEnergy{{Device: "server", Joules: &j}}}
	_, _, ok = e.PerFrame(true)
	assert.False(t, ok, "no endpoint")
	v, _, ok = e.PerFrame(false)
	assert.True(t, ok)
	assert.InDelta(t, 2, v, 0)
}
