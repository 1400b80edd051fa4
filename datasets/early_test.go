package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/datasets/vehicle"
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
	for name, graph := range map[string][]string{vehicleHead: {"image", "features", "early"}, vehicleTail: {"features", "logits"}} {
		dir, err := s.Get(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for i, info := range append(m.Inputs(), m.Outputs()...) {
			if len(m.Inputs())+len(m.Outputs()) != len(graph) || info.Name != graph[i] {
				t.Errorf("%s has tensor %s, want %v", name, info.Name, graph)
			}
		}
	}
	var got vehicle.EarlyMetrics
	readJSON(t, filepath.Join(s.Dir, vehicleHead, "metrics.json"), &got)
	if got.HeldOut != 8 || got.Seed != 1 || got.Difficulty != vehicle.Moderate().String() || len(got.Thresholds) < 5 {
		t.Errorf("metrics.json says %+v", got)
	}
	s.Evaluator = nil
	if err := fitEarly(context.Background(), s, vehicle.DefaultEarlyConfig(), t.TempDir()); !errors.Is(err, errNoEvaluator) {
		t.Errorf("without an evaluator: %v, want %v", err, errNoEvaluator)
	}
}

// The early exit in the cache must be good enough for experiments: most pictures
// leave early, and what leaves is right more often than the whole network.
func TestEarlyExitAccuracy(t *testing.T) {
	root, err := DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, vehicleHead)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%v; run: edgeprune datasets get", err)
	}
	var m vehicle.EarlyMetrics
	readJSON(t, filepath.Join(dir, "metrics.json"), &m)
	if m.EarlyAccuracy < 0.88 || m.EarlyAccuracy >= m.FullAccuracy || m.HeldOut < 1000 {
		t.Errorf("early %.3f, whole network %.3f right of %d; want 0.88 or more, and less than the whole network", m.EarlyAccuracy, m.FullAccuracy, m.HeldOut)
	}
	for _, x := range m.Thresholds {
		if x.Threshold == 0.9 && (x.EarlyShare < 0.6 || x.EarlyShare > 0.8 || x.EarlyCorrect < m.FullAccuracy || x.Accuracy < m.FullAccuracy-0.01) {
			t.Errorf("at threshold 0.9: %+v", x)
		}
	}
}
