// Package initcmd is the command that writes the files to begin with: an experiment, a plan
// or a study of a model. It reads flags and prints; package starter makes the files.
package initcmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/starter"
	"github.com/urfave/cli/v2"
)

// modelByDefault is a data set that is built without a network.
const modelByDefault = "vehicle-classifier"

// picturesByDefault are those of a camera that moves over a photograph.
const picturesByDefault = "face-clip"

// Commands is the command with what it needs.
type Commands struct {
	Stdout io.Writer
	// Session prepares what a command on a model needs.
	Session func(c *cli.Context) (*modelcmd.Session, error)
	// Absolute returns a path from the root.
	Absolute func(path string) (string, error)
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "init", ArgsUsage: "NAME",
		Usage: "write an experiment, a plan or a study of a model to begin with, with comments that explain every key",
		Description: "NAME is a new folder, whose last part names what is in it. The model stays where it is; one is\n" +
			"copied whose sizes are settled by --dim, or whose weights lie in other files. What is written passes\n" +
			"edgeprune check, and README.md in the folder says how to run it.\n" +
			"An experiment tries all cuts and codecs. A plan runs one cut. A study varies bandwidths and speeds.\n" +
			"Of a model that takes a picture, the frames come from --pictures; of others, they are numbers.\n\n" +
			"  edgeprune init first\n" +
			"  edgeprune init mine --from detector.onnx --dim batch=1 --pictures photos --picture mean=0 --picture scale=255\n" +
			"  edgeprune init one-cut --from ssd-mobilenet-v1-300 --kind plan\n" +
			"  edgeprune init what-if --from detector.onnx --kind study",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "the `MODEL`: an ONNX file, or the name of a data set", Value: modelByDefault},
			&cli.StringFlag{Name: "kind", Usage: "the `KIND` of what is written: " + strings.Join(starter.Kinds(), ", "),
				Value: starter.Experiment},
			&cli.StringFlag{Name: "pictures", Usage: "`FOLDER` of pictures, or a data set of them, that the camera shows, at " +
				"the size that the model takes; none for random numbers", Value: picturesByDefault},
			modelcmd.DimFlag(), modelcmd.BoundFlag(),
		}, modelcmd.InputFlags()...),
		Action: a.run,
	}
}

func (a *Commands) run(c *cli.Context) error {
	if c.NArg() != 1 {
		return input.Error(fmt.Errorf("expected one name, of the folder to write; got %d arguments", c.NArg()))
	}
	dir := filepath.Clean(c.Args().First())
	name := filepath.Base(dir)
	if name == "." || name == ".." || name == string(filepath.Separator) {
		return input.Error(fmt.Errorf("%s has no name of its own; name a new folder, such as first", c.Args().First()))
	}
	if kind := c.String("kind"); !slices.Contains(starter.Kinds(), kind) {
		return input.Error(fmt.Errorf("--kind %q: expected %s%s", kind, strings.Join(starter.Kinds(), ", "),
			nearest.Hint(kind, starter.Kinds())))
	}
	if err := output.CheckFolder(dir); err != nil {
		return input.Error(err)
	}
	l, err := a.Session(c)
	if err != nil {
		return err
	}
	defer l.Close()
	w := &writer{Commands: a, c: c, session: l, dir: dir, name: name}
	if err := w.make(); err != nil {
		return err
	}
	l.Done()
	for _, f := range w.files {
		fmt.Fprintln(a.Stdout, filepath.Join(dir, f.Name))
	}
	for i, command := range w.commands {
		label := "then: "
		if i == 0 {
			label = "try:  "
		}
		fmt.Fprintln(a.Stdout, label+command)
	}
	return nil
}

// commands run what is written of a kind, in their order.
func commands(kind, dir string) []string {
	file := func(name string) string { return modelcmd.ShellText(filepath.ToSlash(filepath.Join(dir, name))) }
	switch kind {
	case starter.Plan:
		return []string{"edgeprune check " + file("plan.yaml"), "edgeprune run " + file("plan.yaml")}
	case starter.Study:
		return []string{
			"edgeprune profile " + file(""), "edgeprune study check " + file("study.yaml"),
			"edgeprune study run " + file("study.yaml"),
		}
	}
	return []string{
		"edgeprune check " + file(""), "edgeprune explore " + file("") + " --minimise latency",
		"edgeprune run " + file("") + " --quick",
	}
}

// outputError makes errors about where something is to be written the user's to correct.
func outputError(err error) error {
	if output.User(err) || errors.Is(err, os.ErrPermission) {
		return input.Error(err)
	}
	return err
}
