package planfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// checkCosts checks that the costs of units are of actors that there are.
func (f *File) checkCosts() error {
	var errs []error
	var names *graph.Names
	for i, d := range f.Platform.Devices {
		for j, u := range d.Units {
			for _, actor := range slices.Sorted(maps.Keys(u.Costs)) {
				if names == nil {
					names = f.Names()
				}
				path := fmt.Sprintf("$.platform.devices[%d].units[%d].costs", i, j)
				switch {
				case names.Find(actor) < 0:
					errs = append(errs, f.Errorf(path, "%w: unit %s.%s has a cost of %q, and there is no such actor; the "+
						"actors are %s%s", ErrPlatform, d.Name, u.Name, actor, names, names.Hint(actor)))
				case u.Costs[actor].IsZero():
					errs = append(errs, f.Errorf(path+"."+actor, "%w: unit %s.%s: the cost of %s is empty; give a model such as "+
						"lognormal, or remove it", ErrPlatform, d.Name, u.Name, actor))
				}
			}
		}
	}
	return errors.Join(errs...)
}
