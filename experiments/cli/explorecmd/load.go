package explorecmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/urfave/cli/v2"
)

// source is what is explored.
type source struct {
	name      string // of results
	kind      kind
	digest    string // of what it was read from
	models    compile.Models
	platforms []*platform
	codecs    []string
	seed      uint64
	x         *sweep.Experiment // nil: it is none
	divisions [][]planfile.PartSpec
	files     map[string][]byte // that its plans name, by their paths below the folder of results
}

// platform is one on which mappings are searched.
type platform struct {
	name   string // such as slow over wired; "": there is one
	file   *planfile.File
	single plan.Workload // for latency, endpoint time and energy
	full   plan.Workload // for throughput; its Frames are 0 where that comes from single
	notes  []string
}

// load reads what the command line names.
func (a *Commands) load(c *cli.Context, s *Session) (*source, error) {
	if c.NArg() != 1 {
		return nil, input.Error(fmt.Errorf("expected an experiment, a plan file or a model; got %d arguments", c.NArg()))
	}
	arg := c.Args().First()
	k, err := kindOf(arg)
	if err != nil {
		return nil, err
	}
	if err := fits(c, k); err != nil {
		return nil, err
	}
	codecs, err := codecsOf(c.StringSlice("codecs"))
	if err != nil {
		return nil, err
	}
	src := &source{kind: k}
	switch k {
	case ofExperiment:
		err = src.experiment(c, s, arg)
	case ofPlan:
		err = src.plan(c.Context, s, arg)
	case ofModel:
		err = src.model(c, s, arg)
	}
	if err != nil {
		return nil, err
	}
	if len(codecs) > 0 {
		src.codecs = codecs
	}
	if c.IsSet("seed") {
		src.seed = c.Uint64("seed")
	}
	for _, p := range src.platforms {
		p.file.Seed = src.seed
	}
	return src, nil
}

