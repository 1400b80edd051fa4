package studycmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/study/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/table"
	"github.com/urfave/cli/v2"
)

// found is what a study found, as --json prints it. Its field names are part of the
// interface.
type found struct {
	Study   string          `json:"study"`
	Results string          `json:"results"`
	Cases   int             `json:"cases"`
	Failed  int             `json:"failed"`
	Factors []string        `json:"factors"`
	Answers []answer.Answer `json:"answers,omitempty"`
	Files   []string        `json:"files"` // figures and the report
	Notes   []string        `json:"notes,omitempty"`
	Rows    []runner.Row    `json:"rows"`
	points  []design.Point  // of the rows
}

// failure says that cases failed.
func (f *found) failure() error {
	for i := range f.Rows {
		if why := f.Rows[i].Failed; why != "" {
			return fmt.Errorf("%d of %d cases failed; the first, %s: %s", f.Failed, f.Cases,
				join(f.Rows[i].Levels), why)
		}
	}
	return nil
}

// simulation is a study that is being simulated.
type simulation struct {
	*loaded
	s       *Session
	runner  *runner.Runner
	workers int
	farm    *farm // nil: this process simulates
	found   *found
	seen    map[string]bool // cases that are in found
}

// simulate simulates all cases, answers the questions and writes both.
func (l *loaded) simulate(c *cli.Context, s *Session, far *farm, out string) (f *found, err error) {
	x := &simulation{loaded: l, s: s, seen: map[string]bool{}, found: &found{Study: l.spec.Study, Results: out}}
	if x.workers, err = slots(c, "jobs"); err != nil {
		return nil, err
	}
	store, err := runner.OpenFile(filepath.Join(out, "cases.jsonl"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if x.runner, err = runner.New(l.base, l.design, store); err != nil {
		return nil, err
	}
	if had := store.Len(); had > 0 {
		s.Log.Logf("%d results are there", had)
	}
	if far != nil {
		if err := far.begin(c.Context, l, out); err != nil {
			return nil, err
		}
		x.farm, x.workers = far, front
		x.runner.Send(far)
		over := far.announce(c.Context)
		defer func() { over(err) }()
	}
	points, err := l.points(c.Context)
	if err != nil {
		return nil, err
	}
	x.found.Notes = append(x.found.Notes, l.missing...)
	if !l.design.Searches() {
		rows, err := x.runner.All(c.Context, points, x.workers, x.progress("cases of "+l.spec.Study, len(points)))
		if err != nil {
			return nil, err
		}
		x.add(points, rows)
	}
	if err := x.ask(c.Context, points); err != nil {
		return nil, err
	}
	x.found.Cases = len(x.found.Rows)
	return x.found, x.found.write(out, l.design.Factors)
}

// points returns the cases of the design, without baselines that can't be had.
func (l *loaded) points(ctx context.Context) ([]design.Point, error) {
	points, err := l.design.Points()
	if err != nil {
		return nil, err
	}
	return l.baselines(ctx, points)
}

// progress returns what shows how many of a number are done.
func (x *simulation) progress(what string, total int) func(done int) {
	start := x.s.Now()
	return func(done int) {
		left := x.s.Now().Sub(start) / time.Duration(done) * time.Duration(total-done)
		x.s.Log.Step(what, done, total, left.Round(time.Second))
		if x.farm != nil {
			x.farm.progress(what, done, total)
		}
	}
}

// add adds cases to what was found, each once.
func (x *simulation) add(points []design.Point, rows []runner.Row) {
	f := x.found
	for i, p := range points {
		if key := p.Key(); !x.seen[key] {
			x.seen[key] = true
			f.points, f.Rows = append(f.points, p), append(f.Rows, rows[i])
			if rows[i].Failed != "" {
				f.Failed++
			}
		}
	}
}

// ask answers the questions, of which those for a limit simulate further cases.
func (x *simulation) ask(ctx context.Context, points []design.Point) error {
	for i := range x.spec.Ask {
		if x.spec.Ask[i].Best != "" {
			all, err := answer.Best(x.design, i, x.found.points, x.found.Rows)
			if err != nil {
				return err
			}
			x.found.Answers = append(x.found.Answers, all...)
			continue
		}
		l, err := answer.NewLimit(x.design, i, x.runner.One)
		if err != nil {
			return err
		}
		if err := x.limit(ctx, i, l, l.Points(points)); err != nil {
			return err
		}
	}
	return nil
}

// limit searches the limits of question i, several at a time.
func (x *simulation) limit(ctx context.Context, i int, l *answer.Limit, points []design.Point) error {
	answers, cases := make([]answer.Answer, len(points)), make([]answer.Cases, len(points))
	done := x.progress(fmt.Sprintf("limits of question %d of %s", i+1, x.spec.Study), len(points))
	var mu sync.Mutex
	n := 0
	err := runner.Each(ctx, len(points), x.workers, func(ctx context.Context, k int) (err error) {
		if answers[k], cases[k], err = l.Answer(ctx, points[k]); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		n++
		done(n)
		return nil
	})
	if err != nil {
		return err
	}
	x.found.Answers = append(x.found.Answers, answers...)
	for _, c := range cases {
		x.add(c.Points, c.Rows)
	}
	return nil
}

// write writes the tables and the answers.
func (f *found) write(out string, factors []*factor.Factor) error {
	for _, x := range factors {
		f.Factors = append(f.Factors, x.Name)
	}
	var csv, parquet bytes.Buffer
	points := make([][]factor.Level, len(f.points))
	for i, p := range f.points {
		points[i] = p
	}
	if err := errors.Join(
		table.WriteCSV(&csv, f.Factors, f.Rows),
		table.WriteParquet(&parquet, factors, points, f.Rows),
	); err != nil {
		return err
	}
	answers, err := json.MarshalIndent(f.Answers, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		result.WriteFile(filepath.Join(out, "cases.csv"), csv.Bytes()),
		result.WriteFile(filepath.Join(out, "cases.parquet"), parquet.Bytes()),
		result.WriteFile(filepath.Join(out, "answers.json"), append(answers, '\n')),
	)
}
