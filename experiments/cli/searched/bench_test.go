package searched_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/stretchr/testify/require"
)

// BenchmarkEveryCut simulates every cut of SSD-MobileNet under three codecs, one frame at a time and as
// fast as frames can enter.
func BenchmarkEveryCut(b *testing.B) {
	x := cutExperiment(b, "ssd-tracking", "slow", "wireless")
	g, err := goal.Parse([]string{"latency"}, nil, nil, false)
	require.NoError(b, err)
	cuts := 0
	for b.Loop() {
		all, err := decide.All(b.Context(), x.simulator, x.Space, g, decide.Options{})
		require.NoError(b, err)
		cuts = len(all)
	}
	b.ReportMetric(float64(cuts), "mappings")
}
