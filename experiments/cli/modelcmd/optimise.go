package modelcmd

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/urfave/cli/v2"
)

// Optimised is what the command says of the model that it wrote.
type Optimised struct {
	File         string  `json:"file"`
	Bytes        int64   `json:"bytes"`
	OptimisedFor string  `json:"optimised_for"`
	Nodes        int     `json:"nodes"`
	NodesBefore  int     `json:"nodes_before"`
	Difference   float64 `json:"difference"` // from the model before, relative
}

func (a *Commands) optimiseCommand() *cli.Command {
	return &cli.Command{
		Name: "optimise", ArgsUsage: modelArgument,
		Usage: "write what ONNX Runtime makes of a model on this machine, so that cutting it costs less",
		Description: "ONNX Runtime fuses nodes and computes convolutions in blocks of channels that fit the processor's " +
			"vectors. A cut\n" +
			"of the model as it is undoes that at the boundary: both parts together are some per cent slower than the whole.\n" +
			"Cuts of what this command writes cost none of that: their tensors are sent in blocks, some of them with empty\n" +
			"channels, and the parts give the very bits that the whole gives.\n\n" +
			"Such a model runs only with the same version of ONNX Runtime, on processors of the same kind; elsewhere it is\n" +
			"refused, not computed wrongly. Use it where all devices are alike, and keep the model that it was made from.\n\n" +
			"  edgeprune model optimise nanodet -o fast.onnx\n" +
			"  edgeprune model cuts fast.onnx               what they send; x_nchwc is what node x made, in blocks\n" +
			"  edgeprune run --model fast.onnx --at CUT",
		Flags: append([]cli.Flag{input.OutputFlag("`OUT.onnx` to write"), input.ForceFlag(), DimFlag(), jsonFlag()},
			InputFlags()...),
		Action: func(c *cli.Context) error {
			if path, err := named(c); err != nil || path == "" {
				return cmp.Or(err, input.Error(errors.New("say which file to write by -o OUT.onnx")))
			}
			return a.withModel(c, func(m *model.Model) error { return a.optimise(c, m) })
		},
	}
}

func (a *Commands) optimise(c *cli.Context, m *model.Model) error {
	path := c.String("output")
	to := output.Target{Path: path, Replace: c.Bool("force"), Inputs: m.Read}
	if err := to.Check(); err != nil {
		return UserError(err)
	}
	made, err := m.Optimise(Runtime{})
	if err != nil {
		return UserError(err)
	}
	if err := to.Write(made.Data); err != nil {
		return UserError(err)
	}
	o := Optimised{
		File: path, Bytes: int64(len(made.Data)), OptimisedFor: made.Model.OptimisedFor(),
		Nodes: len(made.Model.Nodes()), NodesBefore: len(m.Nodes()), Difference: made.Difference,
	}
	if c.Bool("json") {
		return a.JSON(o)
	}
	w := a.Stdout
	fmt.Fprintf(w, "%s: %s, %d nodes of %d\n", path, ByteText(o.Bytes), o.Nodes, o.NodesBefore)
	fmt.Fprintf(w, "  runs only on %s\n", o.OptimisedFor)
	equal := "equal bit by bit"
	if o.Difference != 0 {
		equal = difference(o.Difference) + " relative"
	}
	fmt.Fprintf(w, "  difference from %s: %s\n", m.Name, equal)
	fmt.Fprintf(w, "  choose a cut: edgeprune model cuts %s\n", path)
	return nil
}
