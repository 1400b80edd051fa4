package states_test

import (
	"math"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/states"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = int64(time.Millisecond)

var lanes = map[string]int{"cpu": 2}

// run is that of a jetson which works for 40 ms of every 100 on one of two lanes, then sends
// for 10 ms, and of a server whose clock is 1 h ahead, which answers within 5 ms; every fifth
// frame takes both lanes, every third has no answer.
func run(frames int) *trace.Trace {
	t := &trace.Trace{}
	add := func(kind trace.Kind, device, unit string, fifo, frame int, from, to int64) {
		t.Events = append(t.Events, trace.Event{
			Kind: kind, Device: device, Unit: unit, FIFO: fifo, Frame: int64(frame), Start: from, End: to,
		})
	}
	const ahead = 3600 * 1000 * ms
	for i := range frames {
		at := int64(i) * 100 * ms
		add(trace.Firing, "jetson", "cpu", -1, i, at, at+40*ms)
		if i%5 == 0 {
			add(trace.Firing, "jetson", "cpu", -1, i, at, at+40*ms)
		}
		add(trace.Send, "jetson", "link", 0, i, at+40*ms, at+(50+int64(i%4))*ms)
		add(trace.Recv, "server", "", 0, i, ahead+at+52*ms, ahead+at+52*ms)
		if i%3 != 0 {
			add(trace.Send, "server", "link", 1, i, ahead+at+60*ms, ahead+at+65*ms)
			add(trace.Recv, "jetson", "", 1, i, at+70*ms, at+70*ms)
		}
		add(trace.Ack, "jetson", "", 0, i, at+71*ms, at+71*ms)
	}
	return t
}

// power is what the jetson takes at a time: 2 W, 3 W for a lane, 1.5 W while it sends and
// 0.5 W while it receives.
func power(at int64) float64 {
	i, in := int(at/(100*ms)), at%(100*ms)
	w := 2.0
	switch {
	case in < 40*ms && i%5 == 0:
		w += 6
	case in < 40*ms:
		w += 3
	case in < (50+int64(i%4))*ms:
		w += 1.5
	case i%3 != 0 && in >= 65*ms && in < 70*ms:
		w += 0.5
	}
	return w
}

func TestOf(t *testing.T) {
	d, err := states.Of(run(3), "jetson", lanes)
	require.NoError(t, err)
	assert.Equal(t, &states.Device{
		Name: "jetson", Frames: 3, Active: energy.Interval{FromNs: 0, ToNs: 270 * ms},
		Units: map[string]*states.Unit{"cpu": {Lanes: 2, Firings: []energy.Interval{
			{FromNs: 0, ToNs: 40 * ms}, {FromNs: 0, ToNs: 40 * ms}, {FromNs: 100 * ms, ToNs: 140 * ms},
			{FromNs: 200 * ms, ToNs: 240 * ms},
		}}},
		Send: []energy.Interval{
			{FromNs: 40 * ms, ToNs: 50 * ms}, {FromNs: 140 * ms, ToNs: 151 * ms}, {FromNs: 240 * ms, ToNs: 252 * ms},
		},
		Receive: []energy.Interval{{FromNs: 165 * ms, ToNs: 170 * ms}, {FromNs: 265 * ms, ToNs: 270 * ms}},
	}, d)
}

func TestNotKnown(t *testing.T) {
	_, err := states.Of(run(3), "nano", lanes)
	require.ErrorIs(t, err, states.ErrDevice)
	require.EqualError(t, err, `the device's states are not known: nano did nothing in the run; the devices that did are `+
		`["jetson" "server"]`)
	_, err = states.Of(run(3), "jetson", map[string]int{"gpu": 1})
	require.ErrorIs(t, err, states.ErrDevice)
	require.EqualError(t, err, `the device's states are not known: jetson has no unit cpu in the plan, which fired in `+
		`the run; the units are ["gpu"]`)
}

// counted is what a counter of joules shows every 7 ms.
func counted(until int64) *energy.Metered {
	m := &energy.Metered{Device: "jetson", Of: "VDD_IN"}
	const step = ms / 4
	joules := 0.0
	for at := int64(0); at <= until; at += step {
		if at%(7*ms) == 0 {
			m.Samples = append(m.Samples, energy.Sample{AtNs: at, Value: joules})
		}
		joules += power(at) * float64(step) * 1e-9
	}
	return m
}

// The figures come back from a run's trace and a counter, within 0.5 %.
func TestFit(t *testing.T) {
	d, err := states.Of(run(200), "jetson", lanes)
	require.NoError(t, err)
	m := counted(20 * 1000 * ms)
	idle := 2.0
	m.IdleWatts = &idle
	all, err := d.Observe(m, 130*time.Millisecond)
	require.NoError(t, err)
	assert.Greater(t, len(all), 100)
	f, err := energy.Fit(all)
	require.NoError(t, err)
	assert.InEpsilon(t, 2, float64(*f.Idle), 0.005)
	assert.InEpsilon(t, 6, float64(f.Units["cpu"]), 0.005, "both lanes")
	assert.InEpsilon(t, 1.5, float64(*f.Send), 0.005)
	assert.InEpsilon(t, 0.5, float64(*f.Receive), 0.005)
	assert.Less(t, f.Residual, 0.001)
}

func TestNoWindow(t *testing.T) {
	d, err := states.Of(run(2), "jetson", lanes)
	require.NoError(t, err)
	_, err = d.Observe(counted(1000*ms), time.Second)
	require.ErrorIs(t, err, states.ErrShort)
	require.EqualError(t, err, "the meter covers too little of the run: device jetson worked for 0.17 s, in which its "+
		"meter shows no window of 1s; measure longer, or give a shorter window")
	_, err = d.Observe(&energy.Metered{Device: "jetson", Missing: "nobody may read it"}, time.Second)
	require.ErrorIs(t, err, energy.ErrMissing)
	require.EqualError(t, err, "energy is not known: device jetson: nobody may read it")
}

// watts is what a meter of powers shows every millisecond.
func watts(from, to int64) *energy.Series {
	s := &energy.Series{Meter: "external", Rail: "supply", GapNs: 4 * ms}
	for at := from; at <= to; at += ms {
		s.Samples = append(s.Samples, energy.Sample{AtNs: at, Value: power(at)})
	}
	return s
}

// The integrals are known: of the run, per frame and by state, within 0.5 % or the bound that
// is given.
func TestEnergies(t *testing.T) {
	const frames = 60
	d, err := states.Of(run(frames), "jetson", lanes)
	require.NoError(t, err)
	e, err := d.Energies([]*energy.Series{watts(0, 6000*ms)})
	require.NoError(t, err)
	var want float64
	by := map[string]float64{}
	state := func(at int64) string {
		switch in := at % (100 * ms); {
		case in < 40*ms:
			return "units.cpu"
		case in < (50+at/(100*ms)%4)*ms:
			return "send"
		case in >= 65*ms && in < 70*ms && at/(100*ms)%3 != 0:
			return "receive"
		}
		return "idle"
	}
	for at := int64(0); at < d.Active.ToNs; at += ms {
		j := power(at) * 1e-3
		want += j
		by[state(at)] += j
	}
	assert.EqualValues(t, frames, e.Frames)
	assert.InEpsilon(t, want, e.Run.Joules, 0.005)
	require.NotNil(t, e.PerFrame)
	assert.InEpsilon(t, want/frames, *e.PerFrame, 0.005)
	var names []string
	sum := 0.0
	for _, s := range e.States {
		names = append(names, s.Name)
		require.NotNil(t, s.Energy, s.Name)
		assert.LessOrEqual(t, math.Abs(s.Energy.Joules-by[s.Name]), s.Energy.BoundJoules+0.005*by[s.Name], s.Name)
		sum += s.Energy.Joules
	}
	assert.Equal(t, []string{"units.cpu", "send", "receive", "idle"}, names)
	assert.InEpsilon(t, e.Run.Joules, sum, 1e-9, "here no two states last at once")
}

// Of a meter that stops within the run, no energy per frame is known.
func TestCoversInPart(t *testing.T) {
	d, err := states.Of(run(10), "jetson", lanes)
	require.NoError(t, err)
	e, err := d.Energies([]*energy.Series{watts(0, 45*ms)})
	require.NoError(t, err)
	assert.Nil(t, e.PerFrame)
	assert.InEpsilon(t, 45./951, e.Run.Coverage(), 0.01)
	for _, s := range e.States {
		assert.Equal(t, s.Name == "receive" || s.Name == "idle", s.Energy == nil, s.Name)
	}
	_, err = d.Energies([]*energy.Series{watts(2000*ms, 3000*ms)})
	require.ErrorIs(t, err, energy.ErrMissing)
}
