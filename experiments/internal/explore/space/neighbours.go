package space

import "slices"

// Neighbours returns the mappings that differ from one by a single change: a run of neighbours on one
// unit begins an actor earlier or later, or is on another unit. A simulation may find one of them
// to be better, by what the analytic model doesn't know.
func (s *Space) Neighbours(c *Candidate) ([]Candidate, error) {
	v := s.views[c.view]
	p, err := v.problem(c.Codec)
	if err != nil {
		return nil, err
	}
	evaluate, err := p.Evaluator()
	if err != nil {
		return nil, err
	}
	var list []Candidate
	add := func(first, last, unit int) {
		units := slices.Clone(c.units)
		for k := first; k <= last; k++ {
			if v.allowed(p.x, k, unit) {
				units[k] = unit
			}
		}
		same := func(o Candidate) bool { return slices.Equal(o.units, units) }
		if slices.Equal(units, c.units) || slices.ContainsFunc(list, same) {
			return
		}
		if values, ok := evaluate(units); ok {
			of, _ := s.candidate(c.view, p, units, values)
			list = append(list, of)
		}
	}
	s.runs(c.units, func(first, last int) {
		if first > 0 {
			add(first-1, first-1, c.units[first])
			add(first, first, c.units[first-1])
		}
		for u := range s.units {
			add(first, last, u)
		}
	})
	return list, nil
}
