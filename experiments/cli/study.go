package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
)

// study is an experiment that is run: its cases, the folder of the run, and the profile
// that its predictions are made from.
type study struct {
	l         *session
	x         *sweep.Experiment
	effort    sweep.Effort
	simulate  bool
	measure   bool
	out       string
	record    *record.Run
	own       *profile.Profile // of a run that is gone on with; else nil
	profiling *profiling       // else
}

// study reads the experiment in dir, opens its run and finds or begins its profile.
func (l *session) study(ctx context.Context, dir string, e sweep.Effort, simulate, deployed bool) (*study, error) {
	l.simulates = simulate && !deployed
	x, source, err := l.experiment(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &study{l: l, x: x, effort: e, simulate: simulate, measure: deployed}
	if err := s.open(source); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(s.profilePath())
	var own profile.Profile
	if err == nil && json.Unmarshal(b, &own) == nil {
		s.own = &own
		return s, nil
	}
	if l.hollow {
		return s, s.fromProfiles()
	}
	s.profiling, err = l.profiling(ctx, x, e, l.c.Bool("reprofile"))
	return s, err
}

// open opens the run of an experiment whose specification is source.
func (s *study) open(source []byte) error {
	l := s.l
	sum := sha256.Sum256(source)
	run := &record.Run{
		Inputs: record.Inputs{
			Program: l.app.env.Revision, Experiment: hex.EncodeToString(sum[:]), Models: digests(s.x), Effort: s.effort.String(),
			Drivers: drivenBy(s.simulate, s.measure), Machine: l.machines(s.x), Runtime: ort.Version(),
		},
		Command: l.app.command(), Started: l.app.env.Now().UTC(), Governor: l.app.governor(),
		Device: l.app.deviceState(), Go: runtime.Version(),
		Seed: s.x.Spec.Seed, Testbed: l.standsFor(s.x.Spec),
	}
	dir := filepath.Join(l.results(), s.x.Spec.Experiment)
	if err := l.lock(dir); err != nil {
		return err
	}
	l.app.resumes = true
	out, opened, resumed, err := record.Open(dir, run)
	if err != nil {
		return err
	}
	for _, why := range run.NotResumed {
		l.log.Logf("does not go on with the unfinished run %s", why)
	}
	if resumed {
		l.log.Logf("go on with the run in %s", out)
	}
	s.out, s.record = out, opened
	return nil
}

// fromProfiles takes the costs of the profiles that the experiment names, and keeps them beside
// the results.
func (s *study) fromProfiles() error {
	l := s.l
	s.own = l.notProfiled()
	l.log.Logf("predict %s from profiles of devices: %s", s.x.Spec.Experiment, l.named)
	if s.x.Spec.Quality.Kind != "" {
		l.log.Logf("the results' quality is left out: it takes the models and the data set %s", s.x.Spec.Quality.Dataset)
	}
	s.record.Profiled = l.named.String()
	b, err := json.Marshal(s.own)
	if err != nil {
		return err
	}
	return result.WriteFile(s.profilePath(), b)
}

func (s *study) profilePath() string { return filepath.Join(s.out, "profile.json") }

// round makes a round of the study's profile, if one is left. After the first it predicts
// all cases, if that needs no more than the profile, so that the other rounds are spent on
// what matters.
func (s *study) round(ctx context.Context) error {
	if s.profiling == nil || s.profiling.complete() {
		return nil
	}
	if err := s.profiling.round(ctx); err != nil || s.profiling.rounds.Made() > 1 || s.x.FramesGiven() {
		return err
	}
	found, err := s.predicted(ctx)
	if err != nil {
		return err
	}
	s.profiling.again(found.Rows)
	return nil
}

// predicted returns what is predicted from as much of the profile as there is.
func (s *study) predicted(ctx context.Context) (*result.Sweep, error) {
	r, err := s.runner(s.profiling.profile())
	if err != nil {
		return nil, err
	}
	found, err := r.Run(ctx)
	if err != nil {
		return nil, err
	}
	found.Machine, found.Date = s.l.predictedOn(), s.record.Started.Format("2006-01-02")
	return found, nil
}

// profile completes the stored profile and keeps it beside the results.
func (s *study) profile(ctx context.Context) (*profile.Profile, error) {
	if s.own != nil {
		return s.own, nil
	}
	for !s.profiling.complete() {
		if err := s.round(ctx); err != nil {
			return nil, err
		}
	}
	p, made, err := s.profiling.finish(ctx)
	if err != nil {
		return nil, err
	}
	p = s.l.costs(p)
	b, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	s.record.Profiled = made
	return p, result.WriteFile(s.profilePath(), b)
}

// runner returns what runs the experiment over a profile, under the simulator only.
func (s *study) runner(p *profile.Profile) (*measure.Runner, error) {
	l := s.l
	truth, err := l.truth(s.x.Spec)
	if err != nil {
		return nil, err
	}
	simulator, err := simulatorOf(s.x.Statistic())
	if err != nil {
		return nil, err
	}
	sampled, err := simulatorOf("empirical")
	if err != nil {
		return nil, err
	}
	predict := &lab.Predictor{Profile: p, Simulate: simulator}
	return &measure.Runner{
		Experiment: s.x, Dir: s.out, Effort: s.effort, Truth: truth, Progress: l.log, Now: l.app.env.Now,
		Workers:    runtime.NumCPU(),
		Oracle:     &local.Driver{Kernels: l.app.env.kernels(), Data: l.store.Path, Models: s.x.Models, Note: l.note},
		WholeModel: func(u plan.Unit) (time.Duration, error) { return s.x.WholeModel(p, u) },
		Sim:        predict.Stored(), // what is measured is chosen by what is predicted
		Predict:    predict,
		Sampled:    sampled(p),
		Simulated:  l.predictedFrom(s.x.Spec), Measured: l.originOf(s.x.Spec.DeviceNames()...),
		Kept: func(app planfile.Application) planfile.Application { return l.anywhere(app, s.x.Spec.Pos("$").File) },
	}, nil
}

// simulatorOf returns what makes a simulator over a profile, of which a firing costs the
// statistic of its samples.
func simulatorOf(statistic string) (func(*profile.Profile) driver.Driver, error) {
	cost, err := sim.NewCostModel(statistic)
	if err != nil {
		return nil, err
	}
	return func(p *profile.Profile) driver.Driver { return &sim.Driver{Profile: p, Cost: cost} }, nil
}

// run runs the experiment and writes its results. It returns the sweep also beside an error
// that says that cases failed.
func (s *study) run(ctx context.Context) (*result.Sweep, error) {
	l := s.l
	p, err := s.profile(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.runner(p)
	if err != nil {
		return nil, err
	}
	if s.measure {
		if err := s.deploy(ctx, r, p); err != nil {
			return nil, err
		}
	}
	found, failed := r.Run(ctx)
	if found == nil {
		return nil, failed
	}
	found.Machine, found.Date = l.predictedOn(), s.record.Started.Format("2006-01-02")
	found.Testbed = s.record.Testbed
	if err := s.leaks(ctx, found); err != nil {
		return nil, err
	}
	s.record.Real = found.Real()
	if failed != nil {
		s.record.Incomplete = failed.Error()
	}
	if err := l.write(s.out, found, s.record); err != nil {
		return nil, err
	}
	return found, failed
}

// deploy has a runner measure, and profile every case right before.
func (s *study) deploy(ctx context.Context, r *measure.Runner, p *profile.Profile) error {
	d, err := s.l.deploy(ctx, s.x.Models, s.x.Spec.DeviceNames()...)
	if err != nil {
		return err
	}
	plans, err := sweep.ProfilePlans(s.x.Spec, s.x.Models)
	if err != nil {
		return err
	}
	r.Deploy = d
	r.Refresh = func(ctx context.Context, q *plan.Plan, standIns ...*plan.Plan) (profile.Costs, error) {
		costs, err := lab.ProfileInSitu(ctx, d, ownerOf(s.x), q, p, standIns...)
		for _, entries := range costs {
			s.x.Share(entries, plans, q)
		}
		return costs, err
	}
	if s.x.Spec.Real() != nil { // this machine's state and speed say nothing about the devices
		s.record.Agents, err = s.l.agents(ctx, d, s.x.Spec.DeviceNames())
		return err
	}
	r.State = s.l.app.deviceState
	r.Reference, err = s.l.reference()
	return err
}

// preview draws what is predicted from as much of the profile as there is. Of an experiment
// whose frames an oracle decides nothing can be said so early.
func (s *study) preview(ctx context.Context) error {
	if s.profiling == nil || s.x.FramesGiven() {
		return nil
	}
	found, err := s.predicted(ctx)
	if err != nil {
		return err
	}
	paths, err := figure.All(filepath.Join(s.out, "figures"), found)
	if err != nil {
		return err
	}
	s.l.log.Logf("figures of what is predicted for %s, not measured yet: %s", s.x.Spec.Experiment, filepath.Dir(paths[0]))
	return nil
}

// truth opens what the results of an experiment are compared with; nil if it names
// nothing.
func (l *session) truth(s *spec.Spec) (quality.Scorer, error) {
	if s.Quality.Kind == "" || l.hollow {
		return nil, nil
	}
	dir, err := l.store.Path(s.Quality.Dataset)
	if err != nil {
		return nil, err
	}
	return quality.Open(s.Quality.Kind, dir)
}

// drivenBy names the drivers of a run.
func drivenBy(simulate, deployed bool) string {
	switch {
	case simulate && deployed:
		return "both"
	case deployed:
		return "deploy"
	}
	return "sim"
}

// runExperiment runs the experiment in dir alone.
func (l *session) runExperiment(ctx context.Context, dir string, e sweep.Effort, simulate, deployed bool) (
	*result.Sweep, error,
) {
	s, err := l.study(ctx, dir, e, simulate, deployed)
	if err != nil {
		return nil, err
	}
	return s.run(ctx)
}
