package profile_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func twoDevices() *profile.Profile {
	return &profile.Profile{
		Entries: map[string]profile.Entry{
			"a": {Samples: []time.Duration{3}, OutBytes: []int64{1}}, "b": {Samples: []time.Duration{4}},
		},
		Transport: profile.Transport{Dispatch: 9},
		Devices: map[string]*profile.Device{
			"nano": {
				Fingerprint: device.Fingerprint{Processor: "Cortex-A57"}, Dispatch: 70,
				Entries: map[string]profile.Entry{"a": {Samples: []time.Duration{50}, OutBytes: []int64{2}}, "empty": {}},
			},
			"bare": {},
		},
	}
}

func TestCostOn(t *testing.T) {
	p := twoDevices()
	for _, c := range []struct {
		device, key string
		want        time.Duration
	}{{"nano", "a", 50}, {"server", "a", 3}, {"server", "b", 4}} {
		e, err := p.CostOn(c.device, c.key)
		require.NoError(t, err)
		assert.Equal(t, c.want, e.Median(), "%s on %s", c.key, c.device)
	}
	for _, key := range []string{"b", "empty"} {
		_, err := p.CostOn("nano", key)
		require.ErrorIs(t, err, profile.ErrMissing, "the machine's own cost stands in for the device's")
		assert.EqualError(t, err, "not measured on device nano: "+key+
			"; run edgeprune profile --testbed FILE --device nano on what needs it")
	}
	_, err := p.CostOn("server", "c")
	assert.EqualError(t, err, "not measured: c; run edgeprune profile")
}

func TestOutBytesAndDispatchOn(t *testing.T) {
	p := twoDevices()
	assert.Equal(t, []int64{2}, p.OutBytesOn("nano", "a"))
	assert.Equal(t, []int64{1}, p.OutBytesOn("server", "a"))
	assert.Nil(t, p.OutBytesOn("bare", "a"))
	assert.EqualValues(t, 70, p.DispatchOn("nano"))
	assert.EqualValues(t, 9, p.DispatchOn("server"))
	assert.EqualValues(t, 9, p.DispatchOn("bare"), "not measured there")
}

func TestDevicesInJSON(t *testing.T) {
	b, err := json.Marshal(twoDevices())
	require.NoError(t, err)
	var got profile.Profile
	err = json.Unmarshal(b, &got)
	require.NoError(t, err)
	assert.Equal(t, *twoDevices(), got)
	b, err = json.Marshal(profile.Profile{})
	require.NoError(t, err)
	assert.NotContains(t, string(b), "devices")
}
