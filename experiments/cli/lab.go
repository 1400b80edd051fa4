package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/reference"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
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
	access  *identity.Access    // to agents elsewhere; nil: there are none
	conn    *coordinator.Driver // to agents elsewhere; nil: not connected yet
	devices map[string]bool     // of the testbed
	data    map[string]bool     // that kernels of applications read; true: the testbed's may
	kernel  *reference.Kernel
	named   *profiles.Set // that a platform names; nil: none was read
	// simulates says that nothing is deployed, hollow that nothing but the profiles is needed.
	simulates, hollow bool
	locks             map[string]func() error // of folders of results, what releases them
	several           bool                    // experiments are run; the command line names devices of any of them
	reprofiled        map[string]bool         // profiles of plans that --reprofile has made anew

	links      map[string]*profile.Link   // of a testbed, by the names of plans; nil: not measured
	crossed    map[[2]string]measuredLink // links that this command has found out about, by their devices
	transports []profile.Transport        // as calibrated one after another
	known      bool                       // that of transports was stored

	notes sync.Map // that were printed

	observer coordinator.Observer // of runs; nil: nobody wants to know
	unserve  func()               // ends the serving of metrics; nil: none are served
}

// note prints what a kernel has to say, once.
func (l *session) note(text string) {
	if _, twice := l.notes.LoadOrStore(text, true); !twice {
		l.log.Logf("note: %s", text)
	}
}

// moved tells of sub-models on their way: see coordinator.Driver. Those that take no time are
// not told of.
func (l *session) moved(device string, done, total int64) {
	const mb = 1_000_000
	to := "the NATS server"
	if device != "" {
		to = "device " + device
	}
	if done < total && total >= mb {
		l.log.Step("MB of sub-models to "+to, int(done/mb), int((total+mb-1)/mb), 0)
	}
}

// follow returns what shows the progress of a deployed run: frames, and frames a second
// since it was told last.
func (l *session) follow() func(frames, total int64) {
	last, before := time.Time{}, int64(0)
	return func(frames, total int64) {
		now := l.app.env.Now()
		if seconds := now.Sub(last).Seconds(); last.IsZero() || frames < before {
			last, before = now, frames
		} else if seconds >= 1 {
			rate := float64(frames-before) / seconds
			l.log.Step(fmt.Sprintf("frames deployed, %.1f a second", rate), int(frames), int(total), 0)
			last, before = now, frames
		}
	}
}

func (a *App) session(c *cli.Context) (*session, error) {
	s, err := a.store(c)
	if err != nil {
		return nil, err
	}
	l := &session{app: a, c: c, store: s, log: a.progress(), machine: a.machine()}
	s.Log = l.log.Logf
	return l, l.serveMetrics()
}

// close stops the testbed and frees the reference computation.
func (l *session) close() {
	if l.kernel != nil {
		if err := l.kernel.Close(); err != nil {
			l.log.Logf("the reference computation could not be freed: %v", err)
		}
		l.kernel = nil
	}
	if l.testbed != nil {
		l.testbed.Close()
		l.testbed = nil
	}
	if l.conn != nil {
		l.conn.Conn.Close()
		l.conn = nil
	}
	for _, release := range l.locks {
		if err := release(); err != nil {
			l.log.Logf("a lock on results could not be released: %v", err)
		}
	}
	l.locks = nil
	if l.unserve != nil {
		l.unserve()
		l.unserve = nil
	}
	l.log.done()
}

