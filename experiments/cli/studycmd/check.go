package studycmd

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/study/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/urfave/cli/v2"
)

// estimate is what check says of a study. Its field names are part of the interface.
type estimate struct {
	Study   string  `json:"study"`
	Cases   int     `json:"cases"` // at most, where limits are searched
	Workers int     `json:"workers"`
	Seconds float64 `json:"estimated_seconds"`
	Tried   int     `json:"cases_tried"`
	Failed  string  `json:"failed,omitempty"` // why one of those that were tried did
	// Notes say which baselines are left out, and why.
	Notes []string `json:"notes,omitempty"`
}

// tried is how many cases are simulated for an estimate.
const tried = 5

func (a *Commands) check(c *cli.Context) error {
	file, err := one(c)
	if err != nil {
		return input.Error(err)
	}
	s, err := a.Session(c)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := a.load(c.Context, s, file)
	if err != nil {
		return err
	}
	points, err := l.points(c.Context)
	if err != nil {
		return err
	}
	e := estimate{Study: l.spec.Study, Cases: len(points), Notes: l.missing}
	for i, searched := range l.design.Searched {
		if searched {
			levels, err := l.design.Levels(i)
			if err != nil {
				return err
			}
			e.Cases *= answer.Most(len(levels))
		}
	}
	if e.Workers, err = slots(c, "jobs"); err != nil {
		return err
	}
	if err := l.estimate(c.Context, s, points, &e); err != nil {
		return err
	}
	s.Done()
	if c.Bool("json") {
		return a.JSON(e)
	}
	most := ""
	if l.design.Searches() {
		most = "at most "
	}
	fmt.Fprintf(a.Stdout, "%s: "+most+"%d cases; about %v with %d at a time, by %d that were tried\n", e.Study, e.Cases,
		time.Duration(e.Seconds*1e9).Round(10*time.Millisecond), e.Workers, e.Tried)
	for _, n := range e.Notes {
		fmt.Fprintf(a.Stdout, "note: %s\n", n)
	}
	if e.Failed != "" {
		fmt.Fprintf(a.Stdout, "a case that was tried failed: %s\n", e.Failed)
	}
	return nil
}

// estimate simulates cases that are spread over the design, each twice: the first compiles.
func (l *loaded) estimate(ctx context.Context, s *Session, points []design.Point, e *estimate) error {
	r, err := runner.New(l.base, l.design, runner.Nowhere{})
	if err != nil {
		return err
	}
	e.Tried = min(tried, len(points))
	var spent time.Duration
	for k := range e.Tried {
		p, err := l.middle(points[k*(len(points)-1)/max(e.Tried-1, 1)])
		if err != nil {
			return err
		}
		for again := range 2 {
			s.Log.Step("try cases of "+l.spec.Study, 2*k+again, 2*e.Tried, 0)
			start := s.Now()
			row, err := r.One(ctx, p)
			if err != nil {
				return err
			}
			if row.Failed != "" {
				e.Failed = row.Failed
			}
			if again == 1 {
				spent += s.Now().Sub(start)
			}
		}
	}
	e.Seconds = spent.Seconds() / float64(e.Tried) * float64(e.Cases) / float64(e.Workers)
	return nil
}
