package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// runKind is what `edgeprune run` runs.
type runKind int

const (
	ofExperiment runKind = iota
	ofPlan
	ofModel
)

func (k runKind) String() string { return [...]string{"an experiment", "a plan file", "--model"}[k] }

// kindOfRun says what a command line runs.
func kindOfRun(c *cli.Context, path string) runKind {
	if c.IsSet("model") {
		return ofModel
	}
	if filepath.Base(path) == input.ExperimentFile {
		return ofExperiment
	}
	info, err := os.Stat(path)
	ext := strings.ToLower(filepath.Ext(path))
	if err == nil && !info.IsDir() || err != nil && (ext == ".yaml" || ext == ".yml") {
		return ofPlan
	}
	return ofExperiment
}

// runFlags are the flags of run that don't go with everything that it runs, each with what
// it goes with and what to do else.
var runFlags = []input.Fit[runKind]{
	{Name: "input", With: []runKind{ofModel}, Instead: "a plan's source says what its frames are"},
	{Name: "picture", With: []runKind{ofModel}, Instead: "a plan's source says how its pictures become elements"},
	{Name: "reshape", With: []runKind{ofModel}, Instead: "a plan's tensors have the shapes of their ports"},
	{Name: "at", With: []runKind{ofModel}, Instead: "the mapping of the plan says where the model is cut"},
	{Name: "dim", With: []runKind{ofModel}, Instead: "bind it by edgeprune model split, which writes a plan"},
	{Name: "bound", With: []runKind{ofModel}, Instead: "declare it by edgeprune model split, which writes a plan"},
	{Name: "slowdown", With: []runKind{ofModel}, Instead: "change slowdown of the unit in the file"},
	{Name: "bandwidth", With: []runKind{ofModel}, Instead: "change bandwidth_bytes_per_sec of the link in the file"},
	{Name: "latency", With: []runKind{ofModel}, Instead: "change latency of the link in the file"},
	{Name: "frames", With: []runKind{ofModel, ofPlan}, Instead: "change workload in the file"},
	{Name: "trace", With: []runKind{ofModel, ofPlan}, Instead: "the traces of its cases are kept"},
	{Name: "trace-instances", With: []runKind{ofModel, ofPlan}, Instead: "the traces of its cases are kept"},
	{Name: "trace-from", With: []runKind{ofModel, ofPlan}, Instead: "the traces of its cases are kept"},
	{Name: "trace-to", With: []runKind{ofModel, ofPlan}, Instead: "the traces of its cases are kept"},
	{Name: "on", With: []runKind{ofExperiment}, Instead: "the devices are those of its platform"},
	{Name: "without", With: []runKind{ofExperiment}, Instead: "the devices are those of its platform"},
	{Name: "quick", With: []runKind{ofExperiment}, Instead: "it is run once in any case"},
	{Name: "full", With: []runKind{ofExperiment}, Instead: "it is run once in any case"},
	{Name: "reprofile", With: []runKind{ofExperiment}, Instead: "it is profiled in any case"},
}

// storeFlags are those about the object store of --nats.
var storeFlags = []string{"js-domain", "store-ttl", "store-bytes"}

// positive reports whether a quantity is.
func positive(c *cli.Context, name string) bool {
	return input.Duration(c, name) > 0 || c.Int64(name) > 0
}

// fits refuses flags that would be ignored, all by name.
func fits(c *cli.Context, kind runKind, deployed bool) error {
	errs := input.Unfit(c, kind, runFlags)
	for _, name := range storeFlags {
		switch {
		case c.IsSet(name) && !elsewhere(c):
			errs = append(errs, fmt.Errorf("--%s goes with --testbed or --nats only, whose server stores sub-models", name))
		case c.IsSet(name) && name != "js-domain" && !positive(c, name):
			errs = append(errs, fmt.Errorf("--%s must be positive", name))
		}
	}
	for _, name := range []string{"nats", "testbed", "patience", "metrics"} {
		if c.IsSet(name) && !deployed && !(kind == ofExperiment && elsewhere(c)) {
			errs = append(errs, fmt.Errorf("--%s does not go with --driver sim, which deploys nothing", name))
		}
	}
	for _, name := range traceFlagNames {
		if c.IsSet(name) && c.String("driver") == "deploy" {
			errs = append(errs, fmt.Errorf("--%s does not go with --driver deploy, which keeps the whole trace", name))
		}
	}
	for _, name := range []string{"on", "without"} {
		if c.IsSet(name) && !elsewhere(c) && kind == ofExperiment {
			errs = append(errs, fmt.Errorf("--%s does not go without --testbed or --nats: on this machine every device of an "+
				"experiment is emulated", name))
		}
	}
	for _, name := range []string{"wait", "take"} {
		if c.IsSet(name) && !elsewhere(c) {
			errs = append(errs, fmt.Errorf("--%s does not go without --testbed or --nats: agents that are started for the "+
				"run are its own", name))
		}
	}
	if c.Bool("wait") && c.Bool("take") {
		errs = append(errs, errors.New("give --wait or --take, not both"))
	}
	if len(errs) == 0 {
		return nil
	}
	return usage(errors.Join(errs...))
}
