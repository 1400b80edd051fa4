package explorecmd

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/profile"
)

// measuredOnly returns a profile without the costs of devices that were scaled from those of another
// one: among many estimates the best is the one that is most wrong.
func measuredOnly(p *profile.Profile) *profile.Profile {
	q := *p
	q.Devices = map[string]*profile.Device{}
	for name, d := range p.Devices {
		c := *d
		c.Entries = maps.Clone(d.Entries)
		maps.DeleteFunc(c.Entries, func(_ string, e profile.Entry) bool { return e.Basis != "" })
		q.Devices[name] = &c
	}
	return &q
}

// join returns a profile with more costs: what it has counts before what was added, and what was
// measured before what was scaled.
func join(p, more *profile.Profile) *profile.Profile {
	joined := *p
	joined.Entries = maps.Clone(more.Entries)
	maps.Copy(joined.Entries, p.Entries)
	joined.Devices = maps.Clone(p.Devices)
	measured := measuredOnly(p)
	for name, added := range more.Devices {
		if joined.Devices == nil {
			joined.Devices = map[string]*profile.Device{}
		}
		d := *added
		if own := p.Devices[name]; own != nil {
			d = *own
			d.Entries = maps.Clone(own.Entries)
			maps.Copy(d.Entries, added.Entries)
			maps.Copy(d.Entries, measured.Devices[name].Entries)
		}
		joined.Devices[name] = &d
	}
	return &joined
}

// unlinked notes the links of a testbed's platform of which nothing was measured: no plan of the
// profile has a token cross them.
func (x *exploration) unlinked(on *platform, p *profile.Profile) {
	if x.testbed == nil {
		return
	}
	for i := range on.file.Platform.Links {
		l := &on.file.Platform.Links[i]
		text := fmt.Sprintf("link %s was not measured, and counts as taking no time", l.Name)
		if p.Links[l.Name] == nil && !slices.Contains(on.notes, text) {
			on.notes = append(on.notes, text)
		}
	}
}
