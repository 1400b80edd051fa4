package studycmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// loaded is a study with all that its cases are made of.
type loaded struct {
	spec   *study.Spec
	file   string // the study's
	source []byte // of it
	design *design.Design
	base   *runner.Base
	notes  []string // on what was assumed, for the report
	// missing says what baselines there are none of, and why.
	missing []string
}

// loader reads a study.
type loader struct {
	*Commands
	s          *Session
	structures map[string]*onnx.Model // of the models of profiles, by name
	*loaded
}

// load reads a study and its base, and checks both.
func (a *Commands) load(ctx context.Context, s *Session, file string) (*loaded, error) {
	b, err := input.ReadYAML(file)
	if err != nil {
		return nil, err
	}
	l := &loader{Commands: a, s: s, loaded: &loaded{file: file, source: b}}
	if l.spec, err = study.Parse(file, b); err != nil {
		return nil, err
	}
	l.base = &runner.Base{Assumed: l.spec.Assumed, Cost: l.spec.Base.Cost}
	if l.base.Simulator, err = a.Simulator(l.spec.Base.Cost); err != nil {
		return nil, l.spec.Errorf("$.base.cost", "%w", err)
	}
	if err := l.profiles(); err != nil {
		return nil, err
	}
	if l.spec.Base.Plan != "" {
		err = l.plan(ctx)
	} else {
		err = l.experiment(ctx)
	}
	if err != nil {
		return nil, err
	}
	return l.loaded, l.factors()
}

// near returns where a file is that the study names.
func (l *loader) near(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(l.file), name)
}

// profiles reads the profiles that the study names.
func (l *loader) profiles() error {
	l.base.Profiles = map[string]*profile.Profile{}
	l.structures = map[string]*onnx.Model{}
	b := &l.spec.Base
	named := map[string]string{}
	for name, path := range b.Profiles {
		named[name] = path
	}
	if b.Profile != "" {
		named[""] = b.Profile
	}
	for name, path := range named {
		at := "$.base.profile"
		if name != "" {
			at = "$.base.profiles." + name
		}
		p, models, err := readProfile(l.near(path))
		if err != nil {
			return l.spec.Errorf(at, "%w", err)
		}
		l.base.Profiles[name] = p
		for i := range models {
			m, err := models[i].Open()
			if err != nil {
				return l.spec.Errorf(at, "%w", err)
			}
			if other := l.structures[models[i].Name]; other != nil && other.SHA256() != m.SHA256() {
				return l.spec.Errorf(at, "%w: the profiles are of two models named %s; profile both with one", study.ErrBase,
					models[i].Name)
			}
			l.structures[models[i].Name] = m
		}
	}
	return nil
}

// readProfile reads a profile: of a device, with the structure of its models, or what edgeprune
// profile prints as JSON or has stored.
func readProfile(path string) (*profile.Profile, []profiles.Model, error) {
	b, err := input.Read(path)
	if err != nil {
		return nil, nil, err
	}
	var head profiles.Head
	if json.Unmarshal(b, &head) == nil && head.Kind == profiles.DeviceKind {
		d, err := profiles.ReadDevice(path)
		if err != nil {
			return nil, nil, err
		}
		return &profile.Profile{
			Machine: d.Device, Entries: d.Entries, Transport: profile.Transport{Dispatch: d.Dispatch},
		}, d.Models, nil
	}
	var stored lab.Stored
	if err := json.Unmarshal(b, &stored); err == nil && len(stored.Profile.Entries) > 0 {
		return &stored.Profile, nil, nil
	}
	var p profile.Profile
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, nil, fmt.Errorf("%s is no profile: %w", path, err)
	}
	if len(p.Entries) == 0 {
		return nil, nil, fmt.Errorf("%s is no profile: it has no entries; make one by edgeprune profile --json", path)
	}
	return &p, nil, nil
}

