package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
)

// scale adds to the costs on a device those that were measured on this machine only: multiplied
// by how many times longer firings of the same sort, segments of models or others, take on the
// device, the median over all that both have. Each says so by its Basis.
func scale(here, there map[string]profile.Entry) {
	ratios := map[bool][]float64{} // by whether firings are of a model
	for _, key := range slices.Sorted(maps.Keys(there)) {
		a, b := here[key].Median(), there[key].Median()
		if a > 0 && b > 0 {
			ratios[ofModel(key)] = append(ratios[ofModel(key)], float64(b)/float64(a))
		}
	}
	for key, e := range here {
		if len(there[key].Samples) > 0 || len(e.Samples) == 0 {
			continue
		}
		of := ratios[ofModel(key)]
		if len(of) == 0 {
			of = slices.Concat(ratios[true], ratios[false])
		}
		if len(of) == 0 {
			continue
		}
		k := quantile.Median(of)
		s := profile.Entry{OutBytes: e.OutBytes,
			Basis: fmt.Sprintf("scaled, %.3g times that on the machine that runs the program", k)}
		for _, d := range e.Samples {
			s.Samples = append(s.Samples, time.Duration(k*float64(d)))
		}
		there[key] = s
	}
}

func ofModel(key string) bool { return strings.HasPrefix(key, plan.KernelONNX+" ") }
