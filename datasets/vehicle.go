package datasets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/datasets/vehicle"
)

// The vehicle classifier's data sets and the files in them.
const (
	vehicleClassifier = "vehicle-classifier"
	vehicleRenderings = "vehicle-renderings"
	vehicleSource     = "rendered and fitted here from a seed"
	heldOutPictures   = 200
)

// errNoEvaluator says that weights can't be fitted without a model runtime.
var errNoEvaluator = errors.New("no Evaluator in the Store; give it one that runs ONNX Runtime")

// vehicleRecipes returns the classifier, fitted, pictures to show it, and the
// classifier in two parts with an early exit between them.
func vehicleRecipes() []recipe {
	return append(vehicleRecipesFor(vehicle.DefaultConfig()), earlyRecipesFor(vehicle.DefaultEarlyConfig())...)
}

func vehicleRecipesFor(c vehicle.Config) []recipe {
	return []recipe{{
		name: vehicleClassifier, maker: "this project",
		what: fmt.Sprintf("classifier of 96 x 96 renderings into bus, car, truck and van, fitted with seed %d, "+
			"as model.onnx, with its held-out accuracy in metrics.json", c.Seed),
		licence: "this project's own", source: vehicleSource, version: "1", needs: []string{"onnxruntime"},
		build: func(ctx context.Context, s *Store, dir string) error { return fitVehicles(ctx, s, c, dir) },
	}, {
		name: vehicleRenderings,
		what: fmt.Sprintf("%d renderings that the classifier was not fitted on, img_0000.png and on, with labels.json",
			heldOutPictures),
		licence: "this project's own", source: vehicleSource, version: "1", pictures: true,
		build: func(ctx context.Context, _ *Store, dir string) error { return renderVehicles(ctx, c, dir) },
	}}
}

func fitVehicles(ctx context.Context, s *Store, c vehicle.Config, dir string) error {
	if s.Evaluator == nil {
		return errNoEvaluator
	}
	s.log("%s: fitting on %d renderings, %s; about a minute", vehicleClassifier, c.Pictures, c.Difficulty)
	w, err := vehicle.Fit(ctx, s.Evaluator, c)
	if err != nil {
		return err
	}
	m, err := vehicle.Measure(ctx, s.Evaluator, w, c)
	if err != nil {
		return err
	}
	s.log("%s: %.1f %% of %d held-out renderings right", vehicleClassifier, 100*m.Accuracy, m.HeldOut)
	model, err := vehicle.Model(w, 1)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "model.onnx"), model, 0o644); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "metrics.json"), m)
}

func renderVehicles(ctx context.Context, c vehicle.Config, dir string) error {
	var labels struct {
		Names      [vehicle.Classes]string `json:"names"`      // by label
		Labels     []int                   `json:"labels"`     // by picture
		Difficulty string                  `json:"difficulty"` // of the pictures
		Seed       uint64                  `json:"seed"`       // of the classifier that has not seen them
	}
	labels.Names, labels.Difficulty, labels.Seed = vehicle.Names(), c.Difficulty.String(), c.Seed
	for i := range heldOutPictures {
		if err := ctx.Err(); err != nil {
			return err
		}
		img, label := vehicle.Render(vehicle.HeldOutSeed(c.Seed), i, c.Difficulty)
		labels.Labels = append(labels.Labels, label)
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("img_%04d.png", i)))
		if err != nil {
			return err
		}
		if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(dir, "labels.json"), labels)
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}
