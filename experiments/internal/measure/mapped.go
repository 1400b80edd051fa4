package measure

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// MappingGroup is mappings of the application to all devices that are compared, in
// place of cuts between an endpoint and the server.
type MappingGroup struct {
	Group string          `yaml:"group"` // such as rows
	About string          `yaml:"about"`
	Parts []plan.PartSpec `yaml:"parts"` // of the model; without them it is the chain of its segments
	Cases []MappedCase    `yaml:"cases"`
}

// MappedCase is one mapping, as in a plan's instances.
type MappedCase struct {
	Name    string        `yaml:"name"`
	Mapping []plan.Assign `yaml:"mapping"`
}

// cutsModel reports whether the experiment sweeps the cut, not a parameter or mappings.
func (s *Spec) cutsModel() bool { return s.Sweep == nil && len(s.Mappings) == 0 }

// slowed returns all devices that are slowed to a time of the whole model.
func (s *Spec) slowed() []Endpoint { return slices.Concat(s.Endpoints, s.Gateways) }

// caseLinks returns the links whose cases are listed one after another: mappings use
// all of them at once.
func (s *Spec) caseLinks() []plan.Link {
	if len(s.Mappings) > 0 {
		return []plan.Link{{}}
	}
	return s.Links
}

// checkMappings checks groups of mappings and the gateways. Compile checks the
// mappings themselves.
func (s *Spec) checkMappings() error {
	if len(s.Mappings) == 0 {
		if len(s.Gateways) > 0 {
			return s.errorf("$.gateways", "gateways take part in mappings only; add mappings, or remove gateways")
		}
		return nil
	}
	if s.Sweep != nil {
		return s.errorf("$.mappings", "an experiment compares mappings or sweeps a parameter, not both")
	}
	if len(s.Endpoints) != 1 {
		return s.errorf("$.endpoints", "%d endpoints; mappings name the devices, so there must be one", len(s.Endpoints))
	}
	if len(s.Codecs) == 0 {
		return s.errorf("$", "mappings need at least one of codecs; none is one")
	}
	for i, g := range s.Gateways {
		if g.WholeModel > 0 && g.Unit != s.Endpoints[0].Unit {
			return s.errorf(fmt.Sprintf("$.gateways[%d].whole_model_takes", i), "the whole model is timed on the endpoint's unit; give the gateway an equal one, or a slowdown instead")
		}
	}
	groups := map[string]bool{"": true, result.Baselines: true}
	names, files := map[string]bool{"": true}, map[string]string{} // the name with which a file name was taken
	for _, c := range baselines(result.Case{}) {
		names[c.Label] = true
		files[slug(c.Label)], files["/"+slug(string(c.Baseline)+" "+c.Label)] = c.Label, c.Label
	}
	for i, g := range s.Mappings {
		path := fmt.Sprintf("$.mappings[%d]", i)
		if groups[g.Group] {
			return s.errorf(path+".group", "group %q; expected a name that neither another group nor the baselines have", g.Group)
		}
		if len(g.Cases) == 0 {
			return s.errorf(path, "group %s has no cases; expected at least one", g.Group)
		}
		groups[g.Group] = true
		for j, c := range g.Cases {
			if names[c.Name] {
				return s.errorf(fmt.Sprintf("%s.cases[%d]", path, j), "case name %q; expected one that neither another case nor a baseline has", c.Name)
			}
			row, traces := slug(c.Name), "/"+slug(g.Group+" "+c.Name)
			if other := cmp.Or(files[row], files[traces]); other != "" {
				return s.errorf(fmt.Sprintf("%s.cases[%d]", path, j), "case name %q makes the file names of case %q; expected one that differs in letters, digits, '.', '_' or '+'", c.Name, other)
			}
			names[c.Name] = true
			files[row], files[traces] = c.Name, c.Name
		}
	}
	return nil
}

// mappingStudy compares mappings to all devices, under every codec.
type mappingStudy struct {
	*space
	raw map[string]bool // by label; see findRaw
}

// cases lists the baselines, and the cases of every group under every codec.
func (sp *mappingStudy) cases(base result.Case) []result.Case {
	base.PP, base.Link = -1, ""
	cases := baselines(base)
	for _, g := range sp.spec.Mappings {
		for _, m := range g.Cases {
			for _, name := range sp.spec.Codecs {
				c := base
				c.Group, c.Label, c.Codec, c.RawFrame = g.Group, m.Name, name, sp.raw[m.Name]
				cases = append(cases, c)
			}
		}
	}
	return cases
}

