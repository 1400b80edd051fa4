package searched_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDynamic finds mappings of an application with a dynamic part, with and without a fallback in the file.
func TestDynamic(t *testing.T) {
	for name, f := range map[string]*planfile.File{
		"gated": plantest.Gated(t), "with a fallback": plantest.WithFallback(t),
	} {
		f.Workload.Choices = []plan.Choice{{Actor: "motion", Rates: map[int]float64{0: 0.5, 1: 0.5}}}
		x := newFixture(t, f, plantest.Models(t), space.Options{Codecs: []string{"none", "fp16"}})
		ranked, found := x.decided(t.Context(), t, parse(t, "latency"))
		assert.True(t, found.Proven, name)
		require.NotEmpty(t, ranked)
		for _, m := range ranked {
			require.NoError(t, m.Err, "%s: %s", name, m.Name)
		}
	}
}
