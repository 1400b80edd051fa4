package sim

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
)

// TestEventsDoNotAllocate compares two runs, one of which has ten times the events.
func TestEventsDoNotAllocate(t *testing.T) {
	allocs := func(frames int64) float64 {
		b := enginetest.NewBuilder("long", frames, 1, 1)
		b.Chain(2, 4, 0, 0, 1, 1)
		return testing.AllocsPerRun(3, func() {
			r, err := (&Driver{Profile: enginetest.Profile()}).newRun(b.Plan())
			if err != nil {
				t.Fatal(err)
			}
			if err := r.run(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := allocs(500), allocs(5000); many > few+10 {
		t.Errorf("%v allocations for 500 frames, %v for 5000", few, many)
	}
}
