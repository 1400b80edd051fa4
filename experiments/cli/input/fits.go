package input

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"
)

// ExperimentFile is the file of an experiment in its folder, which may be named instead.
const ExperimentFile = "experiment.yaml"

// ExperimentFolder returns the folder of an experiment that is named by it or by its file.
func ExperimentFolder(path string) string {
	if filepath.Base(path) == ExperimentFile {
		return filepath.Dir(path)
	}
	return path
}

// Fit is a flag that doesn't go with everything that a command takes.
type Fit[K comparable] struct {
	Name    string
	With    []K    // what it goes with
	Instead string // what to do else
}

// Unfit refuses, all by name, the flags of a list that are given and don't go with kind.
func Unfit[K comparable](c *cli.Context, kind K, list []Fit[K]) (errs []error) {
	for _, f := range list {
		if c.IsSet(f.Name) && !slices.Contains(f.With, kind) {
			errs = append(errs, fmt.Errorf("--%s does not go with %v: %s", f.Name, kind, f.Instead))
		}
	}
	return errs
}
