package studycmd

import (
	"context"
	"fmt"

	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// baselines leaves baselines out that the study can't have, and notes why: each is tried by its
// first case on this machine. Points of others are returned.
func (l *loaded) baselines(ctx context.Context, points []design.Point) ([]design.Point, error) {
	d := l.design
	if d.NoBaselines != nil {
		l.missing = append(l.missing, fmt.Sprintf("the study holds no baselines: %v", d.NoBaselines))
		return points, nil
	}
	r, err := runner.New(l.base, d, runner.Nowhere{})
	if err != nil {
		return nil, err
	}
	dropped := map[string]bool{}
	for _, name := range d.Baselines() {
		for _, p := range points {
			if d.Baseline(p) != name {
				continue
			}
			if p, err = l.middle(p); err != nil {
				return nil, err
			}
			row, err := r.One(ctx, p)
			if err != nil {
				return nil, err
			}
			if dropped[name] = row.Failed != ""; dropped[name] {
				d.Drop(name)
				l.missing = append(l.missing, fmt.Sprintf("the baseline %q is left out: %s", name, row.Failed))
			}
			break
		}
	}
	var kept []design.Point
	for _, p := range points {
		if !dropped[d.Baseline(p)] {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// middle returns a case with the middle level of a factor that is searched.
func (l *loaded) middle(p design.Point) (design.Point, error) {
	p = append(design.Point(nil), p...)
	for i, searched := range l.design.Searched {
		if !searched {
			continue
		}
		levels, err := l.design.Levels(i)
		if err != nil {
			return nil, err
		}
		p[i] = levels[len(levels)/2]
	}
	return p, nil
}
