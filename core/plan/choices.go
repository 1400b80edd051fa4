package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Choice says what a simulation takes for the atr that a configuration actor
// chooses: a record of a run, or how often it chose what. One of both is given.
type Choice struct {
	Actor    string `yaml:"actor" json:"actor"`                           // as named in the application
	Instance string `yaml:"instance,omitempty" json:"instance,omitempty"` // "": every one
	// Recorded is the atr by iteration; after the last it begins again.
	Recorded []int `yaml:"recorded,omitempty" json:"recorded,omitempty"`
	// Rates is the probability by atr.
	Rates map[int]float64 `yaml:"rates,omitempty" json:"rates,omitempty"`
}

// ChoiceOf returns the workload's choice for actor a, or nil.
func (p *Plan) ChoiceOf(a int) *Choice {
	inst, name := p.Work[a].Instance, p.NameOf(a)
	var found *Choice
	for i := range p.Workload.Choices {
		c := &p.Workload.Choices[i]
		if c.Actor == name && (c.Instance == inst || c.Instance == "" && found == nil) {
			found = c
		}
	}
	return found
}

// checkChoices reports choices that fit no configuration actor or its limits.
func (f *File) checkChoices(p *Plan) error {
	var errs []error
	parts := graph.DPGs(p.Graph)
	for i, c := range f.Workload.Choices {
		path := fmt.Sprintf("$.workload.choices[%d]", i)
		add := func(sub, format string, args ...any) { errs = append(errs, f.errorf(path+sub, format, args...)) }
		if c.Instance != "" && !slices.ContainsFunc(f.Instances, func(inst Instance) bool { return inst.Name == c.Instance }) {
			add(".instance", "%w: there is no instance %q", ErrWorkload, c.Instance)
			continue
		}
		same := func(o Choice) bool { return o.Actor == c.Actor && o.Instance == c.Instance }
		if slices.ContainsFunc(f.Workload.Choices[:i], same) {
			add("", "%w: there are two choices for actor %s; remove one", ErrWorkload, c.Actor)
			continue
		}
		at := slices.IndexFunc(f.Application.Actors, func(a ActorSpec) bool { return a.Name == c.Actor })
		if at < 0 || f.Application.Actors[at].Kind != graph.Configuration {
			add(".actor", "%w: %q is no actor of kind %s", ErrWorkload, c.Actor, graph.Configuration)
			continue
		}
		if (len(c.Recorded) == 0) == (len(c.Rates) == 0) {
			add("", "%w: the choice of actor %s needs either recorded, the atr by iteration, or rates, the probability by atr", ErrWorkload, c.Actor)
			continue
		}
		for _, d := range parts { // instances are alike: the first tells
			if name := p.Graph.Actors[d.Config].Name; name == c.Actor || strings.HasSuffix(name, "/"+c.Actor) {
				errs = append(errs, f.checkChoice(&c, &d, path))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func (f *File) checkChoice(c *Choice, d *graph.DPG, path string) error {
	for n, atr := range c.Recorded {
		if atr < d.LRL || atr > d.URL {
			return f.errorf(fmt.Sprintf("%s.recorded[%d]", path, n), "%w: atr %d of actor %s; its limits are %d and %d", ErrWorkload, atr, c.Actor, d.LRL, d.URL)
		}
	}
	if len(c.Rates) == 0 {
		return nil
	}
	sum := 0.0
	for _, atr := range c.ATRs() {
		p := c.Rates[atr]
		if atr < d.LRL || atr > d.URL {
			return f.errorf(path+".rates", "%w: atr %d of actor %s; its limits are %d and %d", ErrWorkload, atr, c.Actor, d.LRL, d.URL)
		}
		if !(p > 0 && p <= 1) {
			return f.errorf(path+".rates", "%w: probability %g of atr %d of actor %s; expected more than 0 and at most 1", ErrWorkload, p, atr, c.Actor)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 {
		return f.errorf(path+".rates", "%w: the probabilities of actor %s sum to %g; expected 1", ErrWorkload, c.Actor, sum)
	}
	return nil
}

// ATRs returns the keys of Rates, sorted.
func (c *Choice) ATRs() []int {
	var atrs []int
	for atr := range c.Rates {
		atrs = append(atrs, atr)
	}
	slices.Sort(atrs)
	return atrs
}
