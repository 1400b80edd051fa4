package compile

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// instanceNames lists the names of instances that have one.
func instanceNames(f *planfile.File) []string {
	var names []string
	for i := range f.Instances {
		names = append(names, f.Instances[i].Name)
	}
	return names
}

// configurations lists the actors whose choices a workload may give.
func configurations(f *planfile.File) []string {
	var names []string
	for _, a := range f.Application.Actors {
		if a.Kind == graph.Configuration {
			names = append(names, a.Name)
		}
	}
	return names
}

// checkChoices reports choices that fit no configuration actor or its limits.
func checkChoices(f *planfile.File, p *plan.Plan) error {
	var errs []error
	parts := graph.DPGs(p.Graph)
	for i, c := range f.Workload.Choices {
		path := fmt.Sprintf("$.workload.choices[%d]", i)
		add := func(sub, format string, args ...any) { errs = append(errs, f.Errorf(path+sub, format, args...)) }
		named := func(inst planfile.Instance) bool { return inst.Name == c.Instance }
		if c.Instance != "" && !slices.ContainsFunc(f.Instances, named) {
			add(".instance", "%w: there is no instance %q%s", planfile.ErrWorkload, c.Instance,
				nearest.Hint(c.Instance, instanceNames(f)))
			continue
		}
		same := func(o plan.Choice) bool { return o.Actor == c.Actor && o.Instance == c.Instance }
		if slices.ContainsFunc(f.Workload.Choices[:i], same) {
			add("", "%w: there are two choices for actor %s; remove one", planfile.ErrWorkload, c.Actor)
			continue
		}
		at := slices.IndexFunc(f.Application.Actors, func(a planfile.ActorSpec) bool { return a.Name == c.Actor })
		if at < 0 || f.Application.Actors[at].Kind != graph.Configuration {
			add(".actor", "%w: %q is no actor of kind %s%s", planfile.ErrWorkload, c.Actor, graph.Configuration,
				nearest.Hint(c.Actor, configurations(f)))
			continue
		}
		if (len(c.Recorded) == 0) == (len(c.Rates) == 0) {
			add("", "%w: the choice of actor %s needs either recorded, the atr by iteration, or rates, the probability by atr",
				planfile.ErrWorkload, c.Actor)
			continue
		}
		for _, d := range parts { // instances are alike: the first tells
			if p.Work[d.Config].Actor == c.Actor {
				errs = append(errs, checkChoice(f, &c, &d, path))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func checkChoice(f *planfile.File, c *plan.Choice, d *graph.DPG, path string) error {
	for n, atr := range c.Recorded {
		if atr < d.LRL || atr > d.URL {
			return f.Errorf(fmt.Sprintf("%s.recorded[%d]", path, n), "%w: atr %d of actor %s; its limits are %d and %d",
				planfile.ErrWorkload, atr, c.Actor, d.LRL, d.URL)
		}
	}
	if len(c.Rates) == 0 {
		return nil
	}
	sum := 0.0
	for _, atr := range c.ATRs() {
		p := c.Rates[atr]
		if atr < d.LRL || atr > d.URL {
			return f.Errorf(path+".rates", "%w: atr %d of actor %s; its limits are %d and %d",
				planfile.ErrWorkload, atr, c.Actor, d.LRL, d.URL)
		}
		if !(p > 0 && p <= 1) {
			return f.Errorf(path+".rates", "%w: probability %g of atr %d of actor %s; expected more than 0 and at most 1",
				planfile.ErrWorkload, p, atr, c.Actor)
		}
		sum += p
	}
	if math.Abs(sum-1) > 1e-9 {
		return f.Errorf(path+".rates", "%w: the probabilities of actor %s sum to %g; expected 1",
			planfile.ErrWorkload, c.Actor, sum)
	}
	return nil
}
