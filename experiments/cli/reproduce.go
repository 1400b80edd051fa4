package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/place"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/urfave/cli/v2"
)

func (a *App) reproduceCommand() *cli.Command {
	return &cli.Command{
		Name:  "reproduce",
		Usage: "data, profile, calibration, all experiments under both drivers, tables and figures",
		Description: "It runs the experiments in the folders of --experiments, which are all checked first. Predictions\n" +
			"cover every cut, codec, endpoint and link. Measurements\n" +
			"cover what measure in experiment.yaml says: the baselines, the predicted best of every prediction, and\n" +
			"others spread over the list, each until its interval is narrow enough; with --full all. A quick run leaves out " +
			"experiments\nwhose data is fetched by name only, such as nanodet-devices with 145 MB.\n" +
			"The endpoints and links are emulated on this machine and marked so everywhere. With --testbed, the\n" +
			"experiments run on its devices, and what was measured is marked real; those that need more devices than it\n" +
			"has are left out, by name. --on and --without are for the experiments that have such a device.\n" +
			"Large errors are shown and never make it fail; a lost, doubled or wrong result does.\n\n" +
			"  edgeprune reproduce --quick\n" +
			"  edgeprune reproduce --testbed lab/testbed.yaml --on slow=jetson1 --without fast",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "experiments", Usage: "`DIR` that holds the experiments", Value: "experiments"},
			&cli.StringFlag{Name: "nats", Usage: "`URL` of a NATS server whose agents to use instead of starting some",
				DefaultText: "that of --testbed"},
			domainFlag(), access.CoordinatorFlag(),
		}, effortFlags(), access.Flags(), place.Flags()),
		Action: func(c *cli.Context) error {
			e, err := effort(c)
			if err != nil {
				return err
			}
			l, err := a.session(c)
			if err != nil {
				return err
			}
			defer l.close()
			l.several = true
			return l.reproduce(e)
		},
	}
}

// profiled opens all experiments and makes their profiles: the first round of the first one
// before the others' data is fetched, so that a figure is there early.
func (l *session) profiled(ctx context.Context, list []found, e sweep.Effort) ([]*study, error) {
	var studies []*study
	for i, f := range list {
		s, err := l.study(ctx, f.dir, e, true, true)
		if err != nil {
			return nil, err
		}
		studies = append(studies, s)
		if err := s.round(ctx); err != nil {
			return nil, err
		}
		if i > 0 {
			continue
		}
		if err := s.preview(ctx); err != nil {
			return nil, err
		}
	}
	for range extents[e].rounds - 1 {
		for _, s := range studies {
			if err := s.round(ctx); err != nil {
				return nil, err
			}
		}
	}
	return studies, nil
}

// reproduce runs all experiments. Their profiles are made first, round by round over all of
// them, so that the samples of a firing are minutes apart.
func (l *session) reproduce(e sweep.Effort) error {
	ctx := l.c.Context
	started := l.app.env.Now()
	list, err := l.reproduced(l.c.String("experiments"), e)
	if err != nil {
		return err
	}
	if list, err = l.placeable(ctx, list); err != nil {
		return err
	}
	for _, f := range list {
		if err := l.lock(filepath.Join(l.results(), f.name)); err != nil {
			return err
		}
	}
	studies, err := l.profiled(ctx, list, e)
	if err != nil {
		return err
	}
	var sweeps []*result.Sweep
	var failed error
	for _, s := range studies {
		found, err := s.run(ctx)
		if found == nil {
			return err
		}
		failed = errors.Join(failed, err)
		sweeps = append(sweeps, found)
	}
	path := filepath.Join(l.results(), "reproduce.json")
	all, err := result.Reproduce(sweeps)
	if err != nil {
		return err
	}
	all.Machine, all.Date, all.Revision = l.machine, started.Format("2006-01-02"), l.app.env.Revision.String()
	if err := all.Write(path); err != nil {
		return err
	}
	l.log.done()
	for _, f := range list {
		s := all.Experiments[f.name]
		fmt.Fprintf(l.app.env.Stdout, "%s: error of the simulation\n", f.name)
		for _, line := range result.ErrorLines(s.Errors) {
			fmt.Fprintf(l.app.env.Stdout, "  %s\n", line)
		}
		for _, t := range s.Trades {
			fmt.Fprintf(l.app.env.Stdout, "  %s: %s\n", result.Group{Endpoint: t.Endpoint, Link: t.Link}.Name(), &t)
		}
		for _, line := range result.GroupErrorLines(s.GroupErrors) {
			fmt.Fprintf(l.app.env.Stdout, "  %s\n", line)
		}
		if len(s.Trades)+len(s.GroupErrors) > 0 {
			continue
		}
		fmt.Fprintf(
			l.app.env.Stdout,
			"  best cut without raw frames, %s: measured %s (%s), predicted %s (%s); regret of the prediction %s\n",
			s.Headline, s.BestCutMeasured, interval(s.SpeedupMeasured), s.BestCutSimulated, times(s.SpeedupSimulated),
			percent(s.BestCutRegret))
	}
	fmt.Fprintf(l.app.env.Stdout, "all experiments: error of the simulation\n")
	for _, line := range result.ErrorLines(all.Errors) {
		fmt.Fprintf(l.app.env.Stdout, "  %s\n", line)
	}
	fmt.Fprintf(l.app.env.Stdout, "%s written after %v\n", path, l.app.env.Now().Sub(started).Round(1e9))
	return failed
}

func percent(x *float64) string {
	if x == nil {
		return "not measured"
	}
	return fmt.Sprintf("%.1f %%", 100**x)
}

func times(x *float64) string {
	if x == nil {
		return "not measured"
	}
	return fmt.Sprintf("%.2f x", *x)
}

// interval writes a speed-up with its 95 % interval.
func interval(i *stat.Interval) string {
	if i == nil {
		return "not measured"
	}
	return fmt.Sprintf("%.2f x, %.2f to %.2f", i.Value, i.Low, i.High)
}
