package cli

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/urfave/cli/v2"
)

// session is what a command needs to run experiments: data, this machine's profile
// and, once asked for, a testbed.
type session struct {
	app     *App
	c       *cli.Context
	store   *datasets.Store
	log     *progress
	machine string
	testbed *testbed.Testbed
	devices map[string]bool // of the testbed
}

func (a *App) session(c *cli.Context) (*session, error) {
	s, err := a.store(c)
	if err != nil {
		return nil, err
	}
	l := &session{app: a, c: c, store: s, log: a.progress(), machine: a.machine()}
	s.Log = l.log.Logf
	return l, nil
}

// close stops the testbed.
func (l *session) close() {
	if l.testbed != nil {
		l.testbed.Close()
		l.testbed = nil
	}
	l.log.done()
}

// runtime loads ONNX Runtime, getting it first if it is missing.
func (l *session) runtime(ctx context.Context) error {
	if l.app.library(l.c, l.store.Dir) == "" {
		if _, err := ort.Find(""); err != nil {
			if _, err := l.store.Get(ctx, "onnxruntime"); err != nil {
				return err
			}
		}
	}
	return loadRuntime(l.app.library(l.c, l.store.Dir))
}

// experiment reads the experiment in dir and gets all that it uses.
func (l *session) experiment(ctx context.Context, dir string) (*sweep.Experiment, []byte, error) {
	path := filepath.Join(dir, "experiment.yaml")
	b, err := readInput(path)
	if err != nil {
		return nil, nil, err
	}
	abs, err := l.app.absolute(path)
	if err != nil {
		return nil, nil, err
	}
	file, err := spec.Parse(abs, b)
	if err != nil {
		return nil, nil, err
	}
	if err := l.runtime(ctx); err != nil {
		return nil, nil, err
	}
	models, err := l.models(ctx, &file.Application, file.Pos)
	if err != nil {
		return nil, nil, err
	}
	if _, err := sweep.ProfilePlans(file, models); err != nil { // every plan compiles
		return nil, nil, err
	}
	if file.Quality.Dataset != "" {
		if _, err := l.store.Get(ctx, file.Quality.Dataset); err != nil {
			return nil, nil, err
		}
	}
	x, err := sweep.New(file, models)
	return x, b, err
}

// deploy returns a coordinator, for plans of the models, of a testbed that has the devices.
func (l *session) deploy(ctx context.Context, models compile.Models, devices ...string) (*coordinator.Driver, error) {
	have := true
	for _, d := range devices {
		have = have && l.devices[d]
	}
	if l.testbed == nil || !have {
		if l.testbed != nil {
			l.testbed.Close()
			l.testbed = nil
		}
		cfg := testbed.Config{Devices: devices, Command: l.app.child(l.c)}
		if l.c.Duration("patience") > 0 {
			cfg.Broker, cfg.Restarts = l.app.broker, restarts
		}
		tb, err := testbed.Start(ctx, cfg)
		if err != nil {
			return nil, err
		}
		l.testbed, l.devices = tb, map[string]bool{}
		for _, d := range devices {
			l.devices[d] = true
		}
	}
	d := l.testbed.Driver()
	d.Models, d.Enough, d.Patience = models, metrics.Enough, l.c.Duration("patience")
	return d, nil
}

func specDevices(s *spec.Spec) []string {
	devices := []string{s.Server.Name}
	for _, e := range slices.Concat(s.Endpoints, s.Gateways) {
		devices = append(devices, e.Name)
	}
	return devices
}

func (l *session) profilePath(name string) string {
	return filepath.Join(l.store.Dir, "profiles", name+".json")
}

// sampling says how a profile is measured. The pauses are those after which the
// machine's caches are as cold as between a deployed device's firings.
var sampling = map[sweep.Effort]local.Profiler{
	sweep.Quick:    {Rounds: 1, Frames: 2, Idle: pauses},
	sweep.Standard: {Rounds: 1, Frames: 4, Idle: pauses},
	sweep.Complete: {Rounds: 6, Frames: 3, Idle: pauses},
}

const pauses = 20 * time.Millisecond

// profile returns the costs of all firings of an experiment and of the
// transport, measured now if force is set, or if they are missing or stale.
func (l *session) profile(ctx context.Context, x *sweep.Experiment, effort sweep.Effort, force bool) (*profile.Profile, error) {
	transport, err := l.calibration(ctx, x.Spec, force)
	if err != nil {
		return nil, err
	}
	plans, err := sweep.ProfilePlans(x.Spec, x.Models)
	if err != nil {
		return nil, err
	}
	path := l.profilePath(x.Spec.Experiment)
	stored, stale, err := lab.LoadProfile(path, l.machine, ort.Version(), l.app.env.Now())
	if err != nil {
		return nil, err
	}
	if stored != nil {
		if err := sweep.Covers(&stored.Profile, plans); err != nil {
			stored, stale = nil, err.Error()
		} else if effort == sweep.Standard && stored.Effort == sweep.Quick {
			stored, stale = nil, "it is a quick one"
		}
	}
	if force {
		stored, stale = nil, "asked to"
	}
	if stored == nil {
		l.log.Logf("profile %s on this machine (%s)", x.Spec.Experiment, stale)
		pr := sampling[effort]
		pr.Models, pr.Host = x.Models, &kernel.Host{Kernels: l.app.env.kernels(), Data: l.store.Path, Record: func(trace.Result) {}}
		start := l.app.env.Now()
		pr.Progress = func(n, total int) {
			var left time.Duration
			if n > 1 {
				left = (l.app.env.Now().Sub(start) / time.Duration(n-1) * time.Duration(total-n+1)).Round(time.Second)
			}
			l.log.Step("profile "+x.Spec.Experiment, n, total, left)
		}
		entries, err := pr.Profile(ctx, plans)
		if err != nil {
			return nil, err
		}
		x.Share(entries, plans, nil)
		stored = &lab.Stored{Created: l.app.env.Now(), Runtime: ort.Version(), Effort: effort, Profile: profile.Profile{Machine: l.machine, Entries: entries}}
		if err := lab.SaveProfile(path, stored); err != nil {
			return nil, err
		}
	}
	p := stored.Profile
	p.Transport = transport
	return &p, nil
}

// calibration returns the cost of the transport on this machine.
func (l *session) calibration(ctx context.Context, s *spec.Spec, force bool) (profile.Transport, error) {
	path := l.profilePath("transport")
	stored, stale, err := lab.LoadProfile(path, l.machine, ort.Version(), l.app.env.Now())
	if err != nil {
		return profile.Transport{}, err
	}
	if stored != nil && !force {
		return stored.Profile.Transport, nil
	}
	if force {
		stale = "asked to"
	}
	l.log.Logf("calibrate the transport on this machine (%s)", stale)
	d, err := l.deploy(ctx, nil, specDevices(s)...)
	if err != nil {
		return profile.Transport{}, err
	}
	t, err := lab.Calibrate(ctx, d, s.Endpoints[0].Name, s.Server.Name, 40)
	if err != nil {
		return profile.Transport{}, err
	}
	return t, lab.SaveProfile(path, &lab.Stored{
		Created: l.app.env.Now(), Runtime: ort.Version(), Profile: profile.Profile{Machine: l.machine, Transport: t},
	})
}
