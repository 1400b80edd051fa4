package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/leakagecmd"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/urfave/cli/v2"
)

// leakageCommands is the command that says what cuts give away, with the state of this program.
func (a *App) leakageCommands() *leakagecmd.Commands {
	return &leakagecmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON, Flags: leakageFlags(),
		Session: func(c *cli.Context) (*leakagecmd.Session, error) {
			l, err := a.session(c)
			if err != nil {
				return nil, err
			}
			run := l.studyRecord()
			return &leakagecmd.Session{
				Subject: l.leakageSubject, Log: l.log, Done: l.log.done, Close: l.close, Machine: l.machine,
				Date: run.Started.Format("2006-01-02"),
				Folder: func(name string) (string, error) {
					run.Inputs.Runtime, run.Seed = ort.Version(), c.Uint64("seed")
					return record.New(filepath.Join(l.results(), "leakage", result.FileName(name)), run)
				},
			}, nil
		},
	}
}

// tapper shows the tokens of plans that run in this process.
type tapper struct{ *local.Driver }

// Crossing implements driver.Tapper.
func (t tapper) Crossing(name string, of graph.TokenType, a codec.Affine) (driver.Crossing, error) {
	return t.Driver.Crossing(name, of, a)
}

// leakageRequest asks what an application gives away; flags, or who explores, add the rest.
func (l *session) leakageRequest(f *planfile.File, models compile.Models) leakage.Request {
	return leakage.Request{
		File: f, Models: models, Cache: filepath.Join(l.store.Dir, "leakage"), Revision: l.app.env.Revision.String(),
		Tapper: tapper{&local.Driver{Kernels: l.app.env.kernels(), Data: l.store.Path, Models: models, Note: l.note}},
	}
}

// leakageSubject reads an experiment, a plan or a model.
func (l *session) leakageSubject(ctx context.Context, name string) (*leakagecmd.Subject, error) {
	if !l.c.IsSet("input") && isPlan(name) {
		return l.leakageOfPlan(ctx)
	}
	if info, err := os.Stat(input.ExperimentFolder(name)); err != nil || !info.IsDir() {
		return l.leakageOfModel(ctx, name)
	}
	x, _, err := l.experiment(ctx, name)
	if err != nil {
		return nil, err
	}
	r := l.leakageRequest((&planfile.File{Application: x.Spec.Application}).At(x.Spec.Doc()), x.Models)
	r.Codecs, r.Calibration = x.Spec.Codecs, x.Spec.Calibration
	r.Labels, err = l.labels(x.Spec)
	return &leakagecmd.Subject{Name: x.Spec.Experiment, Request: r}, err
}

// leaks adds to the rows of a sweep what they give away, where the experiment asks for that.
func (s *study) leaks(ctx context.Context, found *result.Sweep) error {
	n := s.x.Spec.Leakage.Samples
	if n == 0 || s.l.hollow {
		return nil
	}
	r := s.l.leakageRequest((&planfile.File{Application: s.x.Spec.Application}).At(s.x.Spec.Doc()), s.x.Models)
	r.Samples, r.Seed, r.Calibration, r.Detail = n, s.x.Spec.Seed, s.x.Spec.Calibration, leakage.DependenceOnly
	r.Codecs = append([]string{codec.None, codec.JPEG}, s.x.Spec.Codecs...)
	table, err := leakage.Of(ctx, r, s.l.log)
	if err != nil {
		return fmt.Errorf("leakage: %w", err)
	}
	for _, row := range found.All() {
		if row.PP > 0 && row.PP <= len(table.Cuts) {
			row.Leakage = intervalOf(table.Row(table.Cuts[row.PP-1], row.Codec))
		}
	}
	return nil
}

// intervalOf is a row's dependence; nil where there is none.
func intervalOf(r *leakage.Row) *stat.Interval {
	if r == nil || r.Dependence == nil {
		return nil
	}
	return &stat.Interval{Value: r.Dependence.Value, Low: r.Dependence.Low, High: r.Dependence.High, N: r.Dependence.N}
}

// isPlan reports whether a name is that of a plan's file.
func isPlan(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return (ext == ".yaml" || ext == ".yml") && filepath.Base(name) != input.ExperimentFile
}

// labels returns the classes of the frames of an experiment, nil if they have none.
func (l *session) labels(s *spec.Spec) ([]int, error) {
	shown := slices.ContainsFunc(s.Application.Actors, func(a planfile.ActorSpec) bool {
		return a.Params["dataset"] == s.Quality.Dataset
	})
	if !shown {
		return nil, nil
	}
	truth, err := l.truth(s)
	classes, _ := truth.(quality.Classes)
	return classes, err
}

// leakageOfPlan reads a plan.
func (l *session) leakageOfPlan(ctx context.Context) (*leakagecmd.Subject, error) {
	f, err := readPlan(l.c)
	if err != nil {
		return nil, err
	}
	l.simulates = true
	if err := l.name(&f.Platform, f.Pos("$").File); err != nil {
		return nil, err
	}
	models, err := l.models(ctx, &f.Application, f.Pos)
	if err != nil {
		return nil, err
	}
	p, err := compile.Compile(f, models)
	if err != nil {
		return nil, err
	}
	if err := l.runtime(ctx); err != nil {
		return nil, err
	}
	r := l.leakageRequest(f, models)
	for _, in := range f.Instances {
		if in.Codec != "" && !slices.Contains(r.Codecs, in.Codec) {
			r.Codecs = append(r.Codecs, in.Codec)
		}
		r.Calibration = in.Calibration
	}
	if r.Codecs == nil {
		r.Codecs = []string{codec.None}
	}
	return &leakagecmd.Subject{Name: f.Plan, Request: r, Crossing: crossingIn(p)}, nil
}

// crossingIn returns what crosses between two devices of a plan each, once.
func crossingIn(p *plan.Plan) []leakage.Cut {
	var list []leakage.Cut
	for f, q := range p.Graph.FIFOs {
		port := p.Graph.Actors[q.From].Out[q.OutPort]
		if p.Routes[f] < 0 || port.Control || port.Feedback {
			continue
		}
		class := func(a int) string { return p.DeviceOf(a).Class() }
		name, tensor := fmt.Sprintf("%s to %s", class(q.From), class(q.To)), p.Tensor(q.From, q.OutPort)
		at := slices.IndexFunc(list, func(c leakage.Cut) bool { return c.Name == name })
		if at < 0 {
			list, at = append(list, leakage.Cut{Name: name}), len(list)
		}
		if !slices.Contains(list[at].Tensors, tensor) {
			list[at].Tensors = append(list[at].Tensors, tensor)
		}
	}
	for _, c := range list {
		slices.SortFunc(c.Tensors, strings.Compare)
	}
	return list
}