// lock locks a folder of results until the session is closed. A session locks it once.
func (l *session) lock(dir string) error {
	if l.locks[dir] != nil {
		return nil
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	release, err := record.Lock(dir, record.Holder{
		PID: os.Getpid(), Host: host, Since: l.app.env.Now(), Command: l.app.command(),
	})
	if errors.Is(err, record.ErrBusy) {
		return usage(err)
	}
	if err == nil {
		if l.locks == nil {
			l.locks = map[string]func() error{}
		}
		l.locks[dir] = release
	}
	return err
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
	path := filepath.Join(input.ExperimentFolder(dir), input.ExperimentFile)
	b, err := input.ReadYAML(path)
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
	if err := l.nameOf(file); err != nil {
		return nil, nil, err
	}
	if !l.hollow {
		if err := l.runtime(ctx); err != nil {
			return nil, nil, err
		}
	}
	models, err := l.models(ctx, &file.Application, file.Pos)
	if err != nil {
		return nil, nil, err
	}
	plans, err := sweep.ProfilePlans(file, models) // every plan compiles
	if err != nil {
		return nil, nil, err
	}
	if err := l.covers(plans); err != nil {
		return nil, nil, err
	}
	if file.Quality.Dataset != "" && !l.hollow {
		if _, err := l.store.Get(ctx, file.Quality.Dataset); err != nil {
			return nil, nil, err
		}
	}
	l.reads(file.Application)
	if file, err = l.placed(ctx, file); err != nil {
		return nil, nil, err
	}
	if l.elsewhere() {
		if err := errors.Join(l.nameOf(file), l.fresh(ctx)); err != nil {
			return nil, nil, err
		}
	}
	x, err := sweep.New(file, models)
	if err == nil && l.hollow && x.FramesGiven() {
		return nil, nil, usage(fmt.Errorf("experiment %s: what a frame does is decided by its data, so it can't be "+
			"predicted from profiles alone; leave profile out, or run it with --testbed FILE", file.Experiment))
	}
	return x, b, err
}

// nameOf is name for the platform of an experiment.
func (l *session) nameOf(file *spec.Spec) error {
	pf := file.Platform()
	err := l.name(&pf, file.Pos("$").File)
	file.Named(&pf)
	return err
}

// reads notes what the kernels of an application read, which a testbed's agents then may.
func (l *session) reads(app planfile.Application) {
	if l.data == nil {
		l.data = map[string]bool{}
	}
	for _, path := range reads(app) {
		if !l.data[path] {
			l.data[path] = false
		}
	}
}

// deploy returns a coordinator, for plans of the models, of agents of the devices: those of
// the testbed that the command line names, or else of one that is started on this machine.
func (l *session) deploy(ctx context.Context, models compile.Models, devices ...string) (*coordinator.Driver, error) {
	if l.elsewhere() {
		return l.deployElsewhere(ctx, models, devices)
	}
	return l.deployHere(ctx, models, devices...)
}

// deployHere is deploy on this machine.
func (l *session) deployHere(ctx context.Context, models compile.Models, devices ...string) (
	*coordinator.Driver, error,
) {
	have := true
	for _, d := range devices {
		have = have && l.devices[d]
	}
	for _, readable := range l.data {
		have = have && readable
	}
	if l.testbed == nil || !have {
		if l.testbed != nil {
			l.testbed.Close()
			l.testbed = nil
		}
		cfg := testbed.Config{Devices: devices, Command: l.app.child(l.c, slices.Sorted(maps.Keys(l.data)))}
		if input.Duration(l.c, "patience") > 0 {
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
		for path := range l.data {
			l.data[path] = true
		}
	}
	d := l.testbed.Driver()
	l.configure(d, models)
	return d, nil
}

// configure sets what drivers of this command have in common.
func (l *session) configure(d *coordinator.Driver, models compile.Models) {
	d.Models, d.Enough, d.Patience = models, metrics.Enough, input.Duration(l.c, "patience")
	d.Note, d.Moved, d.Observer, d.Measured, d.Read = l.note, l.moved, l.observer, l.linkRate, l.traced
	d.Capacity = l.capacity
}

// reference returns what times the reference computation, loading it if it isn't yet.
func (l *session) reference() (driver.Reference, error) {
	if l.kernel == nil {
		k, err := reference.New()
		if err != nil {
			return nil, err
		}
		l.kernel = k
	}
	return l.kernel.Time, nil
}
