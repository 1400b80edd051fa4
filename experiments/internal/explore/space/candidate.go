package space

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// candidate describes a mapping; coded says that the codec codes a token of it.
func (s *Space) candidate(view int, p *problem, units []int, values explore.Values) (c Candidate, coded bool) {
	c = Candidate{Codec: p.codec, Values: values, view: view, units: units}
	for k, u := range units {
		c.Actors = append(c.Actors, p.x.Chain[k].Name)
		c.Units = append(c.Units, s.units[u].name)
	}
	for n := range p.Nets {
		for _, to := range p.Nets[n].To {
			if s.units[units[p.Nets[n].From]].device != s.units[units[to]].device {
				coded = coded || p.coded[n]
			}
		}
	}
	if coded {
		c.Values.Loss = p.loss
	}
	c.Name = s.name(p, units)
	s.madeUp(view, units, func(first, last int, how made) {
		name := p.x.Chain[first].Name
		if last > first {
			name += ":" + p.x.Chain[last].Part
		}
		c.Interpolated = append(c.Interpolated, fmt.Sprintf("%s on %s: %s", name, s.units[units[first]].name, how))
	})
	return c, coded
}

// madeUp calls each with the firings of a mapping, as indices in the chain, whose times were made up.
func (s *Space) madeUp(view int, units []int, each func(first, last int, how made)) {
	f := s.views[view].firings
	if f == nil {
		return
	}
	s.runs(units, func(first, last int) {
		for first <= last { // what ordinary actors do is measured
			span := f.spans[first]
			end := first
			if span != nil {
				end = min(last, span.first+span.n-1)
				if how := span.made[units[first]][first-span.first][end-first]; how != measured {
					each(first, end, how)
				}
			}
			first = end + 1
		}
	})
}

// runs calls each with the first and the last index of every run of neighbours on one unit.
func (s *Space) runs(units []int, each func(first, last int)) {
	for first := 0; first < len(units); {
		last := first
		for last+1 < len(units) && units[last+1] == units[first] {
			last++
		}
		each(first, last)
		first = last + 1
	}
}

// name says where what runs.
func (s *Space) name(p *problem, units []int) string {
	var list []string
	s.runs(units, func(first, last int) {
		what := p.x.Chain[first].Name
		switch {
		case last == len(units)-1 && first > 0:
			what = "rest"
		case last == len(units)-1:
			what = "all"
		case last > first:
			what = "to " + p.x.Chain[last].Name
		}
		u := s.units[units[first]]
		on := u.name
		if len(s.platform.Devices[u.device].Units) == 1 {
			on = s.platform.Devices[u.device].Name
		}
		list = append(list, what+" on "+on)
	})
	name := strings.Join(list, ", ")
	if p.codec != codec.None {
		name += ", " + p.codec
	}
	return name
}

// File returns the plan file of a mapping of this space, under a workload. It shares what it doesn't
// change with the file that the space was made of. The instance has no fallback: that depends on
// where its actors run.
func (s *Space) File(c *Candidate, w plan.Workload) *planfile.File {
	f := *s.views[c.view].file
	f.Plan, f.Workload = f.Plan+": "+c.Name, w
	f.Instances = slices.Clone(f.Instances)
	inst := &f.Instances[s.o.Instance]
	inst.Codec, inst.Mapping, inst.Fallback = c.Codec, nil, nil
	s.runs(c.units, func(first, last int) {
		a := planfile.Assign{Unit: c.Units[first]}
		if last < len(c.units)-1 {
			a.Through = c.Actors[last]
		}
		inst.Mapping = append(inst.Mapping, a)
	})
	return &f
}

// Baseline is a mapping that others are compared with.
type Baseline struct {
	Candidate
	Label string
	Err   error // why its analytic values are not known; else nil
}

// Baselines returns the three of every experiment, under the chain of the models: all on the
// endpoint, and all on the server but the source, with frames as they are and as JPEG. The server
// is the first device of that role, else the last one. What can't be there, as the platform has
// one device or no frame that JPEG codes, is left out.
func (s *Space) Baselines() ([]Baseline, error) {
	far := -1
	for i, u := range s.units {
		if u.device != s.units[s.home].device && (far < 0 || s.platform.Devices[s.units[far].device].Role != plan.Server) {
			far = i
		}
	}
	var list []Baseline
	for _, b := range []struct {
		label, codec string
		unit         int
	}{
		{"all on endpoint", codec.None, s.home}, {"all on server, raw", codec.None, far},
		{"all on server, JPEG", codec.JPEG, far},
	} {
		if b.unit < 0 {
			continue
		}
		x, err := s.views[0].expansion(b.codec)
		if err != nil {
			return nil, err
		}
		units := make([]int, len(x.Chain))
		for k := range units {
			if units[k] = b.unit; s.views[0].allowed(x, k, s.home) && !s.views[0].allowed(x, k, b.unit) {
				units[k] = s.home
			}
			if at, ok := s.o.Pinned[x.Chain[k].Name]; ok {
				units[k] = s.unit(at)
			}
		}
		c, coded, err := s.at(0, b.codec, units)
		if b.codec == codec.JPEG && err == nil && !coded {
			continue
		}
		list = append(list, Baseline{Candidate: c, Label: b.label, Err: err})
	}
	return list, nil
}

// at returns the mapping with given units. Beside an error it has no values.
func (s *Space) at(view int, codecName string, units []int) (c Candidate, coded bool, err error) {
	v := s.views[view]
	p, err := v.problem(codecName)
	if err != nil {
		x, bad := v.expansion(codecName)
		if bad != nil {
			return c, false, bad
		}
		c, coded = s.candidate(view, &problem{x: x, codec: codecName}, units, explore.Values{})
		return c, coded, err
	}
	evaluate, err := p.Evaluator()
	if err != nil {
		return c, false, err
	}
	values, ok := evaluate(units)
	c, coded = s.candidate(view, p, units, values)
	if !ok {
		err = fmt.Errorf("%w: %s: an actor can't run there, or no link joins two devices", ErrSpace, c.Name)
	}
	return c, coded, err
}

// Mapping returns the mapping that gives every actor of Chain a unit, device.unit, under a codec. An
// error beside a mapping says why it has no values.
func (s *Space) Mapping(division int, codecName string, units []string) (Candidate, error) {
	list := make([]int, len(units))
	for k, name := range units {
		if list[k] = s.unit(name); list[k] < 0 {
			return Candidate{}, fmt.Errorf("%w: there is no unit %q; the units are %s", ErrSpace, name,
				graph.ListNames(s.Units()))
		}
	}
	chain, err := s.Chain(division)
	if err != nil {
		return Candidate{}, err
	}
	if len(units) != len(chain) {
		return Candidate{}, fmt.Errorf("%w: %d units for %d actors", ErrSpace, len(units), len(chain))
	}
	c, _, err := s.at(division, codecName, list)
	return c, err
}

// Chain returns the names of the actors that are mapped, in precedence order, under a division of
// the models: 0 is that by their chains.
func (s *Space) Chain(division int) (names []string, err error) {
	x, err := s.views[division].expansion(codec.None)
	if err != nil {
		return nil, err
	}
	for _, c := range x.Chain {
		names = append(names, c.Name)
	}
	return names, nil
}
