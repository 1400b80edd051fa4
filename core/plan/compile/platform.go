package compile

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// settled returns the platform with all defaults filled in.
func settled(f *planfile.File) plan.Platform {
	p := plan.Platform{Name: f.Platform.Name, Links: slices.Clone(f.Platform.Links)}
	for _, d := range f.Platform.Devices {
		d.Units = slices.Clone(d.Units)
		for j := range d.Units {
			u := &d.Units[j]
			u.Lanes, u.Threads = max(u.Lanes, 1), max(u.Threads, 1)
			if u.Slowdown == 0 {
				u.Slowdown = 1
			}
			if u.Provider.Name == "" {
				u.Provider = plan.Named(plan.CPU)
			}
		}
		p.Devices = append(p.Devices, d)
	}
	p.Media = slices.Clone(f.Platform.Media)
	for i := range p.Media {
		m := &p.Media[i]
		m.MessageBytes = cmp.Or(m.MessageBytes, plan.MessageBytes)
		m.Contention = cmp.Or(m.Contention, plan.NoContention)
	}
	for i := range p.Links {
		if p.Links[i].Duplex == "" {
			p.Links[i].Duplex = plan.Full
		}
	}
	return p
}
