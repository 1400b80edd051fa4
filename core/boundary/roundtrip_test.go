package boundary

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The first measurement R gives R + 4·R/2, and steady ones come to R, as RFC 6298 has it.
func TestRoundTrip(t *testing.T) {
	var r RoundTrip
	assert.EqualValues(t, UnknownNs, r.TimeoutNs())
	r.Measured(300_000_000)
	assert.EqualValues(t, 900_000_000, r.TimeoutNs())
	r.Measured(500_000_000) // RTTVAR 162.5 ms, SRTT 325 ms
	assert.EqualValues(t, 975_000_000, r.TimeoutNs())
	for range 100 {
		r.Measured(300_000_000)
	}
	assert.InDelta(t, 300_000_000, r.TimeoutNs(), 1000)
}

func TestRoundTripBounds(t *testing.T) {
	var fast, slow RoundTrip
	fast.Measured(1000)
	assert.EqualValues(t, LeastNs, fast.TimeoutNs())
	slow.Measured(60_000_000_000)
	assert.EqualValues(t, MostNs, slow.TimeoutNs())
}
