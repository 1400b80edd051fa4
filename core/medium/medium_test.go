package medium_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/dcf"
	"github.com/edgeprune/edgeprune/core/medium"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ends lets flows of so much work begin at 0, one of each station, and returns when they crossed,
// by station.
func ends(m *medium.Medium, work ...float64) []int64 {
	for i, w := range work {
		m.Add(0, int32(i), m.Class(0), w, int32(i))
	}
	at := make([]int64, len(work))
	for now, ok := m.Next(); ok; now, ok = m.Next() {
		for tag, ok := m.Take(now); ok; tag, ok = m.Take(now) {
			at[tag] = now
		}
	}
	return at
}

func TestPlainCapacity(t *testing.T) {
	of := &plan.Medium{CapacityBytesPerSec: 1e6, MessageBytes: 1500, Contention: plan.NoContention}
	m := medium.New(of, nil, 2)
	assert.Equal(t, 1e6, m.Alone())
	assert.InEpsilon(t, 1000.0, m.Work(1000), 1e-12)
	assert.Equal(t, []int64{2e6, 3e6}, ends(m, 1000, 2000))
	assert.Equal(t, 3000.0, m.Totals(5e6).Bytes)
	assert.InDelta(t, 3e6, m.Totals(5e6).Used, 1)
}

// TestMessagesTakeTime counts whole messages of a token, the last one's time with it.
func TestMessagesTakeTime(t *testing.T) {
	of := &plan.Medium{CapacityBytesPerSec: 1e6, PerMessage: time.Millisecond, MessageBytes: 1000}
	for n, takes := range map[int64]time.Duration{
		1000: 2 * time.Millisecond, 3000: 6 * time.Millisecond, 100: 1100 * time.Microsecond, 1100: 3100 * time.Microsecond,
	} {
		m := medium.New(of, nil, 1)
		assert.InDelta(t, int64(takes), ends(m, m.Work(n))[0], 1, "%d bytes", n)
	}
}

func TestStationsContend(t *testing.T) {
	of := &plan.Medium{CapacityBytesPerSec: 1e6, MessageBytes: 1500, Contention: plan.Linear, PerStation: 0.5}
	m := medium.New(of, nil, 3)
	// Three stations: 1e6/2 together, then two: 1e6/1.5, then one.
	assert.Equal(t, []int64{6e6, 9e6, 10e6}, ends(m, 1000, 2000, 3000))

	// Two flows of one station do not contend.
	m = medium.New(of, nil, 3)
	m.Add(0, 1, m.Class(0), 1000, 0)
	m.Add(0, 1, m.Class(0), 1000, 1)
	at, ok := m.Next()
	assert.True(t, ok)
	assert.Equal(t, int64(2e6), at)

	of = &plan.Medium{CapacityBytesPerSec: 54e6 / 8, MessageBytes: 1500, Contention: "802.11a"}
	m = medium.New(of, nil, 2)
	one := dcf.A.Throughput(1, dcf.A.Attempt(1), 1500, 54e6)
	two := dcf.A.Throughput(2, dcf.A.Attempt(2), 1500, 54e6)
	assert.InEpsilon(t, one, m.Alone(), 1e-12)
	assert.InEpsilon(t, two, m.Most(), 1e-12, "one waits between its messages, three collide more often")
	got := ends(m, 15_000, 30_000)
	assert.InDelta(t, 30_000/two*1e9, got[0], 2)
	assert.InDelta(t, (30_000/two+15_000/one)*1e9, got[1], 3)
}

func TestCapacityOverTime(t *testing.T) {
	rates, err := profile.NewRates([]profile.Rate{
		{At: 0, BytesPerSec: 1e6}, {At: time.Millisecond, BytesPerSec: 0}, {At: 3 * time.Millisecond, BytesPerSec: 2e6},
	}, false, func(int) string { return "row" })
	require.NoError(t, err)
	of := &plan.Medium{MessageBytes: 1500, Trace: "t.csv"}
	assert.Equal(t, []int64{3_500_000, 4_000_000}, ends(medium.New(of, rates, 2), 1000, 2000))

	// A loop goes on however long nobody sends.
	rates, err = profile.NewRates([]profile.Rate{{At: 0, BytesPerSec: 1e6}, {At: time.Second, BytesPerSec: 3e6}}, true,
		func(int) string { return "row" })
	require.NoError(t, err)
	m := medium.New(of, rates, 1)
	begin := int64(1e6 * time.Hour)
	m.Add(begin+999_999_000, 0, m.Class(0), 4, 7)
	at, ok := m.Next()
	require.True(t, ok)
	assert.Equal(t, begin+1e9, at, "the trace changes")
	_, ok = m.Take(at)
	assert.False(t, ok)
	at, ok = m.Next()
	require.True(t, ok)
	assert.Equal(t, begin+1e9+1000, at, "1 byte at 1 MB/s, 3 at 3 MB/s")
}

func TestRemovedFlowsLeaveRoom(t *testing.T) {
	of := &plan.Medium{CapacityBytesPerSec: 1e6, MessageBytes: 1500, Contention: plan.Linear, PerStation: 1}
	m := medium.New(of, nil, 2)
	m.Add(0, 0, m.Class(0), 1000, 0)
	other := m.Add(0, 1, m.Class(0), 1000, 1)
	m.Remove(2e6, other)
	at, ok := m.Next()
	require.True(t, ok)
	assert.Equal(t, int64(2_500_000), at, "a quarter of the capacity for 2 ms, then all of it")
	tag, ok := m.Take(at)
	assert.True(t, ok)
	assert.Zero(t, tag)
	_, ok = m.Next()
	assert.False(t, ok)
}

// Example lets two cameras send a frame each over a Wi-Fi cell.
func Example() {
	cell := medium.New(&plan.Medium{CapacityBytesPerSec: 54e6 / 8, MessageBytes: 1500, Contention: "802.11a"}, nil, 2)
	for station := range int32(2) {
		cell.Add(0, station, cell.Class(0), cell.Work(100_000), station)
	}
	for at, ok := cell.Next(); ok; at, ok = cell.Next() {
		tag, _ := cell.Take(at)
		fmt.Printf("frame %d has crossed after %v\n", tag, time.Duration(at).Round(100*time.Microsecond))
	}
	// Output:
	// frame 0 has crossed after 52.4ms
	// frame 1 has crossed after 52.4ms
}

// A trace may begin with an outage and then stay as it is: its mean until then is 0.
func TestCapacityAfterAnOutage(t *testing.T) {
	rates, err := profile.NewRates([]profile.Rate{{}, {At: time.Millisecond, BytesPerSec: 1e6}}, false,
		func(int) string { return "" })
	require.NoError(t, err)
	of := &plan.Medium{MessageBytes: 1500, PerMessage: time.Millisecond, Contention: plan.NoContention}
	m := medium.New(of, rates, 1)
	assert.InEpsilon(t, 600e3, m.Alone(), 1e-9)
	assert.Equal(t, []int64{3.5e6}, ends(m, m.Work(1500)))
}
