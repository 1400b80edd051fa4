package explore

// share fills in shares and sums. What tasks add to a firing depends on where it begins, so that
// lower bounds need something that doesn't: shares of tasks, of which those of any firing add up to
// no more than it takes. They are the mean that a task adds, less where some firing takes less.
func (s *search) share() {
	n := len(s.p.Tasks)
	for u := range s.p.Units {
		shares := make([]float64, n)
		for t := range shares {
			shares[t] = max(s.p.Tasks[t].Nanos[u], 0)
		}
		for first := 0; s.p.Fused != nil && first < n; {
			last := first
			for last+1 < n && s.p.Tasks[last+1].Joins && s.p.Tasks[last+1].Nanos[u] >= 0 && s.p.Tasks[first].Nanos[u] >= 0 {
				last++
			}
			if s.p.Tasks[first].Nanos[u] >= 0 {
				s.shareOf(u, first, last, shares)
			}
			first = last + 1
		}
		sums := make([]float64, n+1)
		for t, ns := range shares {
			sums[t+1] = sums[t] + ns
		}
		s.shares, s.sums = append(s.shares, shares), append(s.sums, sums)
	}
}

// shareOf fills in the shares of tasks that can all be one firing.
func (s *search) shareOf(u, from, to int, shares []float64) {
	for t := from; t <= to; t++ {
		sum := 0.0
		for first := from; first <= t; first++ {
			sum += s.adds(u, first, t)
		}
		shares[t] = max(sum/float64(t-from+1), 0)
	}
	for first := from; first <= to; first++ {
		took, sum := 0.0, 0.0
		for t := first; t <= to; t++ {
			took, sum = took+s.adds(u, first, t), sum+shares[t]
			if sum <= took {
				continue
			}
			scale := max(took, 0) / sum
			for k := first; k <= t; k++ {
				shares[k] *= scale
			}
			sum = max(took, 0)
		}
	}
}

// slack returns by how much the last firing of a state of a level takes more than the shares of its
// tasks: as it goes on, it may take that much less.
func (s *search) slack(level int, st *state) float64 {
	if s.p.Fused == nil || !s.joins(level) || st.last < 0 || s.p.Tasks[level].Nanos[st.last] < 0 {
		return 0
	}
	return max(st.took-(s.sums[st.last][level]-s.sums[st.last][st.first]), 0)
}
