package datasets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/datasets/vehicle"
)

// The data sets of the vehicle classifier in two parts.
const (
	vehicleHead = "vehicle-head"
	vehicleTail = "vehicle-tail"
)

// earlyRecipesFor returns the classifier's first layer with an early exit, fitted,
// and the layers behind it.
func earlyRecipesFor(c vehicle.Config) []recipe {
	return []recipe{{
		name: vehicleHead, maker: "this project",
		what: fmt.Sprintf(
			"first layer of %s with an early exit, fitted with seed %d, as model.onnx (image to features and early), "+
				"with its held-out accuracy by threshold in metrics.json", vehicleClassifier, c.Seed),
		licence: "this project's own", source: vehicleSource, version: "1", needs: []string{"onnxruntime", vehicleClassifier},
		build: func(ctx context.Context, s *Store, dir string) error { return fitEarly(ctx, s, c, dir) },
	}, {
		name:    vehicleTail,
		maker:   "this project",
		what:    fmt.Sprintf("layers of %s behind %s, as model.onnx (features to logits)", vehicleClassifier, vehicleHead),
		licence: "this project's own", source: vehicleSource, version: "1", needs: []string{vehicleClassifier},
		build: func(_ context.Context, s *Store, dir string) error {
			w, err := s.vehicleWeights()
			if err != nil {
				return err
			}
			model, err := vehicle.TailModel(w, 1)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "model.onnx"), model, 0o644)
		},
	}}
}

// vehicleWeights reads the classifier in the cache.
func (s *Store) vehicleWeights() (*vehicle.Weights, error) {
	model, err := os.ReadFile(filepath.Join(s.Dir, vehicleClassifier, "model.onnx"))
	if err != nil {
		return nil, err
	}
	return vehicle.ReadWeights(model)
}

func fitEarly(ctx context.Context, s *Store, c vehicle.Config, dir string) error {
	if s.Evaluator == nil {
		return errNoEvaluator
	}
	w, err := s.vehicleWeights()
	if err != nil {
		return err
	}
	s.log("%s: fitting on %d renderings, %s; about half a minute", vehicleHead, c.Pictures, c.Difficulty)
	e, err := vehicle.FitEarly(ctx, s.Evaluator, w, c)
	if err != nil {
		return err
	}
	m, err := vehicle.MeasureEarly(ctx, s.Evaluator, w, e, c)
	if err != nil {
		return err
	}
	s.log("%s: of %d held-out renderings the early exit alone has %.1f %% right, the whole network %.1f %%", vehicleHead,
		m.HeldOut, 100*m.EarlyAccuracy, 100*m.FullAccuracy)
	for _, x := range m.Thresholds {
		s.log("%s: threshold %.2f: %.1f %% leave early, %.1f %% of them right; %.1f %% right of all",
			vehicleHead, x.Threshold, 100*x.EarlyShare, 100*x.EarlyCorrect, 100*x.Accuracy)
	}
	model, err := vehicle.HeadModel(w, e, 1)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "model.onnx"), model, 0o644); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "metrics.json"), m)
}
