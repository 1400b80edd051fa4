package device_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/stretchr/testify/assert"
)

// Spans of runs one after the other make one, in which no throttling is lost.
func TestJoin(t *testing.T) {
	state := func(count, flag int64) device.State {
		return device.State{Throttled: []device.Throttle{
			{Name: "events", Value: count}, {Name: "alert", Flag: true, Value: flag},
		}}
	}
	of := func(name string, before, after device.State) device.Of {
		return device.Of{Device: name, Span: device.Span{Before: before, After: after}}
	}
	first := []device.Of{of("jetson", state(3, 0), state(4, 1)), of("gpu", state(0, 0), state(0, 0))}
	second := []device.Of{of("jetson", state(4, 0), state(6, 0)), of("nano", state(1, 0), state(1, 0))}
	got := device.Join(device.Join(nil, first), second)
	assert.Equal(t, []device.Of{
		of("jetson", state(3, 0), state(6, 1)), of("gpu", state(0, 0), state(0, 0)), of("nano", state(1, 0), state(1, 0)),
	}, got)
	assert.Equal(t, []string{"events rose by 3", "alert"}, got[0].Throttling())
	assert.Empty(t, got[1].Throttling())
	assert.Equal(t, state(6, 0), second[0].After, "what is joined stays as it is")
	assert.Equal(t, state(4, 1), first[0].After)
}
