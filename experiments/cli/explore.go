package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/explorecmd"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/codectable"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/urfave/cli/v2"
)

// exploreCommands is the command that finds the best mapping, with the state of this program.
func (a *App) exploreCommands() *explorecmd.Commands {
	return &explorecmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON,
		Session: func(c *cli.Context) (*explorecmd.Session, error) {
			l, err := a.session(c)
			if err != nil {
				return nil, err
			}
			l.simulates = !c.IsSet("confirm")
			var rec *record.Run
			return &explorecmd.Session{
				Experiment: l.experiment, Plan: l.explorePlan, Model: l.exploreModel, Cached: l.cached,
				ExperimentProfile: l.experimentProfile, PlansProfile: l.plansProfile,
				Linked:   l.linked,
				Testbed:  func(x *sweep.Experiment) *result.Testbed { return l.standsFor(x.Spec) },
				Measures: func() bool { return !l.hollow },
				Deploy: func(ctx context.Context, models compile.Models, devices ...string) (driver.Driver, error) {
					d, err := l.deploy(ctx, models, devices...)
					if err != nil || !l.elsewhere() {
						return d, err
					}
					agents, err := l.agents(ctx, d, devices)
					if rec.Agents == nil {
						rec.Agents = map[string]record.Agent{}
					}
					maps.Copy(rec.Agents, agents)
					return d, err
				},
				Oracle: func(models compile.Models) driver.Oracle { return l.inProcess(models) },
				Simulator: func(p *profile.Profile) (explorecmd.Simulator, error) {
					m, err := sim.NewCostModel("median")
					return &sim.Driver{Profile: p, Cost: m}, err
				},
				Leakage: l.exploreLeakage, Loss: l.codecLoss, Anywhere: l.anywhere, Located: a.located,
				Results: l.results(), Lock: l.lock, Log: l.log, Now: a.env.Now,
				Run: func() *record.Run {
					rec = l.exploreRecord()
					return rec
				},
				Done: l.log.done, Close: l.close,
			}, nil
		},
	}
}

// summarizerOf returns what makes a simulator over a profile with the named cost model.
func summarizerOf(cost string) (func(*profile.Profile) driver.Summarizer, error) {
	m, err := sim.NewCostModel(cost)
	return func(p *profile.Profile) driver.Summarizer { return &sim.Driver{Profile: p, Cost: m} }, err
}

// explorePlan reads a plan file and gets what it uses.
func (l *session) explorePlan(ctx context.Context, path string) (*planfile.File, compile.Models, error) {
	f, err := readPlan(l.c)
	if err != nil {
		return nil, nil, err
	}
	if err := l.name(&f.Platform, path); err != nil {
		return nil, nil, err
	}
	models, err := l.models(ctx, &f.Application, f.Pos)
	if err != nil {
		return nil, nil, err
	}
	p, err := compile.Compile(f, models)
	if err != nil {
		return nil, nil, err
	}
	l.reads(f.Application)
	return f, models, l.runtimeFor(ctx, p, models)
}

// exploreModel opens a model that can be run, and what it is run on.
func (l *session) exploreModel(ctx context.Context, name string) (*model.Model, error) {
	m, err := l.model().Open(ctx, name, true)
	if err != nil {
		return nil, err
	}
	if err := m.Ready(modelcmd.Runtime{}); err != nil {
		return nil, modelcmd.UserError(err)
	}
	return m, nil
}

// inProcess runs plans of models in this process.
func (l *session) inProcess(models compile.Models) *local.Driver {
	return &local.Driver{Kernels: l.app.env.kernels(), Data: l.store.Path, Models: models, Note: l.note}
}

// exploreLeakage returns how much tensors of an application give away.
func (l *session) exploreLeakage(
	ctx context.Context, f *planfile.File, models compile.Models, codecs []string,
) (func(tensors []string, codec string) (float64, bool), string, error) {
	if l.hollow {
		return nil, "", usage(errors.New("leakage takes the models and frames, and the devices' profiles have none; leave " +
			"profile out of the platform"))
	}
	r := l.leakageRequest(f, models)
	r.Codecs, r.Seed, r.Detail, r.Calibration = slices.Clone(codecs), 1, leakage.TensorsOnly, f.Instances[0].Calibration
	for _, name := range []string{codec.None, codec.JPEG} { // of the baselines
		if !slices.Contains(r.Codecs, name) {
			r.Codecs = append(r.Codecs, name)
		}
	}
	t, err := leakage.Of(ctx, r, l.log)
	if errors.Is(err, leakage.ErrFrames) {
		return nil, "", usage(fmt.Errorf("leakage takes samples that differ: %w", err))
	}
	if err != nil {
		return nil, "", err
	}
	note := fmt.Sprintf("leakage is the bias-corrected distance correlation of %d samples, seed %d: %s", t.Samples, t.Seed,
		t.Rule)
	return t.Dependence, note, nil
}

// codecLoss returns what codecs cost an experiment in quality: 1 less the agreement of its results
// with those without a codec, the worst of some cuts; of JPEG that of the frames.
func (l *session) codecLoss(ctx context.Context, x *sweep.Experiment, codecs []string) (
	func(string) (float64, bool), error,
) {
	truth, err := l.truth(x.Spec)
	if err != nil {
		return nil, err
	}
	d := l.inProcess(x.Models)
	t := &codectable.Table{Spec: x.Spec, Models: x.Models, Truth: truth, Progress: l.log, Coder: d}
	frames := max(x.Spec.Quality.Frames*3/4, 1)
	rows, err := t.Run(ctx, nil, codecs, frames)
	if err != nil {
		return nil, err
	}
	loss := map[string]float64{}
	for _, r := range rows {
		if r.Agreement != nil {
			loss[r.Codec] = max(loss[r.Codec], 1-*r.Agreement)
		}
	}
	if err := l.jpegLoss(ctx, x, d, frames, loss); err != nil {
		return nil, err
	}
	return func(name string) (float64, bool) {
		v, known := loss[name]
		return v, known
	}, nil
}

// jpegLoss adds that of frames that are sent as JPEG, where they are pictures.
func (l *session) jpegLoss(ctx context.Context, x *sweep.Experiment, d *local.Driver, frames int64,
	loss map[string]float64,
) error {
	var found [2][]trace.Result
	for _, c := range x.Cases(x.Spec.Endpoints[0].Name, x.Spec.Links[0].Name) {
		i := slices.Index([]result.Baseline{result.RawToServer, result.JPEGToServer}, c.Baseline)
		if i < 0 {
			continue
		}
		p, err := x.Plan(c, plan.Workload{Kind: plan.Offline, Frames: frames})
		if err != nil {
			return err
		}
		if found[i], _, err = d.Coding(ctx, p, 0); err != nil {
			return err
		}
	}
	if found[1] == nil {
		return nil
	}
	agreement, err := quality.Agreement(x.Spec.Quality.Kind, found[0], found[1])
	loss[codec.JPEG] = 1 - agreement
	return err
}

// cached writes a file that kernels read into the cache, where it isn't there yet.
func (l *session) cached(name string, data []byte) (string, error) {
	path := filepath.Join(l.store.Dir, "inputs", name)
	if l.data == nil {
		l.data = map[string]bool{}
	}
	l.data[path] = false
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	return path, result.WriteFile(path, data)
}

// exploreRecord is the record of a run of explore.
func (l *session) exploreRecord() *record.Run {
	r := l.studyRecord()
	r.Inputs.Machine, r.Inputs.Runtime = l.predictedOn(), ort.Version()
	return r
}
