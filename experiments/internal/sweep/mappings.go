package sweep

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// mappings compares mappings to all devices, under every codec.
type mappings struct {
	unvaried
	raw map[string]bool // by label; see findRaw
}

func newMappings(x *Experiment) (*mappings, error) {
	k := &mappings{unvaried: unvaried{x}}
	return k, k.findRaw()
}

func (*mappings) links() []string { return []string{""} } // all of them at once
func (*mappings) Together() bool  { return false }

func (k *mappings) ResultKey(c result.Case) (string, error) { return k.x.firings(c) }

// cases lists the baselines, and the cases of every group under every codec.
func (k *mappings) cases(base result.Case) []result.Case {
	base.PP, base.Link = -1, ""
	cases := result.BaselineCases(base)
	for _, g := range k.x.Spec.Mappings {
		for _, m := range g.Cases {
			for _, name := range k.x.Spec.Codecs {
				c := base
				c.Group, c.Label, c.Codec, c.RawFrame = g.Group, m.Name, name, k.raw[m.Name]
				cases = append(cases, c)
			}
		}
	}
	return cases
}

func (k *mappings) fill(f *planfile.File, c result.Case) *yamlfile.Doc {
	s := k.x.Spec
	doc := s.Doc().Moved("$.platform.links", "$.links")
	inst := k.x.instance("", c.Endpoint, k.x.baselinePP(c.Baseline), c.Codec)
	if c.Baseline == "" {
		for i, g := range s.Mappings {
			j := slices.IndexFunc(g.Cases, func(m spec.MappedCase) bool { return m.Name == c.Label })
			if j < 0 {
				continue
			}
			inst.Mapping = g.Cases[j].Mapping
			f.Application.Actors = slices.Clone(f.Application.Actors)
			model := slices.IndexFunc(f.Application.Actors, func(a planfile.ActorSpec) bool { return a.Model != "" })
			f.Application.Actors[model].Parts = g.Parts
			doc = doc.Moved("$.instances[0].mapping", fmt.Sprintf("$.mappings[%d].cases[%d].mapping", i, j)).
				Moved(fmt.Sprintf("$.application.actors[%d].parts", model), fmt.Sprintf("$.mappings[%d].parts", i))
		}
	}
	f.Platform = k.x.allDevices()
	f.Instances = []planfile.Instance{inst}
	return doc
}

// findRaw notes the mappings under which a frame leaves the endpoint before the
// model has seen it.
func (k *mappings) findRaw() error {
	k.raw = map[string]bool{}
	for _, c := range k.cases(result.Case{Endpoint: k.x.Spec.Endpoints[0].Name, Instances: 1}) {
		if c.Baseline != "" || c.Codec != k.x.Spec.Codecs[0] {
			continue
		}
		c.Codec = codec.None
		f := &planfile.File{Application: k.x.Spec.Application, Workload: plan.Workload{Kind: plan.Offline, Frames: 1}}
		p, err := compile.Compile(f.At(k.fill(f, c)), k.x.Models)
		if err != nil {
			return err
		}
		raw, err := p.Raw()
		if err != nil {
			return err
		}
		for _, f := range raw {
			if p.DeviceOf(p.Graph.FIFOs[f].From).Name == c.Endpoint {
				k.raw[c.Label] = true
			}
		}
	}
	return nil
}

// choose returns the baselines, in a quick run all on the endpoint only, and of every
// group of mappings cases spread over its list.
func (k *mappings) choose(rows []result.Row, group []int, e Effort) []int {
	var chosen []int
	groups := map[string][]int{}
	for _, i := range group {
		switch row := &rows[i]; {
		case e == Complete || row.Baseline == result.AllOnEndpoint || row.Baseline != "" && e != Quick:
			chosen = append(chosen, i)
		case row.Baseline == "":
			groups[row.Group] = append(groups[row.Group], i)
		}
	}
	for _, of := range groups {
		for _, at := range spread(len(of), number(k.x.Spec.Measure, e)) {
			chosen = append(chosen, of[at])
		}
	}
	slices.Sort(chosen)
	return chosen
}

func (k *mappings) shown() (*planfile.File, string, error) {
	f, c := k.x.firstCase()
	return f, "of endpoint " + c.Endpoint + ", " + c.Group + ": " + c.Label, nil
}

// headline leaves the baselines that send frames out of a quick run.
func (*mappings) headline(rows []result.Row, group []int, e Effort) []int {
	chosen := headline(rows, group)
	if e != Quick {
		return chosen
	}
	return slices.DeleteFunc(chosen, func(i int) bool {
		return rows[i].Baseline != "" && rows[i].Baseline != result.AllOnEndpoint
	})
}
