package report

import (
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// originOf is whose figures some outcomes are computed from.
type originOf struct {
	What   string // simulated or measured
	Origin result.Origin
	Rows   int
}

// origins lists the origins of all outcomes that state one, in order of first appearance.
func origins(s *result.Sweep) []originOf {
	var all []originOf
	count := func(what string, o *result.Outcome) {
		if o == nil || o.Origin == (result.Origin{}) {
			return
		}
		i := slices.IndexFunc(all, func(k originOf) bool { return k.What == what && k.Origin == o.Origin })
		if i < 0 {
			i = len(all)
			all = append(all, originOf{What: what, Origin: o.Origin})
		}
		all[i].Rows++
	}
	for _, r := range s.All() {
		count("simulated", r.Stored)
		count("measured", r.Measured)
	}
	return all
}
