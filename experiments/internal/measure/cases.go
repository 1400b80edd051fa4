package measure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// referenceCodec changes nothing: under it, a cut model equals the whole one.
const referenceCodec = codec.None

// space knows the cases of a sweep and how to make a plan of each.
type space struct {
	spec      *Spec
	models    plan.Models
	chain     []plan.ChainActor
	slowdowns map[string]float64 // by endpoint; absent: 1
	study     study
}

func newSpace(s *Spec, models plan.Models) (*space, error) {
	chain, err := (&plan.File{Application: s.Application}).At(s.doc).Chain(models)
	if err != nil {
		return nil, err
	}
	sp := &space{spec: s, models: models, chain: chain, slowdowns: map[string]float64{}}
	switch {
	case s.Sweep != nil:
		values := &valueStudy{space: sp}
		sp.study = values
		err = values.keepEnds()
	case len(s.Mappings) > 0:
		mappings := &mappingStudy{space: sp}
		sp.study = mappings
		err = mappings.findRaw()
	default:
		sp.study = cutStudy{sp}
	}
	return sp, err
}

// segments returns the partition points around the model: pp in (first, last]
// cuts behind a segment of it, first cuts before it.
func (sp *space) segments() (first, last int) {
	first = slices.IndexFunc(sp.chain, func(c plan.ChainActor) bool { return c.Segment >= 0 })
	for last = first; last < len(sp.chain) && sp.chain[last].Segment >= 0; last++ {
	}
	return first, last
}

// label names partition point pp after the last actor on the endpoint.
func (sp *space) label(pp int) string {
	c := sp.chain[pp-1]
	name := c.Name
	if c.Segment >= 0 {
		name = strings.TrimPrefix(name, sp.spec.Application.Actors[c.Spec].Name+"/")
	}
	return fmt.Sprintf("PP%d %s", pp, name)
}

// cases lists all cases of one endpoint on one link, the three baselines first.
func (sp *space) cases(endpoint, link string) []result.Case {
	base := result.Case{Experiment: sp.spec.Experiment, Endpoint: endpoint, Link: link, Slowdown: sp.slowdown(sp.spec.Endpoint(endpoint)), Instances: 1, Codec: codec.None}
	return sp.study.cases(base)
}

// baselines lists the three that every sweep holds. The space maps them.
func baselines(base result.Case) []result.Case {
	var cases []result.Case
	for _, b := range []struct {
		of           result.Baseline
		label, codec string
	}{
		{result.AllOnEndpoint, "all on endpoint", codec.None},
		{result.RawToServer, "all on server, raw", codec.None},
		{result.JPEGToServer, "all on server, JPEG", codec.JPEG},
	} {
		c := base
		c.Baseline, c.Label, c.Codec, c.RawFrame = b.of, b.label, b.codec, b.of != result.AllOnEndpoint
		cases = append(cases, c)
	}
	return cases
}

// baselinePP is the partition point of a baseline.
func (sp *space) baselinePP(b result.Baseline) int {
	if b == result.AllOnEndpoint {
		return len(sp.chain)
	}
	return 1
}

// slowdown is the factor by which an endpoint or a gateway runs slower than this
// machine: that of its unit, or more for the whole model to take what it should.
func (sp *space) slowdown(e *Endpoint) float64 {
	return max(sp.slowdowns[e.Name], e.Unit.Slowdown, 1)
}

// planName names the plan of a case under a workload in its experiment.
func planName(c result.Case, w plan.WorkloadKind) string {
	return fmt.Sprintf("%s/%s/%s %s %s", c.Endpoint, cmp.Or(c.Link, c.Group, string(c.Baseline)), c.Label, c.Codec, w)
}

// file writes the plan file of a case under a workload.
func (sp *space) file(c result.Case, w plan.Workload) *plan.File {
	f := &plan.File{
		Plan:        c.Experiment + "/" + planName(c, w.Kind),
		Application: sp.spec.Application,
		Workload:    w,
		Seed:        sp.spec.Seed,
	}
	return f.At(sp.study.fill(f, c))
}

