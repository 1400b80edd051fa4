package energy_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/energy"
)

// What is summed up at few times has the energy of all readings, whatever the rails' kinds.
func TestCumulate(t *testing.T) {
	power := func(s float64) float64 { return 10 + 5*math.Sin(4*s) }
	integral := func(s float64) float64 { return 10*s + 1.25*(1-math.Cos(4*s)) }
	a := sampled(power, 10*ms, 5000*ms)
	b := counted(func(s float64) float64 { return 3 * s }, 4, 25*ms, 5000*ms)
	b.Samples = b.Samples[2:] // from 50 ms on
	samples, bound, err := energy.Cumulate([]*energy.Series{a, b}, 50)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(samples), 51)
	assert.GreaterOrEqual(t, len(samples), 40)
	assert.Equal(t, energy.Sample{AtNs: 50 * ms}, samples[0])
	m := energy.Metered{Device: "box", Samples: samples, Bound: bound}
	got, err := m.Between(50*ms, 5000*ms)
	require.NoError(t, err)
	want := integral(5) - integral(0.05) + 3*4.95
	assert.InEpsilon(t, want, got.Joules, 0.005)
	assert.InDelta(t, want, got.Joules, got.BoundJoules)
	got, err = m.Between(1000*ms, 2500*ms)
	require.NoError(t, err)
	want = integral(2.5) - integral(1) + 4.5
	assert.InDelta(t, want, got.Joules, got.BoundJoules)

	_, err = m.Between(0, 1000*ms)
	require.ErrorIs(t, err, energy.ErrMissing)
	require.EqualError(t, err, "energy is not known: the meters of device box were read for 95 % of the time only")
	m.Missing = "bus error"
	_, err = m.Between(100*ms, 1000*ms)
	require.EqualError(t, err, "energy is not known: bus error")
}

func TestCumulateCannot(t *testing.T) {
	a := sampled(func(float64) float64 { return 1 }, 10*ms, 100*ms)
	_, _, err := energy.Cumulate(nil, 10)
	require.ErrorIs(t, err, energy.ErrMissing)
	a.GapNs = 20 * ms
	a.Samples = append(a.Samples[:3], a.Samples[6:]...)
	_, _, err = energy.Cumulate([]*energy.Series{a}, 10)
	require.EqualError(t, err, "energy is not known: there are gaps in what was read, 40.0 % of the time")
	a.Samples = a.Samples[:1]
	_, _, err = energy.Cumulate([]*energy.Series{a}, 10)
	require.EqualError(t, err, "energy is not known: ina3221, rail VDD_IN was read 1 times")
}
