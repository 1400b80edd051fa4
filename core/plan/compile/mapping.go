package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// place is a device's unit, by index.
type place struct{ device, unit int }

// assign returns the unit of every actor of the chain under instance i.
func assign(f *planfile.File, i int, chain []ChainActor) ([]place, error) {
	places := make([]place, len(chain))
	mapped := make([]bool, len(chain))
	index := func(name string) int {
		return slices.IndexFunc(chain, func(c ChainActor) bool { return c.Name == name })
	}
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
		p, err := unit(f, as.Unit, path)
		add(err)
		for k, name := range as.Actors {
			at := index(name)
			switch {
			case at < 0:
				add(f.Errorf(fmt.Sprintf("%s.actors[%d]", path, k), "%w: there is no actor %q; the actors are %s",
					planfile.ErrMapping, name, names(chain)))
			case mapped[at]:
				add(f.Errorf(fmt.Sprintf("%s.actors[%d]", path, k), "%w: actor %s is mapped twice; remove one",
					planfile.ErrMapping, name))
			default:
				places[at], mapped[at] = p, true
			}
		}
	}
	for j, as := range f.Instances[i].Mapping {
		path := fmt.Sprintf("$.instances[%d].mapping[%d]", i, j)
		if len(as.Actors) > 0 {
			continue
		}
		p, err := unit(f, as.Unit, path)
		add(err)
		last := len(chain) - 1
		if as.Through != "" {
			if last = index(as.Through); last < 0 {
				add(f.Errorf(path+".through", "%w: there is no actor %q; the actors are %s",
					planfile.ErrMapping, as.Through, names(chain)))
			}
		}
		for at := 0; at <= last; at++ {
			if !mapped[at] {
				places[at], mapped[at] = p, true
			}
		}
	}
	if at := slices.Index(mapped, false); at >= 0 && errors.Join(errs...) == nil {
		add(f.Errorf(fmt.Sprintf("$.instances[%d].mapping", i), "%w: actor %s is mapped to no unit; end the mapping "+
			"with one that has neither through nor actors", planfile.ErrMapping, chain[at].Name))
	}
	return places, errors.Join(errs...)
}

func unit(f *planfile.File, name, path string) (place, error) {
	dev, unit, _ := strings.Cut(name, ".")
	d := f.Platform.Device(dev)
	if d >= 0 {
		if u := slices.IndexFunc(f.Platform.Devices[d].Units, func(u plan.Unit) bool { return u.Name == unit }); u >= 0 {
			return place{d, u}, nil
		}
	}
	var known []string
	for _, d := range f.Platform.Devices {
		for _, u := range d.Units {
			known = append(known, d.Name+"."+u.Name)
		}
	}
	return place{}, f.Errorf(path+".unit", "%w: there is no unit %q; the units are %s",
		planfile.ErrMapping, name, strings.Join(known, ", "))
}

func names(chain []ChainActor) string {
	var s []string
	for _, c := range chain {
		s = append(s, c.Name)
	}
	return strings.Join(s, ", ")
}
