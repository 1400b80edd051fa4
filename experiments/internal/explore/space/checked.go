package space

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// Plan returns the plan of a mapping under a workload.
func (s *Space) Plan(c *Candidate, w plan.Workload) (*plan.Plan, error) {
	return compile.Compile(s.File(c, w), s.models)
}

// Instance returns the name of the instance whose mapping is looked for, or of its first copy, in a
// plan of the space.
func (s *Space) Instance(p *plan.Plan) string {
	name := s.file.Instances[s.o.Instance].Name
	for a := range p.Work {
		if w := &p.Work[a]; w.Instance == name || w.CopyOf == name {
			return w.Instance
		}
	}
	return name
}

// Memory returns what the devices of a mapping's plan hold, by name: constants of models and FIFOs.
func (s *Space) Memory(c *Candidate, p *plan.Plan) (map[string]float64, error) {
	x, err := s.views[c.view].expansion(codec.None)
	if err != nil {
		return nil, err
	}
	elements, err := x.Params()
	if err != nil {
		return nil, err
	}
	m := &analysis.Mapping{Devices: p.Platform.DeviceNames()}
	for _, l := range p.Platform.Links {
		m.Links = append(m.Links, l.Name)
	}
	for d := range m.Devices {
		m.Units = append(m.Units, analysis.Unit{Device: d, Lanes: 1})
	}
	for a := range p.Work {
		m.UnitOf = append(m.UnitOf, p.Work[a].Device)
	}
	for f := range p.Graph.FIFOs {
		m.Cross = append(m.Cross, analysis.Crossing{Link: p.Routes[f]})
	}
	r, err := analysis.Analyze(p.Graph, m)
	if err != nil {
		return nil, err
	}
	held := map[string]float64{}
	for i := range r.Devices {
		held[r.Devices[i].Device] = float64(r.Devices[i].FIFOBytes)
	}
	for k, u := range c.units {
		held[s.platform.Devices[s.units[u].device].Name] += float64(elements[k]) * elementBytes
	}
	return held, nil
}

// Leakage returns what all tensors together that cross a link of a mapping's plan give away; ok is
// false where that is not known.
func (s *Space) Leakage(c *Candidate, p *plan.Plan) (leakage float64, ok bool) {
	if s.o.Leakage == nil {
		return 0, false
	}
	var tensors []string
	for f, q := range p.Graph.FIFOs {
		port := &p.Graph.Actors[q.From].Out[q.OutPort]
		if p.Routes[f] < 0 || port.Control || port.Feedback {
			continue
		}
		if t := p.Tensor(q.From, q.OutPort); !slices.Contains(tensors, t) {
			tensors = append(tensors, t)
		}
	}
	if len(tensors) == 0 {
		return 0, true
	}
	return s.o.Leakage(tensors, c.Codec)
}

// Quality returns what is left of quality under a mapping's codec; ok is false where that is not
// known.
func (s *Space) Quality(c *Candidate) (quality float64, ok bool) {
	if s.o.Loss == nil {
		return 0, false
	}
	return 1 - c.Values.Loss, true
}

// Cuts returns all mappings that cut the chain of the models once, between the unit of the source
// and another one that a link joins it to, under every codec, and the one without a cut. A codec
// that codes nothing there is left out, unless it is the only one.
func (s *Space) Cuts() ([]Candidate, error) {
	v := s.views[0]
	var list []Candidate
	for i, name := range s.o.Codecs {
		x, err := v.expansion(name)
		if err != nil {
			return nil, err
		}
		for _, pair := range s.pairs() {
			if pair[0] != s.home {
				continue
			}
			for pp := 1; pp < len(x.Chain); pp++ {
				units := s.between(v, x, pair, pp)
				c, coded, err := s.at(0, name, units)
				if err != nil {
					return nil, err
				}
				if coded || name == codec.None || !slices.Contains(s.o.Codecs, codec.None) {
					list = append(list, c)
				}
			}
		}
		if i == 0 {
			c, _, err := s.at(0, name, slices.Repeat([]int{s.home}, len(x.Chain)))
			if err != nil {
				return nil, err
			}
			list = append(list, c)
		}
	}
	return list, nil
}
