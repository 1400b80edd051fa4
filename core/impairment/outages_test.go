package impairment_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutages(t *testing.T) {
	once := impairment.NewOutages([]plan.Outage{{From: 30, For: 10}, {From: 10, For: 5}, {From: 12, For: 8}})
	again := impairment.NewOutages([]plan.Outage{{From: 100, For: 20, Every: 50}, {From: 0, For: 3}})
	for _, tt := range []struct {
		of                 *impairment.Outages
		at, up, busy, done int64
	}{
		{nil, 5, 5, 7, 12},
		{once, 0, 0, 10, 10}, {once, 0, 0, 11, 21}, {once, 5, 5, 15, 30}, {once, 5, 5, 16, 41}, {once, 9, 9, 0, 9},
		{once, 10, 20, 0, 20}, {once, 15, 20, 1, 21}, {once, 19, 20, 11, 41}, {once, 40, 40, 1000, 1040},
		{once, -20, -20, 30, 10}, {once, -20, -20, 31, 21},
		{again, 0, 3, 1, 4}, {again, 99, 99, 1, 100}, {again, 99, 99, 2, 121}, {again, 100, 120, 30, 150},
		{again, 119, 120, 61, 221}, {again, 1_000_000_000, 1_000_000_020, 0, 1_000_000_020},
	} {
		assert.Equal(t, tt.up, tt.of.Up(tt.at), "up from %d", tt.at)
		assert.Equal(t, tt.done, tt.of.After(tt.at, tt.busy), "%d from %d", tt.busy, tt.at)
	}
}

// stepped returns a bandwidth of times in ns and bytes per second.
func stepped(t *testing.T, steps ...float64) *profile.Rates {
	t.Helper()
	var list []profile.Rate
	for i := 0; i < len(steps); i += 2 {
		list = append(list, profile.Rate{At: time.Duration(steps[i]), BytesPerSec: steps[i+1]})
	}
	rates, err := profile.NewRates(list, false, func(int) string { return "row" })
	require.NoError(t, err)
	return rates
}

// Outages of a bandwidth are what a bandwidth is that falls to 0.
func TestOutagesOfABandwidth(t *testing.T) {
	rates, both := stepped(t, 0, 1e9, 20, 2e9, 50, 0, 60, 1e9),
		stepped(t, 0, 1e9, 10, 0, 15, 1e9, 20, 2e9, 30, 0, 40, 2e9, 50, 0, 60, 1e9)
	o := impairment.NewOutages([]plan.Outage{{From: 10, For: 5}, {From: 30, For: 10}})
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		at, n := rng.Int64N(80), 1+rng.Int64N(100)
		assert.InDelta(t, both.After(at, n), o.AfterBytes(at, n, rates), 1, "%d bytes from %d", n, at)
	}
	assert.EqualValues(t, 15, o.AfterBytes(12, 0, rates))
	var none *impairment.Outages
	assert.Equal(t, rates.After(5, 40), none.AfterBytes(5, 40, rates))
}

// A search through many outages takes no longer than their logarithm.
func TestManyOutages(t *testing.T) {
	list := make([]plan.Outage, 100_000)
	for i := range list {
		list[i] = plan.Outage{From: time.Duration(10 * i), For: 5}
	}
	o := impairment.NewOutages(list)
	assert.EqualValues(t, 995, o.Up(990))
	assert.EqualValues(t, 10*99_999+5+100, o.After(10*99_999, 100))
	assert.Zero(t, testing.AllocsPerRun(10, func() { o.After(777_777, 9) }))
}