// together writes the plan file of all endpoints at once.
func (sp *space) together(w plan.Workload) (*plan.File, int, error) {
	t := sp.spec.Together
	pp := 1 + slices.IndexFunc(sp.chain, func(c plan.ChainActor) bool { return c.Name == t.Through })
	if pp == 0 {
		return nil, 0, sp.spec.errorf("$.together.through", "there is no actor %q in the expanded application", t.Through)
	}
	f := &plan.File{
		Plan:        fmt.Sprintf("%s/together/%s/%s %s %s", sp.spec.Experiment, t.Link, sp.label(pp), t.Codec, w.Kind),
		Application: sp.spec.Application,
		Workload:    w,
		Seed:        sp.spec.Seed,
	}
	var names []string
	for _, e := range sp.spec.Endpoints {
		names = append(names, e.Name)
		f.Instances = append(f.Instances, sp.instance(e.Name, e.Name, pp, t.Codec))
	}
	f.Platform = sp.platform(names, t.Link)
	return f.At(sp.spec.doc), pp, nil
}

func (sp *space) instance(name, endpoint string, pp int, codecName string) plan.Instance {
	on, server := sp.units(endpoint)
	inst := plan.Instance{Name: name, Codec: codecName, Calibration: sp.spec.Calibration}
	if pp < len(sp.chain) {
		inst.Mapping = []plan.Assign{
			{Unit: on, Through: sp.chain[pp-1].Name},
			{Unit: server},
		}
	} else {
		inst.Mapping = []plan.Assign{{Unit: on}}
	}
	return inst
}

// units names the unit of an endpoint and the first one of the server.
func (sp *space) units(endpoint string) (on, server string) {
	return endpoint + "." + sp.spec.Endpoint(endpoint).Unit.Name, sp.spec.Server.Name + "." + sp.spec.Server.Units[0].Name
}

func (sp *space) platform(endpoints []string, link string) plan.Platform {
	p := plan.Platform{Name: sp.spec.Experiment}
	l := sp.spec.Links[slices.IndexFunc(sp.spec.Links, func(l plan.Link) bool { return l.Name == link })]
	for _, name := range endpoints {
		p.Devices = append(p.Devices, sp.device(sp.spec.Endpoint(name), plan.Endpoint))
		each := l
		each.Name, each.Between = l.Name+" "+name, []string{name, sp.spec.Server.Name}
		p.Links = append(p.Links, each)
	}
	return sp.withServer(p)
}

// device is an endpoint or a gateway as a device of a plan.
func (sp *space) device(e *Endpoint, role plan.Role) plan.Device {
	u := e.Unit
	if u.Slowdown == 0 || u.Slowdown >= 1 { // Compile refuses others
		u.Slowdown = sp.slowdown(e)
	}
	return plan.Device{Name: e.Name, Role: role, Units: []plan.Unit{u}}
}

func (sp *space) withServer(p plan.Platform) plan.Platform {
	server := sp.spec.Server
	server.Role = plan.Server
	p.Devices = append(p.Devices, server)
	return p
}

// single and offline are the two workloads that every case is run under: one
// frame in flight for endpoint time and latency, all in flight for throughput.
func (sp *space) single(frames int64) plan.Workload {
	w := sp.spec.Workload
	if sp.spec.Sweep != nil {
		w.Precision = 0 // both drivers run the same frames
	}
	return plan.Workload{Kind: plan.SingleStream, Frames: w.Warmup + frames, MinFrames: w.MinFrames, Precision: w.Precision, Warmup: w.Warmup}
}

func (sp *space) offline() plan.Workload {
	w := sp.spec.Workload
	return plan.Workload{Kind: plan.Offline, Frames: w.Warmup + w.ThroughputFrames, Warmup: w.Warmup}
}
