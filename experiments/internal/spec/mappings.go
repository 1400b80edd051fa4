package spec

import (
	"cmp"
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// MappingGroup is mappings of the application to all devices that are compared, in
// place of cuts between an endpoint and the server.
type MappingGroup struct {
	Group string              `yaml:"group"` // such as rows
	About string              `yaml:"about"`
	Parts []planfile.PartSpec `yaml:"parts"` // of the model; without them it is the chain of its segments
	Cases []MappedCase        `yaml:"cases"`
}

// MappedCase is one mapping, as in a plan's instances.
type MappedCase struct {
	Name    string            `yaml:"name"`
	Mapping []planfile.Assign `yaml:"mapping"`
}

// checkMappings checks an experiment that compares mappings. Compiling its plans checks
// the mappings themselves.
func (s *Spec) checkMappings() error {
	if s.Sweep != nil {
		return s.Errorf("$.mappings", "an experiment compares mappings or sweeps a parameter, not both")
	}
	if err := s.checkOneModel(); err != nil {
		return err
	}
	if len(s.Endpoints) != 1 {
		return s.Errorf("$.endpoints", "%d endpoints; mappings name the devices, so there must be one", len(s.Endpoints))
	}
	if len(s.Codecs) == 0 {
		return s.Errorf("$", "mappings need at least one of codecs; none is one")
	}
	for i, g := range s.Gateways {
		if g.WholeModel > 0 && g.Unit.Key() != s.Endpoints[0].Unit.Key() {
			return s.Errorf(fmt.Sprintf("$.gateways[%d].whole_model_takes", i),
				"the whole model is timed on the endpoint's unit; give the gateway an equal one, or a slowdown instead")
		}
	}
	for i, l := range s.Links {
		if len(l.Between) != 2 {
			return s.Errorf(fmt.Sprintf("$.links[%d]", i), "mappings name the devices; give link %s the two that it is between",
				l.Name)
		}
	}
	if err := s.checkMeasuredFrames(); err != nil {
		return err
	}
	if s.Quality.Kind != "" {
		if err := s.checkQuality(); err != nil {
			return err
		}
	}
	return s.checkMappingNames()
}

// checkMappingNames checks that groups and cases have names of their own, which make
// different file names.
func (s *Spec) checkMappingNames() error {
	groups := map[string]bool{"": true, result.Baselines: true}
	names, files := map[string]bool{"": true}, map[string]string{} // the name with which a file name was taken
	for _, c := range result.BaselineCases(result.Case{}) {
		names[c.Label] = true
		files[result.FileName(c.Label)], files["/"+result.FileName(string(c.Baseline)+" "+c.Label)] = c.Label, c.Label
	}
	for i, g := range s.Mappings {
		path := fmt.Sprintf("$.mappings[%d]", i)
		if groups[g.Group] {
			return s.Errorf(path+".group", "group %q; expected a name that neither another group nor the baselines have",
				g.Group)
		}
		if len(g.Cases) == 0 {
			return s.Errorf(path, "group %s has no cases; expected at least one", g.Group)
		}
		groups[g.Group] = true
		for j, c := range g.Cases {
			if names[c.Name] {
				return s.Errorf(fmt.Sprintf("%s.cases[%d]", path, j),
					"case name %q; expected one that neither another case nor a baseline has", c.Name)
			}
			row, traces := result.FileName(c.Name), "/"+result.FileName(g.Group+" "+c.Name)
			if other := cmp.Or(files[row], files[traces]); other != "" {
				return s.Errorf(fmt.Sprintf("%s.cases[%d]", path, j),
					"case name %q makes the file names of case %q; expected one that differs in letters, digits, '.', '_' or '+'",
					c.Name, other)
			}
			names[c.Name] = true
			files[row], files[traces] = c.Name, c.Name
		}
	}
	return nil
}