// codecsOf checks the codecs that a flag names.
func codecsOf(list []string) ([]string, error) {
	var all []string
	for _, name := range list {
		name = strings.TrimSpace(name)
		if _, err := codec.Parse(name); err != nil {
			return nil, input.Error(fmt.Errorf("--codecs: %w", err))
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all, nil
}

// experiment takes an experiment, each endpoint on each link.
func (src *source) experiment(c *cli.Context, s *Session, dir string) error {
	x, text, err := s.Experiment(c.Context, input.ExperimentFolder(dir))
	if err != nil {
		return err
	}
	sp := x.Spec
	if sp.Kind() == result.OfParameter {
		return input.Error(fmt.Errorf("experiment %s compares values of a parameter, and no cuts or mappings; explore "+
			"a plan of "+
			"it, from results/%s/RUN/plans", sp.Experiment, sp.Experiment))
	}
	src.x, src.name, src.models, src.codecs, src.seed = x, sp.Experiment, x.Models, sp.Codecs, sp.Seed
	src.digest = digest(text)
	for _, g := range sp.Mappings {
		if len(g.Parts) > 0 {
			src.divisions = append(src.divisions, g.Parts)
		}
	}
	var endpoints, links []string
	for i := range sp.Endpoints {
		endpoints = append(endpoints, sp.Endpoints[i].Name)
	}
	for i := range sp.Links {
		links = append(links, sp.Links[i].Name)
	}
	if endpoints, err = one(c, "endpoint", sp.Experiment, endpoints); err != nil {
		return err
	}
	if sp.Kind() == result.OfMappings {
		if c.IsSet("link") {
			return input.Error(fmt.Errorf("--link: experiment %s maps to all of its devices and links at once", sp.Experiment))
		}
		links = []string{""}
	} else if links, err = one(c, "link", sp.Experiment, links); err != nil {
		return err
	}
	for _, e := range endpoints {
		for _, l := range links {
			p := &platform{name: e + " over " + l}
			if l == "" {
				p.name = ""
			}
			src.platforms = append(src.platforms, p)
			src.fill(p, e, l)
		}
	}
	return nil
}

// fill makes the file of an endpoint on a link as the experiment's devices are slowed by now.
func (src *source) fill(p *platform, endpoint, link string) {
	x := src.x
	w := x.Spec.Workload
	p.single, p.full = x.Single(w.MinFrames), x.Offline(w.ThroughputFrames)
	p.single.Precision, p.full.Precision = 0, 0
	p.file = x.File(x.Cases(endpoint, link)[1], p.single)
	p.file.Plan = strings.TrimSpace(x.Spec.Experiment + " " + p.name)
}

// one returns the name that a flag gives, of those that there are, or all.
func one(c *cli.Context, flag, experiment string, names []string) ([]string, error) {
	name := c.String(flag)
	switch {
	case name == "":
		return names, nil
	case slices.Contains(names, name):
		return []string{name}, nil
	}
	return nil, input.Error(fmt.Errorf("--%s: experiment %s has no %s %q; there are %s%s", flag, experiment, flag, name,
		strings.Join(names, ", "), nearest.Hint(name, names)))
}

// slow slows the devices of an experiment until the whole model takes what it should.
func (src *source) slow(s *Session, prof *profile.Profile) error {
	x := src.x
	for _, e := range x.Spec.Slowed() {
		if e.WholeModel <= 0 {
			continue
		}
		t, err := x.WholeModel(prof, e.Unit)
		if err != nil {
			return err
		}
		if t > e.WholeModel {
			s.Log.Logf("device %s: this machine needs %v for the whole model, more than the %v asked for; it runs unslowed",
				e.Name, t, e.WholeModel)
		}
		x.SlowTo(e.Name, e.WholeModel, t)
	}
	for _, p := range src.platforms {
		endpoint, link, _ := strings.Cut(p.name, " over ")
		if p.name == "" {
			endpoint = x.Spec.Endpoints[0].Name
		}
		src.fill(p, endpoint, link)
		p.file.Seed = src.seed
	}
	return nil
}

// plan takes a plan file, with its workload.
func (src *source) plan(ctx context.Context, s *Session, path string) error {
	f, models, err := s.Plan(ctx, path)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(f.Instances) != 1 || f.Instances[0].Count > 1 || len(f.Instances[0].Mix) > 0 {
		return input.Error(fmt.Errorf("plan %s has several instances of the application, and explore maps one; leave one "+
			"under instances, without count", f.Plan))
	}
	src.name, src.models, src.seed, src.digest = f.Plan, models, f.Seed, digest(text)
	src.codecs = defaultCodecs(f.Instances[0].Codec)
	src.platforms = []*platform{{file: f, single: f.Workload, full: offlineOf(f.Workload)}}
	return nil
}

// offlineOf returns the workload for throughput of a plan with another one, under which frames may
// come more slowly than a mapping can take them; none where frames already enter as fast as they can.
func offlineOf(w plan.Workload) plan.Workload {
	if w.Kind == plan.Offline {
		return plan.Workload{}
	}
	return plan.Workload{Kind: plan.Offline, Frames: w.Frames, Warmup: w.Warmup, Choices: w.Choices}
}

// defaultCodecs are tried where nothing else is said.
func defaultCodecs(own string) []string {
	all := []string{codec.None, "fp16", "int8"}
	if own != "" && !slices.Contains(all, own) {
		all = append(all, own)
	}
	return all
}

// digest is the SHA-256 of a file.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// have says what there is to judge mappings by.
func (src *source) have(p *platform) goal.Have {
	h := goal.Have{PowerAt: "under its device in the file"}
	if src.kind == ofModel {
		h.PowerAt = "under its device in a plan, which -o FILE writes, and explore that"
	}
	for i := range p.file.Platform.Devices {
		d := &p.file.Platform.Devices[i]
		h.Devices = append(h.Devices, d.Name)
		if d.Power == nil {
			h.Unpowered = append(h.Unpowered, d.Name)
		}
	}
	h.NoLeakage, h.NoQuality = src.noLeakage(), src.noQuality()
	return h
}

// noLeakage says why leakage can't be computed; "": it can.
func (src *source) noLeakage() string {
	if src.kind == ofModel {
		return "a model alone shows one input again and again, and it takes many that differ; give samples by a plan whose " +
			"source shows them, such as kernel image-folder, and explore that"
	}
	return ""
}

// noQuality says why quality can't be computed; "": it can.
func (src *source) noQuality() string {
	if src.x == nil || src.x.Spec.Quality.Kind == "" {
		return "nothing says what results are worth; explore an experiment with quality: {kind, dataset, frames}"
	}
	return ""
}

// check checks a goal against the platforms, up to the first that can't reach it.
func (src *source) check(g *goal.Goal) error {
	for _, p := range src.platforms {
		err := g.Check(src.have(p))
		if err == nil {
			continue
		}
		if len(src.platforms) > 1 {
			err = fmt.Errorf("%s: %w; --endpoint and --link explore one alone", p.name, err)
		}
		return input.Error(err)
	}
	return nil
}

// modelWorkloads are those of a model without a plan.
func modelWorkloads(frames int64) (single, full plan.Workload) {
	warmup := max(frames/10, 1)
	single = plan.Workload{Kind: plan.SingleStream, Frames: warmup + frames, Warmup: warmup}
	full = plan.Workload{Kind: plan.Offline, Frames: warmup + max(frames, stat.MinSamples+1), Warmup: warmup}
	return single, full
}
