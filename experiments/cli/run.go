package cli

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/driver"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/urfave/cli/v2"
)

func effortFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "quick", Usage: "measure a representative subset: one endpoint, one link, few cuts"},
		&cli.BoolFlag{Name: "full", Usage: "measure every case, as long as it takes; a run that is broken off resumes"},
		&cli.StringFlag{Name: "results", Usage: "`DIR` that results go to", Value: "results"},
		&cli.BoolFlag{Name: "reprofile", Usage: "measure the profile and the transport anew, stale or not"},
	}
}

func effort(c *cli.Context) (sweep.Effort, error) {
	switch {
	case c.Bool("quick") && c.Bool("full"):
		return 0, usage(errors.New("give --quick or --full, not both"))
	case c.Bool("quick"):
		return sweep.Quick, nil
	case c.Bool("full"):
		return sweep.Complete, nil
	}
	return sweep.Standard, nil
}

// record is a run's run.json.
type record struct {
	Inputs     string    `json:"inputs_sha256"` // equal inputs: a run that is broken off resumes
	Finished   bool      `json:"finished"`
	Command    []string  `json:"command"`
	Started    time.Time `json:"started"`
	Machine    string    `json:"machine"`
	Governor   string    `json:"cpu_governor"` // "unknown" where it can't be read
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	Runtime    string    `json:"onnxruntime"`
	Seed       uint64    `json:"seed"`
	Incomplete string    `json:"incomplete,omitempty"` // why cases are missing
}

// runExperiment runs the experiment in dir and writes its results. It returns
// the sweep also beside an error that says that cases failed.
func (l *session) runExperiment(ctx context.Context, dir string, e sweep.Effort, simulate, deployed bool) (*result.Sweep, error) {
	x, source, err := l.experiment(ctx, dir)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(source, "\n%d %v %v %s %s", e, simulate, deployed, l.machine, Version))
	out, rec, err := l.openRun(filepath.Join(l.c.String("results"), x.Spec.Experiment), fmt.Sprintf("%x", sum), x.Spec.Seed)
	if err != nil {
		return nil, err
	}
	prof, err := l.runProfile(ctx, out, x, e)
	if err != nil {
		return nil, err
	}
	truth, err := l.truth(x.Spec)
	if err != nil {
		return nil, err
	}
	cost, err := sim.NewCostModel(x.Statistic())
	if err != nil {
		return nil, err
	}
	sampled, err := sim.NewCostModel("empirical")
	if err != nil {
		return nil, err
	}
	r := &measure.Runner{
		Experiment: x, Dir: out, Effort: e, Truth: truth, Progress: l.log, Now: l.app.env.Now, Workers: runtime.NumCPU(),
		Referee:    &local.Driver{Kernels: l.app.env.kernels(), Data: l.store.Path, Models: x.Models},
		WholeModel: func(u plan.Unit) (time.Duration, error) { return x.WholeModel(prof, u) },
		Simulated:  l.here(), Measured: l.here(), Sampled: &sim.Driver{Profile: prof, Cost: sampled},
		Sim: &sim.Driver{Profile: prof, Cost: cost}, // what is measured is chosen by what is predicted
	}
	if deployed {
		d, err := l.deploy(ctx, x.Models, specDevices(x.Spec)...)
		if err != nil {
			return nil, err
		}
		r.Deploy = d
		plans, err := sweep.ProfilePlans(x.Spec, x.Models)
		if err != nil {
			return nil, err
		}
		r.Refresh = refresh(r.Deploy, prof, func(p *plan.Plan) { x.Share(prof.Entries, plans, p) })
	}
	sweep, failed := r.Run(ctx)
	if sweep == nil {
		return nil, failed
	}
	sweep.Machine, sweep.Date = l.machine, rec.Started.Format("2006-01-02")
	if failed != nil {
		rec.Incomplete = failed.Error()
	}
	if err := l.write(out, sweep, rec); err != nil {
		return nil, err
	}
	return sweep, failed
}

// truth opens what the results of an experiment are compared with; nil if it names
// nothing.
func (l *session) truth(s *spec.Spec) (quality.Scorer, error) {
	if s.Quality.Kind == "" {
		return nil, nil
	}
	dir, err := l.store.Path(s.Quality.Dataset)
	if err != nil {
		return nil, err
	}
	return quality.Open(s.Quality.Kind, dir)
}

