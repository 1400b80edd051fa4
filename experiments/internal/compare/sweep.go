package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// The metrics of experiments and plans, in the order of their tables.
var (
	latency      = Metric{Name: "latency", Unit: "s"}
	endpointTime = Metric{Name: "endpoint_time", Unit: "s"}
	throughput   = Metric{Name: "throughput", Unit: "frames/s", More: true}
	energyOfAll  = Metric{Name: "energy", Unit: "J"}
	energyAtEnd  = Metric{Name: "endpoint_energy", Unit: "J"}
	traffic      = Metric{Name: "traffic", Unit: "bytes"}
)

var quantities = []struct {
	of     result.Quantity
	metric Metric
}{{result.Latency, latency}, {result.EndpointTime, endpointTime}, {result.Throughput, throughput}}

// readSweep reads what an experiment found.
func readSweep(r *Run, rec *record.Run, b []byte) error {
	var s result.Sweep
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s.Experiment != "" {
		r.Name = s.Experiment
	}
	r.marks(s.Emulated, s.Real() || rec.Real)
	for i, row := range s.All() {
		name := row.Title()
		if i >= len(s.Rows) {
			name += fmt.Sprintf(" (%d instances at once)", max(row.Instances, 2))
		}
		r.addRow(name, row)
	}
	r.best(&s)
	return nil
}

// best adds which case is best by each endpoint and link, where the experiment says so.
func (r *Run) best(s *result.Sweep) {
	sum, err := result.Summarise(s)
	if err != nil { // it has no rows
		return
	}
	for i := range sum.Groups {
		g := &sum.Groups[i]
		name := result.Group{Endpoint: g.Endpoint, Link: g.Link}.Name()
		for _, b := range []struct{ how, cut string }{
			{"best as measured, ", g.BestCutMeasured}, {"best as predicted, ", g.BestCutSimulated},
		} {
			if b.cut != "" {
				r.Facts = append(r.Facts, Fact{b.how + name, b.cut})
			}
		}
	}
}

// readPlan reads what a plan's runs found.
func readPlan(r *Run, _ *record.Run, b []byte) error {
	var runs []result.PlanRun
	if err := json.Unmarshal(b, &runs); err != nil {
		return err
	}
	emulated := slices.ContainsFunc(runs, func(p result.PlanRun) bool { return p.Emulated })
	r.marks(emulated, slices.ContainsFunc(runs, func(p result.PlanRun) bool { return p.Origin.Real }))
	rows := map[string]*result.Row{}
	var order []string
	for i := range runs {
		p := &runs[i]
		name := p.Instance
		if name == "" {
			name = r.Name
		}
		if rows[name] == nil {
			rows[name] = &result.Row{}
			order = append(order, name)
		}
		if p.Driver == "sim" {
			rows[name].Stored = &p.Outcome
		} else {
			rows[name].Measured = &p.Outcome
		}
	}
	for _, name := range order {
		r.addRow(name, rows[name])
	}
	return nil
}

func (r *Run) marks(emulated, real bool) {
	switch {
	case real && !emulated:
		r.Marks = append(r.Marks, "real")
	case emulated:
		r.Marks = append(r.Marks, "emulated")
	}
}

// addRow adds what was predicted by the stored profile, what was measured, and how far these
// are apart.
func (r *Run) addRow(name string, row *result.Row) {
	r.addOutcome(Simulated, name, row.Stored, func(result.Quantity) bool { return true })
	r.addOutcome(Measured, name, row.Measured, row.Settled)
	for _, q := range slices.Sorted(maps.Keys(row.Quality)) {
		v := row.Quality[q]
		r.add(Measured, name, Value{
			Metric: Metric{Name: "quality: " + q, More: true, Points: true}, Interval: exactly(v), Settled: true,
		})
	}
	for _, q := range quantities {
		e, _, ok := row.ErrorOf(q.of, result.Stored)
		if !ok {
			continue
		}
		measured := row.Measured.Interval(q.of)
		predicted := row.Stored.Interval(q.of).Value
		v := stat.Interval{Value: e, Low: e, High: e, N: measured.N}
		if clock := row.Measured.Clock(q.of); measured.Low-clock > 0 {
			v.Low, v.High = predicted/(measured.High+clock)-1, predicted/(measured.Low-clock)-1
		} else {
			v.N = 0
		}
		r.add(Errors, name, Value{
			Metric:   Metric{Name: "error of " + q.metric.Name, Points: true},
			Interval: v, Settled: row.Settled(q.of),
		})
	}
}

// addOutcome adds what one driver found.
func (r *Run) addOutcome(found Source, name string, o *result.Outcome, settled func(result.Quantity) bool) {
	if o == nil {
		return
	}
	for _, q := range quantities {
		v := o.Interval(q.of)
		if v.N == 0 && v.Value == 0 {
			continue
		}
		clock := o.Clock(q.of)
		v.Low, v.High = v.Low-clock, v.High+clock
		r.add(found, name, Value{
			Metric: q.metric, Interval: v, Settled: settled(q.of), Exact: found == Simulated && v.Spread() == 0,
		})
	}
	r.add(found, name, Value{Metric: traffic, Interval: exactly(float64(o.BoundaryBytes)), Exact: true, Settled: true})
	if o.Energy == nil {
		return
	}
	by := map[result.Means]Source{
		result.BySimulation: Simulated, result.ByModel: Modelled, result.ByMeter: Measured, result.ByBoth: Mixed,
	}[o.Energy.Means]
	for _, e := range []struct {
		metric   Metric
		endpoint bool
	}{{energyOfAll, false}, {energyAtEnd, true}} {
		if j, bound, ok := o.Energy.PerFrame(e.endpoint); ok && !math.IsNaN(j) {
			v := exactly(j)
			v.Low, v.High, v.N = j-bound, j+bound, 0
			r.add(by, name, Value{Metric: e.metric, Interval: v, Exact: by == Simulated, Settled: true})
		}
	}
}

// exactly is a value that was counted, or that has no interval.
func exactly(v float64) stat.Interval { return stat.Interval{Value: v, Low: v, High: v, N: 1} }
