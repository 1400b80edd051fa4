package graph

import (
	"slices"
	"strings"
)

// parts checks the dynamic parts of the graph. Parts can't overlap: what variable
// FIFOs join is one part. That no FIFO crosses a part's border but through its
// dynamic actors follows from the kinds of its members.
func (v *validator) parts() {
	served := map[int]int{} // configuration actor -> part
	all := DPGs(v.g)
	feeders := controlFeeders(v.g)
	for i := range all {
		d := &all[i]
		members := d.Members()
		if len(members) == 0 {
			continue // none of its actors has a kind that fits, which is said of each
		}
		at, name := v.g.Actors[members[0]].Pos, v.names(members)
		if len(d.Entries) == 0 {
			v.fail(at, ErrDPG, "dynamic part of %s has no entry; let a %s actor make its tokens", name, Dynamic)
		}
		if len(d.Exits) == 0 {
			v.fail(at, ErrDPG, "dynamic part of %s has no exit; let a %s actor take its tokens", name, Dynamic)
		}
		v.limits(d)
		var configs []int
		for _, m := range members {
			for _, f := range feeders[m] {
				if c := origin(v.g, feeders, f); c >= 0 && !slices.Contains(configs, c) {
					configs = append(configs, c)
				}
			}
		}
		if len(configs) == 0 {
			v.fail(at, ErrDPG, "dynamic part of %s has no configuration actor; let one of kind %s configure these actors", name,
				Configuration)
		}
		if len(configs) > 1 {
			slices.Sort(configs)
			v.fail(at, ErrDPG, "dynamic part of %s has %d configuration actors: %s; leave one", name, len(configs),
				v.names(configs))
		}
		for _, c := range configs {
			if j, ok := served[c]; ok {
				v.fail(v.g.Actors[c].Pos, ErrDPG,
					"configuration actor %s serves the dynamic parts of %s and of %s; give each its own",
					v.g.Actors[c].Name, v.names(all[j].Members()), name)
				continue
			}
			served[c] = i
		}
	}
}

// limits checks that all variable ports of a part share their rate limits.
func (v *validator) limits(d *DPG) {
	for _, f := range d.FIFOs {
		if lrl, url := v.g.Rate(f); lrl != d.LRL || url != d.URL {
			v.fail(v.g.FIFOs[f].Pos, ErrDPG,
				"FIFO %s: lrl %d, url %d, but lrl %d, url %d at %s of the same dynamic part; give them the same limits",
				v.g.FIFOName(f), lrl, url, d.LRL, d.URL, v.g.FIFOName(d.FIFOs[0]))
		}
	}
}

// names lists actors, the first eight of them.
func (v *validator) names(actors []int) string {
	var s []string
	for _, a := range actors[:min(len(actors), 8)] {
		s = append(s, v.g.Actors[a].Name)
	}
	if len(actors) > len(s) {
		s = append(s, "...")
	}
	return strings.Join(s, ", ")
}
