package studycmd_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
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

// A medium of twice the capacity is in use for half as long. Plans without one have no such metric.
func TestUtilisationOfMedia(t *testing.T) {
	metric, ok := study.MetricOf("medium_utilisation")
	require.True(t, ok)
	text := strings.Replace(impaired("medium: cell, latency: 1ms"), "\ninstances:",
		"\n  media: [{name: cell, capacity_bytes_per_sec: 1e6}]\ninstances:", 1)
	require.NotEqual(t, studytest.Plan, text)
	x := studiedOn(t, text, "vary: [{key: \"platform.media[cell].capacity_bytes_per_sec\", values: [1e6, 2e6]}]\n")
	rows := x.run(t, runner.Nowhere{}, 1)
	require.Len(t, rows, 2)
	var used []float64
	for _, r := range rows {
		require.Empty(t, r.Failed)
		v, ok := r.Value(metric)
		require.True(t, ok)
		used = append(used, v)
	}
	assert.Greater(t, used[0], used[1])
	assert.Less(t, used[0], 1.0)
	assert.Positive(t, used[1])

	plain := studied(t, "vary: [{key: bandwidth, of: wifi, values: [1MB/s]}]\n").run(t, runner.Nowhere{}, 1)
	_, ok = plain[0].Value(metric)
	assert.False(t, ok)
}
