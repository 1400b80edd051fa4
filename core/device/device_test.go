package device_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/stretchr/testify/assert"
)

func TestThrottling(t *testing.T) {
	before := []device.Throttle{{Name: "cpu0 core", Value: 3}, {Name: "gpu-throttle-alert", Flag: true}}
	s := device.Span{
		Before: device.State{Throttled: before},
		After:  device.State{Throttled: []device.Throttle{{Name: "cpu0 core", Value: 3}, {Name: "new", Value: 7}}},
	}
	assert.Empty(t, s.Throttling(), "nothing rose, and a counter that was not there before says nothing")
	s.After.Throttled[0].Value = 5
	assert.Equal(t, []string{"cpu0 core rose by 2"}, s.Throttling())
	s.After.Throttled = append(s.After.Throttled, device.Throttle{Name: "gpu-throttle-alert", Flag: true, Value: 1})
	assert.Equal(t, []string{"cpu0 core rose by 2", "gpu-throttle-alert"}, s.Throttling())
	s.Before.Throttled[1].Value, s.After.Throttled[2].Value = 1, 0
	assert.Equal(t, []string{"cpu0 core rose by 2", "gpu-throttle-alert"}, s.Throttling(), "on before is on")
}

func TestOthers(t *testing.T) {
	s := device.Span{Before: device.State{CPU: &device.CPU{Busy: 100, Own: 10, Up: 50}}}
	_, ok := s.Others()
	assert.False(t, ok)
	s.After.CPU = &device.CPU{Busy: 112, Own: 16, Up: 54}
	n, ok := s.Others()
	assert.True(t, ok)
	assert.InDelta(t, 1.5, n, 1e-12)
}

func TestHottest(t *testing.T) {
	var s device.Span
	_, ok := s.Hottest()
	assert.False(t, ok)
	s.Before.Zones = []device.Zone{{Name: "cpu", Celsius: 50}, {Name: "gpu", Celsius: 71.5}}
	s.After.Zones = []device.Zone{{Name: "cpu", Celsius: 64}}
	z, ok := s.Hottest()
	assert.True(t, ok)
	assert.Equal(t, device.Zone{Name: "gpu", Celsius: 71.5}, z)
}
