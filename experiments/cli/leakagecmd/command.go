// Package leakagecmd is the command that says what cuts give away of the frames. It reads flags
// and prints; package leakage of the experiments does the work.
package leakagecmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/codec"
	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/urfave/cli/v2"
)

// AllCodecs stands for the codecs of `edgeprune codecs`.
const AllCodecs = "all"

// Commands makes the command.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error // prints to Stdout
	// Session prepares what the command needs; its Close is called when the command ends.
	Session func(c *cli.Context) (*Session, error)
	// Flags are those of a model without a plan.
	Flags []cli.Flag
}

// Session is what the command needs while it runs.
type Session struct {
	// Subject reads what the argument names, and gets what it uses.
	Subject func(ctx context.Context, name string) (*Subject, error)
	Log     driver.Progress
	// Folder makes the folder of results of a subject, with the record of the run.
	Folder        func(name string) (string, error)
	Machine, Date string
	Done          func() // ends a line of progress that may be open
	Close         func()
}

// Subject is what leakage is asked of.
type Subject struct {
	Name    string
	Request leakage.Request // without what flags say
	Frames  int             // that there are; 0: as many as are asked for
	// Crossing are the cuts of a plan's own mapping; nil: it has none.
	Crossing []leakage.Cut
	Close    func() error // may be nil
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "leakage", ArgsUsage: "experiments/NAME | PLAN.yaml | MODEL.onnx | DATA-SET",
		Usage: "say what the tensors of each cut give away of the frames, by codec",
		Description: "The heads run on samples; what they make crosses each codec as on a link. Of what arrives:\n" +
			"  dependence      bias-corrected distance correlation with the frames: 0 in the mean if independent, at most 1\n" +
			"  PSNR, SSIM      of frames that a linear decoder reconstructs, fitted to other samples (ridge regression),\n" +
			"                  resized to " + fmt.Sprintf("%d x %d pixels", leakage.Side, leakage.Side) + "\n" +
			"  floor           the mean of the other frames, which needs no tensor\n" +
			"  ceiling         JPEG of no more bytes\n" +
			"  class radius    how near samples of a class lie, where the data set has labels: 0 one point, 1 anywhere\n" +
			"Intervals are of 95 %. A little is no proof of safety, as another decoder may find more: " + core.Rule + ".\n" +
			"Samples of a clip are alike, and a decoder that was fitted to a scene knows it. Results go to " +
			"results/leakage/NAME/RUN:\n" +
			"table, figure, pictures, report.html. What is known of a program, its samples and the seed is cached.\n\n" +
			"  edgeprune leakage experiments/vehicle-classification\n" +
			"  edgeprune leakage experiments/ssd-tracking --cuts PP3,PP9 --codecs none,int8\n" +
			"  edgeprune leakage model.onnx --input photographs/",
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "samples", Usage: "`N` frames, of which equal ones count once", Value: leakage.Samples},
			&cli.Uint64Flag{Name: "seed", Usage: "`N` of sketches, and of who is reconstructed from whom", Value: 1},
			&cli.StringSliceFlag{Name: "codecs", Usage: "`LIST` of codecs, or " + AllCodecs,
				DefaultText: "those of the experiment or plan, else none,fp16,int8"},
			&cli.StringSliceFlag{Name: "cuts", Usage: "`LIST` of cuts, each the last actor before it or a number as PP5",
				DefaultText: "all; of a plan those that it makes"},
			&cli.StringFlag{Name: "results", Usage: "`DIR` that results go to", DefaultText: "$EDGEPRUNE_RESULTS, else results"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		}, a.Flags...),
		Action: a.run,
	}
}

func (a *Commands) run(c *cli.Context) error {
	if c.NArg() != 1 {
		return input.Error(fmt.Errorf("expected one experiment, plan or model; got %d arguments", c.NArg()))
	}
	if c.Int("samples") < core.Least {
		return input.Error(fmt.Errorf("--samples %d; expected at least %d", c.Int("samples"), core.Least))
	}
	s, err := a.Session(c)
	if err != nil {
		return err
	}
	defer s.Close()
	subject, err := s.Subject(c.Context, c.Args().First())
	if err != nil {
		return err
	}
	if subject.Close != nil {
		defer func() { err = errors.Join(err, subject.Close()) }()
	}
	r := subject.Request
	if n := subject.Frames; n > 0 && (n < core.Least || c.IsSet("samples") && n < c.Int("samples")) {
		return userError(fmt.Errorf("%w: --input gives %d pictures; give at least %d, and as many as --samples asks for",
			leakage.ErrFrames, n, core.Least))
	}
	r.Samples, r.Seed, r.Detail = c.Int("samples"), c.Uint64("seed"), leakage.Everything
	if subject.Frames > 0 {
		r.Samples = min(r.Samples, subject.Frames)
	}
	if r.Codecs, err = codecs(c.StringSlice("codecs"), r.Codecs); err != nil {
		return err
	}
	if r.Cuts, err = cuts(c.StringSlice("cuts"), r, subject.Crossing); err != nil {
		return userError(err)
	}
	table, err := leakage.Of(c.Context, r, s.Log)
	if err != nil {
		return userError(err)
	}
	dir, err := s.Folder(subject.Name)
	if err != nil {
		return err
	}
	if err := keep(c.Context, dir, table, s.Machine, s.Date); err != nil {
		return err
	}
	s.Done()
	if c.Bool("json") {
		return a.JSON(table)
	}
	if err := write(a.Stdout, table); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "\ntable, figure, pictures and report: %s\n", filepath.Join(dir, "report.html"))
	return err
}

// cuts returns the cuts that are named, or else those of the plan, or all.
func cuts(names []string, r leakage.Request, crossing []leakage.Cut) ([]leakage.Cut, error) {
	if len(names) == 0 && len(crossing) > 0 {
		return crossing, nil
	}
	all, err := leakage.Cuts(r)
	if err != nil {
		return nil, err
	}
	return leakage.Choose(all, names)
}

// userError makes errors about what the user gave the user's to correct.
func userError(err error) error {
	for _, user := range []error{leakage.ErrCut, leakage.ErrFrames, leakage.ErrMany, codec.ErrUnknown, codec.ErrChain} {
		if errors.Is(err, user) {
			return input.Error(err)
		}
	}
	return err
}
