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
		&cli.StringFlag{Name: "input",
			Usage: "with --model: a picture, a tensor file (.npy, .pb) or the raw bytes of the input, or random",
			Value: "random"},
		modelcmd.AtFlag("with --model: "),
		modelcmd.DimFlag(), modelcmd.BoundFlag(),
	}, modelcmd.TestbedFlags()...)
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
	if input := c.String("input"); input != "random" {
		if tb.Input, err = writeInput(temp.Path, input, m); err != nil {
			return modelcmd.UserError(err)
		}
	}
	parts, err := m.SplitAt(c.String("at"))
	if err != nil {
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

// writeInput writes the elements of the model's input that a file stands for.
func writeInput(dir, path string, m *model.Model) (string, error) {
	inputs := m.Inputs()
	if len(inputs) == 0 {
		return "", errors.New("the model has no input")
	}
	data, err := model.ReadInput(path, inputs[0])
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "input.bin")
	return out, os.WriteFile(out, data, 0o600)
}
