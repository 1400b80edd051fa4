package explorecmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// kind is what is explored.
type kind int

const (
	ofExperiment kind = iota
	ofPlan
	ofModel
)

func (k kind) String() string { return [...]string{"an experiment", "a plan file", "a model"}[k] }

// kindOf says what an argument names.
func kindOf(arg string) (kind, error) {
	info, err := os.Stat(arg)
	ext := strings.ToLower(filepath.Ext(arg))
	switch {
	case filepath.Base(arg) == input.ExperimentFile:
		return ofExperiment, nil
	case ext == ".yaml" || ext == ".yml":
		return ofPlan, nil
	case err != nil && strings.ContainsRune(arg, filepath.Separator) && ext != ".onnx":
		return 0, input.Error(err)
	case err != nil || !info.IsDir():
		return ofModel, nil
	}
	if _, err := os.Stat(filepath.Join(arg, input.ExperimentFile)); err != nil {
		return 0, input.Error(fmt.Errorf("the folder %s holds no %s; name an experiment's folder, a plan file or a "+
			"model", arg,
			input.ExperimentFile))
	}
	return ofExperiment, nil
}

// only are the flags that don't go with everything that is explored, each with what it goes with
// and what to do else.
var only = []input.Fit[kind]{
	{Name: "endpoint", With: []kind{ofExperiment}, Instead: "the platform has the devices that it has"},
	{Name: "link", With: []kind{ofExperiment}, Instead: "the platform has the links that it has"},
	{
		Name: "testbed", With: []kind{ofExperiment},
		Instead: "write an experiment of it, whose devices a testbed's can stand for",
	},
	{Name: "on", With: []kind{ofExperiment}, Instead: "the devices are those of its platform"},
	{Name: "without", With: []kind{ofExperiment}, Instead: "the devices are those of its platform"},
	{Name: "wait", With: []kind{ofExperiment}, Instead: "it is explored on this machine"},
	{Name: "take", With: []kind{ofExperiment}, Instead: "it is explored on this machine"},
	{Name: "input", With: []kind{ofModel}, Instead: "a source says what its frames are"},
	{Name: "picture", With: []kind{ofModel}, Instead: "a source says how its pictures become elements"},
	{Name: "reshape", With: []kind{ofModel}, Instead: "tensors have the shapes of their ports"},
	{Name: "dim", With: []kind{ofModel}, Instead: "bind it by edgeprune model split, which writes a plan"},
	{Name: "bound", With: []kind{ofModel}, Instead: "declare it by edgeprune model split, which writes a plan"},
	{Name: "slowdown", With: []kind{ofModel}, Instead: "change slowdown of the unit in the file"},
	{Name: "bandwidth", With: []kind{ofModel}, Instead: "change bandwidth_bytes_per_sec of the link in the file"},
	{
		Name: "latency", With: []kind{ofModel},
		Instead: "change latency of the link in the file; a limit is --limit 'latency<=50ms'",
	},
	{Name: "frames", With: []kind{ofModel}, Instead: "change workload in the file"},
}

// fits refuses flags that would be ignored, all by name, and values out of range.
func fits(c *cli.Context, k kind) error {
	errs := input.Unfit(c, k, only)
	for _, name := range []string{"on", "without", "wait", "take"} {
		if k == ofExperiment && c.IsSet(name) && c.String("testbed") == "" {
			errs = append(errs, fmt.Errorf("--%s does not go without --testbed: on this machine every device of an "+
				"experiment is emulated", name))
		}
	}
	if c.Bool("wait") && c.Bool("take") {
		errs = append(errs, errors.New("give --wait or --take, not both"))
	}
	if n := c.Int("confirm"); c.IsSet("confirm") && n < 1 {
		errs = append(errs, fmt.Errorf("--confirm %d; expected how many of the best to measure, at least 1", n))
	}
	if err := errors.Join(errs...); err != nil {
		return input.Error(err)
	}
	return nil
}
