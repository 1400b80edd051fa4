package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/sim"
)

// runPlan runs the plan file that is the command's argument under the drivers
// asked for.
func (l *session) runPlan(ctx context.Context, simulate, measure bool) error {
	f, err := readPlan(l.c)
	if err != nil {
		return err
	}
	if l.c.IsSet("frames") {
		n := l.c.Int64("frames")
		f.Workload.Frames = n
		if err := metrics.CheckFrames(&plan.Plan{Workload: f.Workload}); err != nil {
			return usage(fmt.Errorf("--frames %d: the plan warms up for %d frames: %w", n, f.Workload.Warmup, err))
		}
	}
	if a := &f.Workload.Arrivals; *a != "" && !filepath.IsAbs(*a) {
		if *a, err = l.app.absolute(filepath.Join(filepath.Dir(f.Pos("$").File), *a)); err != nil {
			return err
		}
	}
	l.simulates = simulate && !measure
	if err := l.name(&f.Platform, f.Pos("$").File); err != nil {
		return err
	}
	models, err := l.models(ctx, &f.Application, f.Pos)
	if err != nil {
		return err
	}
	return l.runFile(ctx, f, models, simulate, measure, "")
}

// runFile runs a plan with its models under the drivers asked for and keeps what was found.
// given is a folder of files that the plan names and that are kept with it; "" for none.
func (l *session) runFile(
	ctx context.Context, f *planfile.File, models compile.Models, simulate, measure bool, given string,
) (err error) {
	p, err := compile.Compile(f, models)
	if err != nil {
		return err
	}
	if err := metrics.CheckFrames(p); err != nil {
		return f.Errorf("$.workload.frames", "%w", err)
	}
	if l.named != nil {
		l.named = l.named.Of(&p.Platform)
	}
	if measure {
		if err := l.deployable(f, p); err != nil {
			return err
		}
	}
	if simulate {
		if _, err := selects(l.c, p); err != nil {
			return err
		}
	}
	if err := l.runtimeFor(ctx, p, models); err != nil {
		return err
	}
	l.reads(f.Application)
	var remote *coordinator.Driver
	if l.elsewhere() {
		if remote, err = l.remote(models); err != nil {
			return err
		}
		if err := l.fresh(ctx); err != nil {
			return err
		}
	}
	k, err := l.keeper(f, p, models, simulate, measure, given)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.end(err)) }()
	if simulate {
		profiled, err := uncounted(f, p, models)
		if err != nil {
			return err
		}
		prof, err := l.planProfile(ctx, profiled, models)
		if err != nil {
			return err
		}
		if err := k.run(ctx, "sim", l.simulatedFrom(), &sim.Driver{Profile: prof}, p); err != nil {
			return err
		}
	}
	if measure {
		d := remote
		if d == nil {
			if d, err = l.deploy(ctx, models, devices(p)...); err != nil {
				return err
			}
		}
		d.Progress = l.follow()
		if err := k.run(ctx, "deploy", l.originOf(devices(p)...), d, p); err != nil {
			return err
		}
	}
	return k.write()
}

// deployable refuses a plan that can only be simulated, and says where its file says so.
func (l *session) deployable(f *planfile.File, p *plan.Plan) error {
	for i := range p.Platform.Links {
		l := &p.Platform.Links[i]
		at := slices.IndexFunc(f.Platform.Links, func(of plan.Link) bool { return of.Name == cmp.Or(l.CopyOf, l.Name) })
		l.Pos = f.Pos(fmt.Sprintf("$.platform.links[%d]", at))
	}
	if err := coordinator.Supports(p, l.traced); err != nil {
		return usage(err)
	}
	return nil
}

