package measure

import (
	"math"
	"slices"
)

// choose returns the indices in the sweep of the cases to measure, in order.
func (r *Runner) choose() []int {
	var chosen []int
	for gi, g := range r.groups() {
		if r.Effort == Quick && gi > 0 {
			break
		}
		chosen = append(chosen, r.space.study.choose(r, g, gi == 0)...)
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

// cuts returns which of total cuts to measure: as many as the specification says,
// the best and its neighbours among them, the others spread over the network.
func (r *Runner) cuts(total, best int) []int {
	n, near := r.Spec.Measure.Cuts, 1
	if r.Effort == Quick {
		n, near = r.Spec.Measure.QuickCuts, 0
	}
	var chosen []int
	for others := 1; len(chosen) < min(n, total); others++ {
		chosen = spread(total, others)
		for i := max(best-near, 0); i <= min(best+near, total-1); i++ {
			chosen = append(chosen, i)
		}
		slices.Sort(chosen)
		chosen = slices.Compact(chosen)
	}
	return chosen
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
