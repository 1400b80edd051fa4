package profile_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
)

// direction passes 1 byte per ns and makes up for 1000 bytes.
func direction() *profile.Direction {
	return &profile.Direction{
		BytesPerSec: profile.Spread{Median: 1e9}, BurstBytes: 1000, PerByteNs: profile.Spread{Median: 0.5},
		Sizes: []profile.Size{
			{Bytes: 100, Send: []time.Duration{10, 12, 14}, OneWay: []time.Duration{49, 50, 54}},
			{Bytes: 1000, Send: []time.Duration{102}, OneWay: []time.Duration{90, 110}},
			{Bytes: 9000, Send: []time.Duration{1000}, OneWay: []time.Duration{8200}},
		},
	}
}

func TestTableOfSizes(t *testing.T) {
	d := direction()
	for _, tt := range []struct {
		bytes            int64
		pass, send, rest time.Duration
	}{
		{1, 1, 12, 50},          // as the smallest
		{100, 100, 12, 50},      // it crosses at once
		{550, 550, 57, 75},      // half-way between two
		{1000, 1000, 102, 100},  // the whole burst
		{5000, 5000, 551, 150},  // half-way
		{9000, 9000, 1000, 200}, // 8000 after the burst, and the rest
		{10000, 10000, 1500, 200},
	} {
		assert.Equal(t, tt.pass, d.Pass(tt.bytes), tt.bytes)
		assert.Equal(t, tt.send, d.Send(tt.bytes), tt.bytes)
		assert.Equal(t, tt.rest, d.Rest(tt.bytes), tt.bytes)
		assert.Equal(t, tt.bytes <= 9000, d.Covers(tt.bytes), tt.bytes)
	}
	assert.EqualValues(t, 1000, d.Burst())
	d.Sizes[2].OneWay = []time.Duration{7000}
	assert.EqualValues(t, -1000, d.Rest(9000), "it was there before its bytes could be at the bandwidth")
	d.Sizes[2].OneWay = []time.Duration{0}
	d.Sizes[1].OneWay = []time.Duration{0}
	assert.EqualValues(t, -250, d.Rest(1250), "a token never arrives before it was sent")
}

// A token that was sent alone and took less than the link needs for it found room.
func TestWhatASenderHolds(t *testing.T) {
	d := direction()
	d.BufferBytes = 5000
	for bytes, want := range map[int64]int64{
		100: 5000, 9000: 9000 - 1000 - 1000, 20000: 7000, // no more is known of larger ones
	} {
		assert.Equal(t, want, d.Holds(bytes), bytes)
	}
	d.Sizes[2].Send = []time.Duration{4000} // it had to wait: the link had taken as much, and the burst
	assert.EqualValues(t, 5000, d.Holds(9000))
}

func TestDeviationsOfTheNearestSize(t *testing.T) {
	d := direction()
	small, middle := []time.Duration{-1, 0, 4}, []time.Duration{-10, 10}
	for bytes, want := range map[int64][]time.Duration{
		1: small, 100: small, 316: small, 317: middle, 1000: middle, 2999: middle, 3001: {0}, 99999: {0},
	} {
		assert.Equal(t, want, d.Deviations(bytes), bytes)
	}
}

func TestDirectionsOfALink(t *testing.T) {
	l := &profile.Link{Between: [2]string{"a", "b"}}
	assert.Nil(t, l.Direction("a"), "it was not measured")
	l.Directions[1] = *direction()
	assert.Nil(t, l.Direction("a"))
	assert.Same(t, &l.Directions[1], l.Direction("b"))
	assert.Nil(t, l.Direction("c"))
}

func TestSpread(t *testing.T) {
	assert.Equal(t, profile.Spread{}, profile.SpreadOf(nil))
	var samples []float64
	for i := range 101 {
		samples = append(samples, float64(100-i))
	}
	assert.Equal(t, profile.Spread{Median: 50, Low: 5, High: 95, N: 101}, profile.SpreadOf(samples))
}

func TestLinksTakenForOthers(t *testing.T) {
	there, back := *direction(), *direction()
	there.BurstBytes, back.BurstBytes = 1, 2
	l := &profile.Link{Between: [2]string{"a", "b"}, Directions: [2]profile.Direction{there, back}}
	for _, tt := range []struct {
		between, measured [2]string
		turned            bool
	}{
		{[2]string{"a", "b"}, [2]string{}, false},
		{[2]string{"b", "a"}, [2]string{}, true},
		{[2]string{"a", "x"}, [2]string{"a", "b"}, false},
		{[2]string{"x", "a"}, [2]string{"b", "a"}, true},
		{[2]string{"b", "x"}, [2]string{"b", "a"}, true},
		{[2]string{"x", "y"}, [2]string{"a", "b"}, false},
	} {
		of := l.Taken(tt.between)
		assert.Equal(t, tt.between, of.Between)
		assert.Equal(t, tt.measured, of.Measured, tt.between)
		assert.Equal(t, tt.turned, of.Directions[0].BurstBytes == 2, tt.between)
		assert.NotEqual(t, of.Directions[0].BurstBytes, of.Directions[1].BurstBytes)
	}
	assert.Equal(t, [2]string{"a", "b"}, l.Between, "the link itself is not changed")
}