// refresh returns what measures the costs of a plan's firings anew, into prof, and
// then calls share.
func refresh(d driver.Driver, prof *profile.Profile, share func(*plan.Plan)) func(context.Context, *plan.Plan, ...*plan.Plan) (map[string]profile.Entry, error) {
	return func(ctx context.Context, p *plan.Plan, standIns ...*plan.Plan) (map[string]profile.Entry, error) {
		entries, err := lab.ProfileInSitu(ctx, d, p, prof, standIns...)
		if err == nil {
			maps.Copy(prof.Entries, entries)
			share(p)
		}
		return entries, err
	}
}

// runProfile returns the profile of a run: its own if it resumes.
func (l *session) runProfile(ctx context.Context, out string, x *sweep.Experiment, e sweep.Effort) (*profile.Profile, error) {
	path := filepath.Join(out, "profile.json")
	if b, err := os.ReadFile(path); err == nil {
		var p profile.Profile
		if json.Unmarshal(b, &p) == nil {
			return &p, nil
		}
	}
	p, err := l.profile(ctx, x, e, l.c.Bool("reprofile"))
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return p, result.WriteFile(path, b)
}

// openRun returns the folder of a run below dir: that of an unfinished run with
// the same inputs, or a new one.
func (l *session) openRun(dir, inputs string, seed uint64) (string, *record, error) {
	runs, err := filepath.Glob(filepath.Join(dir, "*", "run.json"))
	if err != nil {
		return "", nil, err
	}
	slices.Sort(runs)
	for _, path := range slices.Backward(runs) {
		var rec record
		b, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(b, &rec) == nil && !rec.Finished && rec.Inputs == inputs {
			l.log.Logf("go on with the run in %s", filepath.Dir(path))
			return filepath.Dir(path), &rec, nil
		}
	}
	now := l.app.env.Now().UTC()
	rec := &record{
		Inputs: inputs, Command: l.app.env.Args, Started: now, Machine: l.machine, Governor: l.app.governor(), Version: Version,
		Go: runtime.Version(), Runtime: ort.Version(), Seed: seed,
	}
	out := filepath.Join(dir, now.Format("20060102-150405.000"))
	return out, rec, writeJSON(filepath.Join(out, "run.json"), rec)
}

func (a *App) runCommand() *cli.Command {
	return &cli.Command{
		Name: "run", ArgsUsage: "experiments/NAME | PLAN.yaml | --model MODEL --at CUT",
		Usage: "run an experiment, or one plan, under the simulator, a deployment on this machine, or both",
		Description: "An experiment's results go to results/NAME/RUN: tables, figures, report.html, and the plan and trace\n" +
			"of every case. A plan file is run once and its numbers are printed. With --model, a plan is made of an ONNX\n" +
			"model cut in two or more, on devices emulated on this machine, and run:\n\n" +
			"  edgeprune run --model ssd-mobilenet-v1-300 --input random --at pw6",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "driver", Usage: "`NAME`: sim, deploy or both", Value: "both"},
			&cli.StringFlag{Name: "nats", Usage: "with a plan file: `URL` of a NATS server whose agents to use instead of starting some"},
			&cli.DurationFlag{Name: "patience", Usage: "how long an agent or the NATS server may be gone in a run, which then goes on without a loss; 0 ends it"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		}, append(modelRunFlags(), effortFlags()...)...),
		Action: func(c *cli.Context) error {
			if c.IsSet("model") {
				return a.runModel(c)
			}
			if c.NArg() != 1 {
				return usage(fmt.Errorf("expected one experiment or plan file, flags before it; got %d arguments", c.NArg()))
			}
			simulate, deployed, err := drivers(c.String("driver"))
			if err != nil {
				return err
			}
			e, err := effort(c)
			if err != nil {
				return err
			}
			l, err := a.session(c)
			if err != nil {
				return err
			}
			defer l.close()
			path := c.Args().First()
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				return l.runPlan(c.Context, simulate, deployed)
			}
			sweep, err := l.runExperiment(c.Context, path, e, simulate, deployed)
			if sweep != nil && c.Bool("json") {
				err = errors.Join(err, a.printJSON(sweep))
			}
			return err
		},
	}
}
