package sim

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEventsDoNotAllocate compares two runs, one of which has ten times the events.
func TestEventsDoNotAllocate(t *testing.T) {
	allocs := func(frames int64) float64 {
		b := enginetest.NewBuilder("long", frames, 1, 1)
		b.Chain(2, 4, 0, 0, 1, 1)
		return testing.AllocsPerRun(3, func() {
			r, err := (&Driver{Profile: enginetest.Profile()}).newRun(b.Plan())
			require.NoError(t, err)
			require.NoError(t, r.run(t.Context()))
		})
	}
	few, many := allocs(500), allocs(5000)
	assert.LessOrEqual(t, many, few+10, "%v allocations for 500 frames, %v for 5000", few, many)
}
