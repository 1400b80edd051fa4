package explorecmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// experimentFile is the file of an experiment in its folder, which may be named instead.
const experimentFile = "experiment.yaml"

// kindOf says what an argument names.
func kindOf(arg string) (kind, error) {
	info, err := os.Stat(arg)
	ext := strings.ToLower(filepath.Ext(arg))
	switch {
	case filepath.Base(arg) == experimentFile:
		return ofExperiment, nil
	case ext == ".yaml" || ext == ".yml":
		return ofPlan, nil
	case err != nil && strings.ContainsRune(arg, filepath.Separator) && ext != ".onnx":
		return 0, input.Error(err)
	case err != nil || !info.IsDir():
		return ofModel, nil
	}
	if _, err := os.Stat(filepath.Join(arg, experimentFile)); err != nil {
		return 0, input.Error(fmt.Errorf("the folder %s holds no %s; name an experiment's folder, a plan file or a "+
			"model", arg,
			experimentFile))
	}
	return ofExperiment, nil
}

// only are the flags that don't go with everything that is explored, each with what it goes with
// and what to do else.
var only = []struct {
	name    string
	with    []kind
	instead string
}{
	{"endpoint", []kind{ofExperiment}, "the platform has the devices that it has"},
	{"link", []kind{ofExperiment}, "the platform has the links that it has"},
	{"testbed", []kind{ofExperiment}, "write an experiment of it, whose devices a testbed's can stand for"},
	{"on", []kind{ofExperiment}, "the devices are those of its platform"},
	{"without", []kind{ofExperiment}, "the devices are those of its platform"},
	{"wait", []kind{ofExperiment}, "it is explored on this machine"},
	{"take", []kind{ofExperiment}, "it is explored on this machine"},
	{"input", []kind{ofModel}, "a source says what its frames are"},
	{"picture", []kind{ofModel}, "a source says how its pictures become elements"},
	{"reshape", []kind{ofModel}, "tensors have the shapes of their ports"},
	{"dim", []kind{ofModel}, "bind it by edgeprune model split, which writes a plan"},
	{"bound", []kind{ofModel}, "declare it by edgeprune model split, which writes a plan"},
	{"slowdown", []kind{ofModel}, "change slowdown of the unit in the file"},
	{"bandwidth", []kind{ofModel}, "change bandwidth_bytes_per_sec of the link in the file"},
	{"latency", []kind{ofModel}, "change latency of the link in the file; a limit is --limit 'latency<=50ms'"},
	{"frames", []kind{ofModel}, "change workload in the file"},
}

// fits refuses flags that would be ignored, all by name, and values out of range.
func fits(c *cli.Context, k kind) error {
	var errs []error
	for _, f := range only {
		if c.IsSet(f.name) && !slices.Contains(f.with, k) {
			errs = append(errs, fmt.Errorf("--%s does not go with %s: %s", f.name, k, f.instead))
		}
	}
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
