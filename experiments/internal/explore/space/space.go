package space

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Costs says what a plan's parts take. The simulator is one, over a profile.
type Costs interface {
	// Typical returns how long a firing of actor a occupies its lane. What was not measured wraps
	// profile.ErrMissing.
	Typical(p *plan.Plan, a int) (time.Duration, error)
	// Cross returns what tokens of n bytes take over a link, by its index, from a device on, and
	// how long one occupies its sender.
	Cross(pf *plan.Platform, link int, from string, n int64) (analysis.Crossing, time.Duration, error)
	// TokenBytes returns the size of tokens of a type that firings with a cost key make on a device.
	TokenBytes(device, key string, out int, t graph.TokenType) (n int64, bound bool, err error)
}

// Options say what is searched, beside the file.
type Options struct {
	// Codecs are tried one after the other; none: that of the instance.
	Codecs []string
	// Divisions are parts of the application's first model that are searched in addition to its chain
	// of segments. Parts that the file gives are searched as well.
	Divisions [][]planfile.PartSpec
	// EachDevice says that every device has costs of its own, as those of a testbed have.
	EachDevice bool
	Instance   int // index of the instance whose mapping is looked for
	// Pinned gives actors, by the names by which they are mapped, the unit, device.unit, that they
	// stay on. A source that is not there stays on the unit that the file maps it to, or else on the
	// first unit of the first endpoint.
	Pinned map[string]string
	// Leakage says how much of the input tensors of a codec give away; ok is false where that is
	// not known. nil: it isn't known of any.
	Leakage func(tensors []string, codec string) (leakage float64, ok bool)
	// Loss says what coding tensors costs in quality; nil: that is not known.
	Loss func(codec string) (loss float64, ok bool)
}

// Space is all mappings of an instance of a plan file. It is for one goroutine at a time.
type Space struct {
	file     *planfile.File
	models   compile.Models
	costs    Costs
	o        Options
	platform plan.Platform
	units    []unit
	source   string // name of the source in the chain
	home     int    // its unit
	views    []*view
}

// unit is a processing unit of the platform.
type unit struct {
	device, unit int
	name         string // device.unit
}

// New returns the space of a file whose models are loaded. Costs are asked for when it is searched.
// Errors of the file are those of compile.Compile; others wrap ErrSpace.
func New(file *planfile.File, models compile.Models, costs Costs, o Options) (*Space, error) {
	s := &Space{file: file, models: models, costs: costs, o: o}
	if o.Instance < 0 || o.Instance >= len(file.Instances) {
		return nil, fmt.Errorf("%w: instance %d of %d", ErrSpace, o.Instance, len(file.Instances))
	}
	if len(o.Codecs) == 0 {
		s.o.Codecs = []string{cmp.Or(file.Instances[o.Instance].Codec, codec.None)}
	}
	if err := s.divide(); err != nil {
		return nil, err
	}
	x, err := s.views[0].expansion(codec.None)
	if err != nil {
		return nil, err
	}
	s.platform = x.Platform
	for d := range s.platform.Devices {
		for u := range s.platform.Devices[d].Units {
			name := s.platform.Devices[d].Name + "." + s.platform.Devices[d].Units[u].Name
			s.units = append(s.units, unit{d, u, name})
		}
	}
	return s, s.pin(x)
}

// divide lists the views: the chains of the models, and what divides them into parts.
func (s *Space) divide() error {
	actors := s.file.Application.Actors
	model := slices.IndexFunc(actors, func(a planfile.ActorSpec) bool { return a.Model != "" })
	if model < 0 {
		s.views = []*view{{s: s, file: s.file}}
		return nil
	}
	divisions := [][]planfile.PartSpec{nil}
	add := func(parts []planfile.PartSpec) {
		same := func(other []planfile.PartSpec) bool {
			return slices.EqualFunc(parts, other, func(a, b planfile.PartSpec) bool {
				return a.Name == b.Name && slices.Equal(a.Makes, b.Makes)
			})
		}
		if !slices.ContainsFunc(divisions, same) {
			divisions = append(divisions, parts)
		}
	}
	add(actors[model].Parts)
	for _, parts := range s.o.Divisions {
		add(parts)
	}
	for _, parts := range divisions {
		f := *s.file
		f.Application.Actors = slices.Clone(actors)
		f.Application.Actors[model].Parts = parts
		s.views = append(s.views, &view{s: s, file: &f, parts: len(parts) > 0})
	}
	return nil
}

// pin finds where the source is, and checks Pinned.
func (s *Space) pin(x *compile.Expansion) error {
	for _, name := range slices.Sorted(maps.Keys(s.o.Pinned)) {
		at := s.o.Pinned[name]
		if s.unit(at) < 0 {
			return fmt.Errorf("%w: actor %s is to stay on %q, and there is no such unit; the units are %s", ErrSpace, name,
				at, graph.ListNames(s.Units()))
		}
		known := slices.ContainsFunc(s.views, func(v *view) bool {
			x, err := v.expansion(codec.None)
			return err == nil && slices.ContainsFunc(x.Chain, func(c compile.ChainActor) bool { return c.Name == name })
		})
		if !known {
			return fmt.Errorf("%w: %q is to stay on %s, and there is no such actor", ErrSpace, name, at)
		}
	}
	at := slices.IndexFunc(s.platform.Devices, func(d plan.Device) bool { return d.Role == plan.Endpoint })
	s.home = slices.IndexFunc(s.units, func(u unit) bool { return u.device == max(at, 0) })
	for k, a := range x.Actors {
		if x.Plan.Work[a].Source {
			s.source = x.Chain[k].Name
		}
	}
	if pinned, ok := s.o.Pinned[s.source]; ok {
		s.home = s.unit(pinned)
	} else if p, err := compile.Compile(s.file, s.models); err == nil {
		name := s.file.Instances[s.o.Instance].Name
		for a := range p.Work {
			if w := &p.Work[a]; w.Source && (w.Instance == name || w.CopyOf == name) {
				s.home = max(s.unit(p.DeviceOf(a).Class()+"."+p.UnitOf(a).Name), 0)
				break
			}
		}
	}
	return nil
}

// unit returns the index of a unit by its name, or -1.
func (s *Space) unit(name string) int {
	return slices.IndexFunc(s.units, func(u unit) bool { return u.name == name })
}

// Units returns the names of the units, as device.unit.
func (s *Space) Units() (names []string) {
	for _, u := range s.units {
		names = append(names, u.name)
	}
	return names
}

// Devices returns the names of the devices, in the order in which explore.Objective counts them.
func (s *Space) Devices() []string { return s.platform.DeviceNames() }

// Endpoint returns the name of the device that frames enter on.
func (s *Space) Endpoint() string { return s.platform.Devices[s.units[s.home].device].Name }

// Choices returns what stands for what configuration actors choose, as the file says it.
func (s *Space) Choices() []plan.Choice { return s.file.Workload.Choices }
