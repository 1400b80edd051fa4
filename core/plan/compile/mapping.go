package compile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// place is a device's unit, by index.
type place struct{ device, unit int }

// places gives actors units.
type places struct {
	file  *planfile.File
	chain *graph.Names
	names []string // of the chain
	units map[string]place
}

func newPlaces(f *planfile.File, chain []ChainActor) *places {
	names := make([]string, len(chain))
	for i := range chain {
		names[i] = chain[i].Name
	}
	return &places{file: f, chain: graph.IndexNames(names), names: names, units: units(f)}
}

// units returns the units of the platform by name, device.unit.
func units(f *planfile.File) map[string]place {
	all := map[string]place{}
	for d := range f.Platform.Devices {
		for u := range f.Platform.Devices[d].Units {
			all[unitName(&f.Platform.Devices[d], u)] = place{d, u}
		}
	}
	return all
}

func unitName(d *plan.Device, unit int) string { return d.Name + "." + d.Units[unit].Name }

// assign returns the unit of every actor of the chain under instance i.
func (x *places) assign(i int) ([]place, error) {
	f := x.file
	places := make([]place, len(x.names))
	mapped := make([]bool, len(x.names))
	var errs []error
	add := func(err error) { errs = append(errs, err) }
	// Single actors first, so that a range leaves them alone wherever they stand.
	for j, as := range f.Instances[i].Mapping {
		path := fmt.Sprintf("$.instances[%d].mapping[%d]", i, j)
		if len(as.Actors) > 0 && as.Through != "" {
			add(f.Errorf(path, "%w: give actors or through, not both", planfile.ErrMapping))
		}
		if len(as.Actors) == 0 {
			continue
		}
		p, err := x.unit(as.Unit, path)
		add(err)
		for k, name := range as.Actors {
			at := x.chain.Find(name)
			switch {
			case at < 0:
				add(f.Errorf(fmt.Sprintf("%s.actors[%d]", path, k), "%w: there is no actor %q; the actors are %s%s",
					planfile.ErrMapping, name, x.chain, x.chain.Hint(name)))
			case mapped[at]:
				add(f.Errorf(fmt.Sprintf("%s.actors[%d]", path, k), "%w: actor %s is mapped twice; remove one",
					planfile.ErrMapping, name))
			default:
				places[at], mapped[at] = p, true
			}
		}
	}
	next := 0 // all before it are mapped
	for j, as := range f.Instances[i].Mapping {
		path := fmt.Sprintf("$.instances[%d].mapping[%d]", i, j)
		if len(as.Actors) > 0 {
			continue
		}
		p, err := x.unit(as.Unit, path)
		add(err)
		last := len(mapped) - 1
		if as.Through != "" {
			if last = x.chain.Find(as.Through); last < 0 {
				add(f.Errorf(path+".through", "%w: there is no actor %q; the actors are %s%s",
					planfile.ErrMapping, as.Through, x.chain, x.chain.Hint(as.Through)))
			}
		}
		for at := next; at <= last; at++ {
			if !mapped[at] {
				places[at], mapped[at] = p, true
			}
		}
		next = max(next, last+1)
	}
	if at := slices.Index(mapped, false); at >= 0 && errors.Join(errs...) == nil {
		add(f.Errorf(fmt.Sprintf("$.instances[%d].mapping", i), "%w: actor %s is mapped to no unit; end the mapping "+
			"with one that has neither through nor actors", planfile.ErrMapping, x.names[at]))
	}
	return places, errors.Join(errs...)
}

// unit finds a unit by its name, device.unit.
func (x *places) unit(name, path string) (place, error) {
	if p, ok := x.units[name]; ok {
		return p, nil
	}
	var known []string
	for d := range x.file.Platform.Devices {
		if x.file.Platform.Devices[d].CopyOf != "" {
			continue
		}
		for u := range x.file.Platform.Devices[d].Units {
			known = append(known, unitName(&x.file.Platform.Devices[d], u))
		}
	}
	return place{}, x.file.Errorf(path+".unit", "%w: there is no unit %q; the units are %s%s",
		planfile.ErrMapping, name, graph.ListNames(known), nearest.Hint(name, known))
}
