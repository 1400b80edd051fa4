package studycmd

import (
	"context"
	"errors"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// Simulated are the cases of a study for a benchmark.
type Simulated struct {
	N      int
	points []design.Point
	runner *runner.Runner
}

// Cases reads a study.
func Cases(ctx context.Context, file string, simulator func(string) (func(*profile.Profile) driver.Summarizer, error)) (
	*Simulated, error,
) {
	l, err := (&Commands{Simulator: simulator}).load(ctx, &Session{}, file)
	if err != nil {
		return nil, err
	}
	s := &Simulated{}
	if s.points, err = l.design.Points(); err != nil {
		return nil, err
	}
	s.N = len(s.points)
	s.runner, err = runner.New(l.base, l.design, runner.Nowhere{})
	return s, err
}

// Run simulates a case.
func (s *Simulated) Run(ctx context.Context, i int) error {
	row, err := s.runner.One(ctx, s.points[i])
	if err == nil && row.Failed != "" {
		err = errors.New(row.Failed)
	}
	return err
}
