package datasets

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/datasets/vehicle"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// earlyStore has the classifier's recipes, with short fits.
func earlyStore(t *testing.T, e Evaluator) *Store {
	s := vehicleStore(t, e)
	c := vehicle.DefaultEarlyConfig()
	c.Pictures, c.HeldOut, c.Epochs, c.Batch = 8, 8, 1, 4
	s.recipes = append(s.recipes, earlyRecipesFor(c)...)
	return s
}

func TestVehiclePartsFiles(t *testing.T) {
	s := earlyStore(t, &countingEvaluator{})
	for name, graph := range map[string][]string{
		vehicleHead: {"image", "features", "early"}, vehicleTail: {"features", "logits"},
	} {
		dir, err := s.Get(t.Context(), name)
		require.NoError(t, err)
		data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
		require.NoError(t, err)
		m, err := onnx.Parse(data)
		require.NoError(t, err)
		for i, info := range append(m.Inputs(), m.Outputs()...) {
			assert.Equal(t, len(graph), len(m.Inputs())+len(m.Outputs()), "%s has tensor", name)
			assert.Equal(t, graph[i], info.Name, "%s has tensor", name)
		}
	}
	var got vehicle.EarlyMetrics
	readJSON(t, filepath.Join(s.Dir, vehicleHead, "metrics.json"), &got)
	assert.Equal(t, 8, got.HeldOut, "metrics.json says")
	assert.EqualValues(t, 1, got.Seed, "metrics.json says")
	assert.Equal(t, vehicle.Moderate().String(), got.Difficulty, "metrics.json says")
	assert.GreaterOrEqual(t, len(got.Thresholds), 5, "metrics.json says")
	s.Evaluator = nil
	err := fitEarly(context.Background(), s, vehicle.DefaultEarlyConfig(), t.TempDir())
	assert.ErrorIs(t, err, errNoEvaluator, "without an evaluator")
}

// The early exit in the cache must be good enough for experiments: most pictures
// leave early, and what leaves is right more often than the whole network.
func TestEarlyExitAccuracy(t *testing.T) {
	root, err := DefaultDir()
	require.NoError(t, err)
	dir := filepath.Join(root, vehicleHead)
	_, err = os.Stat(dir)
	require.NoError(t, err, "%v; run: edgeprune datasets get", err)
	var m vehicle.EarlyMetrics
	readJSON(t, filepath.Join(dir, "metrics.json"), &m)
	assert.GreaterOrEqual(t, m.EarlyAccuracy, 0.88,
		"early %.3f, whole network %.3f right of %d; want 0.88 or more, and less than the whole network", m.EarlyAccuracy,
		m.FullAccuracy, m.HeldOut)
	assert.Less(t, m.EarlyAccuracy, m.FullAccuracy,
		"early %.3f, whole network %.3f right of %d; want 0.88 or more, and less than the whole network", m.EarlyAccuracy,
		m.FullAccuracy, m.HeldOut)
	assert.GreaterOrEqual(t, m.HeldOut, 1000,
		"early %.3f, whole network %.3f right of %d; want 0.88 or more, and less than the whole network", m.EarlyAccuracy,
		m.FullAccuracy, m.HeldOut)
	for _, x := range m.Thresholds {
		if x.Threshold == 0.9 {
			assert.False(t, x.EarlyShare < 0.6 || x.EarlyShare > 0.8 || x.EarlyCorrect < m.FullAccuracy ||
				x.Accuracy < m.FullAccuracy-0.01, "at threshold 0.9")
		}
	}
}
