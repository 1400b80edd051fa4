package profile

import "maps"

// Costs are entries by device of a plan and by plan.Work.CostKey. Under "" stand those of the
// machine that runs the program, which are those of every device without a profile of its own.
type Costs map[string]map[string]Entry

// Add appends the samples of another measurement of the same firings to those on a device.
func (c Costs) Add(device, key string, e Entry) {
	if c[device] == nil {
		c[device] = map[string]Entry{}
	}
	all := c[device][key]
	all.Add(e)
	c[device][key] = all
}

// With returns p with costs in place of its own. Neither is changed.
func (p *Profile) With(costs Costs) *Profile {
	q := *p
	q.Entries = maps.Clone(p.Entries)
	q.Devices = maps.Clone(p.Devices)
	for device, entries := range costs {
		if device == "" {
			if q.Entries == nil {
				q.Entries = map[string]Entry{}
			}
			maps.Copy(q.Entries, entries)
			continue
		}
		if q.Devices == nil {
			q.Devices = map[string]*Device{}
		}
		d := Device{}
		if q.Devices[device] != nil {
			d = *q.Devices[device]
		}
		own := map[string]Entry{}
		maps.Copy(own, d.Entries)
		maps.Copy(own, entries)
		d.Entries, q.Devices[device] = own, &d
	}
	return &q
}
