package planfile

import (
	"errors"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
)

// leastRate is the least bandwidth or capacity, in bytes/s, so that a slip of the pen is no endless run.
const leastRate = 1

// checkLinks checks the links of the platform, whose devices have these names.
func (f *File) checkLinks(devices map[string]bool) error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, f.Errorf(path, format, args...)) }
	links := map[[2]string]bool{}
	linkNames := map[string]bool{}
	for i, l := range f.Platform.Links {
		path := fmt.Sprintf("$.platform.links[%d]", i)
		taken := linkNames[l.Name]
		linkNames[l.Name] = true
		switch {
		case l.Name == "":
			add(path+".name", "%w: a link has no name; give it one that no other has", ErrPlatform)
		case taken:
			add(path+".name", "%w: two links are named %q; give every one a name of its own", ErrPlatform, l.Name)
		case len(l.Between) != 2 || l.Between[0] == l.Between[1]:
			add(path+".between", "%w: link %s must be between two devices", ErrPlatform, l.Name)
		case !devices[l.Between[0]] || !devices[l.Between[1]]:
			add(path+".between", "%w: link %s is between %s and %s; the devices are %s%s",
				ErrPlatform, l.Name, l.Between[0], l.Between[1], graph.ListNames(f.Platform.DeviceNames()),
				nearest.Hint(strange(&l, devices), f.Platform.DeviceNames()))
		case !(l.BandwidthBytesPerSec >= 0 && l.BandwidthBytesPerSec <= math.MaxFloat64) || l.Latency < 0:
			add(path, "%w: link %s: bandwidth and latency must be 0, which is unshaped, or more", ErrPlatform, l.Name)
		case l.BandwidthBytesPerSec > 0 && l.BandwidthBytesPerSec < leastRate:
			add(path+".bandwidth_bytes_per_sec", "%w: link %s: bandwidth of %g bytes/s; expected 0, which is unshaped, or at "+
				"least %d, such as 100Mbit/s", ErrPlatform, l.Name, float64(l.BandwidthBytesPerSec), leastRate)
		case l.Latency > plan.MaxLinkTime:
			add(path+".latency", "%w: link %s: latency of %v; expected at most %v", ErrPlatform, l.Name, l.Latency,
				plan.MaxLinkTime)
		case links[pair(l.Between)] && !f.alternative(l.Name):
			add(path+".between", "%w: link %s: a link between %s and %s is already there; remove one",
				ErrPlatform, l.Name, l.Between[0], l.Between[1])
		case l.Duplex != "" && l.Duplex != plan.Full && l.Duplex != plan.Half:
			add(path+".duplex", "%w: link %s: duplex %q; expected full or half%s", ErrPlatform, l.Name, l.Duplex,
				nearest.Hint(l.Duplex, []plan.Duplex{plan.Full, plan.Half}))
		case l.Jitter.Kind == plan.Empirical && l.Profile == "":
			add(path+".jitter", "%w: link %s: empirical jitter is drawn from a profile; name its file, which edgeprune "+
				"testbed probe writes", ErrPlatform, l.Name)
		case l.TraceLoop && l.Trace == "":
			add(path+".trace_loop", "%w: link %s has no trace to loop", ErrPlatform, l.Name)
		}
		if key, err := l.CheckImpairments(); err != nil {
			add(path+"."+key, "%w: link %s: %w", ErrPlatform, l.Name, err)
		}
		if len(l.Between) == 2 {
			links[pair(l.Between)] = true
		}
	}
	return errors.Join(errs...)
}

// pair is the two devices of a link, in either order.
func pair(between []string) [2]string {
	return [2]string{min(between[0], between[1]), max(between[0], between[1])}
}

// strange returns the first end of a link that is none of the devices.
func strange(l *plan.Link, devices map[string]bool) string {
	for _, name := range l.Between {
		if !devices[name] {
			return name
		}
	}
	return ""
}
