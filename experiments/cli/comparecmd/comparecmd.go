// Package comparecmd is the command that says what changed between runs. It reads, prints and
// writes; package compare computes.
package comparecmd

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/compare"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
)

// Commands is the command with what it needs.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error
	Logf   func(format string, args ...any)
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "compare", ArgsUsage: "RUN [RUN...]",
		Usage: "say what changed between runs, machines or revisions, with intervals",
		Description: "A RUN is the folder that a run of an experiment, a plan, a study or explore left, such as\n" +
			"results/NAME/RUN. The others are compared with the first; one RUN alone, with the run before it in the same\n" +
			"folder, and a folder of runs by its last two. What differs of machine, program, profile, command and seed comes\n" +
			"first, then a table for each metric: medians with half their 95 % intervals, and the change with its p-value,\n" +
			"or ~ where the intervals leave open whether there is one. Only cases that all runs have are compared, and\n" +
			"never a prediction with a measurement. Cases that are equal are counted; --all lists them, too.\n\n" +
			"With -o a folder gets the comparison as compare.csv, compare.json, compare.png, compare.svg, table.txt and\n" +
			"report.html.\n\n" +
			"  edgeprune compare results/ssd-tracking\n" +
			"  edgeprune compare results/ssd-tracking/20261128-120000.000 results/ssd-tracking/20261129-093000.000\n" +
			"  edgeprune compare before/my-plan/20261128-120000.000 after/my-plan/20261129-093000.000 -o changed",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the comparison to the new folder `DIR`"},
			&cli.BoolFlag{Name: "all", Usage: "list cases that are equal, too"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		},
		Action: func(c *cli.Context) error {
			err := a.compare(c)
			if user(err) {
				return input.Error(err)
			}
			return err
		},
	}
}

func (a *Commands) compare(c *cli.Context) error {
	out := c.String("output")
	if out != "" {
		if err := output.CheckFolder(out); err != nil {
			return err
		}
	}
	paths, err := runs(c.Args().Slice())
	if err != nil {
		return err
	}
	var all []*compare.Run
	for _, path := range paths {
		r, err := compare.Load(path)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	found, err := compare.Of(all)
	if err != nil {
		return err
	}
	if out != "" {
		if err := output.Folder(out, func(dir string) error { return write(dir, found) }); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		err = a.JSON(found)
	} else {
		err = found.WriteText(a.Stdout, c.Bool("all"))
	}
	if err == nil && out != "" {
		a.Logf("table, CSV, JSON, figure and report: %s", out)
	}
	return err
}

// runs returns the folders of the runs that the arguments mean.
func runs(args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("%w: expected the folders of runs, such as results/NAME/RUN", compare.ErrNoRun)
	}
	if len(args) > 1 {
		return args, nil
	}
	dir := args[0]
	if names, err := compare.Runs(dir); err == nil && len(names) > 0 {
		last := filepath.Join(dir, names[len(names)-1])
		before, err := compare.Before(last)
		return []string{before, last}, err
	}
	if _, err := compare.Load(dir); err != nil { // it is no run
		return nil, err
	}
	before, err := compare.Before(dir)
	return []string{before, dir}, err
}
