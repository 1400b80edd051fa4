package coordinator

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock/clocktest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Devices of one clock begin at one time of it: the coordinator's, or the one that the first
// of them says.
func TestDevicesOfOneClockBeginTogether(t *testing.T) {
	c := newRunClocks(clocktest.New("own", 0, 0))
	for device, id := range []string{"own", "other", "other", "third"} {
		require.NoError(t, c.note(device, "d", id))
	}
	c.beganAt(wire.Began{At: 100, Clock: "own"})
	assert.Equal(t, wire.StartRequest{T0: 100, Clock: "own", Lead: int64(leadTime)}, c.start(0))
	assert.Equal(t, wire.StartRequest{Lead: int64(leadTime)}, c.start(1), "that is for the device to say")
	c.beganAt(wire.Began{At: 7, Clock: "other"})
	c.beganAt(wire.Began{At: 8, Clock: "other"})
	for _, device := range []int{1, 2} {
		assert.Equal(t, wire.StartRequest{T0: 7, Clock: "other", Lead: int64(leadTime)}, c.start(device))
	}
	assert.Equal(t, []int{1, 3}, c.firsts([]int{0, 1, 2, 3}), "a device of every other clock")
	assert.Empty(t, c.firsts([]int{1, 2}), "devices of one clock need no comparison")
}

func TestDeviceThatComesBackWithAnotherClock(t *testing.T) {
	c := newRunClocks(nil)
	require.NoError(t, c.note(0, "jetson", "boot 1"))
	require.NoError(t, c.note(0, "jetson", "boot 1"))
	err := c.note(0, "jetson", "boot 2")
	require.ErrorIs(t, err, trace.ErrClocks)
	assert.Contains(t, err.Error(), "device jetson was started again, with another clock: boot 2 instead of boot 1")
}

// A probe's times say nothing until it is known when the run began on their clock.
func TestProbesBeforeTheRunBeganAreLeftOut(t *testing.T) {
	p := twoInstances(1)
	r := &run{plan: p, times: newRunClocks(clocktest.New("own", 0, 0))}
	for device, id := range []string{"first", "second"} {
		require.NoError(t, r.times.note(device, "d", id))
	}
	r.probed("d0", &wire.Record{Kind: wire.Probed, Index: 1, Start: 5, End: 6})
	assert.Empty(t, r.times.samples)
	r.times.beganAt(wire.Began{At: 100, Clock: "first"})
	r.probed("d0", &wire.Record{Kind: wire.Probed, Index: 1, Start: 5, End: 6})
	require.Len(t, r.times.samples, 1)
	assert.Equal(t, int64(105), r.times.samples[0].Sent)
}
