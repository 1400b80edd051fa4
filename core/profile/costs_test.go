package profile_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
)

func took(all ...time.Duration) profile.Entry { return profile.Entry{Samples: all} }

func TestWithCosts(t *testing.T) {
	costs := profile.Costs{}
	costs.Add("", "k", took(1))
	costs.Add("jetson", "k", took(2))
	costs.Add("jetson", "k", took(3))
	costs.Add("gpu", "k", took(4))
	is := device.Fingerprint{Processor: "p"}
	p := &profile.Profile{Entries: map[string]profile.Entry{"old": took(9)}, Devices: map[string]*profile.Device{
		"jetson": {Fingerprint: is, Dispatch: 7, Entries: map[string]profile.Entry{"k": took(8), "old": took(9)}},
	}}
	q := p.With(costs)
	assert.Equal(t, &profile.Profile{
		Entries: map[string]profile.Entry{"old": took(9), "k": took(1)},
		Devices: map[string]*profile.Device{
			"jetson": {Fingerprint: is, Dispatch: 7, Entries: map[string]profile.Entry{"k": took(2, 3), "old": took(9)}},
			"gpu":    {Entries: map[string]profile.Entry{"k": took(4)}},
		},
	}, q)
	assert.Equal(t, took(8), p.Devices["jetson"].Entries["k"], "the profile itself changed")
	assert.Len(t, p.Devices, 1)
	assert.Len(t, p.Entries, 1)
	assert.Equal(t, profile.Costs{"": {"k": took(1)}}, profile.Costs{"": (&profile.Profile{}).With(profile.Costs{
		"": {"k": took(1)},
	}).Entries})
}
