package experiments

import (
	"cmp"
	"math"
	"slices"
)

// choose returns the indices in the sweep of the cases to measure, in order:
// per endpoint and link the baselines, cuts spread over the network under the
// codec that is predicted to serve each best, the predicted best cut of all
// with its neighbours and its other codecs.
func (r *Runner) choose() []int {
	var chosen []int
	for gi, g := range r.groups() {
		if r.Effort == Quick && gi > 0 {
			break
		}
		chosen = append(chosen, r.chooseIn(g)...)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// groups returns the indices of the rows of each endpoint and link.
func (r *Runner) groups() [][]int {
	var groups [][]int
	for i := range r.sweep.Rows {
		row := &r.sweep.Rows[i]
		if i == 0 || row.Endpoint != r.sweep.Rows[i-1].Endpoint || row.Link != r.sweep.Rows[i-1].Link {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], i)
	}
	return groups
}

func (r *Runner) chooseIn(group []int) []int {
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
	n := r.Spec.Measure.Cuts
	if r.Effort == Quick {
		n = r.Spec.Measure.QuickCuts
	}
	for _, at := range spread(len(pps), n) {
		chosen = append(chosen, fastest(pps[at]))
	}
	at := slices.Index(pps, r.sweep.Rows[best].PP)
	for _, near := range []int{at - 1, at + 1} {
		if r.Effort != Quick && near >= 0 && near < len(pps) {
			chosen = append(chosen, fastest(pps[near]))
		}
	}
	return append(chosen, byPP[pps[at]]...)
}

// predicted returns the simulated endpoint time of row i, in s.
func (r *Runner) predicted(i int) float64 {
	if s := r.sweep.Rows[i].Sim; s != nil {
		return s.EndpointTime.Median
	}
	return math.Inf(1)
}

// spread returns n indices evenly over 0..total-1, both ends among them.
func spread(total, n int) []int {
	if n >= total {
		n = total
	}
	if n == 1 {
		return []int{0}
	}
	var at []int
	for i := range n {
		at = append(at, int(math.Round(float64(i)*float64(total-1)/float64(n-1))))
	}
	return at
}
