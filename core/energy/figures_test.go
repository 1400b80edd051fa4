package energy_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/quantity"
)

func watts(w float64) *quantity.Watts {
	v := quantity.Watts(w)
	return &v
}

// nano are made-up figures of a small module.
func nano() energy.Figures {
	return energy.Figures{
		Idle: watts(2), Units: map[string]quantity.Watts{"gpu": 8, "cpu": 3}, Send: watts(1.5), Receive: watts(0.5),
	}
}

func TestEnergyByState(t *testing.T) {
	f := nano()
	got, err := f.Energy(energy.Busy{
		WholeNs: 2e9, UnitsNs: map[string]float64{"gpu": 0.5e9, "cpu": 0.25e9}, SendNs: 0.1e9, ReceiveNs: 0.2e9,
	})
	require.NoError(t, err)
	assert.InDelta(t, 4, got.Idle, 1e-9)
	assert.InDelta(t, 4, got.Units["gpu"], 1e-9)
	assert.InDelta(t, 0.75, got.Units["cpu"], 1e-9)
	assert.InDelta(t, 0.15, got.Send, 1e-9)
	assert.InDelta(t, 0.1, got.Receive, 1e-9)
	assert.InDelta(t, 9, got.Total(), 1e-9)
}

// A figure that is needed and not there is an error; one that isn't needed may lack.
func TestFigureIsNotKnown(t *testing.T) {
	f := nano()
	f.Send = nil
	_, err := f.Energy(energy.Busy{WholeNs: 1, SendNs: 1})
	require.ErrorIs(t, err, energy.ErrFigures)
	require.EqualError(t, err, "bad power figures: there is none for send; add it under power")
	_, err = f.Energy(energy.Busy{WholeNs: 1, UnitsNs: map[string]float64{"dla": 1}})
	require.EqualError(t, err, "bad power figures: there is none for units.dla; add it under power")
	_, err = f.Energy(energy.Busy{WholeNs: 1, UnitsNs: map[string]float64{"dla": 0}})
	require.NoError(t, err)
}

func TestCheckFigures(t *testing.T) {
	f := nano()
	require.NoError(t, f.Check([]string{"cpu", "gpu"}))
	for want, spoil := range map[string]func(*energy.Figures){
		"idle is -1 W; expected 0 or more":      func(f *energy.Figures) { f.Idle = watts(-1) },
		"units.gpu is -8 W; expected 0 or more": func(f *energy.Figures) { f.Units["gpu"] = -8 },
		`there is no unit "npu"; the units are ["cpu" "gpu"]; did you mean "cpu"?`: func(f *energy.Figures) {
			f.Units["npu"] = 8
		},
		"idle is not given; without it no energy is known":   func(f *energy.Figures) { f.Idle = nil },
		`basis "guessed"; expected given, fitted or assumed`: func(f *energy.Figures) { f.Basis = "guessed" },
		"only fitted figures have a residual":                func(f *energy.Figures) { f.Residual = 0.1 },
		"residual -1; expected a fraction such as 0.03": func(f *energy.Figures) {
			f.Basis, f.Residual = energy.Fitted, -1
		},
	} {
		f := nano()
		spoil(&f)
		err := f.Check([]string{"cpu", "gpu"})
		require.ErrorIs(t, err, energy.ErrFigures)
		assert.EqualError(t, err, "bad power figures: "+want)
	}
}

// observed makes measurements of figures, each off by up to noise of its value.
func observed(f energy.Figures, n int, noise float64) []energy.Observation {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []energy.Observation
	for range n {
		b := energy.Busy{
			WholeNs: 1e9 * (1 + rng.Float64()),
			UnitsNs: map[string]float64{"gpu": 1e9 * rng.Float64(), "cpu": 1e9 * rng.Float64()},
			SendNs:  3e8 * rng.Float64(), ReceiveNs: 3e8 * rng.Float64(),
		}
		s, err := f.Energy(b)
		if err != nil {
			panic(err)
		}
		all = append(all, energy.Observation{Busy: b, Joules: s.Total() * (1 + noise*(2*rng.Float64()-1))})
	}
	return all
}

func TestFitFindsTheFigures(t *testing.T) {
	want := nano()
	got, err := energy.Fit(observed(want, 12, 0))
	require.NoError(t, err)
	assert.InDelta(t, 2, float64(*got.Idle), 1e-9)
	assert.InDelta(t, 8, float64(got.Units["gpu"]), 1e-9)
	assert.InDelta(t, 3, float64(got.Units["cpu"]), 1e-9)
	assert.InDelta(t, 1.5, float64(*got.Send), 1e-9)
	assert.InDelta(t, 0.5, float64(*got.Receive), 1e-9)
	assert.InDelta(t, 0, got.Residual, 1e-12)
	assert.Equal(t, energy.Fitted, got.Basis)
	require.NoError(t, got.Check([]string{"cpu", "gpu"}))

	got, err = energy.Fit(observed(want, 200, 0.1))
	require.NoError(t, err)
	assert.InEpsilon(t, 8, float64(got.Units["gpu"]), 0.1)
	assert.InDelta(t, 0.1/1.732, got.Residual, 0.02, "the root mean square of a uniform error of 10 %")
	assert.Regexp(t, `^fitted, residual \d`, got.Origin())
}

func TestFitCannot(t *testing.T) {
	_, err := energy.Fit(observed(nano(), 5, 0))
	require.ErrorIs(t, err, energy.ErrFit)
	require.EqualError(t, err, `power figures can't be fitted: 5 measurements for the figures ["idle" "units.cpu" `+
		`"units.gpu" "send" "receive"]; measure at least 6, and idle among them`)
	same := []energy.Observation{}
	for i := range 5 { // the unit is always busy for half of the time
		s := float64(i+1) * 1e9
		b := energy.Busy{WholeNs: s, UnitsNs: map[string]float64{"cpu": s / 2}}
		same = append(same, energy.Observation{Busy: b, Joules: 1})
	}
	_, err = energy.Fit(same)
	require.ErrorIs(t, err, energy.ErrFit)
	require.ErrorContains(t, err, `the measurements don't tell the figures ["idle" "units.cpu"] apart`)
	falling := []energy.Observation{}
	for i := range 4 { // less energy the longer the unit is busy
		falling = append(falling, energy.Observation{
			Busy:   energy.Busy{WholeNs: 1e9, UnitsNs: map[string]float64{"cpu": float64(i) * 1e8}},
			Joules: 2 - float64(i)/10,
		})
	}
	_, err = energy.Fit(falling)
	require.ErrorIs(t, err, energy.ErrFit)
	require.ErrorContains(t, err, "units.cpu comes out as -1 W, below 0")
}