func (sp *mappingStudy) fill(f *plan.File, c result.Case) *yamlfile.Doc {
	s := sp.spec
	doc := s.doc.Moved("$.platform.links", "$.links")
	inst := sp.instance("", c.Endpoint, sp.baselinePP(c.Baseline), c.Codec)
	if c.Baseline == "" {
		for i, g := range s.Mappings {
			j := slices.IndexFunc(g.Cases, func(m MappedCase) bool { return m.Name == c.Label })
			if j < 0 {
				continue
			}
			inst.Mapping = g.Cases[j].Mapping
			f.Application.Actors = slices.Clone(f.Application.Actors)
			model := slices.IndexFunc(f.Application.Actors, func(a plan.ActorSpec) bool { return a.Model != "" })
			f.Application.Actors[model].Parts = g.Parts
			doc = doc.Moved("$.instances[0].mapping", fmt.Sprintf("$.mappings[%d].cases[%d].mapping", i, j)).
				Moved(fmt.Sprintf("$.application.actors[%d].parts", model), fmt.Sprintf("$.mappings[%d].parts", i))
		}
	}
	f.Platform = sp.allDevices()
	f.Instances = []plan.Instance{inst}
	return doc
}

// allDevices is the platform of all devices and links.
func (sp *mappingStudy) allDevices() plan.Platform {
	p := plan.Platform{Name: sp.spec.Experiment, Links: sp.spec.Links}
	for i := range sp.spec.Endpoints {
		p.Devices = append(p.Devices, sp.device(&sp.spec.Endpoints[i], plan.Endpoint))
	}
	for i := range sp.spec.Gateways {
		p.Devices = append(p.Devices, sp.device(&sp.spec.Gateways[i], plan.Gateway))
	}
	return sp.withServer(p)
}

// findRaw notes the mappings under which a frame leaves the endpoint before the
// model has seen it.
func (sp *mappingStudy) findRaw() error {
	sp.raw = map[string]bool{}
	for _, c := range sp.cases(result.Case{Endpoint: sp.spec.Endpoints[0].Name, Instances: 1}) {
		if c.Baseline != "" || c.Codec != sp.spec.Codecs[0] {
			continue
		}
		c.Codec = codec.None
		p, err := plan.Compile(sp.file(c, plan.Workload{Kind: plan.Offline, Frames: 1}), sp.models)
		if err != nil {
			return err
		}
		order, err := graph.Order(p.Graph)
		if err != nil {
			return err
		}
		seen := make([]bool, len(p.Work)) // by actor: its tokens come from the model
		for _, a := range order {
			seen[a] = seen[a] || p.Work[a].Model != ""
			for f, q := range p.Graph.FIFOs {
				if q.From != a || q.Delay > 0 {
					continue
				}
				seen[q.To] = seen[q.To] || seen[a]
				if p.Routes[f] >= 0 && p.DeviceOf(a).Name == c.Endpoint && !seen[a] && !p.Graph.Actors[a].Out[q.OutPort].Control {
					sp.raw[c.Label] = true
				}
			}
		}
	}
	return nil
}

// choose returns the baselines, in a quick run all on the endpoint only, and of every
// group of mappings cases spread over its list.
func (sp *mappingStudy) choose(r *Runner, rows []int, _ bool) []int {
	n := r.Spec.Measure.Cuts
	if r.Effort == Quick {
		n = r.Spec.Measure.QuickCuts
	}
	var chosen []int
	groups := map[string][]int{}
	for _, i := range rows {
		switch row := &r.sweep.Rows[i]; {
		case r.Effort == Complete || row.Baseline == result.AllOnEndpoint || row.Baseline != "" && r.Effort != Quick:
			chosen = append(chosen, i)
		case row.Baseline == "":
			groups[row.Group] = append(groups[row.Group], i)
		}
	}
	for _, of := range groups {
		for _, k := range spread(len(of), n) {
			chosen = append(chosen, of[k])
		}
	}
	slices.Sort(chosen)
	return chosen
}
