package sim

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"

	"github.com/stretchr/testify/require"
)

func TestLinkModels(t *testing.T) {
	prof := &profile.Profile{
		Transport: profile.Transport{PerMessage: 1000, PerByte: 2, SendPerMessage: 100, SendPerByte: 0.5},
	}
	const chunk = plan.ChunkBytes
	for _, c := range []struct {
		name                             string
		model                            LinkModel
		link                             plan.Link
		bytes                            int64
		occupancy, handover, flight, ack time.Duration
	}{
		{"unshaped, empty", Queue{}, plan.Link{}, 0, 100, 0, 900, 1000},
		{"unshaped", Queue{}, plan.Link{}, 1000, 600, 0, 2400, 1000},
		{"unshaped, chunks", Queue{}, plan.Link{}, 3 * chunk, 100 + 3*chunk/2, 0, 900 + 3*chunk*3/2, 1000},
		{"latency alone", Queue{}, plan.Link{Latency: 7000}, 1000, 600, 0, 9400, 8000},
		// 1 byte a ns is faster than the transport's 2 ns a byte: the transport bounds.
		{"fast link", Queue{}, plan.Link{BandwidthBytesPerSec: 1e9}, 4 * chunk, 4 * chunk, 100 + chunk/2, 1000 + 4*chunk,
			1000},
		// 10 ns a byte: the bytes at bandwidth, then one message with the last chunk.
		{"slow link", Queue{}, plan.Link{BandwidthBytesPerSec: 1e8}, 4 * chunk, 40 * chunk, 100 + chunk/2, 1000 + 2*chunk,
			1000},
		{"slow link, short last chunk", Queue{}, plan.Link{BandwidthBytesPerSec: 1e8}, chunk + 10, 10*chunk + 100, 105, 1020,
			1000},
		{"slow link, less than a chunk", Queue{}, plan.Link{BandwidthBytesPerSec: 1e8, Latency: 50}, 10, 105, 100, 1065,
			1050},
		{"ideal", Ideal{}, plan.Link{BandwidthBytesPerSec: 1e8, Latency: 50}, 10, 100, 0, 50, 50},
		{"ideal, unshaped", Ideal{}, plan.Link{}, 10, 0, 0, 0, 0},
	} {
		require.Equal(t, Crossing{Occupancy: c.occupancy, Handover: c.handover, Flight: c.flight},
			c.model.Cross(&c.link, prof, "a", c.bytes), c.name)
		require.Equal(t, c.ack, c.model.Ack(&c.link, prof), c.name)
	}
}

func TestSenderThatOutlastsTheMessage(t *testing.T) {
	prof := &profile.Profile{Transport: profile.Transport{PerMessage: 10, SendPerMessage: 100}}
	require.Equal(t, Crossing{Occupancy: 100}, Queue{}.Cross(&plan.Link{}, prof, "a", 5), "times are never negative")
}

// A little token that is sent right behind a large one is not handed over before it began.
func TestLittleTokenBehindALargeOne(t *testing.T) {
	prof := &profile.Profile{Transport: profile.Transport{
		PerMessage: 1000, PerByte: 2, SendPerMessage: 100, SendPerByte: 0.5,
	}}
	l := &plan.Link{BandwidthBytesPerSec: 1e8}
	c := newChannel(l, prof)
	large, little := Queue{}.Cross(l, prof, "a", 60_000), Queue{}.Cross(l, prof, "a", 16)
	_, first := c.take(0, &large, impairment.Effect{})
	left := c.left
	start, second := c.take(0, &little, impairment.Effect{})
	require.Equal(t, left, start)
	require.GreaterOrEqual(t, c.left, start)
	require.GreaterOrEqual(t, second, start)
	require.NotZero(t, first)
}
