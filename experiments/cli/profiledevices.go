package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// deviceProfiles is where profiles of devices are kept.
func (l *session) deviceProfiles() profiles.Cache {
	return profiles.Cache{Dir: filepath.Join(l.store.Dir, "profiles", "devices")}
}

// devicesProfiled is what was measured on the devices of a testbed.
type devicesProfiled struct {
	what   string // an experiment or a plan
	plans  []*plan.Plan
	models compile.Models
	effort sweep.Effort
	rounds int
	costs  map[string]*profile.Device // by device
}

// keptProfile is what the command prints of a device as JSON. Its field names are part of the
// interface.
type keptProfile struct {
	File string `json:"file"`
	// Replaced says in what the device differs from the one whose earlier costs the file held.
	Replaced []string         `json:"replaced,omitempty"`
	Profile  *profiles.Device `json:"profile"`
}

// profileTestbed profiles what path names on the devices of a testbed, and keeps a profile of
// each of those that are wanted; none is all.
func (l *session) profileTestbed(ctx context.Context, path string, e sweep.Effort, wanted []string) (
	[]keptProfile, error,
) {
	profiled, err := l.measuredDevices(ctx, path, e, wanted)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(profiled.costs))
	var kept []keptProfile
	for _, name := range names {
		if len(wanted) > 0 && !slices.Contains(wanted, name) {
			continue
		}
		d, err := l.deviceProfile(name, profiled)
		if err != nil {
			return nil, err
		}
		file, replaced, err := l.deviceProfiles().Add(d)
		if err != nil {
			return nil, err
		}
		kept = append(kept, keptProfile{File: file, Replaced: replaced, Profile: d})
	}
	return kept, nil
}

// deviceProfile makes the profile of a device.
func (l *session) deviceProfile(name string, from *devicesProfiled) (*profiles.Device, error) {
	now := l.app.env.Now().UTC()
	costs := from.costs[name]
	measured := maps.Clone(costs.Entries)
	maps.DeleteFunc(measured, func(_ string, e profile.Entry) bool { return e.Basis != "" }) // others take no estimate
	d := &profiles.Device{
		Device: name, Fingerprint: costs.Fingerprint, Created: now, Dispatch: costs.Dispatch, Entries: measured,
		Measured: []profiles.Measured{{What: from.what, Effort: from.effort.String(), Rounds: from.rounds, Created: now}},
		Units:    []profiles.Unit{}, Models: []profiles.Model{},
	}
	for _, p := range from.plans {
		for a := range p.Work {
			if u := profiles.UnitOf(p.UnitOf(a)); p.DeviceOf(a).Name == name && !slices.Contains(d.Units, u) {
				d.Units = append(d.Units, u)
			}
		}
	}
	for _, model := range slices.Sorted(maps.Keys(from.models)) {
		m, err := profiles.ModelOf(model, from.models[model].Model)
		if err != nil {
			return nil, err
		}
		d.Models = append(d.Models, m)
	}
	return d, nil
}

// measuredDevices measures what the firings of an experiment or a plan cost on each device.
func (l *session) measuredDevices(ctx context.Context, path string, e sweep.Effort, wanted []string) (
	*devicesProfiled, error,
) {
	if kindOfRun(l.c, path) == ofPlan {
		return l.measuredByPlan(ctx, path, e, wanted)
	}
	x, _, err := l.experiment(ctx, path)
	if err != nil {
		return nil, err
	}
	among := x.Spec.DeviceNames()
	if err := known(wanted, among, "experiment "+x.Spec.Experiment); err != nil {
		return nil, err
	}
	making, err := l.profiling(ctx, x, e, true)
	if err != nil {
		return nil, err
	}
	p, _, err := making.finish(ctx)
	if err != nil {
		return nil, err
	}
	made := &devicesProfiled{
		what: "experiment " + x.Spec.Experiment, plans: making.plans, models: x.Models, effort: e,
		rounds: making.rounds.Made(), costs: p.Devices,
	}
	return made, nil
}

// describe is session.describe of the devices of an experiment.
func (p *profiling) describe(ctx context.Context, found *profile.Profile) error {
	d, err := p.l.deploy(ctx, p.x.Models, p.x.Spec.DeviceNames()...)
	if err != nil {
		return err
	}
	return p.l.describe(ctx, d, &devicesProfiled{costs: found.Devices}, p.before)
}

// stale says in what a device of a testbed is not what it was when it was profiled; "" if none
// differs. With --driver sim nobody is asked.
func (l *session) stale(ctx context.Context, stored *profile.Profile) (string, error) {
	if l.c.String("driver") == "sim" {
		return "", nil
	}
	names := slices.Sorted(maps.Keys(stored.Devices))
	d, err := l.deploy(ctx, nil, names...)
	if err != nil {
		return "", err
	}
	now, err := fingerprints(ctx, d, names)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if differs := stored.Devices[name].Fingerprint.Differs(now[name]); len(differs) > 0 {
			return fmt.Sprintf("device %s is not as it was: %s", name, strings.Join(differs, "; ")), nil
		}
	}
	return "", nil
}