// uncounted returns a plan that fires what p does, without the copies that its file counts, whose
// firings are the same. Of shares that differ, and with faults, which may name copies, it is p.
func uncounted(f *planfile.File, p *plan.Plan, models compile.Models) (*plan.Plan, error) {
	mixed := slices.ContainsFunc(f.Instances, func(i planfile.Instance) bool { return len(i.Mix) > 0 })
	if mixed || len(p.Faults) > 0 || len(p.Workload.Choices) > 0 {
		return p, nil
	}
	one := *f
	one.Instances, one.Platform.Devices = slices.Clone(f.Instances), slices.Clone(f.Platform.Devices)
	for i := range one.Instances {
		one.Instances[i].Count = min(one.Instances[i].Count, 1)
	}
	for i := range one.Platform.Devices {
		one.Platform.Devices[i].Count = min(one.Platform.Devices[i].Count, 1)
	}
	return compile.Compile(&one, models)
}

// devices names the devices of a plan.
func devices(p *plan.Plan) []string {
	var names []string
	for _, d := range p.Platform.Devices {
		names = append(names, d.Name)
	}
	return names
}

// runtimeFor loads ONNX Runtime for a plan. A plan without a model does without it, unless
// a codec is computed by it, or one was asked for.
func (l *session) runtimeFor(ctx context.Context, p *plan.Plan, models compile.Models) error {
	coded := slices.ContainsFunc(p.Graph.Actors, func(a graph.Actor) bool {
		return a.Kernel == plan.KernelEncode || a.Kernel == plan.KernelDecode
	})
	if l.hollow {
		return nil
	}
	if len(models) > 0 || coded || l.app.library(l.c, l.store.Dir) != "" {
		return l.runtime(ctx)
	}
	return nil
}

// here is the origin of figures that were measured on this machine alone.
func (l *session) here() result.Origin {
	return result.Origin{Profile: "this machine, " + l.machine, Link: "loopback of this machine"}
}

// predictedFrom is simulatedFrom of an experiment, which may be that of a testbed's devices and
// links.
func (l *session) predictedFrom(s *spec.Spec) result.Origin {
	if s.Real() == nil {
		return l.simulatedFrom()
	}
	o := l.originOf(s.DeviceNames()...)
	return result.Origin{Profile: "the profiles of " + o.Profile, Link: "links that were probed " + o.Link}
}

// originOf is the origin of what devices measure: processes on this machine, or the agents of
// a given server.
func (l *session) originOf(devices ...string) result.Origin {
	if !l.elsewhere() {
		return l.here()
	}
	url := transport.Redacted(l.access.URL)
	return result.Origin{
		Profile: "the devices " + strings.Join(devices, ", ") + " at " + url,
		Link:    "between the agents at " + url,
		Real:    true,
	}
}

// timed returns how often the firings of a plan are timed.
func timed(p *plan.Plan) int64 {
	for a := range p.Work {
		switch p.CostModel(a).Kind {
		case costmodel.Empirical, costmodel.Lognormal, costmodel.Shifted, costmodel.Phases:
			return fitFrames
		case costmodel.Median, costmodel.Mean, costmodel.Constant, "":
		}
	}
	return planFrames
}

// planProfile profiles the firings of one plan.
func (l *session) planProfile(ctx context.Context, p *plan.Plan, models compile.Models) (*profile.Profile, error) {
	pr := l.profiler(models, timed(p))
	pr.Progress = func(n, total int) { l.log.Step("profile "+p.Name, n, total, 0) }
	plans := []*plan.Plan{p}
	if len(p.Faults) > 0 {
		plans = append(plans, p.Alone())
	}
	if err := l.covers(plans); err != nil {
		return nil, err
	}
	if l.hollow {
		return l.notProfiled(), nil
	}
	entries, err := pr.Profile(ctx, plans)
	if err != nil {
		return nil, err
	}
	prof := l.costs(&profile.Profile{Machine: l.machine, Entries: entries})
	var used []string
	for _, s := range p.Slices() {
		used = append(used, s.Device)
	}
	if len(used) < 2 {
		return prof, nil // nothing crosses
	}
	d, err := l.deployHere(ctx, nil, used[0], used[1])
	if err != nil {
		return nil, err
	}
	prof.Transport, err = lab.Calibrate(ctx, d, used[0], used[1], 40)
	return prof, err
}
