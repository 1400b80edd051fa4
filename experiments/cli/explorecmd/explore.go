package explorecmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/urfave/cli/v2"
)

// exploration is what one command line does.
type exploration struct {
	*Commands
	c    *cli.Context
	s    *Session
	goal *goal.Goal
	src  *source
	// testbed says which devices stand for those of the experiment; nil: they are emulated on this machine.
	testbed *result.Testbed
	out     string // the folder of the run
	rec     *record.Run
	run     answer.Run
	made    []*mapped // of the platforms that have an answer
}

func (a *Commands) explore(c *cli.Context) error {
	g, err := wanted(c)
	if err != nil {
		return err
	}
	if err := target(c).Check(); c.IsSet("output") && err != nil {
		return outputError(err)
	}
	s, err := a.Session(c)
	if err != nil {
		return err
	}
	defer s.Close()
	src, err := a.load(c, s)
	if err != nil {
		return err
	}
	if err := src.check(g); err != nil {
		return err
	}
	if c.IsSet("output") && len(src.platforms) > 1 {
		return input.Error(fmt.Errorf("-o writes one plan, and %s has %d pairs of endpoint and link; name one by --endpoint "+
			"and --link", src.name, len(src.platforms)))
	}
	x := &exploration{Commands: a, c: c, s: s, goal: g, src: src}
	if src.x != nil {
		x.testbed = s.Testbed(src.x)
	}
	if err := x.open(); err != nil {
		return err
	}
	if err := x.answer(); err != nil {
		x.rec.Incomplete = err.Error()
		s.Log.Logf("not finished; what there is of it: %s", x.out)
		return errors.Join(err, x.rec.Write(x.out))
	}
	return x.unanswered()
}

// target is the file of the chosen plan that the command line names.
func target(c *cli.Context) output.Target {
	return output.Target{Path: c.String("output"), Replace: c.Bool("force")}
}

// outputError marks errors about where the plan shall go that the user has to correct.
func outputError(err error) error {
	if output.User(err) {
		return input.Error(err)
	}
	return err
}

// open makes the folder of the run.
func (x *exploration) open() error {
	dir := filepath.Join(x.s.Results, "explore", result.FileName(x.src.name))
	if err := x.s.Lock(dir); err != nil {
		return err
	}
	rec := x.s.Run()
	rec.Seed, rec.Inputs.Drivers, rec.Inputs.Models = x.src.seed, "sim", map[string]string{}
	if x.c.IsSet("confirm") {
		rec.Inputs.Drivers = "both"
	}
	if rec.Testbed = x.testbed; x.testbed != nil {
		rec.Inputs.Machine = x.testbed.String()
	}
	for name, m := range x.src.models {
		rec.Inputs.Models[name] = m.SHA256()
	}
	switch x.src.kind {
	case ofExperiment:
		rec.Inputs.Experiment = x.src.digest
	case ofPlan:
		rec.Inputs.Plan = x.src.digest
	case ofModel:
	}
	out, err := record.New(dir, rec)
	if err != nil {
		return err
	}
	x.out, x.rec = out, rec
	x.run = answer.Run{Name: x.src.name, Machine: rec.Inputs.Machine, Date: rec.Started.Format("2006-01-02"),
		Seed: x.src.seed, Goal: x.goal, Results: out}
	return nil
}

// answer explores every platform, and writes and prints what was found.
func (x *exploration) answer() error {
	ctx := x.c.Context
	p, err := x.profile(ctx)
	if err != nil {
		return err
	}
	x.rec.Profiled = p.how
	for _, on := range x.src.platforms {
		m, err := x.search(ctx, on, p)
		if err != nil {
			return err
		}
		x.made = append(x.made, m)
	}
	if n := x.c.Int("confirm"); n > 0 {
		for _, m := range x.made {
			if err := x.confirm(ctx, m, n); err != nil {
				return err
			}
		}
	}
	for _, m := range x.made {
		m.answer.Text = m.answer.Sentence(x.goal)
		if err := x.keepPlan(m); err != nil {
			return err
		}
		x.run.Answers = append(x.run.Answers, m.answer)
	}
	if err := x.write(); err != nil {
		return err
	}
	x.s.Done()
	if x.c.Bool("json") {
		return x.JSON(x.run)
	}
	return x.print()
}

// unanswered says for which platforms no mapping keeps the limits, and what of it was measured
// that failed.
func (x *exploration) unanswered() error {
	var errs []error
	for i := range x.run.Answers {
		if a := &x.run.Answers[i]; a.Chosen == "" {
			text := a.Text
			if a.Name != "" {
				text = a.Name + ": " + text
			}
			errs = append(errs, input.Error(fmt.Errorf("%w: %s", goal.ErrGoal, text)))
		}
	}
	for i := range x.run.Answers {
		if f := x.run.Answers[i].Confirmed; f != nil {
			for _, m := range f.Mappings {
				if m.Failed != "" {
					errs = append(errs, fmt.Errorf("%s could not be measured: %s", m.Name, m.Failed))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// emulated reports whether a plan has a slowed device or a shaped link.
func emulated(p *plan.Platform) bool {
	return slices.ContainsFunc(p.Devices, func(d plan.Device) bool {
		return slices.ContainsFunc(d.Units, func(u plan.Unit) bool { return u.Slowdown > 1 })
	}) || slices.ContainsFunc(p.Links, func(l plan.Link) bool { return l.BandwidthBytesPerSec > 0 || l.Latency > 0 })
}
