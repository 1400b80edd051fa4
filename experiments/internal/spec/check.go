package spec

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Kind says what the experiment compares. Nothing else asks which of its keys are there.
func (s *Spec) Kind() result.Kind {
	switch {
	case len(s.Mappings) > 0:
		return result.OfMappings
	case s.Sweep != nil:
		return result.OfParameter
	}
	return result.OfCuts
}

// rules are the checks that each kind of experiment has beside those of all.
var rules = map[result.Kind]func(*Spec) error{
	result.OfCuts:      (*Spec).checkCuts,
	result.OfParameter: (*Spec).checkParameter,
	result.OfMappings:  (*Spec).checkMappings,
}

func (s *Spec) check(dir string) error {
	if s.Experiment == "" || s.Experiment != dir {
		return s.Errorf("$.experiment", "experiment is named %q; expected the name of its directory, %q", s.Experiment, dir)
	}
	if len(s.Endpoints) == 0 || len(s.Links) == 0 {
		return s.Errorf("$", "an experiment needs at least one endpoint and one link")
	}
	if err := rules[s.Kind()](s); err != nil {
		return err
	}
	if err := s.checkPlatform(); err != nil {
		return err
	}
	if err := s.checkLeakage(); err != nil {
		return err
	}
	for i, c := range s.Codecs {
		if _, err := codec.Parse(c); err != nil {
			return s.Errorf(fmt.Sprintf("$.codecs[%d]", i), "%w", err)
		}
		if slices.Contains(s.Codecs[:i], c) {
			return s.Errorf(fmt.Sprintf("$.codecs[%d]", i), "codec %s stands there twice; remove one", c)
		}
	}
	if m := s.Measure; m.Cuts < 1 || m.QuickCuts < 1 {
		return s.Errorf("$.measure", "expected cuts >= 1 and quick_cuts >= 1")
	}
	for i, k := range s.Factors {
		if k < 1 {
			return s.Errorf(fmt.Sprintf("$.factors[%d]", i),
				"slow-down factor %g; expected at least 1: a device can't be sped up", k)
		}
		if slices.Contains(s.Factors[:i], k) {
			return s.Errorf(fmt.Sprintf("$.factors[%d]", i), "slow-down factor %g stands there twice; remove one", k)
		}
	}
	return nil
}

// checkLeakage checks of how many samples leakage is computed.
func (s *Spec) checkLeakage() error {
	n := s.Leakage.Samples
	if n == 0 {
		return nil
	}
	if s.Kind() != result.OfCuts {
		return s.Errorf("$.leakage", "leakage is computed where an experiment compares cuts; remove it")
	}
	if n < leakage.Least || n > leakage.Most {
		return s.Errorf("$.leakage.samples", "%d samples; expected %d to %d, or 0 to leave it out", n, leakage.Least,
			leakage.Most)
	}
	return nil
}

// checkPlatform checks the devices and the links between them.
func (s *Spec) checkPlatform() error {
	if s.Server.Name == "" || len(s.Server.Units) == 0 {
		return s.Errorf("$.server", "the server needs a name and at least one unit")
	}
	for i, u := range s.Server.Units {
		if slices.ContainsFunc(s.Server.Units[:i], func(o plan.Unit) bool { return o.Name == u.Name }) {
			return s.Errorf(fmt.Sprintf("$.server.units[%d]", i), "unit name %q; expected one that no other unit has", u.Name)
		}
	}
	for _, of := range []struct {
		key string
		all []Endpoint
	}{{"endpoints", s.Endpoints}, {"gateways", s.Gateways}} {
		for i, e := range of.all {
			if e.Profile != "" && e.WholeModel > 0 {
				return s.Errorf(fmt.Sprintf("$.%s[%d].profile", of.key, i), "device %s has a profile, which says how fast it is, "+
					"and whole_model_takes; remove one", e.Name)
			}
		}
	}
	taken := map[string]bool{s.Server.Name: true}
	for _, d := range []struct {
		kind, key string
		of        []Endpoint
	}{{"endpoint", "endpoints", s.Endpoints}, {"gateway", "gateways", s.Gateways}} {
		for i, e := range d.of {
			if e.Name == "" || taken[e.Name] {
				return s.Errorf(fmt.Sprintf("$.%s[%d].name", d.key, i), "%s name %q; expected one that no other device has", d.kind,
					e.Name)
			}
			taken[e.Name] = true
			if err := s.checkPower(fmt.Sprintf("$.%s[%d].power", d.key, i), e.Power, []plan.Unit{e.Unit}); err != nil {
				return err
			}
		}
	}
	if err := s.checkPower("$.server.power", s.Server.Power, s.Server.Units); err != nil {
		return err
	}
	links := map[string]bool{}
	for i, l := range s.Links {
		if l.Name == "" || links[l.Name] {
			return s.Errorf(fmt.Sprintf("$.links[%d].name", i), "link name %q; expected one that no other link has", l.Name)
		}
		links[l.Name] = true
		if l.Profile != "" || !l.Jitter.IsZero() || !l.Loss.IsZero() || len(l.Outages) > 0 {
			return s.Errorf(fmt.Sprintf("$.links[%d]", i), "link %s: profile, jitter, loss and outages are keys of a "+
				"plan's links; those of an experiment are shaped, and on a testbed they are measured before the run", l.Name)
		}
		if l.TraceLoop && l.Trace == "" {
			return s.Errorf(fmt.Sprintf("$.links[%d].trace_loop", i), "link %s has no trace to loop", l.Name)
		}
	}
	return planfile.CheckMedia(s.Media, s.Links, "$", s.Errorf)
}

// checkPower checks the power figures of a device with units.
func (s *Spec) checkPower(path string, p *energy.Figures, units []plan.Unit) error {
	if p == nil {
		return nil
	}
	var names []string
	for _, u := range units {
		names = append(names, u.Name)
	}
	if err := p.Check(names); err != nil {
		return s.Errorf(path, "%w", err)
	}
	return nil
}
