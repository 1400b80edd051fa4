package sweep

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Turns returns the plans by which the experiment is profiled in rounds: one plan of
// every turn a round, the next one in the next round. The plans of a turn have all their
// segments in common and differ in what is cheap to know less often: the codec, or a value
// of the parameter. Together they have every firing of the experiment.
func (x *Experiment) Turns() ([][]*plan.Plan, error) {
	var turns [][]*plan.Plan
	units := map[plan.Unit]bool{}
	for _, e := range x.Spec.Endpoints {
		if units[e.Unit] { // the same costs
			continue
		}
		units[e.Unit] = true
		at := map[string]int{} // index in turns, by name
		for _, c := range x.profiled(x.Cases(e.Name, x.links()[0])) {
			p, err := x.Plan(c, x.Single(2))
			if err != nil {
				return nil, err
			}
			name := x.turn(c)
			if _, known := at[name]; !known {
				at[name] = len(turns)
				turns = append(turns, nil)
			}
			turns[at[name]] = append(turns[at[name]], p)
		}
	}
	return turns, nil
}

// profiled returns all cases: what they fire, they fire in every frame.
func (unvaried) profiled(cases []result.Case) []result.Case { return cases }

// turn of a case without parameter: its codecs take turns.
func (unvaried) turn(c result.Case) string { return string(c.Baseline) + " " + c.Group + " " + c.Label }

// profiled adds the value never to every codec that lacks it: other values may not fire
// what is skipped, or what is not, in a short run.
func (k *parameter) profiled(cases []result.Case) []result.Case {
	never := k.x.Spec.Sweep.Never
	if slices.Contains(k.x.Spec.Sweep.Values, never) {
		return cases
	}
	for _, c := range cases {
		if c.Baseline == "" && c.Value == k.x.Spec.Sweep.Always {
			c.Value = never
			cases = append(cases, c)
		}
	}
	return cases
}

// turn of a value: always on and never on are profiled in every round, and the others,
// between which only the choices differ, take turns.
func (k *parameter) turn(c result.Case) string {
	switch {
	case c.Baseline != "":
		return c.Label
	case c.Value == k.x.Spec.Sweep.Always:
		return c.Codec + " always"
	case c.Value == k.x.Spec.Sweep.Never:
		return c.Codec + " never"
	}
	return c.Codec
}
