package metrics

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// figures are power figures of a device with a unit cpu.
func figures(idle, cpu, send, receive float64) *energy.Figures {
	w := func(v float64) *quantity.Watts { x := quantity.Watts(v); return &x }
	return &energy.Figures{
		Idle: w(idle), Units: map[string]quantity.Watts{"cpu": quantity.Watts(cpu)}, Send: w(send), Receive: w(receive),
		Basis: energy.Assumed,
	}
}

func TestEnergyPerFrame(t *testing.T) {
	p := testPlan(0)
	p.Platform.Devices[0].Power = figures(2, 5, 1.5, 0)
	p.Platform.Devices[1].Power = figures(10, 40, 0, 3)
	p.Platform.Devices[1].Units[0].Lanes = 2
	p.Workload.Frames = 4
	tr := frames(20, 20, 20, 20) // a result every 100 ms
	tr.Driver = "sim"
	o, err := Measure(p, tr, "")
	require.NoError(t, err)
	require.NotNil(t, o.Energy)
	assert.Equal(t, result.BySimulation, o.Energy.Means)
	require.Len(t, o.Energy.Devices, 2)
	board, server := o.Energy.Devices[0], o.Energy.Devices[1]
	assert.True(t, board.Endpoint)
	assert.Equal(t, "assumed", board.Basis)
	near(t, "idle of the board", board.States.Idle, 2*0.1)
	near(t, "its processor", board.States.Units["cpu"], 5*0.022)
	near(t, "sending", board.States.Send, 1.5*0.010)
	near(t, "the board", *board.Joules, 0.2+0.11+0.015)
	near(t, "one of two lanes of the server", server.States.Units["cpu"], 40*0.006/2)
	near(t, "receiving", server.States.Receive, 3*0.010)
	near(t, "the server", *server.Joules, 1+0.12+0.03)
	all, _, ok := o.Energy.PerFrame(false)
	require.True(t, ok)
	near(t, "all", all, 0.325+1.15)
	endpoint, _, ok := o.Energy.PerFrame(true)
	require.True(t, ok)
	near(t, "endpoint", endpoint, 0.325)

	// What is streamed gives the same.
	s, err := NewStream(p, "")
	require.NoError(t, err)
	for i := range tr.Events {
		require.NoError(t, s.Add(&tr.Events[i]))
	}
	streamed, err := s.Outcome(&trace.Trace{Driver: "sim"})
	require.NoError(t, err)
	assert.Equal(t, o.Energy, streamed.Energy)

	tr.Driver = "deploy"
	o, err = Measure(p, tr, "")
	require.NoError(t, err)
	assert.Equal(t, result.ByModel, o.Energy.Means, "no meter was read")
}

// What is not known is missing: it is never 0, and no sum is made without it.
func TestEnergyMissing(t *testing.T) {
	p := testPlan(0)
	o, err := Measure(p, frames(20, 20, 20, 20), "")
	require.NoError(t, err)
	assert.Nil(t, o.Energy)
	p.Platform.Devices[0].Power = figures(2, 5, 1.5, 0)
	o, err = Measure(p, frames(20, 20, 20, 20), "")
	require.NoError(t, err)
	server := o.Energy.Devices[1]
	assert.Nil(t, server.Joules)
	assert.Equal(t, "it has no power figures; add power: {idle: 2W, units: {cpu: 8W}} to it", server.Missing)
	_, _, ok := o.Energy.PerFrame(false)
	assert.False(t, ok)
	_, _, ok = o.Energy.PerFrame(true)
	assert.True(t, ok)
	p.Platform.Devices[0].Power.Send = nil
	o, err = Measure(p, frames(20, 20, 20, 20), "")
	require.NoError(t, err)
	assert.Equal(t, "bad power figures: there is none for send; add it under power", o.Energy.Devices[0].Missing)
}

// A device that two instances share takes its idle power once.
func TestEnergyOfSharedDevice(t *testing.T) {
	p := testPlan(0)
	p.Platform.Devices[0].Power, p.Platform.Devices[1].Power = figures(2, 5, 1, 0), figures(10, 40, 0, 3)
	alone, err := Measure(p, frames(20, 20, 20, 20), "")
	require.NoError(t, err)
	other := p.Work[2]
	other.Instance = "other"
	p.Work = append(p.Work, other)
	shared, err := Measure(p, frames(20, 20, 20, 20), "")
	require.NoError(t, err)
	near(t, "server", shared.Energy.Devices[1].States.Idle, alone.Energy.Devices[1].States.Idle/2)
	near(t, "board", shared.Energy.Devices[0].States.Idle, alone.Energy.Devices[0].States.Idle)
}

// A device with a meter has what it counted, and others what their figures say.
func TestMeasuredEnergy(t *testing.T) {
	p := testPlan(1)
	p.Platform.Devices[1].Power = figures(10, 40, 0, 3)
	tr := frames(50, 20, 20, 20)
	tr.Driver = "deploy"
	idle := 1.5
	board := energy.Metered{
		Device: "board", Of: "ina3221: the device", IdleWatts: &idle, Bound: 0.1,
		Samples: []energy.Sample{
			{AtNs: -100 * ms}, {AtNs: 0, Value: 1}, {AtNs: 100 * ms, Value: 9}, {AtNs: 500 * ms, Value: 13},
		},
	}
	tr.Metered = []energy.Metered{board}
	o, err := Measure(p, tr, "")
	require.NoError(t, err)
	assert.Equal(t, result.ByBoth, o.Energy.Means)
	d := o.Energy.Devices[0]
	// Frames 1 to 3 are on the board from 100 to 322 ms: 10 J/s.
	near(t, "board", *d.Joules, 10*0.222/3)
	assert.Positive(t, d.Bound)
	assert.Equal(t, "ina3221: the device", d.Meter)
	assert.InDelta(t, 1.5, *d.IdleWatts, 0)
	assert.Equal(t, "assumed", o.Energy.Devices[1].Basis)

	tr.Metered = append(tr.Metered, energy.Metered{Device: "server", Of: "rapl", Samples: board.Samples})
	o, err = Measure(p, tr, "")
	require.NoError(t, err)
	assert.Equal(t, result.ByMeter, o.Energy.Means)

	tr.Metered[0].Samples = board.Samples[:3]
	o, err = Measure(p, tr, "")
	require.NoError(t, err)
	assert.Nil(t, o.Energy.Devices[0].Joules)
	assert.Contains(t, o.Energy.Devices[0].Missing, "none of its 3 samples cover the time")
}
