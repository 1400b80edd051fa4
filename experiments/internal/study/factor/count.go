package factor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// make copies a device with its links and with the instances that have actors on it, until
// there are n of it. The copies of device d are d-2, d-3 and so on, and so are those of links
// and of instances; an instance without a name gets the device's.
func (c Copies) make(f *planfile.File, of counted) {
	devices, links, instances := f.Platform.Devices, f.Platform.Links, f.Instances
	at := slices.IndexFunc(devices, func(d plan.Device) bool { return d.Name == of.device })
	for i := range instances {
		if of.n > 1 && uses(&instances[i], of.device) && instances[i].Name == "" {
			instances[i].Name = of.device
		}
	}
	for k := 2; k <= of.n; k++ {
		suffix := fmt.Sprintf("-%d", k)
		d := devices[at]
		d.Name += suffix
		f.Platform.Devices = append(f.Platform.Devices, d)
		c.devices[d.Name] = of.device
		for _, l := range links {
			end := slices.Index(l.Between, of.device)
			if end < 0 {
				continue
			}
			c.links[l.Name+suffix] = l.Name
			l.Name += suffix
			l.Between = slices.Clone(l.Between)
			l.Between[end] = d.Name
			f.Platform.Links = append(f.Platform.Links, l)
		}
		for _, i := range instances {
			if !uses(&i, of.device) {
				continue
			}
			i.Name += suffix
			i.Mapping = slices.Clone(i.Mapping)
			for m := range i.Mapping {
				i.Mapping[m].Unit = moved(i.Mapping[m].Unit, of.device, d.Name)
			}
			if i.Fallback != nil {
				b := *i.Fallback
				b.Unit = moved(b.Unit, of.device, d.Name)
				i.Fallback = &b
			}
			f.Instances = append(f.Instances, i)
		}
	}
}

// uses reports whether an instance has actors on a device.
func uses(i *planfile.Instance, device string) bool {
	return slices.ContainsFunc(i.Mapping, func(a planfile.Assign) bool { return moved(a.Unit, device, "") != a.Unit })
}

// moved returns a unit, device.unit, as that of another device, if it is one of the first.
func moved(unit, from, to string) string {
	if rest, ok := strings.CutPrefix(unit, from+"."); ok {
		return to + "." + rest
	}
	return unit
}
