package quality

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestClassTruth(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "labels.json", `{"names": ["a", "b"], "labels": [1, 0, 1]}`)
	truth, err := Open("classification", dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		got  []trace.Result
		want float64
	}{
		{"all right", results([]float32{0.1, 0.9}, []float32{0.6, 0.4}, []float32{0, 1}), 1},
		{"two of three", results([]float32{0.1, 0.9}, []float32{0.4, 0.6}, []float32{0, 1}), 2. / 3},
		{"fewer than there are", results([]float32{0.1, 0.9}), 1},
		{"shown again: the first showing counts", results([]float32{0, 1}, []float32{1, 0}, []float32{0, 1}, []float32{1, 0}), 1},
	} {
		q, err := truth.Score(tt.got)
		if err != nil || q["accuracy"] != tt.want || len(q) != 1 {
			t.Errorf("%s: %v, %v; want %g", tt.name, q, err, tt.want)
		}
	}
	if _, err := truth.Score(results(nil)); err == nil {
		t.Error("a frame without probabilities was scored")
	}
	if _, err := truth.Score(nil); err == nil {
		t.Error("nothing was scored")
	}
}

func TestTrackTruth(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "truth.json", `{"width": 100, "height": 100, "fps": 10, "frames": [
		{"index": 0, "faces": [{"id": 1, "x1": 10, "y1": 10, "x2": 20, "y2": 20}]},
		{"index": 1, "faces": [{"id": 1, "x1": 12, "y1": 10, "x2": 22, "y2": 20}]}]}`)
	truth, err := Open("tracking", dir)
	if err != nil {
		t.Fatal(err)
	}
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
		if err != nil || q["MOTA"] != tt.mota || q["IDF1"] != tt.idf1 {
			t.Errorf("%s: %v, %v; want %g and %g", tt.name, q, err, tt.mota, tt.idf1)
		}
	}
	if _, err := truth.Score(results([]float32{1, 2, 3})); err == nil || !strings.Contains(err.Error(), "3 values") {
		t.Errorf("half a row: %v", err)
	}
}

func TestOpenTruthErrors(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range []string{"classification", "tracking"} {
		if _, err := Open(kind, dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s without a file: %v", kind, err)
		}
	}
	write(t, dir, "labels.json", `{"labels": []}`)
	if _, err := Open("classification", dir); err == nil || !strings.Contains(err.Error(), "no labels") {
		t.Errorf("no labels: %v", err)
	}
	if _, err := Open("beauty", dir); err == nil || !strings.Contains(err.Error(), "beauty") {
		t.Errorf("unknown kind: %v", err)
	}
}

// results makes records of values, a frame each.
func results(values ...[]float32) []trace.Result {
	var r []trace.Result
	for n, v := range values {
		r = append(r, trace.Result{Frame: int64(n), Values: v})
	}
	return r
}
