package measure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// ParamSweep is a parameter of a configuration actor that takes one value after
// another, such as the threshold that decides when a network runs.
type ParamSweep struct {
	Actor  string    `yaml:"actor"`
	Param  string    `yaml:"param"`
	Values []float64 `yaml:"values"`
	// Always and Never are the values at which the dynamic part runs in every frame,
	// and in none but perhaps the first. The costs of firings are measured at both.
	Always float64 `yaml:"always"`
	Never  float64 `yaml:"never"`
	// Mapping is as in a plan's instances, for the units "endpoint" and "server". The
	// source lies on the endpoint.
	Mapping []plan.Assign `yaml:"mapping"`
	Quality string        `yaml:"quality"` // that counts: IDF1, MOTA or accuracy
	Loss    float64       `yaml:"loss"`    // of it that is tolerated, against Always
}

// name returns actor.param.
func (sw *ParamSweep) name() string { return sw.Actor + "." + sw.Param }

// The units of a sweep's mapping.
const (
	onEndpoint = "endpoint"
	onServer   = "server"
)

// qualities are those that each kind of truth scores.
var qualities = map[string][]string{"tracking": {"IDF1", "MOTA"}, "classification": {"accuracy"}}

// checkSweep checks the sweep of a parameter. Compile checks the mapping's actors.
func (s *Spec) checkSweep() error {
	sw := s.Sweep
	i := slices.IndexFunc(s.Application.Actors, func(a plan.ActorSpec) bool { return a.Name == sw.Actor })
	if i < 0 || s.Application.Actors[i].Kind != graph.Configuration {
		return s.errorf("$.sweep.actor", "%q is no actor of kind %s; a sweep sets a parameter of one", sw.Actor, graph.Configuration)
	}
	if sw.Param == "" {
		return s.errorf("$.sweep", "the sweep names no param of actor %s; expected one, such as threshold", sw.Actor)
	}
	if len(sw.Values) < 2 {
		return s.errorf("$.sweep", "%d values; expected at least 2 under values", len(sw.Values))
	}
	for j, v := range sw.Values {
		if slices.Contains(sw.Values[:j], v) {
			return s.errorf(fmt.Sprintf("$.sweep.values[%d]", j), "value %g stands there twice; remove one", v)
		}
	}
	if !slices.Contains(sw.Values, sw.Always) {
		return s.errorf("$.sweep.always", "%g is none of the values; every other one is compared with it", sw.Always)
	}
	if sw.Never == sw.Always {
		return s.errorf("$.sweep.never", "%g is that of always as well; expected a value at which the dynamic part does not run", sw.Never)
	}
	for j, as := range sw.Mapping {
		if as.Unit != onEndpoint && as.Unit != onServer {
			return s.errorf(fmt.Sprintf("$.sweep.mapping[%d].unit", j), "unit %q; expected %s or %s", as.Unit, onEndpoint, onServer)
		}
	}
	if known := qualities[s.Quality.Kind]; len(known) > 0 && !slices.Contains(known, sw.Quality) {
		return s.errorf("$.sweep.quality", "quality %q; %s has %v", sw.Quality, s.Quality.Kind, known)
	}
	if !(sw.Loss >= 0) {
		return s.errorf("$.sweep.loss", "a loss of %g; expected 0 or more", sw.Loss)
	}
	if len(s.Codecs) == 0 {
		return s.errorf("$", "the sweep needs at least one of codecs; none is one")
	}
	if w := s.Workload; w.MinFrames < 2 || w.MaxFrames < w.MinFrames {
		return s.errorf("$.workload", "expected 2 <= min_frames <= max_frames")
	}
	return nil
}

// valueStudy compares values of a parameter, under every codec.
type valueStudy struct {
	*space
	ends []string // see keepEnds
}

