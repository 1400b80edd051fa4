package sweep

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// Choose returns the indices of the rows to measure, in order.
func (x *Experiment) Choose(rows []result.Row, e Effort) []int {
	var chosen []int
	for _, g := range x.groupsFor(rows, e) {
		chosen = append(chosen, x.choose(rows, g, e)...)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// Headline returns the indices of the rows that the headlines are computed from, in
// order. They depend on the predictions that the rows have by now.
func (x *Experiment) Headline(rows []result.Row, e Effort) []int {
	var chosen []int
	for _, g := range x.groupsFor(rows, e) {
		chosen = append(chosen, x.headline(rows, g, e)...)
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// headline returns the baselines of a group, and the predicted best of every prediction.
func headline(rows []result.Row, group []int) []int {
	var chosen []int
	var all []*result.Row
	for _, i := range group {
		all = append(all, &rows[i])
		if rows[i].Baseline != "" {
			chosen = append(chosen, i)
		}
	}
	for _, p := range result.Predictions() {
		best := result.PredictedBest(all, p)
		if at := slices.Index(all, best); at >= 0 {
			chosen = append(chosen, group[at])
		}
	}
	return chosen
}

// groupsFor returns the indices of the rows of each endpoint and link that an effort
// measures: of a standard run as many as the specification says, each time the one that
// has most of endpoint and link that no group before it has, and of equal ones the first.
func (x *Experiment) groupsFor(rows []result.Row, e Effort) [][]int {
	all := groups(rows)
	n := x.Spec.Measure.Groups
	switch {
	case e == Quick:
		n = 1
	case e == Complete || n == 0:
		return all
	}
	var chosen [][]int
	endpoints, links := map[string]bool{}, map[string]bool{}
	for len(chosen) < n && len(all) > 0 {
		at, most := 0, -1
		for i, g := range all {
			row, adds := &rows[g[0]], 0
			if !endpoints[row.Endpoint] {
				adds++
			}
			if !links[row.Link] {
				adds++
			}
			if adds > most {
				at, most = i, adds
			}
		}
		row := &rows[all[at][0]]
		endpoints[row.Endpoint], links[row.Link] = true, true
		chosen = append(chosen, all[at])
		all = slices.Delete(all, at, at+1)
	}
	return chosen
}

// groups returns the indices of the rows of each endpoint and link.
func groups(rows []result.Row) [][]int {
	var groups [][]int
	for i := range rows {
		if i == 0 || rows[i].Endpoint != rows[i-1].Endpoint || rows[i].Link != rows[i-1].Link {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], i)
	}
	return groups
}

// spreadAround returns which of total cuts to measure: as many as the specification
// says, the best and its neighbours among them, the others spread over the network.
func spreadAround(total, best int, m spec.Measure, e Effort) []int {
	n, near := m.Cuts, 1
	if e == Quick {
		n, near = m.QuickCuts, 0
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

// number returns how many cases of a list an effort measures.
func number(m spec.Measure, e Effort) int {
	if e == Quick {
		return m.QuickCuts
	}
	return m.Cuts
}

// predicted returns the simulated endpoint time of a row, in s.
func predicted(row *result.Row) float64 {
	if s := row.Stored; s != nil {
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
