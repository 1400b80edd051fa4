package sweep

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// cuts compares cuts of the model, under every codec that applies.
type cuts struct{ unvaried }

func (k *cuts) links() []string { return k.x.linkNames() }
func (*cuts) Together() bool    { return true }

func (k *cuts) cases(base result.Case) []result.Case {
	cases := result.BaselineCases(base)
	for i := range cases {
		c := &cases[i]
		c.PP = k.x.baselinePP(c.Baseline)
		c.Cut = k.x.Cut(c.PP)
	}
	first, last := k.x.segments()
	for pp := 2; pp < len(k.x.chain); pp++ {
		codecs := []string{codec.None}
		if pp > first && pp < last { // between two segments; elsewhere tokens are frames or results
			codecs = k.x.Spec.Codecs
		}
		for _, name := range codecs {
			c := base
			c.Label, c.PP, c.Cut, c.Codec, c.RawFrame = k.x.Label(pp), pp, k.x.Cut(pp), name, pp <= first
			cases = append(cases, c)
		}
	}
	return cases
}

func (k *cuts) fill(f *planfile.File, c result.Case) *yamlfile.Doc {
	f.Platform = k.x.platform([]string{c.Endpoint}, c.Link)
	f.Instances = []planfile.Instance{k.x.instance("", c.Endpoint, c.PP, c.Codec)}
	return k.x.Spec.Doc()
}

// ResultKey is the cut and the codec.
func (*cuts) ResultKey(c result.Case) (string, error) {
	return fmt.Sprintf("%d %s", c.PP, c.Codec), nil
}

// choose returns the baselines and cuts spread over the network under the codec that is
// predicted to serve each best, the predicted best cut of all and its neighbours among
// them; on the first link also the best cut's other codecs.
func (k *cuts) choose(rows []result.Row, group []int, e Effort) []int {
	var chosen []int
	byPP := map[int][]int{}
	var pps []int
	best := -1
	for _, i := range group {
		row := &rows[i]
		if row.Baseline != "" || e == Complete {
			chosen = append(chosen, i)
			continue
		}
		if byPP[row.PP] == nil {
			pps = append(pps, row.PP)
		}
		byPP[row.PP] = append(byPP[row.PP], i)
		if !row.RawFrame && (best < 0 || predicted(row) < predicted(&rows[best])) {
			best = i
		}
	}
	if e == Complete || best < 0 {
		return chosen
	}
	fastest := func(pp int) int {
		return slices.MinFunc(byPP[pp], func(a, b int) int { return cmp.Compare(predicted(&rows[a]), predicted(&rows[b])) })
	}
	at := slices.Index(pps, rows[best].PP)
	for _, i := range spreadAround(len(pps), at, k.x.Spec.Measure, e) {
		chosen = append(chosen, fastest(pps[i]))
	}
	if rows[best].Link == rows[0].Link {
		chosen = append(chosen, byPP[pps[at]]...) // its other codecs
	}
	return chosen
}

// TogetherPlan is how the names of plans of all endpoints at once begin.
func TogetherPlan(experiment string) string { return experiment + "/together/" }

// TogetherFile writes the plan file of all endpoints at once under a workload, and
// returns the partition point.
func (x *Experiment) TogetherFile(w plan.Workload) (*planfile.File, int, error) {
	t := x.Spec.Together
	pp := 1 + slices.IndexFunc(x.chain, func(c compile.ChainActor) bool { return c.Name == t.Through })
	if pp == 0 {
		var names []string
		for _, c := range x.chain {
			names = append(names, c.Name)
		}
		return nil, 0, x.Spec.Errorf("$.together.through", "there is no actor %q in the expanded application%s", t.Through,
			nearest.Hint(t.Through, names))
	}
	f := &planfile.File{
		Plan:        fmt.Sprintf("%s%s/%s %s %s", TogetherPlan(x.Spec.Experiment), t.Link, x.Label(pp), t.Codec, w.Kind),
		Application: x.Spec.Application,
		Workload:    w,
		Seed:        x.Spec.Seed,
	}
	var names []string
	for _, e := range x.Spec.Endpoints {
		names = append(names, e.Name)
		f.Instances = append(f.Instances, x.instance(e.Name, e.Name, pp, t.Codec))
	}
	f.Platform = x.platform(names, t.Link)
	return f.At(x.Spec.Doc()), pp, nil
}

func (k *cuts) shown() (*planfile.File, string, error) {
	f, _, err := k.x.TogetherFile(plan.Workload{Kind: plan.Offline, Frames: k.x.Spec.Together.Frames})
	return f, "with all endpoints at once", err
}
