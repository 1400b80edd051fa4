package measure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// simulateTogether simulates all endpoints at once on one server.
func (r *Runner) simulateTogether(ctx context.Context) error {
	rows, _, err := r.runTogether(ctx, r.Sim, "sim")
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Stored, rows[i].Measured = rows[i].Measured, nil
	}
	r.sweep.TwoEndpoints = rows
	return nil
}

// runTogether runs all endpoints at once and returns a row for each, the
// outcome in Measured.
func (r *Runner) runTogether(ctx context.Context, d driver.Driver, name string) ([]result.Row, run, error) {
	w := plan.Workload{Kind: plan.SingleStream, Frames: r.Experiment.Spec.Workload.Warmup + r.Experiment.Spec.Together.Frames, Warmup: r.Experiment.Spec.Workload.Warmup}
	f, pp, err := r.Experiment.TogetherFile(w)
	if err != nil {
		return nil, run{}, err
	}
	one, err := r.run(ctx, d, name, f)
	if err != nil {
		return nil, run{}, err
	}
	var rows []result.Row
	for _, e := range r.Experiment.Spec.Endpoints {
		out, err := metrics.Measure(one.plan, one.trace, e.Name)
		if err != nil {
			return nil, run{}, err
		}
		rows = append(rows, result.Row{Measured: &out, Case: result.Case{
			Experiment: r.Experiment.Spec.Experiment, Endpoint: e.Name, Link: r.Experiment.Spec.Together.Link, Label: r.Experiment.Label(pp),
			PP: pp, Cut: r.Experiment.Spec.Together.Through, Codec: r.Experiment.Spec.Together.Codec,
			Slowdown: r.Experiment.SlowdownOf(&e), Instances: len(r.Experiment.Spec.Endpoints),
		}})
	}
	return rows, one, nil
}

// factors simulates the best speed-up that a cut gives on the first endpoint
// and link, at every slow-down factor of the specification.
func (r *Runner) factors(ctx context.Context) error {
	e, l := r.Experiment.Spec.Endpoints[0], r.Experiment.Spec.Links[0]
	own := r.Experiment.Slowdown(e.Name)
	defer func() { r.Experiment.Slow(e.Name, own) }()
	for i, k := range r.Experiment.Spec.Factors {
		r.Progress.Step(fmt.Sprintf("simulate slow-down factor %g", k), i+1, len(r.Experiment.Spec.Factors), 0)
		r.Experiment.Slow(e.Name, k)
		var whole, best float64
		var bestCut string
		for _, c := range r.Experiment.Cases(e.Name, l.Name) {
			if c.RawFrame {
				continue
			}
			p, err := r.Experiment.Plan(c, r.Experiment.Single(2))
			if err != nil {
				return err
			}
			t, err := r.Sim.Run(ctx, p)
			if err != nil {
				return err
			}
			out, err := metrics.Measure(p, t, "")
			if err != nil {
				return err
			}
			switch m := out.EndpointTime.Median; {
			case c.Baseline == result.AllOnEndpoint:
				whole = m
			case best == 0 || m < best:
				best, bestCut = m, c.FullLabel()
			}
		}
		r.sweep.Factors = append(r.sweep.Factors, result.FactorPoint{Slowdown: r.Experiment.SlowdownOf(&e), SimSpeedup: whole / best, BestCut: bestCut})
	}
	return nil
}

// measuredFactors adds the measured speed-ups on the first link to the figure
// of speed-up against slow-down factor.
func (r *Runner) measuredFactors() {
	for _, g := range result.Groups(r.sweep.Rows) {
		if g.Link != r.Experiment.Spec.Links[0].Name {
			continue
		}
		var whole, simWhole, best, simBest float64
		var bestCut string
		for _, row := range g.Rows {
			if row.Measured == nil || row.RawFrame {
				continue
			}
			m := row.Measured.EndpointTime.Median
			if row.Baseline == result.AllOnEndpoint {
				whole = m
				if row.Stored != nil {
					simWhole = row.Stored.EndpointTime.Median
				}
			} else if best == 0 || m < best {
				best, bestCut = m, row.FullLabel()
				if row.Stored != nil {
					simBest = row.Stored.EndpointTime.Median
				}
			}
		}
		if whole == 0 || best == 0 || simBest == 0 {
			continue
		}
		speedup := whole / best
		r.sweep.Factors = append(r.sweep.Factors, result.FactorPoint{
			Slowdown: r.Experiment.SlowdownOf(r.Experiment.Spec.Endpoint(g.Endpoint)), SimSpeedup: simWhole / simBest, MeasuredSpeedup: &speedup, BestCut: bestCut,
		})
	}
	slices.SortStableFunc(r.sweep.Factors, func(a, b result.FactorPoint) int { return cmp.Compare(a.Slowdown, b.Slowdown) })
}
