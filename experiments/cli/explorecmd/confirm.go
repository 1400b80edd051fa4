package explorecmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/confirm"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
)

// compared is the metric by which mappings are compared that are measured: the first objective that
// a measurement has.
func compared(g *goal.Goal) goal.Metric {
	for _, m := range g.Objectives {
		if m.Timed() || m.Name == goal.Traffic {
			return m
		}
	}
	return goal.Metric{Name: goal.Latency}
}

// confirm measures the n best mappings of a platform and the baselines.
func (x *exploration) confirm(ctx context.Context, m *mapped, n int) error {
	by := compared(x.goal)
	list := chosen(&m.answer, by, n)
	if len(list) == 0 {
		return nil // none keeps the limits
	}
	var devices []string
	for i := range m.file.Platform.Devices {
		devices = append(devices, m.file.Platform.Devices[i].Name)
	}
	d, err := x.s.Deploy(ctx, x.src.models, devices...)
	if err != nil {
		return err
	}
	checked := map[string]bool{}
	var mappings []confirm.Mapping
	for _, c := range list {
		mappings = append(mappings, confirm.Mapping{
			Name: c.Name, Predicted: c.Values, May: len(c.Broken) == 0,
			Run: func(ctx context.Context) (goal.Values, error) {
				r, err := x.both(ctx, d, m, c.Name)
				if err != nil {
					return nil, err
				}
				if !checked[c.Name] {
					checked[c.Name] = true
					if err := x.same(ctx, r); err != nil {
						return nil, err
					}
				}
				return r.values, nil
			},
		})
	}
	began := x.s.Now()
	step := func(round int, name string, n, total int) {
		x.s.Log.Step(fmt.Sprintf("measure %s, round %d", title(m, name), round), n, total, 0)
	}
	f, err := confirm.Run(ctx, mappings, by, confirm.Options{Seed: x.src.seed, Step: step})
	if err != nil {
		return err
	}
	x.s.Log.Logf("%s after %v", f.Text, x.s.Now().Sub(began).Round(1e9))
	m.answer.Confirmed, m.answer.Real = f, x.testbed != nil
	x.rec.Real = m.answer.Real
	return nil
}

// chosen returns the n best that keep the limits, the predicted best by a metric first, and the
// baselines; none where nothing keeps the limits.
func chosen(a *answer.Answer, by goal.Metric, n int) []*answer.Candidate {
	if a.Chosen == "" {
		return nil
	}
	var best, others []*answer.Candidate
	for i := range a.Candidates {
		switch c := &a.Candidates[i]; {
		case len(c.Broken) == 0 && len(best) < n:
			best = append(best, c)
		case c.Baseline != "":
			others = append(others, c)
		}
	}
	all := slices.Concat(best, others)
	first := 0
	for i, c := range all {
		if len(c.Broken) == 0 && by.Better(c.Values[by], all[first].Values[by]) {
			first = i
		}
	}
	all[0], all[first] = all[first], all[0]
	return all
}

// same checks that a run recorded what one process does, where anything is recorded.
func (x *exploration) same(ctx context.Context, r *ran) error {
	want, _, err := x.s.Oracle(x.src.models).Results(ctx, r.plan)
	if err != nil || len(want) == 0 {
		return err
	}
	return measure.SameResults(r.plan.Name, r.results, want, r.left)
}