// cases lists the three baselines, whose dynamic part always runs, then every codec
// with every value.
func (sp *valueStudy) cases(base result.Case) []result.Case {
	sw := sp.spec.Sweep
	base.PP, base.Param, base.Value = -1, sw.name(), sw.Always
	cases := baselines(base)
	for _, name := range sp.spec.Codecs {
		for _, v := range sw.Values {
			c := base
			c.Label, c.Codec, c.Value = sw.Param+" "+strconv.FormatFloat(v, 'g', -1, 64), name, v
			if v == sw.Always {
				c.Label += " (always on)"
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// swept returns the application with the parameter at a value.
func (s *Spec) swept(v float64) plan.Application {
	app := s.Application
	app.Actors = slices.Clone(app.Actors)
	for i := range app.Actors {
		if a := &app.Actors[i]; a.Name == s.Sweep.Actor {
			a.Params = maps.Clone(a.Params)
			if a.Params == nil {
				a.Params = map[string]any{}
			}
			a.Params[s.Sweep.Param] = v
		}
	}
	return app
}

func (sp *valueStudy) fill(f *plan.File, c result.Case) *yamlfile.Doc {
	f.Platform = sp.platform([]string{c.Endpoint}, c.Link)
	f.Application = sp.spec.swept(c.Value)
	f.Instances = []plan.Instance{{Mapping: sp.mapping(c), Codec: c.Codec, Calibration: sp.spec.Calibration}}
	return sp.spec.doc
}

// mapping maps the application of a case.
func (sp *valueStudy) mapping(c result.Case) []plan.Assign {
	endpoint, server := sp.units(c.Endpoint)
	switch c.Baseline {
	case result.AllOnEndpoint:
		return []plan.Assign{{Unit: endpoint}}
	case result.RawToServer, result.JPEGToServer:
		return []plan.Assign{{Unit: endpoint, Actors: sp.ends}, {Unit: server}}
	}
	mapping := slices.Clone(sp.spec.Sweep.Mapping)
	for i := range mapping {
		mapping[i].Unit = map[string]string{onEndpoint: endpoint, onServer: server}[mapping[i].Unit]
	}
	return mapping
}

// keepEnds notes the actors that stay on the endpoint when all else lies on the
// server: the source, and the sink if the sweep's mapping has it there, too.
func (sp *valueStudy) keepEnds() error {
	e, l := sp.spec.Endpoints[0].Name, sp.spec.Links[0].Name
	swept := sp.space.cases(e, l)[3]
	p, err := plan.Compile(sp.file(swept, sp.single(2)), sp.models)
	if err != nil {
		return err
	}
	source := false
	for a, w := range p.Work {
		if (w.Source || w.Sink) && p.DeviceOf(a).Name == e {
			sp.ends = append(sp.ends, p.Graph.Actors[a].Name)
			source = source || w.Source
		}
	}
	if !source {
		return sp.spec.errorf("$.sweep.mapping", "the source lies on the server; frames come from the endpoint")
	}
	return nil
}

// standIns returns plans that together fire what a case may fire too seldom for its
// profile: with the dynamic part always on, and never. A case that is always on
// needs none.
func (r *Runner) standIns(c result.Case) []*plan.File {
	sw := r.Spec.Sweep
	if c.Value == sw.Always {
		return nil
	}
	var files []*plan.File
	for _, v := range []float64{sw.Always, sw.Never} {
		c.Value = v
		files = append(files, r.space.file(c, r.space.single(2)))
	}
	return files
}

// simulateOthers simulates the rows again that share a measured row's endpoint, link
// and codec and were not measured: the costs of firings are those of the deployment now.
func (r *Runner) simulateOthers(ctx context.Context, measured *result.Row) (err error) {
	if r.Refresh == nil || r.Sim == nil {
		return nil
	}
	for i := range r.sweep.Rows {
		row := &r.sweep.Rows[i]
		if row.Measured != nil || row.Endpoint != measured.Endpoint || row.Link != measured.Link || row.Codec != measured.Codec {
			continue
		}
		if row.Sim, _, err = r.case_(ctx, r.Sim, "sim", row.Case, r.space.single(r.Spec.Workload.MaxFrames)); err != nil {
			return err
		}
	}
	return nil
}

// scoreAll scores what the referee says of every row: nothing need be measured for it.
func (r *Runner) scoreAll(ctx context.Context) error {
	for i := range r.sweep.Rows {
		v, err := r.referee(ctx, r.sweep.Rows[i].Case)
		if err != nil {
			return err
		}
		if r.sweep.Rows[i].Quality, err = r.score(v.results); err != nil {
			return err
		}
	}
	return nil
}

// quick reports whether a case is of the first endpoint, link and codec: the referee
// alone takes long for all of them.
func (r *Runner) quick(c result.Case) bool {
	s := r.Spec
	return c.Endpoint == s.Endpoints[0].Name && c.Link == s.Links[0].Name && (c.Baseline != "" || c.Codec == s.Codecs[0])
}

// choose returns the baselines, and of every codec the value always on, that of the
// trade that is predicted, and others spread over the list. The first codec gets every
// value in the first group of a standard run.
func (sp *valueStudy) choose(r *Runner, group []int, first bool) []int {
	all := first && r.Effort == Standard
	n := r.Spec.Measure.Cuts
	if r.Effort == Quick {
		n = r.Spec.Measure.QuickCuts
	}
	var chosen []int
	byCodec, trades := map[string][]int{}, result.Trades(r.sweep)
	for _, i := range group {
		row := &r.sweep.Rows[i]
		if row.Baseline != "" || r.Effort == Complete || all && row.Codec == r.Spec.Codecs[0] || row.Value == r.Spec.Sweep.Always {
			chosen = append(chosen, i)
		}
		if row.Baseline != "" {
			continue
		}
		byCodec[row.Codec] = append(byCodec[row.Codec], i)
		for _, t := range trades {
			if t.Endpoint == row.Endpoint && t.Link == row.Link && t.Codec == row.Codec && t.Value == row.Value {
				chosen = append(chosen, i)
			}
		}
	}
	for _, rows := range byCodec {
		for _, k := range spread(len(rows), n) {
			chosen = append(chosen, rows[k])
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}
