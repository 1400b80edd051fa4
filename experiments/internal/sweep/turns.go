package sweep

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// Turn is the plans of which one is run in every round of a profile, the next one in the
// next round. They have all their segments in common and differ in what is cheap to know
// less often: the codec, or a value of the parameter.
type Turn struct {
	Owner string // of the endpoint's costs, see owner
	Name  string // of what the plans have in common
	Plans []*plan.Plan
}

// near is how much longer than the best of its endpoint and link a case may be predicted
// to take to count as one that may be the best.
const near = 0.1

// Turns returns the turns by which the experiment is profiled in rounds. Together they have
// every firing of the experiment.
func (x *Experiment) Turns() ([]Turn, error) {
	var turns []Turn
	owners := map[string]bool{}
	for i := range x.Spec.Endpoints {
		e := &x.Spec.Endpoints[i]
		owner := x.owner(e)
		if owners[owner] { // the same costs
			continue
		}
		owners[owner] = true
		at := map[string]int{} // index in turns, by name
		for _, c := range x.profiled(x.Cases(e.Name, x.links()[0])) {
			p, err := x.Plan(c, x.Single(2))
			if err != nil {
				return nil, err
			}
			name := x.turn(c)
			if _, known := at[name]; !known {
				at[name] = len(turns)
				turns = append(turns, Turn{Owner: owner, Name: name})
			}
			turns[at[name]].Plans = append(turns[at[name]].Plans, p)
		}
	}
	return turns, nil
}

// Decisive returns the indices of the turns on which findings rest: those of the rows that
// an effort measures, and of rows that may be the best of their endpoint and link by what
// is predicted so far.
func (x *Experiment) Decisive(turns []Turn, rows []result.Row, e Effort) []int {
	decisive := x.Choose(rows, e)
	for _, g := range groups(rows) {
		best := math.Inf(1)
		for _, i := range g {
			if rows[i].Baseline == "" && !rows[i].RawFrame {
				best = min(best, predicted(&rows[i]))
			}
		}
		for _, i := range g {
			if predicted(&rows[i]) <= (1+near)*best {
				decisive = append(decisive, i)
			}
		}
	}
	type key struct {
		owner, name string
	}
	wanted := map[key]bool{}
	for _, i := range decisive {
		wanted[key{x.owner(x.Spec.Endpoint(rows[i].Endpoint)), x.turn(rows[i].Case)}] = true
	}
	at := []int{}
	for i, t := range turns {
		if wanted[key{t.Owner, t.Name}] {
			at = append(at, i)
		}
	}
	return at
}

// owner names what has the costs of an endpoint's firings: a device of a testbed has its own;
// on the machine that emulates all, equal units have equal ones.
func (x *Experiment) owner(e *spec.Endpoint) string {
	if x.Spec.Real() != nil {
		return e.Name
	}
	return e.Unit.Key()
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
