package studycmd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// What a run makes of units, links and queues are metrics: a link of half the bandwidth is busy for
// longer.
func TestResourceMetrics(t *testing.T) {
	x := studied(t, "vary: [{key: bandwidth, of: wifi, values: [1MB/s, 4MB/s]}]\n")
	rows := x.run(t, runner.Nowhere{}, 1)
	require.Len(t, rows, 2)
	of := func(row int, name string) float64 {
		m, ok := study.MetricOf(name)
		require.True(t, ok, name)
		v, ok := rows[row].Value(m)
		require.True(t, ok, "%s: %+v", name, rows[row])
		return v
	}
	for row := range rows {
		for _, name := range []string{"unit_utilisation", "link_utilisation"} {
			assert.Greater(t, of(row, name), 0.0, name)
			assert.LessOrEqual(t, of(row, name), 1.0, name)
		}
		assert.GreaterOrEqual(t, of(row, "queue_max"), of(row, "queue_mean"))
	}
	assert.Greater(t, of(0, "link_utilisation"), of(1, "link_utilisation"))
}
