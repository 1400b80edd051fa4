package cli

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

// experimentFile is the file of an experiment in its folder, which may be named instead.
const experimentFile = "experiment.yaml"

// experimentFolder returns the folder of an experiment that is named by it or by its file.
func experimentFolder(path string) string {
	if filepath.Base(path) == experimentFile {
		return filepath.Dir(path)
	}
	return path
}

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
	if filepath.Base(path) == experimentFile {
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
var runFlags = []struct {
	name    string
	with    []runKind
	instead string
}{
	{"input", []runKind{ofModel}, "a plan's source says what its frames are"},
	{"picture", []runKind{ofModel}, "a plan's source says how its pictures become elements"},
	{"reshape", []runKind{ofModel}, "a plan's tensors have the shapes of their ports"},
	{"at", []runKind{ofModel}, "the mapping of the plan says where the model is cut"},
	{"dim", []runKind{ofModel}, "bind it by edgeprune model split, which writes a plan"},
	{"bound", []runKind{ofModel}, "declare it by edgeprune model split, which writes a plan"},
	{"slowdown", []runKind{ofModel}, "change slowdown of the unit in the file"},
	{"bandwidth", []runKind{ofModel}, "change bandwidth_bytes_per_sec of the link in the file"},
	{"latency", []runKind{ofModel}, "change latency of the link in the file"},
	{"frames", []runKind{ofModel, ofPlan}, "change workload in the file"},
	{"trace", []runKind{ofModel, ofPlan}, "the traces of its cases are kept"},
	{"trace-instances", []runKind{ofModel, ofPlan}, "the traces of its cases are kept"},
	{"trace-from", []runKind{ofModel, ofPlan}, "the traces of its cases are kept"},
	{"trace-to", []runKind{ofModel, ofPlan}, "the traces of its cases are kept"},
	{"on", []runKind{ofExperiment}, "the devices are those of its platform"},
	{"without", []runKind{ofExperiment}, "the devices are those of its platform"},
	{"quick", []runKind{ofExperiment}, "it is run once in any case"},
	{"full", []runKind{ofExperiment}, "it is run once in any case"},
	{"reprofile", []runKind{ofExperiment}, "it is profiled in any case"},
}

// storeFlags are those about the object store of --nats.
var storeFlags = []string{"js-domain", "store-ttl", "store-bytes"}

// positive reports whether a quantity is.
func positive(c *cli.Context, name string) bool {
	return input.Duration(c, name) > 0 || c.Int64(name) > 0
}

// fits refuses flags that would be ignored, all by name.
func fits(c *cli.Context, kind runKind, deployed bool) error {
	var errs []error
	for _, f := range runFlags {
		if c.IsSet(f.name) && !slices.Contains(f.with, kind) {
			errs = append(errs, fmt.Errorf("--%s does not go with %s: %s", f.name, kind, f.instead))
		}
	}
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
