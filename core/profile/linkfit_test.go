package profile_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shown is what a direction shows that passes a byte per ns, and so many at once after a pause;
// a token of no bytes arrives after 1000 ns and is acknowledged after 2400, and its sender needs
// 300 ns for a message and a quarter for each byte.
func shown(burst int64) *profile.Direction {
	d := &profile.Direction{}
	for _, n := range []int64{64, 16 << 10, 200_000, 400_000, 800_000} {
		oneWay := time.Duration(1000 + max(n-burst, 0))
		d.Sizes = append(d.Sizes, profile.Size{
			Bytes: n, Send: []time.Duration{time.Duration(300 + n/4)}, OneWay: []time.Duration{oneWay, oneWay, oneWay},
			RoundTrip: []time.Duration{2400 + oneWay - 1000},
		})
	}
	return d
}

func TestFitOfALink(t *testing.T) {
	for _, burst := range []int64{0, 100_000} {
		d := shown(burst)
		d.Fit([]float64{0.8e9, 1e9, 1e9, 1e9, 3e9}, nil)
		assert.InDelta(t, 1e9, d.BytesPerSec.Median, 1)
		assert.Equal(t, 5, d.BytesPerSec.N)
		assert.InDelta(t, burst, d.BurstBytes, 100, "tokens are larger than none, which the least time is of")
		assert.Zero(t, d.BufferBytes, "the sender never waited")
		first := float64(d.Sizes[0].RoundTrip[0])
		assert.InDelta(t, first, d.RoundTripNs.Median, 1e-9)
		assert.InDelta(t, first/2, d.LatencyNs.Median, 1e-9)
		assert.InDelta(t, 316, d.PerMessageNs.Median, 1e-9)
		assert.InDelta(t, 0.25, d.PerByteNs.Median, 0.001)
		assert.Equal(t, profile.Spread{N: 6}, d.JitterNs, "of the two sizes that are a message")
	}
}

// What buffers held differs; nearly all that they ever did counts.
func TestFitOfABuffer(t *testing.T) {
	d := shown(0)
	var held []int64
	for i := range int64(11) {
		held = append(held, 1000*i)
	}
	d.Fit([]float64{1e9}, held)
	assert.EqualValues(t, 9000, d.BufferBytes)
}

// A large token that was sent alone, and waited, says what the sender's machine holds by its own
// clock; what was seen to be on its way is no less than that.
func TestFitOfABufferByItsSender(t *testing.T) {
	const burst = 100_000
	for _, c := range []struct{ send, want, seen int64 }{
		{800_000 - burst, 1, 67_000},               // until its last byte had left
		{800_000 - burst - 50_000, 50_000, 67_000}, // until 50 kB were left
		{800_000 - burst - 50_000, 20_000, 20_000},
		{399_999, 67_000, 67_000}, // it hardly waited
	} {
		d := shown(burst)
		d.Sizes[len(d.Sizes)-1].Send = []time.Duration{time.Duration(c.send)}
		d.Fit([]float64{1e9}, []int64{c.seen, c.seen, c.seen})
		assert.InDelta(t, c.want, d.BufferBytes, 100, "%+v", c)
	}
	d := shown(burst)
	d.Sizes[len(d.Sizes)-1].Send = []time.Duration{800_000 - burst - 50_000}
	d.Fit([]float64{0.9e9, 1e9, 1.1e9}, []int64{67_000, 67_000, 67_000})
	assert.EqualValues(t, 1, d.BufferBytes, "the bandwidth varies by more")
}

// Times that vary by more than a pause saves tell of no burst.
func TestFitTellsBurstFromJitter(t *testing.T) {
	d := shown(3000) // less than two packets of a shaper
	d.Fit([]float64{1e9}, nil)
	assert.Zero(t, d.BurstBytes)
	d = shown(100_000)
	d.Sizes[0].OneWay = []time.Duration{1000, 1000, 1_000_000}
	d.Fit([]float64{1e9}, nil)
	assert.Zero(t, d.BurstBytes)
}

func TestBadLinks(t *testing.T) {
	good := func() *profile.Link {
		return &profile.Link{Between: [2]string{"a", "b"}, Directions: [2]profile.Direction{*direction(), *direction()}}
	}
	require.NoError(t, good().Check())
	type direction = profile.Direction
	of := func(i int, spoil func(*direction)) func(*profile.Link) {
		return func(l *profile.Link) { spoil(&l.Directions[i]) }
	}
	for says, spoil := range map[string]func(l *profile.Link){
		`it is between "a" and "a"; expected two devices`: func(l *profile.Link) { l.Between[1] = "a" },
		`it is between "" and "b"; expected two devices`:  func(l *profile.Link) { l.Between[0] = "" },

		"from a to b: no sizes were measured":   of(0, func(d *direction) { d.Sizes = nil }),
		"from b to a: a bandwidth of 0 bytes/s": of(1, func(d *direction) { d.BytesPerSec.Median = 0 }),
		"from a to b: a burst, buffer, round trip or cost per byte is less than 0": of(0, func(d *direction) {
			d.BufferBytes = -1
		}),
		"from a to b: sizes must rise from 1 byte; there is 100": of(0, func(d *direction) { d.Sizes[1].Bytes = 100 }),
		"from a to b: 100 bytes have no samples":                 of(0, func(d *direction) { d.Sizes[0].Send = nil }),
		"from a to b: 100 bytes took less than no time":          of(0, func(d *direction) { d.Sizes[0].OneWay[0] = -1 }),
	} {
		l := good()
		spoil(l)
		err := l.Check()
		require.ErrorIs(t, err, profile.ErrLink)
		assert.EqualError(t, err, "bad link profile: "+says)
	}
}