// measuredByPlan is measuredDevices of the plan in a file, whose devices are the testbed's.
func (l *session) measuredByPlan(ctx context.Context, path string, e sweep.Effort, wanted []string) (
	*devicesProfiled, error,
) {
	f, err := readPlan(l.c)
	if err != nil {
		return nil, err
	}
	models, err := l.models(ctx, &f.Application, f.Pos)
	if err != nil {
		return nil, err
	}
	p, err := compile.Compile(real(f), models)
	if err != nil {
		return nil, err
	}
	if err := l.runtimeFor(ctx, p, models); err != nil {
		return nil, err
	}
	if err := l.meet(); err != nil {
		return nil, err
	}
	among := devices(p)
	if err := known(wanted, among, path); err != nil {
		return nil, err
	}
	d, err := l.deploy(ctx, models, among...)
	if err != nil {
		return nil, err
	}
	before, err := fingerprints(ctx, d, among)
	if err != nil {
		return nil, err
	}
	pr := l.profiler(models, extents[e].frames)
	pr.Progress = func(n, total int) { l.log.Step("profile "+p.Name+" here", n, total, 0) }
	base, err := pr.Profile(ctx, []*plan.Plan{p})
	if err != nil {
		return nil, err
	}
	rounds := &lab.Rounds{
		Driver: d, Owner: lab.EachDevice, Base: &profile.Profile{Entries: base}, Turns: [][]*plan.Plan{{p}},
	}
	for rounds.Made() < extents[e].rounds {
		what := fmt.Sprintf("profile %s, round %d of %d", p.Name, rounds.Made()+1, extents[e].rounds)
		if err := rounds.Round(ctx, func(n, total int) { l.log.Step(what, n, total, 0) }); err != nil {
			return nil, err
		}
	}
	made := &devicesProfiled{
		what: "plan " + p.Name, plans: []*plan.Plan{p}, models: models, effort: e, rounds: rounds.Made(),
		costs: rounds.Profile().Devices,
	}
	return made, l.describe(ctx, d, made, before)
}

// real returns a plan file as it runs on real devices: none is slowed, and nothing fails.
func real(f *planfile.File) *planfile.File {
	g := *f
	g.Faults = nil
	g.Platform.Devices = slices.Clone(f.Platform.Devices)
	for i := range g.Platform.Devices {
		d := &g.Platform.Devices[i]
		d.Units = slices.Clone(d.Units)
		for j := range d.Units {
			d.Units[j].Slowdown = 1
		}
	}
	return &g
}

// known refuses devices that are not among those of what is profiled.
func known(wanted, among []string, of string) error {
	for _, name := range wanted {
		if !slices.Contains(among, name) {
			return usage(fmt.Errorf("--device %s: %s runs on %s", name, of, strings.Join(among, ", ")))
		}
	}
	return nil
}

// fingerprints asks the agents of devices what these are.
func fingerprints(ctx context.Context, d *coordinator.Driver, names []string) (map[string]*device.Fingerprint, error) {
	all := map[string]*device.Fingerprint{}
	for _, name := range names {
		f, err := d.Fingerprint(ctx, name)
		if err != nil {
			return nil, err
		}
		all[name] = f
	}
	return all, nil
}

// dispatchFrames is how many tokens time the dispatch on a device.
const dispatchFrames = 15

// errChanged says that a device was set otherwise while it was profiled.
var errChanged = errors.New("the device changed while it was profiled")

// describe adds to the costs of devices what these are, which must not have changed since
// before, and how long they take from one firing to the next.
func (l *session) describe(
	ctx context.Context, d *coordinator.Driver, made *devicesProfiled, before map[string]*device.Fingerprint,
) error {
	names := slices.Sorted(maps.Keys(made.costs))
	after, err := fingerprints(ctx, d, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if differs := before[name].Differs(after[name]); len(differs) > 0 {
			return fmt.Errorf("%w: %s: %s; profile it again", errChanged, name, strings.Join(differs, "; "))
		}
		c := *made.costs[name]
		c.Fingerprint = *after[name]
		i := slices.IndexFunc(names, func(other string) bool { return other != name })
		if i >= 0 {
			l.log.Step("time the dispatch on "+name, 1, 1, 0)
			if c.Dispatch, err = lab.Dispatch(ctx, d, names[i], name, dispatchFrames); err != nil {
				return err
			}
		}
		made.costs[name] = &c
	}
	return nil
}
