package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// extent says how much is profiled: how often every firing in this process, for the times
// to expect, and in how many rounds in the processes that run it.
type extent struct {
	frames int64
	rounds int
}

var extents = map[sweep.Effort]extent{
	sweep.Quick:    {frames: 2, rounds: 1},
	sweep.Standard: {frames: 1, rounds: 3},
	sweep.Complete: {frames: 4, rounds: 5},
}

const (
	// pauses are those after which the machine's caches are as cold as between a deployed
	// device's firings.
	pauses = 20 * time.Millisecond
	// planFrames is how often the firings of a single plan are timed.
	planFrames = 4
	// fitFrames is how often they are where a cost model draws from the samples, or is fitted to them.
	fitFrames = 100
	// calibrationFrames are the tokens of a size that the transport is timed with in a round.
	calibrationFrames = 20
)

// profiling is the stored profile of an experiment: one that was found, or one in the
// making.
type profiling struct {
	l      *session
	x      *sweep.Experiment
	effort sweep.Effort
	plans  []*plan.Plan
	found  *lab.Stored // nil: rounds make one
	turns  []sweep.Turn
	rounds *lab.Rounds
	before map[string]*device.Fingerprint // of a testbed's devices, when the first round began
}

// profilePath is where a profile is stored: what was measured elsewhere, by testbed.
func (l *session) profilePath(name string) string {
	if l.elsewhere() {
		sum := sha256.Sum256([]byte(l.access.URL))
		return filepath.Join(l.store.Dir, "profiles", "testbed-"+hex.EncodeToString(sum[:4]), name+".json")
	}
	return filepath.Join(l.store.Dir, "profiles", name+".json")
}

// origin is what a stored profile of an experiment must agree in; x is nil for that of the
// transport.
func (l *session) origin(x *sweep.Experiment) *lab.Origin {
	o := &lab.Origin{Machine: l.machines(x), Runtime: ort.Version(), Program: l.app.env.Revision}
	if x != nil {
		o.Models = digests(x)
	}
	return o
}

// digests returns the SHA-256 of the models by name.
func digests(x *sweep.Experiment) map[string]string { return sums(x.Models) }

func sums(models compile.Models) map[string]string {
	all := map[string]string{}
	for name, m := range models {
		all[name] = m.SHA256()
	}
	return all
}

// profiling finds the stored profile of an experiment, or begins one: unless force is set,
// one is used that the same program made of the same models on this machine.
func (l *session) profiling(ctx context.Context, x *sweep.Experiment, e sweep.Effort, force bool) (*profiling, error) {
	p := &profiling{l: l, x: x, effort: e}
	var err error
	if p.plans, err = sweep.ProfilePlans(x.Spec, x.Models); err != nil {
		return nil, err
	}
	stored, why, err := lab.LoadProfile(l.profilePath(x.Spec.Experiment), l.origin(x))
	if err != nil {
		return nil, err
	}
	if stored != nil {
		if err := sweep.Covers(&stored.Profile, p.plans); err != nil {
			stored, why = nil, err.Error()
		} else if e == sweep.Standard && stored.Effort == sweep.Quick {
			stored, why = nil, "it is a quick one"
		}
	}
	if force {
		stored, why = nil, "asked to"
	}
	if stored != nil && x.Spec.Real() != nil {
		if why, err = l.stale(ctx, &stored.Profile); err != nil {
			return nil, err
		} else if why != "" {
			stored = nil
		}
	}
	if stored != nil {
		p.found = stored
		l.log.Logf("the profile of %s: %s; --reprofile makes another", x.Spec.Experiment, made(stored, l.app.env.Now()))
		return p, nil
	}
	l.log.Logf("profile %s on %s (%s)", x.Spec.Experiment, l.profiledOn(x), why)
	if x.Spec.Real() != nil {
		d, err := l.deploy(ctx, x.Models, x.Spec.DeviceNames()...)
		if err != nil {
			return nil, err
		}
		if p.before, err = fingerprints(ctx, d, x.Spec.DeviceNames()); err != nil {
			return nil, err
		}
	}
	return p, p.begin(ctx)
}

// profiledOn says where an experiment is profiled.
func (l *session) profiledOn(x *sweep.Experiment) string {
	if l.elsewhere() {
		return l.machines(x)
	}
	return "this machine"
}

// made says when a profile was made.
func made(s *lab.Stored, now time.Time) string {
	return fmt.Sprintf("made at %s, %v ago, in %d rounds", s.Created.UTC().Format("2006-01-02 15:04 UTC"),
		now.Sub(s.Created).Round(time.Minute), s.Rounds)
}

// begin times all firings in this process, for the times to expect.
func (p *profiling) begin(ctx context.Context) error {
	l := p.l
	var reference driver.Reference
	if p.x.Spec.Real() == nil { // this machine's speed says nothing about others
		var err error
		if reference, err = l.reference(); err != nil {
			return err
		}
	}
	start := l.app.env.Now()
	pr := l.profiler(p.x.Models, extents[p.effort].frames)
	pr.Progress = func(n, total int) {
		var left time.Duration
		if n > 1 {
			left = (l.app.env.Now().Sub(start) / time.Duration(n-1) * time.Duration(total-n+1)).Round(time.Second)
		}
		l.log.Step("profile "+p.x.Spec.Experiment, n, total, left)
	}
	entries, err := pr.Profile(ctx, p.plans)
	if err != nil {
		return err
	}
	p.x.Share(entries, p.plans, nil)
	base := &profile.Profile{Machine: l.machine, Entries: entries}
	for _, e := range p.x.Spec.Slowed() {
		if e.WholeModel <= 0 {
			continue
		}
		t, err := p.x.WholeModel(base, e.Unit)
		if err != nil {
			return err
		}
		p.x.SlowTo(e.Name, e.WholeModel, t)
	}
	if p.turns, err = p.x.Turns(); err != nil {
		return err
	}
	p.rounds = &lab.Rounds{
		Reference: reference, Base: base, Owner: ownerOf(p.x),
		Share: func(entries map[string]profile.Entry) { p.x.Share(entries, p.plans, nil) },
	}
	for _, t := range p.turns {
		p.rounds.Turns = append(p.rounds.Turns, t.Plans)
	}
	return nil
}

