package factor

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Target is what the factors of a case change: its plan file before it is compiled, or the
// values of its plan after that.
type Target struct {
	File    *planfile.File // nil after compilation
	Values  Values
	Profile string // which profile is used; "" is the study's
}

// Values are the values that a plan file and its compiled plan have in common, and that
// compilation does not depend on.
type Values struct {
	Platform *plan.Platform `yaml:"platform"`
	Workload *plan.Workload `yaml:"workload"`
	Seed     *uint64        `yaml:"seed"`
}

// ToFile returns the target of a plan file, which is changed.
func ToFile(f *planfile.File) *Target {
	return &Target{File: f, Values: Values{&f.Platform, &f.Workload, &f.Seed}}
}

// ToPlan returns the target of a compiled plan, whose platform is replaced by a copy, so
// that others may use the plan that it was copied from.
func ToPlan(p *plan.Plan) *Target {
	p.Platform.Devices = slices.Clone(p.Platform.Devices)
	p.Platform.Links = slices.Clone(p.Platform.Links)
	for i := range p.Platform.Links {
		p.Platform.Links[i].Outages = slices.Clone(p.Platform.Links[i].Outages)
	}
	for i := range p.Platform.Devices {
		p.Platform.Devices[i].Units = slices.Clone(p.Platform.Devices[i].Units)
	}
	return &Target{Values: Values{&p.Platform, &p.Workload, &p.Seed}}
}

// Follow gives the copies of endpoints and links in a compiled plan the values of what they are
// copies of.
func Follow(v Values) {
	devices := make(map[string]*plan.Device, len(v.Platform.Devices))
	for i := range v.Platform.Devices {
		d := &v.Platform.Devices[i]
		if of := devices[d.CopyOf]; of != nil { // it stands before its copies
			d.Units, d.Power = of.Units, of.Power
			continue
		}
		devices[d.Name] = d
	}
	links := make(map[string]*plan.Link, len(v.Platform.Links))
	for i := range v.Platform.Links {
		l := &v.Platform.Links[i]
		if of := links[l.CopyOf]; of != nil {
			name, between, pos := l.Name, l.Between, l.Pos
			*l = *of
			l.Name, l.Between, l.Pos, l.CopyOf = name, between, pos, of.Name
			continue
		}
		links[l.Name] = l
	}
}

func sorted(levels []Level) []Level {
	return slices.SortedStableFunc(slices.Values(levels), func(a, b Level) int { return cmp.Compare(a.Number, b.Number) })
}
