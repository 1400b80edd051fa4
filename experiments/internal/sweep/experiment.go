// Package sweep is the cases of an experiment: their plans, and which of them are
// measured. What differs between the kinds of experiment stands behind Kind. It may not
// run a plan.
package sweep

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// ReferenceCodec changes nothing: under it, a cut model equals the whole one.
const ReferenceCodec = codec.None

// Effort says how much of an experiment is measured.
type Effort int

// The efforts.
const (
	Standard Effort = iota // cuts spread over the network, the predicted best and its neighbours
	// one endpoint and one link, few cuts; where a parameter is swept, nothing else is simulated
	// either
	Quick
	Complete // every case
)

// String names the effort as the command line does.
func (e Effort) String() string {
	switch e {
	case Quick:
		return "quick"
	case Complete:
		return "full"
	}
	return "standard"
}

// Experiment is a specification with the models that it names. It knows the cases and
// makes a plan of each.
type Experiment struct {
	Kind
	Spec   *spec.Spec
	Models compile.Models

	chain     []compile.ChainActor
	slowdowns map[string]float64 // by endpoint; absent: 1
	pictures  bool               // a source shows frames that JPEG codes
}

// New returns the experiment of a specification. Its models must be loaded.
func New(s *spec.Spec, models compile.Models) (*Experiment, error) {
	f := (&planfile.File{Application: s.Application}).At(s.Doc())
	chain, err := compile.Chain(f, models)
	if err != nil {
		return nil, err
	}
	x := &Experiment{Spec: s, Models: models, chain: chain, slowdowns: map[string]float64{}}
	g, err := compile.Graph(f, models)
	x.pictures = err != nil || showsPictures(g) // what is wrong with the graph is said where a case is compiled
	x.Kind, err = newKind(x)
	return x, err
}

// showsPictures reports whether JPEG codes what a source makes.
func showsPictures(g *graph.Graph) bool {
	return slices.ContainsFunc(g.Actors, func(a graph.Actor) bool {
		return len(a.In) == 0 && slices.ContainsFunc(a.Out, func(p graph.Port) bool {
			return !p.Control && compile.Codes(codec.JPEG, p.Type)
		})
	})
}

// segments returns the partition points around the model: pp in (first, last]
// cuts behind a segment of it, first cuts before it.
func (x *Experiment) segments() (first, last int) {
	first = slices.IndexFunc(x.chain, func(c compile.ChainActor) bool { return c.Segment >= 0 })
	for last = first; last < len(x.chain) && x.chain[last].Segment >= 0; last++ {
	}
	return first, last
}

// Label names partition point pp after the last actor on the endpoint.
func (x *Experiment) Label(pp int) string {
	c := x.chain[pp-1]
	return fmt.Sprintf("PP%d %s", pp, cmp.Or(c.Part, c.Name))
}

// Part returns the name of the segment that ends at partition point pp, "" if none does.
func (x *Experiment) Part(pp int) string { return x.chain[pp-1].Part }

// Cut returns the name of the last actor before partition point pp.
func (x *Experiment) Cut(pp int) string { return x.chain[pp-1].Name }

// Inside returns the partition points between two segments of the model: those in
// [from, to).
func (x *Experiment) Inside() (from, to int) {
	first, last := x.segments()
	return first + 1, last
}

// Cases lists all cases of one endpoint on one link, the baselines first: all on the endpoint, raw
// frames to the server, and JPEG to the server where frames are pictures.
func (x *Experiment) Cases(endpoint, link string) []result.Case {
	cases := x.cases(result.Case{
		Experiment: x.Spec.Experiment, Endpoint: endpoint, Link: link, Instances: 1, Codec: codec.None,
		Slowdown: x.SlowdownOf(x.Spec.Endpoint(endpoint)),
	})
	return slices.DeleteFunc(cases, func(c result.Case) bool { return c.Baseline == result.JPEGToServer && !x.pictures })
}

// AllCases lists the cases of every endpoint on every link that an effort simulates.
func (x *Experiment) AllCases(e Effort) []result.Case {
	var all []result.Case
	for _, end := range x.Spec.Endpoints {
		for _, link := range x.links() {
			for _, c := range x.Cases(end.Name, link) {
				if e != Quick || x.quick(c) {
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// Sweep returns the empty record of a run, with what is known before it.
func (x *Experiment) Sweep() *result.Sweep {
	s := &result.Sweep{
		Experiment: x.Spec.Experiment, Kind: x.Spec.Kind(), Seed: x.Spec.Seed, Parameters: x.parameters(),
	}
	x.describe(s)
	for _, l := range x.Spec.Links {
		if l.Unverified != "" {
			s.Unverified = append(s.Unverified, fmt.Sprintf("link %s: %s", l.Name, l.Unverified))
		}
	}
	for i := range x.Spec.Gateways {
		g := &x.Spec.Gateways[i]
		s.Gateways = append(s.Gateways, result.Slowed{Device: g.Name, Slowdown: x.SlowdownOf(g)})
	}
	return s
}

// Whole returns the case that runs the model uncut, under the parameters of c.
func (x *Experiment) Whole(c result.Case) result.Case {
	c.Label, c.Baseline, c.PP, c.Cut = "all on endpoint", result.AllOnEndpoint, len(x.chain), x.chain[len(x.chain)-1].Name
	return c
}

// baselinePP is the partition point of a baseline.
func (x *Experiment) baselinePP(b result.Baseline) int {
	if b == result.AllOnEndpoint {
		return len(x.chain)
	}
	return 1
}

// planName names the plan of a case under a workload.
func planName(c result.Case, w plan.WorkloadKind) string {
	return fmt.Sprintf("%s/%s/%s/%s %s %s", c.Experiment, c.Endpoint, cmp.Or(c.Link, c.Group, string(c.Baseline)), c.Label,
		c.Codec, w)
}

// PlanFile is the name of the files of a case's plan under a workload, without what
// follows the last dot.
func PlanFile(c result.Case, w plan.WorkloadKind) string { return result.FileName(planName(c, w)) }

// File writes the plan file of a case under a workload.
func (x *Experiment) File(c result.Case, w plan.Workload) *planfile.File {
	f := &planfile.File{
		Plan:        planName(c, w.Kind),
		Application: x.Spec.Application,
		Workload:    w,
		Seed:        x.Spec.Seed,
	}
	return f.At(x.fill(f, c))
}

// Plan compiles the plan of a case under a workload.
func (x *Experiment) Plan(c result.Case, w plan.Workload) (*plan.Plan, error) {
	return compile.Compile(x.File(c, w), x.Models)
}

// Single is the workload of one frame in flight, for endpoint time and latency. So many
// frames count at most.
func (x *Experiment) Single(frames int64) plan.Workload {
	w := x.Spec.Workload
	return plan.Workload{
		Kind: plan.SingleStream, Frames: w.Warmup + frames, MinFrames: w.MinFrames, Precision: x.precision(),
		Warmup: w.Warmup,
	}
}

// Offline is the workload of all frames in flight, for throughput. So many frames count at
// most; a run may stop as soon as its throughput is settled.
func (x *Experiment) Offline(frames int64) plan.Workload {
	w := x.Spec.Workload
	return plan.Workload{
		Kind: plan.Offline, Frames: w.Warmup + frames, MinFrames: min(max(w.MinFrames, stat.MinSamples+1), frames),
		Precision: stat.Wide / 2, Warmup: w.Warmup,
	}
}
