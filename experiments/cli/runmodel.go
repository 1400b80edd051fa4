package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/tempdir"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/urfave/cli/v2"
)

// modelRunFlags are those of a run of a model without a plan file.
func modelRunFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "model", Usage: "run the `MODEL`, an ONNX file or the name of a data set, without a plan file"},
		modelcmd.AtFlag("with --model: "),
		modelcmd.DimFlag(), modelcmd.BoundFlag(),
	}, append(modelcmd.InputFlags(), modelcmd.TestbedFlags()...)...)
}

// runModel makes a plan of a model and runs it.
func (a *App) runModel(c *cli.Context) (err error) {
	if c.NArg() > 0 {
		return usage(fmt.Errorf("give --model or a plan, not both: %s", c.Args().First()))
	}
	if c.String("at") == "" {
		return usage(fmt.Errorf("say where to cut by --at CUT; see: edgeprune model cuts %s", c.String("model")))
	}
	simulate, measure, err := drivers(c.String("driver"))
	if err != nil {
		return err
	}
	l, err := a.session(c)
	if err != nil {
		return err
	}
	defer l.close()
	m, err := l.model().Open(c.Context, c.String("model"), true)
	if err != nil {
		return err
	}
	tb, err := modelcmd.AssumedTestbed(c, m)
	if err != nil {
		return err
	}
	temp, err := tempdir.Make("run")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, temp.Remove()) }()
	if err := m.Ready(modelcmd.Runtime{}); err != nil {
		return modelcmd.UserError(err)
	}
	parts, err := m.SplitAt(c.String("at"))
	if err != nil {
		return modelcmd.UserError(err)
	}
	if tb.Input, err = writeInput(temp.Path, m); err != nil {
		return modelcmd.UserError(err)
	}
	yaml, models, err := m.Plan(parts, tb)
	if err != nil {
		return modelcmd.UserError(err)
	}
	f, err := planfile.Parse("the plan of --model", yaml)
	if err != nil {
		return err
	}
	l.log.Logf("%s cut at %s; emulated on this machine: the first device %v times slower, links of %s/s and %s",
		m.Name, c.String("at"), tb.Slowdown, modelcmd.ByteText(int64(tb.BandwidthBytesPerSec)), tb.Latency)
	for _, n := range modelcmd.PartNotes(parts, models) {
		l.log.Logf("note: %s", n)
	}
	l.log.Logf("its input: %s", m.Ran())
	for _, w := range modelcmd.PartWarnings(parts) {
		l.log.Logf("warning: %s", w)
	}
	if err := l.runFile(c.Context, f, models, simulate, measure, temp.Path); err != nil {
		return err
	}
	if !c.Bool("json") {
		fmt.Fprintf(a.env.Stdout, "keep the parts and the plan: edgeprune model split %s --at %s -o DIR\n",
			modelcmd.ShellText(c.String("model")), modelcmd.ShellText(c.String("at")))
	}
	return nil
}

// writeInput writes the elements of the model's inputs into a folder and returns the file;
// none where they are random numbers, which the source of a plan draws itself.
func writeInput(dir string, m *model.Model) (string, error) {
	if m.Plain {
		return "", nil
	}
	data, err := m.Source()
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "input.bin")
	return out, os.WriteFile(out, data, 0o600)
}
