package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
)

// models gets the models and the pictures of an application, whose values pos
// places.
func (l *session) models(ctx context.Context, app *planfile.Application, pos func(path string) graph.Pos) (
	compile.Models, error,
) {
	if err := checkKernels(app, pos, l.app.env.kernels().Names()); err != nil {
		return nil, err
	}
	if l.hollow {
		return l.skeletons(app, pos)
	}
	for _, a := range app.Actors {
		if d, ok := a.Params["dataset"].(string); ok {
			if _, err := l.store.Get(ctx, d); err != nil {
				return nil, err
			}
		}
	}
	return l.modelsAlone(ctx, app, pos)
}

// modelsAlone gets the models of an application that is only simulated.
func (l *session) modelsAlone(ctx context.Context, app *planfile.Application, pos func(path string) graph.Pos) (
	compile.Models, error,
) {
	if l.hollow {
		return l.skeletons(app, pos)
	}
	models := compile.Models{}
	for i, a := range app.Actors {
		if a.Model == "" || models[a.Model] != nil {
			continue
		}
		path, err := modelFile(pos(fmt.Sprintf("$.application.actors[%d].model", i)).File, a.Model,
			func(name string) (string, error) { return l.store.Get(ctx, name) })
		if err != nil {
			return nil, err
		}
		m, err := model.ForPlans(path)
		if errors.Is(err, onnx.ErrNoShape) {
			m, err = l.probed(ctx, path)
		}
		if err != nil {
			return nil, usage(err)
		}
		models[a.Model] = m
	}
	if l.named != nil {
		if err := l.named.CheckModels(sums(models)); err != nil {
			return nil, usage(err)
		}
	}
	return models, nil
}

// modelFile returns the file of a model that a file names: an ONNX file, or that of a data
// set in the folder that dataset says.
func modelFile(file, name string, dataset func(name string) (string, error)) (string, error) {
	path := beside(file, name)
	if filepath.Ext(path) == ".onnx" {
		return path, nil
	}
	dir, err := dataset(name)
	return modelcmd.File(dir), err
}

// modelFiles are the files of those models of an application, whose values pos places, that
// are at hand, with those that hold their weights.
func (l *session) modelFiles(app *planfile.Application, pos func(path string) graph.Pos) []string {
	var all []string
	for i, a := range app.Actors {
		if a.Model == "" {
			continue
		}
		path, err := modelFile(pos(fmt.Sprintf("$.application.actors[%d].model", i)).File, a.Model, l.store.Path)
		if err == nil {
			all = append(all, model.FilesOf(path)...)
		}
	}
	return all
}

// checkKernels says which kernels of an application aren't known, each with its place.
func checkKernels(app *planfile.Application, pos func(path string) graph.Pos, known []string) error {
	var errs []error
	for i, a := range app.Actors {
		if a.Kernel != "" && !slices.Contains(known, a.Kernel) {
			errs = append(errs, yamlfile.Errorf(pos(fmt.Sprintf("$.application.actors[%d].kernel", i)),
				"actor %s: %w %q%s; known are %s; kernels of one's own are known to the program that registers them",
				a.Name, kernel.ErrUnknown, a.Kernel, nearest.Hint(a.Kernel, known), strings.Join(known, ", ")))
		}
	}
	return errors.Join(errs...)
}

// probed is model.ForPlans for a model that doesn't state the shapes of all
// tensors: a run shows them.
func (l *session) probed(ctx context.Context, path string) (*compile.Model, error) {
	if err := l.runtime(ctx); err != nil {
		return nil, err
	}
	m, err := model.Open(path, model.Options{Name: path, Runtime: modelcmd.Runtime{}})
	if err != nil {
		return nil, err
	}
	return compile.NewModel(m.Model)
}

// beside returns where a file that another one names is: as named, or else beside
// the one that names it.
func beside(file, name string) string {
	if _, err := os.Stat(name); err == nil || filepath.IsAbs(name) || filepath.Ext(name) != ".onnx" {
		return name
	}
	near := filepath.Join(filepath.Dir(file), name)
	if _, err := os.Stat(near); err != nil {
		return name
	}
	return near
}
