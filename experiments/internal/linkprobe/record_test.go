package linkprobe

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBandwidthInParts(t *testing.T) {
	const s = int64(time.Second)
	between := [2]string{"a", "b"}
	// From 0.5 s on: 100 bytes a second, then a pause of 2 s in which one token is on its way.
	list := []arrival{{0, 7}, {s / 2, 50}, {s, 50}, {3 * s / 2, 50}, {7 * s / 2, 20}, {7 * s / 2, 6}, {9 * s / 2, 100}}
	rates, err := parts(list, 4*time.Second, time.Second, between)
	require.NoError(t, err)
	assert.Equal(t, []profile.Rate{{At: 0, BytesPerSec: 100}, {At: time.Second, BytesPerSec: 10},
		{At: 2 * time.Second, BytesPerSec: 10}, {At: 3 * time.Second, BytesPerSec: 106}}, rates)
	_, err = parts(list, 5*time.Second, time.Second, between)
	require.ErrorIs(t, err, ErrProbe)
	assert.EqualError(t, err,
		"the link can't be measured: what arrived at b lasts less than 5s, the last of it came from a after 4.5s")
	_, err = parts(nil, time.Second, time.Second, between)
	assert.ErrorIs(t, err, ErrProbe)
}