// models gets the models of an application: their structure where profiles have it, else from
// where this program keeps models.
func (l *loader) models(ctx context.Context, app *planfile.Application, platform *plan.Platform,
	pos func(path string) graph.Pos,
) error {
	named, err := profiles.Named(platform, l.base.File)
	if err != nil {
		return input.Error(err)
	}
	var names []string
	for i := range app.Actors {
		if name := app.Actors[i].Model; name != "" {
			names = append(names, name)
		}
	}
	of, err := named.Models(names)
	if err != nil {
		return input.Error(err)
	}
	maps.Copy(of, l.structures)
	l.base.Models = compile.Models{}
	missing := *app
	missing.Actors = slices.Clone(app.Actors)
	for i := range missing.Actors {
		a := &missing.Actors[i]
		m := of[a.Model]
		if m == nil {
			continue
		}
		if l.base.Models[a.Model], err = compile.NewModel(m); err != nil {
			return input.Error(err)
		}
		a.Model = ""
	}
	if !slices.ContainsFunc(missing.Actors, func(a planfile.ActorSpec) bool { return a.Model != "" }) {
		return nil
	}
	rest, err := l.s.Models(ctx, &missing, pos)
	if err != nil {
		return err
	}
	maps.Copy(l.base.Models, rest)
	return nil
}

// plan reads the plan file that the study varies.
func (l *loader) plan(ctx context.Context) error {
	path := l.near(l.spec.Base.Plan)
	b, err := input.ReadYAML(path)
	if err != nil {
		return l.spec.Errorf("$.base.plan", "%w", err)
	}
	f, err := planfile.Parse(path, b)
	if err != nil {
		return err
	}
	l.base.Name, l.base.YAML, l.base.File = path, b, path
	if l.base.Arrivals, err = profiles.ReadArrivals(f, path); err != nil {
		return err
	}
	if len(l.base.Profiles) == 0 {
		if len(l.spec.Assumed) == 0 {
			return l.spec.Errorf("$.base", "%w: nothing says what firings cost; name a profile, or costs under assumed",
				study.ErrBase)
		}
		l.base.Profiles[""] = &profile.Profile{}
	}
	return l.models(ctx, &f.Application, &f.Platform, f.Pos)
}

// experiment makes a plan file of a case of an experiment.
func (l *loader) experiment(ctx context.Context) error {
	b := &l.spec.Base
	path := filepath.Join(l.near(b.Experiment), "experiment.yaml")
	text, err := input.ReadYAML(path)
	if err != nil {
		return l.spec.Errorf("$.base.experiment", "%w", err)
	}
	sp, err := spec.Parse(path, text)
	if err != nil {
		return err
	}
	if sp.Kind() != result.OfCuts {
		return l.spec.Errorf("$.base.experiment", "%w: %s compares no cuts; name one that does, or a plan of it, from "+
			"results/%s/RUN/plans", study.ErrBase, sp.Experiment, sp.Experiment)
	}
	l.base.File = path
	platform := sp.Platform()
	if err := l.models(ctx, &sp.Application, &platform, sp.Pos); err != nil {
		return err
	}
	x, err := sweep.New(sp, l.base.Models)
	if err != nil {
		return err
	}
	if len(l.base.Profiles) == 0 {
		p, _, err := readProfile(l.s.ProfilePath(sp.Experiment))
		if err != nil {
			return l.spec.Errorf("$.base.experiment", "%w; run edgeprune profile %s, or name a profile", err, b.Experiment)
		}
		if transport, err := readTransport(l.s.ProfilePath("transport")); err == nil {
			p.Transport = transport
		}
		l.base.Profiles[""] = p
	}
	f, err := l.caseOf(x)
	if err != nil {
		return err
	}
	l.base.Name = "the plan of " + b.Experiment
	l.base.YAML, err = yaml.Marshal(f)
	return err
}

