// Package searched_test compares what a search finds with the simulator.
package searched_test

import (
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/require"
)

// fixture is a space whose costs are made up.
type fixture struct {
	*space.Space
	driver *sim.Driver

	file   *planfile.File
	models compile.Models
	o      space.Options
}

// newFixture profiles what the space asks for with made-up costs.
func newFixture(t testing.TB, f *planfile.File, models compile.Models, o space.Options) *fixture {
	t.Helper()
	unprofiled, err := space.New(f, models, &sim.Driver{}, o)
	require.NoError(t, err)
	plans, err := unprofiled.Plans()
	require.NoError(t, err)
	d := &sim.Driver{Profile: madeUp(t, plans, models)}
	s, err := space.New(f, models, d, o)
	require.NoError(t, err)
	return &fixture{s, d, f, models, o}
}

// madeUp is a profile of plans. Models take time by their multiply-accumulates and for being run at
// all, anything else by its bytes; all a little more or less.
func madeUp(t testing.TB, plans []*plan.Plan, models compile.Models) *profile.Profile {
	t.Helper()
	p := &profile.Profile{Machine: "made up", Entries: map[string]profile.Entry{}, Transport: profile.Transport{
		PerMessage: 100 * time.Microsecond, PerByte: 0.1, SendPerMessage: 20 * time.Microsecond, SendPerByte: 0.05,
		Dispatch: 15 * time.Microsecond,
	}}
	for _, pl := range plans {
		for a := range pl.Work {
			key := pl.Work[a].CostKey
			if _, done := p.Entries[key]; done {
				continue
			}
			h := fnv.New32a()
			h.Write([]byte(key))
			jitter := 0.995 + 0.01*float64(h.Sum32()%1000)/1000 // as medians of measured times have it
			e := profile.Entry{Samples: []time.Duration{time.Duration(jitter * nanos(t, pl, a, models))}}
			for _, out := range pl.Graph.Actors[a].Out {
				e.OutBytes = append(e.OutBytes, max(out.Type.Bytes()/5, 1))
			}
			p.Entries[key] = e
		}
	}
	return p
}

// nanos is what a firing takes but for the jitter.
func nanos(t testing.TB, p *plan.Plan, a int, models compile.Models) float64 {
	w := &p.Work[a]
	if w.Model == "" {
		bytes := int64(0)
		for _, port := range p.Graph.Actors[a].Out {
			bytes += port.Type.Bytes()
		}
		return 20e3 + 0.5*float64(bytes)
	}
	m := models[w.Model]
	if !w.Branch {
		return 200e3 + 0.03*float64(m.Cuts[w.To].HeadMACs-m.Cuts[w.From].HeadMACs)
	}
	data, err := models.Segment(p, a)
	require.NoError(t, err)
	sub, err := onnx.Parse(data)
	require.NoError(t, err)
	return 200e3 + 0.03*float64(work.MACs(sub))
}

// simulator is that over the made-up profile.
func (x *fixture) simulator(costs profile.Costs) driver.Summarizer {
	return &sim.Driver{Profile: x.driver.Profile.With(costs)}
}

// simulated returns what a mapping comes to under a workload, and its plan.
func (x *fixture) simulated(t testing.TB, c *space.Candidate, w plan.Workload) (result.Outcome, *plan.Plan) {
	t.Helper()
	p, err := x.Plan(c, w)
	require.NoError(t, err, c.Name)
	frames, err := metrics.NewFrames(p)
	require.NoError(t, err)
	run, err := x.driver.Observe(t.Context(), p, summary.Observer{Frame: frames.Add})
	require.NoError(t, err, c.Name)
	o, err := frames.Outcome(x.Instance(p), run)
	require.NoError(t, err)
	return o, p
}

// cutExperiment is an experiment of cuts, of one endpoint and link.
func cutExperiment(t testing.TB, name, endpoint, link string) *fixture {
	t.Helper()
	s := readSpec(t, name)
	models := compile.Models{s.Model(): readModel(t, s.Model())}
	x, err := sweep.New(s, models)
	require.NoError(t, err)
	x.Slow(endpoint, map[string]float64{"slow": 12, "fast": 3}[endpoint])
	f := x.File(x.Cases(endpoint, link)[3], x.Single(20))
	return newFixture(t, f, models, space.Options{Codecs: s.Codecs})
}

func readSpec(t testing.TB, name string) *spec.Spec {
	t.Helper()
	path := filepath.Join("..", "..", name, "experiment.yaml")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	s, err := spec.Parse(path, b)
	require.NoError(t, err)
	return s
}

func readModel(t testing.TB, name string) *compile.Model {
	t.Helper()
	m, err := loadModel(name)
	require.NoError(t, err)
	return m
}

// loadModel reads a model that is a data set.
func loadModel(name string) (*compile.Model, error) {
	dir, err := datasets.DefaultDir()
	if err != nil {
		return nil, err
	}
	path, err := (&datasets.Store{Dir: dir}).Path(name)
	if err != nil {
		return nil, err
	}
	return model.ForPlans(modelcmd.File(path))
}
