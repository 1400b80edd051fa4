package sweep

import (
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Kind is a kind of experiment: all that differs between experiments that compare cuts,
// values of a parameter, or mappings. result.Kind chooses their tables and figures.
type Kind interface {
	listing
	Running
	Costing
}

// listing says what the cases are.
type listing interface {
	// describe adds to the record of a run what only this kind has.
	describe(s *result.Sweep)
	// links returns the names of the links whose cases are listed one after another.
	links() []string
	// cases lists the cases of an endpoint and a link, which stand in base: the
	// baselines, then all others.
	cases(base result.Case) []result.Case
	// fill gives the plan file of a case its platform and its instances, and what it
	// changes in the application. It returns where in the specification that stands.
	fill(f *planfile.File, c result.Case) *yamlfile.Doc
	// quick says whether a quick run simulates a case.
	quick(c result.Case) bool
	// choose returns the rows to measure of one endpoint and link, given by their
	// indices in rows.
	choose(rows []result.Row, group []int, e Effort) []int
	// shown returns the plan file that stands for the experiment, and says which it is.
	shown() (f *planfile.File, which string, err error)
	// headline returns the rows of a group that its headline is computed from: those that
	// are compared with, and the predicted best of every prediction.
	headline(rows []result.Row, group []int, e Effort) []int
	// precision is that of the median at which a run under one frame in flight may
	// stop; 0 runs all frames.
	precision() float64
}

// Running says how a case is run.
type Running interface {
	// FramesGiven reports whether an oracle decides before a run what each frame does, so
	// that both drivers run the same frames, all that count, and the results of every case are
	// known. Throughput then isn't run apart: frames differ.
	FramesGiven() bool
	// ResultKey names what the results of a case depend on.
	ResultKey(c result.Case) (string, error)
	// Together reports whether all endpoints run at once on one server, too, and the
	// best speed-up is simulated at other slow-down factors.
	Together() bool
}

// Costing says how what a firing costs is measured and used.
type Costing interface {
	// Statistic of a profile that a simulated firing takes.
	Statistic() string
	// profiled returns the cases that are profiled, of all of an endpoint and a link.
	profiled(cases []result.Case) []result.Case
	// turn names the turn of a case, see Turns.
	turn(c result.Case) string
	// ProfiledFirst reports whether a case's plan is profiled before those of others.
	ProfiledFirst(c result.Case) bool
	// StandIns returns plans that together fire what a case may fire too seldom for
	// its profile.
	StandIns(c result.Case) []*planfile.File
	// Share gives firings that cost the same one cost: that measured of plan from, or
	// without one all that was measured. plans are all of the experiment.
	Share(entries map[string]profile.Entry, plans []*plan.Plan, from *plan.Plan)
}

// newKind returns the kind of an experiment.
func newKind(x *Experiment) (Kind, error) {
	switch x.Spec.Kind() {
	case result.OfParameter:
		return newParameter(x)
	case result.OfMappings:
		return newMappings(x)
	}
	return &cuts{unvaried{x}}, nil
}

// unvaried is what kinds share whose frames are all alike.
type unvaried struct{ x *Experiment }

func (unvaried) describe(*result.Sweep)                                   {}
func (unvaried) quick(result.Case) bool                                   { return true }
func (u unvaried) precision() float64                                     { return u.x.Spec.Workload.Precision }
func (unvaried) FramesGiven() bool                                        { return false }
func (unvaried) Statistic() string                                        { return "median" }
func (unvaried) StandIns(result.Case) []*planfile.File                    { return nil }
func (unvaried) ProfiledFirst(c result.Case) bool                         { return c.Codec == ReferenceCodec }
func (unvaried) Share(map[string]profile.Entry, []*plan.Plan, *plan.Plan) {}

// headline returns the baselines and the predicted best of every prediction.
func (unvaried) headline(rows []result.Row, group []int, _ Effort) []int {
	return headline(rows, group)
}

// linkNames returns the names of the links between endpoints and server.
func (x *Experiment) linkNames() []string {
	var names []string
	for _, l := range x.Spec.Links {
		names = append(names, l.Name)
	}
	return names
}
