package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// acrossTwo is a source on d0, a pass on each of both devices and a sink on d1.
func acrossTwo() (*plan.Plan, []int) {
	b := enginetest.NewBuilder("two", 1, 1, 1)
	c := b.Chain(1, 1, 0, 0, 1, 1)
	return b.Plan(), c
}

func TestEveryDeviceHasItsOwnCosts(t *testing.T) {
	p, c := acrossTwo()
	prof := costs()
	prof.Transport.Dispatch = 3
	prof.Devices = map[string]*profile.Device{"d0": {Dispatch: 5, Entries: map[string]profile.Entry{
		enginetest.Count: {Samples: []time.Duration{1000}}, enginetest.Pass: {Samples: []time.Duration{2000}},
	}}}
	for _, model := range []string{"median", "mean", "empirical"} {
		cost, err := sim.NewCostModel(model)
		require.NoError(t, err)
		tr := simulate(t, &sim.Driver{Profile: prof, Cost: cost}, p)
		expect(t, "count on d0", of(tr, trace.Firing, c[0]), span{5, 1005})
		expect(t, "pass on d0", of(tr, trace.Firing, c[1]), span{1010, 3010})
		own := prof.Entries[enginetest.Pass].Median()
		on1 := of(tr, trace.Firing, c[2])[0]
		assert.EqualValues(t, own, on1.End-on1.Start, "pass on d1, whose profile is the machine's")
		assert.EqualValues(t, own, on1.Kernel)
	}
	m, err := (&sim.Driver{Profile: prof}).Mapping(p)
	require.NoError(t, err)
	assert.EqualValues(t, 2005, m.Cost[c[1]].Worst)
	assert.EqualValues(t, 3+prof.Entries[enginetest.Pass].Median(), m.Cost[c[2]].Worst)
}

func TestNoCostOfAnotherDevice(t *testing.T) {
	p, c := acrossTwo()
	prof := costs()
	prof.Devices = map[string]*profile.Device{"d1": {Entries: map[string]profile.Entry{enginetest.Sink: {
		Samples: []time.Duration{1},
	}}}}
	_, err := (&sim.Driver{Profile: prof}).Run(t.Context(), p)
	require.ErrorIs(t, err, profile.ErrMissing)
	assert.EqualError(t, err, "simulate plan two: cost of actor "+p.Graph.Actors[c[2]].Name+
		": not measured on device d1: "+enginetest.Pass+"; run edgeprune profile --testbed FILE --device d1 on what needs it")
	m, err := (&sim.Driver{Profile: prof}).Mapping(p)
	require.NoError(t, err)
	assert.False(t, m.Cost[c[2]].Known)
	assert.True(t, m.Cost[c[1]].Known)
}

// What was scaled is named, once for each firing and device.
func TestScaledCostsAreNamed(t *testing.T) {
	p, c := acrossTwo()
	prof := costs()
	scaled := prof.Entries[enginetest.Pass]
	scaled.Basis = "scaled, 3 times that elsewhere"
	prof.Entries[enginetest.Pass] = scaled
	tr := simulate(t, &sim.Driver{Profile: prof}, p)
	var want []string
	for _, a := range []int{c[1], c[2]} {
		want = append(want, fmt.Sprintf("the cost of %s on %s: scaled, 3 times that elsewhere", p.Graph.Actors[a].Name,
			p.DeviceOf(a).Name))
	}
	assert.Equal(t, want, tr.Assumed)
}
