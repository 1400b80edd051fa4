package spec

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
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
	Mapping []planfile.Assign `yaml:"mapping"`
	Quality string            `yaml:"quality"` // that counts: IDF1, MOTA or accuracy
	Loss    float64           `yaml:"loss"`    // of it that is tolerated, against Always
}

// Name returns actor.param.
func (sw *ParamSweep) Name() string { return sw.Actor + "." + sw.Param }

// The units of a sweep's mapping.
const (
	OnEndpoint = "endpoint"
	OnServer   = "server"
)

// qualities are those that each kind of truth scores.
var qualities = map[string][]string{"tracking": {"IDF1", "MOTA"}, "classification": {"accuracy"}}

// configurations lists the actors of which a sweep can set a parameter.
func (s *Spec) configurations() []string {
	var names []string
	for _, a := range s.Application.Actors {
		if a.Kind == graph.Configuration {
			names = append(names, a.Name)
		}
	}
	return names
}

// checkParameter checks an experiment that sweeps a parameter. Compiling its plans
// checks the mapping's actors.
func (s *Spec) checkParameter() error {
	if err := s.checkLinksToServer(); err != nil {
		return err
	}
	sw := s.Sweep
	i := slices.IndexFunc(s.Application.Actors, func(a planfile.ActorSpec) bool { return a.Name == sw.Actor })
	if i < 0 || s.Application.Actors[i].Kind != graph.Configuration {
		return s.Errorf("$.sweep.actor", "%q is no actor of kind %s; a sweep sets a parameter of one%s", sw.Actor,
			graph.Configuration, nearest.Hint(sw.Actor, s.configurations()))
	}
	if sw.Param == "" {
		return s.Errorf("$.sweep", "the sweep names no param of actor %s; expected one, such as threshold", sw.Actor)
	}
	if len(sw.Values) < 2 {
		return s.Errorf("$.sweep", "%d values; expected at least 2 under values", len(sw.Values))
	}
	for j, v := range sw.Values {
		if slices.Contains(sw.Values[:j], v) {
			return s.Errorf(fmt.Sprintf("$.sweep.values[%d]", j), "value %g stands there twice; remove one", v)
		}
	}
	if !slices.Contains(sw.Values, sw.Always) {
		return s.Errorf("$.sweep.always", "%g is none of the values; every other one is compared with it", sw.Always)
	}
	if sw.Never == sw.Always {
		return s.Errorf("$.sweep.never",
			"%g is that of always as well; expected a value at which the dynamic part does not run", sw.Never)
	}
	for j, as := range sw.Mapping {
		if as.Unit != OnEndpoint && as.Unit != OnServer {
			return s.Errorf(fmt.Sprintf("$.sweep.mapping[%d].unit", j), "unit %q; expected %s or %s%s", as.Unit, OnEndpoint,
				OnServer, nearest.Hint(as.Unit, []string{OnEndpoint, OnServer}))
		}
	}
	if err := s.checkQuality(); err != nil {
		return err
	}
	if known := qualities[s.Quality.Kind]; !slices.Contains(known, sw.Quality) {
		return s.Errorf("$.sweep.quality", "quality %q; %s has %v%s", sw.Quality, s.Quality.Kind, known,
			nearest.Hint(sw.Quality, known))
	}
	if !(sw.Loss >= 0) {
		return s.Errorf("$.sweep.loss", "a loss of %g; expected 0 or more", sw.Loss)
	}
	if len(s.Codecs) == 0 {
		return s.Errorf("$", "the sweep needs at least one of codecs; none is one")
	}
	if w := s.Workload; w.MinFrames < 2 || w.MaxFrames < w.MinFrames {
		return s.Errorf("$.workload", "expected 2 <= min_frames <= max_frames")
	}
	return nil
}
