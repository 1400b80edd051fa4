package quality

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
}

func TestClassTruth(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "labels.json", `{"names": ["a", "b"], "labels": [1, 0, 1]}`)
	truth, err := Open("classification", dir)
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		got  []trace.Result
		want float64
	}{
		{"all right", results([]float32{0.1, 0.9}, []float32{0.6, 0.4}, []float32{0, 1}), 1},
		{"two of three", results([]float32{0.1, 0.9}, []float32{0.4, 0.6}, []float32{0, 1}), 2. / 3},
		{"fewer than there are", results([]float32{0.1, 0.9}), 1},
		{"shown again: the first showing counts", results([]float32{0, 1}, []float32{1, 0}, []float32{0, 1}, []float32{1, 0}),
			1},
	} {
		q, err := truth.Score(tt.got)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, q["accuracy"], tt.name)
		assert.Len(t, q, 1, tt.name)
	}
	_, err = truth.Score(results(nil))
	assert.Error(t, err, "a frame without probabilities was scored")
	_, err = truth.Score(nil)
	assert.Error(t, err, "nothing was scored")
}

func TestTrackTruth(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "truth.json", `{"width": 100, "height": 100, "fps": 10, "frames": [
		{"index": 0, "faces": [{"id": 1, "x1": 10, "y1": 10, "x2": 20, "y2": 20}]},
		{"index": 1, "faces": [{"id": 1, "x1": 12, "y1": 10, "x2": 22, "y2": 20}]}]}`)
	truth, err := Open("tracking", dir)
	require.NoError(t, err)
	one, two := []float32{7, 0.9, 10, 10, 20, 20}, []float32{7, 0.9, 12, 10, 22, 20}
	for _, tt := range []struct {
		name       string
		got        []trace.Result
		mota, idf1 float64
	}{
		{"followed", results(one, two), 1, 1},
		{"shown again: the first showing counts", results(one, two, nil, nil), 1, 1},
		{"one missed", results(one, nil), 0.5, 2. / 3},
		{"nothing found", results(nil, nil), 0, 0},
	} {
		q, err := truth.Score(tt.got)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.mota, q["MOTA"], tt.name)
		assert.Equal(t, tt.idf1, q["IDF1"], tt.name)
	}
	_, err = truth.Score(results([]float32{1, 2, 3}))
	require.Error(t, err, "half a row")
	assert.Contains(t, err.Error(), "3 values", "half a row")
}

func TestOpenTruthErrors(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range []string{"classification", "tracking"} {
		_, err := Open(kind, dir)
		assert.ErrorIs(t, err, fs.ErrNotExist, "%s without a file", kind)
	}
	write(t, dir, "labels.json", `{"labels": []}`)
	_, err := Open("classification", dir)
	require.Error(t, err, "no labels")
	assert.Contains(t, err.Error(), "no labels", "no labels")
	_, err = Open("beauty", dir)
	require.Error(t, err, "unknown kind")
	assert.Contains(t, err.Error(), "beauty", "unknown kind")
}

// results makes records of values, a frame each.
func results(values ...[]float32) []trace.Result {
	var r []trace.Result
	for n, v := range values {
		r = append(r, trace.Result{Frame: int64(n), Values: v})
	}
	return r
}
