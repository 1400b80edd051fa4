package profile_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func row(i int) string { return fmt.Sprintf("wifi.csv:%d", i+2) }

// Bandwidths are in bytes per ns, so that all can be computed by hand.
func rates(t *testing.T, loop bool, perNs ...float64) *profile.Rates {
	t.Helper()
	var list []profile.Rate
	for i, x := range perNs {
		list = append(list, profile.Rate{At: time.Duration(100 * i), BytesPerSec: x * 1e9})
	}
	r, err := profile.NewRates(list, loop, row)
	require.NoError(t, err)
	return r
}

func TestBytesCrossOverTime(t *testing.T) {
	for _, tt := range []struct {
		name        string
		loop        bool
		perNs       []float64
		at, n, want int64
	}{
		{"one rate", false, []float64{2}, 50, 100, 100},
		{"one rate in a loop", true, []float64{2}, 50, 100, 100},
		{"nothing", false, []float64{2}, 50, 0, 50},
		{"rounded up", false, []float64{3}, 0, 100, 34},
		{"within a rate", false, []float64{2, 1}, 10, 100, 60},
		{"until a rate ends", false, []float64{2, 1}, 50, 100, 100},
		{"over two rates", false, []float64{2, 1}, 50, 150, 150},
		{"the last rate goes on", false, []float64{2, 1}, 250, 1000, 1250},
		{"a pause", false, []float64{2, 0, 1}, 50, 110, 210},
		{"begun in a pause", false, []float64{2, 0, 1}, 150, 10, 210},
		{"just before a pause", false, []float64{2, 0, 1}, 50, 100, 100},
		{"a loop", true, []float64{2, 1}, 150, 100, 225},
		{"loops", true, []float64{2, 1}, 50, 3*300 + 100, 700},
		{"a loop to its end", true, []float64{2, 1}, 0, 600, 400},
		{"a loop that ends with a pause", true, []float64{1, 0}, 0, 300, 500},
		{"a loop that begins with a pause", true, []float64{0, 1}, 150, 100, 350},
	} {
		assert.Equal(t, tt.want, rates(t, tt.loop, tt.perNs...).After(tt.at, tt.n), tt.name)
	}
}

func TestMeanOfRates(t *testing.T) {
	assert.InDelta(t, 2e9, rates(t, false, 2).Mean(), 1)
	assert.InDelta(t, 3e9, rates(t, false, 2, 4, 100).Mean(), 1, "the last one holds for ever")
	assert.InDelta(t, 5e9, rates(t, true, 2, 4, 9).Mean(), 1)
	end, ends := rates(t, false, 2, 4).Ends()
	assert.True(t, ends)
	assert.EqualValues(t, 100, end)
	_, ends = rates(t, true, 2, 4).Ends()
	assert.False(t, ends)
	_, ends = rates(t, false, 2).Ends()
	assert.False(t, ends, "one bandwidth for ever")
}

func TestRatesThatCanNotBe(t *testing.T) {
	const second = time.Second
	for _, tt := range []struct {
		rates []profile.Rate
		loop  bool
		says  string
	}{
		{nil, false, "no bandwidth over time: it has no rows"},
		{[]profile.Rate{{0, -1}}, false, "wifi.csv:2: no bandwidth over time: -1 bytes/s; expected a number of at least 0"},
		{[]profile.Rate{{0, math.NaN()}}, false,
			"wifi.csv:2: no bandwidth over time: NaN bytes/s; expected a number of at least 0"},
		{[]profile.Rate{{0, 1}, {second, math.Inf(1)}}, false,
			"wifi.csv:3: no bandwidth over time: +Inf bytes/s; expected a number of at least 0"},
		{[]profile.Rate{{second, 1}}, false, "wifi.csv:2: no bandwidth over time: it begins at 1s; expected 0"},
		{[]profile.Rate{{0, 1}, {2 * second, 1}, {second, 1}}, false,
			"wifi.csv:4: no bandwidth over time: 1s comes after 2s; times must rise"},
		{[]profile.Rate{{0, 1}, {0, 1}}, false, "wifi.csv:3: no bandwidth over time: 0s comes after 0s; times must rise"},
		{[]profile.Rate{{0, 1}, {second, 0}}, false, "wifi.csv:3: no bandwidth over time: it ends with 0 bytes/s, so " +
			"nothing would cross any more; let it end with another bandwidth, or loop"},
		{[]profile.Rate{{0, 0}, {second, 0}}, true, "wifi.csv:3: no bandwidth over time: all of it is 0 bytes/s"},
	} {
		_, err := profile.NewRates(tt.rates, tt.loop, row)
		require.ErrorIs(t, err, profile.ErrRates)
		assert.EqualError(t, err, tt.says)
	}
}

func TestRatesInJSON(t *testing.T) {
	l := profile.Link{Between: [2]string{"a", "b"}, Rates: rates(t, true, 2, 1)}
	b, err := json.Marshal(&l)
	require.NoError(t, err)
	assert.Contains(t, string(b), `"rates":{"at_ns":[0,100],"bytes_per_sec":[2000000000,1000000000],"loop":true}`)
	assert.Error(t, json.Unmarshal([]byte(`{"rates":{"at_ns":""}}`), &profile.Link{}))
	var again profile.Link
	require.NoError(t, json.Unmarshal(b, &again))
	assert.Equal(t, l.Rates, again.Rates)
	for text, says := range map[string]string{
		`{"rates":{}}`: "no bandwidth over time: it has no rows",
		`{"rates":{"at_ns":[0],"bytes_per_sec":[]}}`:  "no bandwidth over time: 1 times and 0 bandwidths",
		`{"rates":{"at_ns":[5],"bytes_per_sec":[1]}}`: "rate 0: no bandwidth over time: it begins at 5e-09s; expected 0",
	} {
		require.EqualError(t, json.Unmarshal([]byte(text), &profile.Link{}), says)
	}
}

func TestRatesAt(t *testing.T) {
	list := []profile.Rate{
		{At: 0, BytesPerSec: 1}, {At: 100, BytesPerSec: 2}, {At: 300, BytesPerSec: 0}, {At: 400, BytesPerSec: 4},
	}
	for _, loop := range []bool{false, true} {
		r, err := profile.NewRates(list, loop, func(int) string { return "row" })
		require.NoError(t, err)
		forever := int64(math.MaxInt64)
		if loop {
			forever = 500
		}
		for _, c := range []struct {
			at    int64
			rate  float64
			until int64
		}{{0, 1, 100}, {99, 1, 100}, {100, 2, 300}, {300, 0, 400}, {450, 4, forever}} {
			rate, until := r.At(c.at)
			assert.InDelta(t, c.rate, rate, 1e-12, "at %d", c.at)
			assert.Equal(t, c.until, until, "at %d", c.at)
		}
		if loop {
			rate, until := r.At(10_150)
			assert.InDelta(t, 2.0, rate, 1e-12)
			assert.Equal(t, int64(10_300), until)
		}
	}
}
