package measure

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// ShownPlan returns the plan that stands for the experiment, and says which it is:
// all endpoints at once on one server, frames entering as fast as FIFOs allow; or
// the first endpoint on the first link, where a parameter is swept; or the first mapping. All plans of the
// experiment compile. Endpoints are slowed to what the specification says as far as
// the profile, which may be nil, has the whole model's time.
func (s *Spec) ShownPlan(models plan.Models, prof *profile.Profile) (*plan.Plan, string, error) {
	all, err := s.ProfilePlans(models)
	if err != nil {
		return nil, "", err
	}
	sp, err := newSpace(s, models)
	if err != nil {
		return nil, "", err
	}
	for _, e := range s.slowed() {
		if e.WholeModel == 0 || prof == nil {
			continue
		}
		if t, err := s.WholeModel(prof, models, e.Unit); err == nil && t > 0 {
			sp.slowdowns[e.Name] = slowdown(e.WholeModel, t)
		}
	}
	which := fmt.Sprintf("all %d plans of the sweep compile; shown is the one ", len(all))
	var f *plan.File
	if !s.cutsModel() {
		c := sp.cases(s.Endpoints[0].Name, s.Links[0].Name)[3] // the first that is no baseline
		f = sp.file(c, plan.Workload{Kind: plan.Offline, Frames: s.Workload.MaxFrames})
		if which += "of endpoint " + c.Endpoint; s.Sweep != nil {
			which += " on link " + c.Link
		} else {
			which += ", " + c.Group + ": " + c.Label
		}
	} else {
		if f, _, err = sp.together(plan.Workload{Kind: plan.Offline, Frames: s.Together.Frames}); err != nil {
			return nil, "", err
		}
		which += "with all endpoints at once"
	}
	p, err := plan.Compile(f, models)
	return p, which, err
}

// slowdown returns the factor, to a tenth, by which a unit on which a model takes t
// is slowed for it to take want.
func slowdown(want, t time.Duration) float64 {
	return math.Round(10*float64(want)/float64(t)) / 10
}

// simulateTogether simulates all endpoints at once on one server.
func (r *Runner) simulateTogether(ctx context.Context) error {
	rows, _, err := r.runTogether(ctx, r.Sim, "sim")
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Sim, rows[i].Measured = rows[i].Measured, nil
	}
	r.sweep.TwoEndpoints = rows
	return nil
}

// runTogether runs all endpoints at once and returns a row for each, the
// outcome in Measured.
func (r *Runner) runTogether(ctx context.Context, d Driver, driver string) ([]result.Row, run, error) {
	w := plan.Workload{Kind: plan.SingleStream, Frames: r.Spec.Workload.Warmup + r.Spec.Together.Frames, Warmup: r.Spec.Workload.Warmup}
	f, pp, err := r.space.together(w)
	if err != nil {
		return nil, run{}, err
	}
	one, err := r.run(ctx, d, driver, f)
	if err != nil {
		return nil, run{}, err
	}
	var rows []result.Row
	for _, e := range r.Spec.Endpoints {
		out, err := metrics.Measure(one.plan, one.trace, e.Name)
		if err != nil {
			return nil, run{}, err
		}
		rows = append(rows, result.Row{Measured: &out, Case: result.Case{
			Experiment: r.Spec.Experiment, Endpoint: e.Name, Link: r.Spec.Together.Link, Label: r.space.label(pp),
			PP: pp, Cut: r.Spec.Together.Through, Codec: r.Spec.Together.Codec,
			Slowdown: r.space.slowdown(&e), Instances: len(r.Spec.Endpoints),
		}})
	}
	return rows, one, nil
}

// factors simulates the best speed-up that a cut gives on the first endpoint
// and link, at every slow-down factor of the specification.
func (r *Runner) factors(ctx context.Context) error {
	e, l := r.Spec.Endpoints[0], r.Spec.Links[0]
	own := r.space.slowdowns[e.Name]
	defer func() { r.space.slowdowns[e.Name] = own }()
	for i, k := range r.Spec.Factors {
		r.Progress.Step(fmt.Sprintf("simulate slow-down factor %g", k), i+1, len(r.Spec.Factors), 0)
		r.space.slowdowns[e.Name] = k
		var whole, best float64
		var bestCut string
		for _, c := range r.space.cases(e.Name, l.Name) {
			if c.RawFrame {
				continue
			}
			p, err := plan.Compile(r.space.file(c, r.space.single(2)), r.Models)
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
		r.sweep.Factors = append(r.sweep.Factors, result.FactorPoint{Slowdown: r.space.slowdown(&e), SimSpeedup: whole / best, BestCut: bestCut})
	}
	return nil
}

// measuredFactors adds the measured speed-ups on the first link to the figure
// of speed-up against slow-down factor.
func (r *Runner) measuredFactors() {
	for _, g := range result.Groups(r.sweep.Rows) {
		if g.Link != r.Spec.Links[0].Name {
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
				if row.Sim != nil {
					simWhole = row.Sim.EndpointTime.Median
				}
			} else if best == 0 || m < best {
				best, bestCut = m, row.FullLabel()
				if row.Sim != nil {
					simBest = row.Sim.EndpointTime.Median
				}
			}
		}
		if whole == 0 || best == 0 || simBest == 0 {
			continue
		}
		speedup := whole / best
		r.sweep.Factors = append(r.sweep.Factors, result.FactorPoint{
			Slowdown: r.space.slowdown(r.Spec.Endpoint(g.Endpoint)), SimSpeedup: simWhole / simBest, MeasuredSpeedup: &speedup, BestCut: bestCut,
		})
	}
	slices.SortStableFunc(r.sweep.Factors, func(a, b result.FactorPoint) int { return cmp.Compare(a.Slowdown, b.Slowdown) })
}