// ownerOf says whose costs firings of an experiment have: of a testbed's devices each its own.
func ownerOf(x *sweep.Experiment) lab.Owner {
	if x.Spec.Real() != nil {
		return lab.EachDevice
	}
	return lab.OneMachine
}

// profiler times firings in this process, so many frames each.
func (l *session) profiler(models compile.Models, frames int64) *local.Profiler {
	return &local.Profiler{
		Models: models, Rounds: 1, Frames: frames, Idle: pauses,
		Host: &kernel.Host{Kernels: l.app.env.kernels(), Data: l.store.Path, Record: func(trace.Result) {},
			Note: l.note},
	}
}

// again says on which turns findings rest by what is predicted after the first round: a
// standard run spends its other rounds on them.
func (p *profiling) again(rows []result.Row) {
	if p.effort == sweep.Standard {
		p.rounds.Again = p.x.Decisive(p.turns, rows, p.effort)
	}
}

// complete reports whether no round is left.
func (p *profiling) complete() bool {
	return p.found != nil || p.rounds.Made() >= extents[p.effort].rounds
}

// round makes a round of the profile, and one of the transport's if it has fewer. It does
// nothing if the profile is complete.
func (p *profiling) round(ctx context.Context) error {
	if p.complete() {
		return nil
	}
	d, err := p.l.deploy(ctx, p.x.Models, p.x.Spec.DeviceNames()...)
	if err != nil {
		return err
	}
	p.rounds.Driver = d
	if err := p.transport(ctx, p.rounds.Made()+1); err != nil {
		return err
	}
	what := fmt.Sprintf("profile %s, round %d of %d", p.x.Spec.Experiment, p.rounds.Made()+1, extents[p.effort].rounds)
	return p.rounds.Round(ctx, func(n, total int) { p.l.log.Step(what, n, total, 0) })
}

// profile returns the profile as far as it is made, with the transport, and the links of a
// testbed.
func (p *profiling) profile() *profile.Profile {
	var prof *profile.Profile
	if p.found != nil {
		c := p.found.Profile
		prof = &c
	} else {
		prof = p.rounds.Profile()
	}
	if p.x.Spec.Real() == nil {
		prof.Transport = p.l.transport()
	}
	prof.Links = p.l.links
	return prof
}

// transport finds out what messages cost: by links of a testbed, or on this machine by its
// transport, which is timed so many times.
func (p *profiling) transport(ctx context.Context, times int) error {
	if p.x.Spec.Real() != nil {
		return p.l.measureLinks(ctx, p.plans)
	}
	return p.l.calibrate(ctx, p.x.Spec.Endpoints[0].Name, p.x.Spec.Server.Name, times, p.x.Spec.DeviceNames()...)
}

// finish makes the rounds that are left and stores the profile. It returns it, and says
// when it was made.
func (p *profiling) finish(ctx context.Context) (*profile.Profile, string, error) {
	for !p.complete() {
		if err := p.round(ctx); err != nil {
			return nil, "", err
		}
	}
	if err := p.transport(ctx, 1); err != nil { // of a profile that was found
		return nil, "", err
	}
	now := p.l.app.env.Now()
	if p.found != nil {
		return p.profile(), made(p.found, now), nil
	}
	stored := &lab.Stored{
		Origin: *p.l.origin(p.x), Created: now, Rounds: p.rounds.Made(), Effort: p.effort, Profile: *p.rounds.Profile(),
	}
	if p.x.Spec.Real() != nil {
		if err := p.describe(ctx, &stored.Profile); err != nil {
			return nil, "", err
		}
		p.found = stored
	}
	if err := lab.SaveProfile(p.l.profilePath(p.x.Spec.Experiment), stored); err != nil {
		return nil, "", err
	}
	return p.profile(), made(stored, now), nil
}

// calibrate times the transport between two of the devices until it was timed so many times, unless
// its costs are stored, and stores them.
func (l *session) calibrate(ctx context.Context, from, to string, times int, devices ...string) error {
	path := l.profilePath("transport")
	if len(l.transports) == 0 && !l.c.Bool("reprofile") {
		stored, why, err := lab.LoadProfile(path, l.origin(nil))
		if err != nil {
			return err
		}
		if stored != nil {
			l.transports, l.known = []profile.Transport{stored.Profile.Transport}, true
		} else {
			l.log.Logf("calibrate the transport on this machine (%s)", why)
		}
	}
	if l.known || len(l.transports) >= times {
		return nil
	}
	d, err := l.deploy(ctx, nil, devices...)
	if err != nil {
		return err
	}
	for len(l.transports) < times {
		t, err := lab.Calibrate(ctx, d, from, to, calibrationFrames)
		if err != nil {
			return err
		}
		l.transports = append(l.transports, t)
	}
	return lab.SaveProfile(path, &lab.Stored{
		Origin: *l.origin(nil), Created: l.app.env.Now(), Rounds: len(l.transports),
		Profile: profile.Profile{Machine: l.machine, Transport: l.transport()},
	})
}

// transport returns what the calibrations say together.
func (l *session) transport() profile.Transport {
	if len(l.transports) == 0 {
		return profile.Transport{}
	}
	return lab.Typical(l.transports)
}