// caseOf returns the plan file of the case that the base names.
func (l *loader) caseOf(x *sweep.Experiment) (*planfile.File, error) {
	b := &l.spec.Base
	var endpoints, links []string
	for i := range x.Spec.Endpoints {
		endpoints = append(endpoints, x.Spec.Endpoints[i].Name)
	}
	for i := range x.Spec.Links {
		links = append(links, x.Spec.Links[i].Name)
	}
	endpoint, link := endpoints[0], links[0]
	for _, of := range []struct {
		key, given string
		known      []string
		to         *string
	}{{"endpoint", b.Endpoint, endpoints, &endpoint}, {"link", b.Link, links, &link}} {
		if of.given == "" {
			continue
		}
		if !slices.Contains(of.known, of.given) {
			return nil, l.spec.Errorf("$.base."+of.key, "%w: %s has no %s %q; it has %q%s", study.ErrBase,
				x.Spec.Experiment, of.key, of.given, of.known, nearest.Hint(of.given, of.known))
		}
		*of.to = of.given
	}
	e := x.Spec.Endpoint(endpoint)
	if e.WholeModel > 0 {
		first := slices.Sorted(maps.Keys(l.base.Profiles))[0]
		t, err := x.WholeModel(l.base.Profiles[first], e.Unit)
		if err != nil {
			return nil, l.spec.Errorf("$.base", "the slowdown of endpoint %s: %w", endpoint, err)
		}
		x.SlowTo(endpoint, e.WholeModel, t)
		l.notes = append(l.notes, fmt.Sprintf("endpoint %s is %g times slower than the profile's machine, so that the whole "+
			"model takes %v, unless the study varies that", endpoint, x.SlowdownOf(e), e.WholeModel))
	}
	w := x.Single(40)
	if b.Workload != nil {
		w = *b.Workload
	}
	raw := x.Cases(endpoint, link)[1]
	f := x.File(raw, w)
	f.Plan = l.spec.Study
	if err := l.share(f); err != nil {
		return nil, err
	}
	actors, err := compile.Chain(f, l.base.Models)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range actors {
		names = append(names, actors[i].Name)
	}
	in := &f.Instances[0]
	in.Codec = b.Codec
	if in.Mapping[0].Through = b.Cut; b.Cut == "" {
		in.Mapping[0].Through = names[len(names)-1]
	} else if !slices.Contains(names, b.Cut) {
		return nil, l.spec.Errorf("$.base.cut", "%w: there is no actor %q to cut behind%s", study.ErrBase, b.Cut,
			nearest.Hint(b.Cut, names))
	}
	return f, nil
}

func readTransport(path string) (profile.Transport, error) {
	b, err := input.Read(path)
	if err != nil {
		return profile.Transport{}, err
	}
	var s lab.Stored
	err = json.Unmarshal(b, &s)
	return s.Profile.Transport, err
}

// factors finds the factors of the study.
func (l *loader) factors() error {
	f, err := l.base.Plan()
	if err != nil {
		return err
	}
	if err := errors.Join(f.Check(), l.checkAssumed(f)); err != nil {
		return err
	}
	l.design, err = designOf(l.spec, l.base)
	return err
}

// designOf finds the factors of a study over its base.
func designOf(s *study.Spec, base *runner.Base) (*design.Design, error) {
	f, err := base.Plan()
	if err != nil {
		return nil, err
	}
	chain, err := compile.Chain(f, base.Models)
	if err != nil {
		return nil, err
	}
	fb := &factor.Base{File: f, Profiles: profileNames(base.Profiles)}
	for _, c := range chain {
		fb.Actors = append(fb.Actors, c.Name)
	}
	return design.New(s, fb, base.Plan)
}

// checkAssumed says which assumed costs are of nothing.
func (l *loader) checkAssumed(f *planfile.File) error {
	for _, name := range slices.Sorted(maps.Keys(l.spec.Assumed)) {
		if name == plan.KernelEncode || name == plan.KernelDecode {
			continue
		}
		i := slices.IndexFunc(f.Application.Actors, func(a planfile.ActorSpec) bool { return a.Name == name })
		switch {
		case i < 0:
			return l.spec.Errorf("$.assumed."+name, "%w: the application has no actor %q%s", study.ErrBase, name,
				f.Names().Hint(name))
		case f.Application.Actors[i].Model != "":
			return l.spec.Errorf("$.assumed."+name, "%w: actor %s runs a model, whose parts cost what a profile says",
				study.ErrBase, name)
		}
	}
	return nil
}
