package clocktest

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClockIsApartAndDrifts(t *testing.T) {
	c := New("far", -24*time.Hour, 0.5)
	at := clock.Now()
	assert.InDelta(t, at-int64(24*time.Hour), c.Shown(at), 1e9)
	assert.Equal(t, int64(1.5e9), c.Shown(at+1e9)-c.Shown(at))
	assert.InDelta(t, at+1e9, c.Machine(c.Shown(at+1e9)), 5)
	c.Jump(time.Minute)
	assert.InDelta(t, at-int64(24*time.Hour)+int64(time.Minute), c.Shown(at), 1e9)
	w := c.Waiter()
	due := w.Now() + int64(3*time.Millisecond)
	require.NoError(t, w.Until(t.Context(), due))
	assert.GreaterOrEqual(t, c.Now(), due)
}
