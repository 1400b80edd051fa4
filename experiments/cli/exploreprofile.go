package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// experimentProfile returns the stored profile of an experiment, of whatever effort, or makes it.
func (l *session) experimentProfile(ctx context.Context, x *sweep.Experiment) (*profile.Profile, string, error) {
	if l.hollow {
		return l.notProfiled(), "the profiles of devices: " + l.named.String(), nil
	}
	stored, _, err := lab.LoadProfile(l.profilePath(x.Spec.Experiment), l.origin(x))
	if err != nil {
		return nil, "", err
	}
	e := sweep.Standard
	if stored != nil {
		e = stored.Effort
	}
	p, err := l.profiling(ctx, x, e, l.c.Bool("reprofile"))
	if err != nil {
		return nil, "", err
	}
	prof, how, err := p.finish(ctx)
	if err != nil {
		return nil, "", err
	}
	return l.costs(prof), how, nil
}

// plansProfile returns what firings of plans of models cost: as stored under a name, and what is
// missing there is measured and added.
func (l *session) plansProfile(ctx context.Context, name string, models compile.Models, plans []*plan.Plan) (
	*profile.Profile, string, error,
) {
	if err := l.covers(plans); err != nil {
		return nil, "", err
	}
	if l.hollow {
		return l.notProfiled(), "the profiles of devices: " + l.named.String(), nil
	}
	path := l.profilePath(filepath.Join("explore", result.FileName(name)))
	origin := l.origin(nil)
	origin.Models = sums(models)
	stored, why, err := lab.LoadProfile(path, origin)
	if err != nil {
		return nil, "", err
	}
	if stored != nil && l.elsewhere() {
		var changed string
		if changed, err = l.stale(ctx, &profile.Profile{Devices: of(stored.Profile.Devices, devices(plans[0]))}); err != nil {
			return nil, "", err
		} else if changed != "" {
			stored, why = nil, changed
		}
	}
	if stored == nil || l.c.Bool("reprofile") && !l.reprofiled[name] {
		stored = &lab.Stored{Origin: *origin, Effort: sweep.Standard, Profile: profile.Profile{Machine: l.machine}}
	} else {
		why = "it lacks some costs"
	}
	if l.reprofiled == nil {
		l.reprofiled = map[string]bool{}
	}
	l.reprofiled[name] = true
	missing := uncovered(&stored.Profile, plans)
	if len(missing) > 0 {
		where := "this machine"
		if l.elsewhere() {
			where = l.machines(nil)
		}
		l.log.Logf("profile %s on %s (%s)", name, where, why)
		if err := l.measurePlans(ctx, name, models, missing, stored); err != nil {
			return nil, "", err
		}
		if err := lab.SaveProfile(path, stored); err != nil {
			return nil, "", err
		}
	}
	prof := stored.Profile
	if names := devices(plans[0]); len(names) > 1 && !l.elsewhere() {
		if err := l.calibrate(ctx, names[0], names[1], 1, names...); err != nil {
			return nil, "", err
		}
		prof.Transport = l.transport()
	}
	return l.costs(&prof), made(stored, l.app.env.Now()), nil
}

// uncovered returns the plans with a cost that a profile lacks.
func uncovered(p *profile.Profile, plans []*plan.Plan) []*plan.Plan {
	return slices.DeleteFunc(slices.Clone(plans), func(q *plan.Plan) bool {
		return sweep.Covers(p, []*plan.Plan{q}) == nil
	})
}

// measurePlans adds to a stored profile what the firings of plans cost, as that of an experiment is
// made: in this process, for the times to expect, and in rounds in the processes that run them.
func (l *session) measurePlans(
	ctx context.Context, name string, models compile.Models, plans []*plan.Plan, stored *lab.Stored,
) error {
	e := extents[sweep.Standard]
	pr := l.profiler(models, e.frames)
	pr.Progress = func(n, total int) { l.log.Step("profile "+name, n, total, 0) }
	entries, err := pr.Profile(ctx, plans)
	if err != nil {
		return err
	}
	rounds := &lab.Rounds{Owner: lab.OneMachine, Base: &profile.Profile{Machine: l.machine, Entries: entries}}
	for _, p := range plans {
		rounds.Turns = append(rounds.Turns, []*plan.Plan{p})
	}
	names := devices(plans[0])
	d, err := l.deploy(ctx, models, names...)
	if err != nil {
		return err
	}
	rounds.Driver = d
	var before map[string]*device.Fingerprint
	if l.elsewhere() { // this machine's speed says nothing about others
		rounds.Owner = lab.EachDevice
		before, err = fingerprints(ctx, d, names)
	} else {
		rounds.Reference, err = l.reference()
	}
	if err != nil {
		return err
	}
	for n := range e.rounds {
		what := fmt.Sprintf("profile %s, round %d of %d", name, n+1, e.rounds)
		err := rounds.Round(ctx, func(n, total int) { l.log.Step(what, n, total, 0) })
		if err != nil {
			return err
		}
	}
	found := rounds.Profile()
	if l.elsewhere() {
		if err := l.describe(ctx, d, &devicesProfiled{costs: found.Devices}, before); err != nil {
			return err
		}
	}
	addCosts(&stored.Profile, found)
	stored.Rounds, stored.Created = e.rounds, l.app.env.Now()
	return nil
}

// of returns what is known of devices.
func of(all map[string]*profile.Device, names []string) map[string]*profile.Device {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(name string, _ *profile.Device) bool { return !slices.Contains(names, name) })
	return some
}

// addCosts adds costs to a stored profile: what was there is not measured anew, and what was scaled
// for a device from those on this machine is left out.
func addCosts(stored, found *profile.Profile) {
	all := maps.Clone(found.Entries)
	maps.Copy(all, stored.Entries)
	stored.Entries = all
	for name, d := range found.Devices {
		c := *d
		c.Entries = maps.Clone(d.Entries)
		maps.DeleteFunc(c.Entries, func(_ string, e profile.Entry) bool { return e.Basis != "" })
		if known := stored.Devices[name]; known != nil {
			maps.Copy(c.Entries, known.Entries)
		}
		if stored.Devices == nil {
			stored.Devices = map[string]*profile.Device{}
		}
		stored.Devices[name] = &c
	}
}

// linked returns a profile with what the links of a testbed cost that tokens of plans cross; as it
// is on this machine.
func (l *session) linked(ctx context.Context, p *profile.Profile, plans []*plan.Plan) (*profile.Profile, error) {
	if !l.elsewhere() {
		return p, nil
	}
	if err := l.measureLinks(ctx, plans); err != nil {
		return nil, err
	}
	q := *p
	q.Links = maps.Clone(l.links)
	return l.costs(&q), nil
}
