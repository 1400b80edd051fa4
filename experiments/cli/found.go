package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// firstReproduced are experiments of this project in the order in which they are
// reproduced, a short one first; others follow by name.
var firstReproduced = []string{
	"vehicle-classification", "ssd-tracking", "early-exit", "gated-tracking", "nanodet-devices",
}

// found is an experiment of a folder of experiments.
type found struct {
	name string
	dir  string
	spec *spec.Spec
}

// experiments finds the folders of dir that hold an experiment, and checks all of them as
// far as can be without fetching anything. Errors name all that is wrong.
func (l *session) experiments(dir string) ([]found, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, usage(fmt.Errorf("the folder of experiments: %w; name another by --experiments DIR", err))
	}
	sets, err := l.store.List()
	if err != nil {
		return nil, err
	}
	var all []found
	var errs []error
	for _, e := range list {
		path := filepath.Join(dir, e.Name(), input.ExperimentFile)
		if _, err := os.Stat(path); strings.HasPrefix(e.Name(), ".") || result.NoFile(err) {
			continue
		} else if err != nil {
			errs = append(errs, usage(err))
			continue
		}
		f := found{name: e.Name(), dir: filepath.Dir(path)}
		if err := l.checkExperiment(&f, path, sets); err != nil {
			errs = append(errs, err)
		}
		all = append(all, f)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, usage(fmt.Errorf("the folder %s holds no experiment, which is a folder with experiment.yaml; name "+
			"another by --experiments DIR", dir))
	}
	place := func(f found) int {
		if at := slices.Index(firstReproduced, f.name); at >= 0 {
			return at
		}
		return len(firstReproduced)
	}
	slices.SortStableFunc(all, func(a, b found) int { return place(a) - place(b) })
	return all, nil
}

// checkExperiment reads an experiment and checks what it names.
func (l *session) checkExperiment(f *found, path string, sets []datasets.Status) error {
	b, err := input.ReadYAML(path)
	if err != nil {
		return err
	}
	abs, err := l.app.absolute(path)
	if err != nil {
		return err
	}
	if f.spec, err = spec.Parse(abs, b); err != nil {
		return err
	}
	app, pos := &f.spec.Application, f.spec.Pos
	errs := []error{checkKernels(app, pos, l.app.env.kernels().Names())}
	var names []string
	for _, s := range sets {
		names = append(names, s.Name)
	}
	known := func(at, name string) {
		if name != "" && !slices.Contains(names, name) {
			errs = append(errs, yamlfile.Errorf(pos(at), "%w %q%s; known are %s", datasets.ErrUnknown, name,
				nearest.Hint(name, names), strings.Join(names, ", ")))
		}
	}
	for i, a := range app.Actors {
		data, _ := a.Params["dataset"].(string)
		known(fmt.Sprintf("$.application.actors[%d].params.dataset", i), data)
		at := fmt.Sprintf("$.application.actors[%d].model", i)
		if filepath.Ext(a.Model) != ".onnx" {
			known(at, a.Model)
		} else if _, err := os.Stat(beside(abs, a.Model)); err != nil {
			errs = append(errs, yamlfile.Errorf(pos(at), "actor %s: %w", a.Name, err))
		}
	}
	known("$.quality.dataset", f.spec.Quality.Dataset)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return l.checkPlans(f.spec, abs)
}

// checkPlans compiles every plan of an experiment whose models are at hand.
func (l *session) checkPlans(s *spec.Spec, file string) error {
	models := compile.Models{}
	for _, a := range s.Application.Actors {
		if a.Model == "" || models[a.Model] != nil {
			continue
		}
		path, err := modelFile(file, a.Model, l.store.Path)
		if errors.Is(err, datasets.ErrMissing) {
			return nil // it is fetched first
		}
		if err != nil {
			return err
		}
		m, err := model.ForPlans(path)
		if errors.Is(err, onnx.ErrNoShape) {
			return nil // it is run first
		}
		if err != nil {
			return usage(err)
		}
		models[a.Model] = m
	}
	_, err := sweep.ProfilePlans(s, models)
	return err
}

// optional names a data set of an experiment that is fetched by name only; "" for none.
func (f *found) optional(sets []datasets.Status) string {
	uses := []string{f.spec.Quality.Dataset}
	for _, a := range f.spec.Application.Actors {
		data, _ := a.Params["dataset"].(string)
		uses = append(uses, a.Model, data)
	}
	for _, s := range sets {
		if s.Optional && slices.Contains(uses, s.Name) {
			return s.Name
		}
	}
	return ""
}

// reproduced finds the experiments that are reproduced. A quick run leaves out those that
// need data which is fetched by name only.
func (l *session) reproduced(dir string, e sweep.Effort) ([]found, error) {
	all, err := l.experiments(dir)
	if err != nil || e != sweep.Quick {
		return all, err
	}
	sets, err := l.store.List()
	if err != nil {
		return nil, err
	}
	var kept []found
	for _, f := range all {
		if name := f.optional(sets); name != "" {
			l.log.Logf("%s is left out of a quick run: its data set %s is fetched by name only", f.name, name)
			continue
		}
		kept = append(kept, f)
	}
	if len(kept) == 0 {
		return nil, usage(fmt.Errorf("a quick run leaves out all experiments of %s; leave out --quick", dir))
	}
	return kept, nil
}
