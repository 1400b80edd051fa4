package sim

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEventsDoNotAllocate compares two runs, one of which has ten times the events, over a link
// that is computed and one that was measured.
func TestEventsDoNotAllocate(t *testing.T) {
	rates, err := profile.NewRates([]profile.Rate{{At: 0, BytesPerSec: 1e9}, {At: 1000, BytesPerSec: 2e9}}, true,
		func(int) string { return "row" })
	require.NoError(t, err)
	one := profile.Direction{BytesPerSec: profile.Spread{Median: 1e9}, BurstBytes: 8, BufferBytes: 16,
		Sizes: []profile.Size{{Bytes: 8, Send: []time.Duration{2}, OneWay: []time.Duration{20, 25}}}}
	for name, links := range map[string]map[string]*profile.Link{
		"shared":    nil,
		"computed":  nil,
		"measured":  {"l01": {Between: [2]string{"d0", "d1"}, Directions: [2]profile.Direction{one, one}}},
		"over time": {"l01": {Rates: rates}},
	} {
		allocs := func(frames int64) float64 {
			b := enginetest.NewBuilder("long", frames, 1, 1)
			b.Chain(2, 4, 0, 0, 1, 1)
			p := b.Plan()
			require.Equal(t, "l01", p.Platform.Links[0].Name)
			p.Platform.Links[0].Jitter.Kind = plan.Empirical
			if name == "shared" {
				p.Platform.Links[0].Jitter, p.Platform.Links[0].Medium = plan.Jitter{}, "air"
				p.Platform.Media = []plan.Medium{{Name: "air", CapacityBytesPerSec: 1e6, MessageBytes: 1500, Contention: "802.11a"}}
			}
			prof := enginetest.Profile()
			prof.Links = links
			return testing.AllocsPerRun(3, func() {
				r, err := (&Driver{Profile: prof}).newRun(p)
				require.NoError(t, err)
				r.makeRoom()
				require.NoError(t, r.run(t.Context()))
			})
		}
		few, many := allocs(500), allocs(5000)
		assert.LessOrEqual(t, many, few+10, "%s: %v allocations for 500 frames, %v for 5000", name, few, many)
	}
}
