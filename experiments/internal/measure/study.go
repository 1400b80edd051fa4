package measure

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// study is what an experiment compares: cuts of its model, values of a parameter, or
// mappings.
type study interface {
	// cases lists the cases of an endpoint and a link, which stand in base: the
	// baselines, then all others.
	cases(base result.Case) []result.Case
	// fill gives the plan file of a case its platform and its instances, and what it
	// changes in the application. It returns where in the specification that stands.
	fill(f *plan.File, c result.Case) *yamlfile.Doc
	// choose returns the rows to measure of one endpoint and link, given by their
	// indices in the sweep; first says that it is the first such group.
	choose(r *Runner, group []int, first bool) []int
}

// cutStudy compares cuts of the model, under every codec that applies.
type cutStudy struct{ *space }

func (sp cutStudy) cases(base result.Case) []result.Case {
	cases := baselines(base)
	for i := range cases {
		c := &cases[i]
		c.PP = sp.baselinePP(c.Baseline)
		c.Cut = sp.chain[c.PP-1].Name
	}
	first, last := sp.segments()
	for pp := 2; pp < len(sp.chain); pp++ {
		codecs := []string{codec.None}
		if pp > first && pp < last { // between two segments; elsewhere tokens are frames or results
			codecs = sp.spec.Codecs
		}
		for _, name := range codecs {
			c := base
			c.Label, c.PP, c.Cut, c.Codec, c.RawFrame = sp.label(pp), pp, sp.chain[pp-1].Name, name, pp <= first
			cases = append(cases, c)
		}
	}
	return cases
}

func (sp cutStudy) fill(f *plan.File, c result.Case) *yamlfile.Doc {
	f.Platform = sp.platform([]string{c.Endpoint}, c.Link)
	f.Instances = []plan.Instance{sp.instance("", c.Endpoint, c.PP, c.Codec)}
	return sp.spec.doc
}

// choose returns the baselines and cuts spread over the network under the codec that is
// predicted to serve each best, the predicted best cut of all and its neighbours among
// them; on the first link also the best cut's other codecs.
func (cutStudy) choose(r *Runner, group []int, _ bool) []int {
	var chosen []int
	byPP := map[int][]int{}
	var pps []int
	best := -1
	for _, i := range group {
		row := &r.sweep.Rows[i]
		if row.Baseline != "" || r.Effort == Complete {
			chosen = append(chosen, i)
			continue
		}
		if byPP[row.PP] == nil {
			pps = append(pps, row.PP)
		}
		byPP[row.PP] = append(byPP[row.PP], i)
		if !row.RawFrame && (best < 0 || r.predicted(i) < r.predicted(best)) {
			best = i
		}
	}
	if r.Effort == Complete || best < 0 {
		return chosen
	}
	fastest := func(pp int) int {
		return slices.MinFunc(byPP[pp], func(a, b int) int { return cmp.Compare(r.predicted(a), r.predicted(b)) })
	}
	at := slices.Index(pps, r.sweep.Rows[best].PP)
	for _, i := range r.cuts(len(pps), at) {
		chosen = append(chosen, fastest(pps[i]))
	}
	if r.sweep.Rows[best].Link == r.sweep.Rows[0].Link {
		chosen = append(chosen, byPP[pps[at]]...) // its other codecs
	}
	return chosen
}
