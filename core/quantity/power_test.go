package quantity_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWattsAndJoules(t *testing.T) {
	for s, want := range map[string]float64{
		"2W": 2, "850mW": 0.85, "2.5": 2.5, "3 W": 3, "5uW": 5e-6, "5µW": 5e-6, "1.2kW": 1200, "0": 0, "-1W": -1,
	} {
		got, err := quantity.ParseWatts(s)
		require.NoError(t, err, s)
		assert.InDelta(t, want, float64(got), 1e-12, s)
		again, err := quantity.ParseWatts(got.String())
		require.NoError(t, err)
		assert.InDelta(t, float64(got), float64(again), 0)
	}
	for s, want := range map[string]float64{"3J": 3, "120mJ": 0.12, "5Wh": 18000, "1kWh": 3.6e6, "2 kJ": 2000, "7": 7} {
		got, err := quantity.ParseJoules(s)
		require.NoError(t, err, s)
		assert.InDelta(t, want, float64(got), 1e-9, s)
	}
	for _, s := range []string{"", "W", "2 J", "2w", "NaN", "2VA", "1e999", "0x2W"} {
		_, err := quantity.ParseWatts(s)
		require.ErrorIs(t, err, quantity.ErrUnit, s)
		assert.ErrorContains(t, err, "expected a power, such as 2W, 850mW or 2.5, which is in watts", s)
	}
	for _, s := range []string{"", "3W", "2 h", "3j"} {
		_, err := quantity.ParseJoules(s)
		require.ErrorIs(t, err, quantity.ErrUnit, s)
	}
}
