// Package modelcmd is the commands on one ONNX model: inspect, cuts, split, verify, plot,
// optimise and providers. It reads flags and prints; package model does the work.
package modelcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/urfave/cli/v2"
)

const modelArgument = "MODEL.onnx | DATA-SET"

// Commands are the commands on one model.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error // prints to Stdout
	// Session prepares what a command needs; its Close is called when the command ends.
	Session func(c *cli.Context) (*Session, error)
}

// Session is what a command on a model needs while it runs.
type Session struct {
	Context *cli.Context // holds the flags of DimFlag and BoundFlag
	Store   *datasets.Store
	Runtime func(ctx context.Context) error // loads ONNX Runtime
	Step    func(what string, n, total int, left time.Duration)
	Done    func() // ends the line that Step may have left open
	Machine string // this one, for reports
	Show    bool   // models are only shown, be it that they can't be run
	Close   func()
}

// Command returns the command that holds all of them.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "model",
		Usage: "look into an ONNX model, find where it can be cut, cut it, prove that the parts do what the whole does, " +
			"and make cuts cost less",
		Description: "MODEL is an ONNX file of any maker, or the name of a data set that is a model (edgeprune datasets " +
			"list).\n\n" +
			"  edgeprune model inspect ssd-mobilenet-v1-300                     what is in it\n" +
			"  edgeprune model split ssd-mobilenet-v1-300 --at pw6 -o parts     cut it\n" +
			"  edgeprune run --model ssd-mobilenet-v1-300 --input random --at pw6\n\n" +
			"A cut is named by the tensor it sends, or by the tensor it sends last and +N for N others. Those that are worth\n" +
			"choosing between also have a number, the partition point of plans and experiments.",
		Subcommands: []*cli.Command{a.inspectCommand(), a.cutsCommand(), a.splitCommand(), a.verifyCommand(), a.plotCommand(),
			a.optimiseCommand(), a.providersCommand()},
	}
}

// DimFlag binds a dimension that a model leaves open.
func DimFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "dim",
		Usage: "`NAME=SIZE` of a dimension that the model leaves open, such as batch=1, or x[0]=1 for the first of input " +
			"x; may be repeated"}
}

// BoundFlag declares the greatest shape of a tensor whose shape depends on the data.
func BoundFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "bound",
		Usage: "`TENSOR=SIZExSIZE...`, the greatest shape of a tensor whose shape depends on the data, such as " +
			"boxes=200x4; by default twice the greatest that is seen, and at least 16; may be repeated"}
}

func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

func noRunFlag() cli.Flag {
	return &cli.BoolFlag{Name: "no-run", Usage: "don't run the model to find types that the file doesn't state"}
}

// dims reads the flags --dim.
func dims(c *cli.Context) (map[string]int64, error) {
	sizes := map[string]int64{}
	for _, text := range c.StringSlice("dim") {
		at := strings.LastIndex(text, "=")
		size, err := strconv.ParseInt(text[at+1:], 10, 64)
		if at < 1 || err != nil || size < 0 {
			return nil, input.Error(fmt.Errorf("--dim %q: expected a name and a size of at least 0, such as batch=1", text))
		}
		sizes[text[:at]] = size
	}
	return sizes, nil
}

// bounds reads the flags --bound.
func bounds(c *cli.Context) (map[string][]int64, error) {
	most := map[string][]int64{}
	for _, text := range c.StringSlice("bound") {
		at := strings.LastIndex(text, "=")
		if at < 1 {
			return nil, input.Error(fmt.Errorf("--bound %q: expected a tensor and a shape, such as boxes=200x4", text))
		}
		var shape []int64
		for s := range strings.SplitSeq(text[at+1:], "x") {
			size, err := strconv.ParseInt(s, 10, 64)
			if err != nil || size < 0 {
				return nil, input.Error(fmt.Errorf(
					"--bound %q: size %q; expected a whole number of at least 0, as in boxes=200x4", text, s,
				))
			}
			shape = append(shape, size)
		}
		most[text[:at]] = shape
	}
	return most, nil
}

// openModel opens the model that the command's one argument names.
func (l *Session) openModel(ctx context.Context, probe bool) (*model.Model, error) {
	if l.Context.NArg() != 1 {
		return nil, input.Error(fmt.Errorf(
			"expected one model, a file or the name of a data set; got %d arguments", l.Context.NArg(),
		))
	}
	return l.Open(ctx, l.Context.Args().First(), probe)
}

// Open opens a model by file or by data set, which it gets if it is missing.
func (l *Session) Open(ctx context.Context, name string, probe bool) (*model.Model, error) {
	return l.OpenWith(ctx, name, probe, Inputs(l.Context))
}

// OpenWith is Open with other inputs than those of the flags.
func (l *Session) OpenWith(ctx context.Context, name string, probe bool, inputs []string) (*model.Model, error) {
	sizes, err := dims(l.Context)
	if err != nil {
		return nil, err
	}
	path := name
	if _, err := os.Stat(name); err != nil {
		set, err := l.modelSet(name)
		if err != nil {
			return nil, err
		}
		dir, err := l.Store.Get(ctx, name)
		if err != nil {
			return nil, err
		}
		path = File(dir)
		if len(sizes) == 0 {
			sizes = set.Dims
		}
	}
	most, err := bounds(l.Context)
	if err != nil {
		return nil, err
	}
	pictures, err := Conversion(l.Context)
	if err != nil {
		return nil, err
	}
	o := model.Options{
		Name: name, Dims: sizes, Bounds: most, Show: l.Show,
		Inputs: inputs, Reshape: l.Context.Bool("reshape"), Picture: pictures,
	}
	if probe {
		if err := l.Runtime(ctx); err != nil {
			return nil, err
		}
		o.Runtime = Runtime{}
	}
	m, err := model.Open(path, o)
	if err != nil {
		return nil, UserError(err)
	}
	return m, nil
}

// modelSet returns the data set of that name if it is a model.
func (l *Session) modelSet(name string) (datasets.Status, error) {
	list, err := l.Store.List()
	if err != nil {
		return datasets.Status{}, err
	}
	var models []string
	for _, d := range list {
		if d.Maker == "" {
			continue
		}
		if d.Name == name {
			return d, nil
		}
		models = append(models, d.Name)
	}
	return datasets.Status{}, input.Error(
		fmt.Errorf("%s is neither a file nor a data set with a model%s; such data sets are %s", name,
			nearest.Hint(name, models), strings.Join(models, ", ")),
	)
}

// UserError makes errors about a model the user's to correct.
func UserError(err error) error {
	for _, user := range []error{
		model.ErrDims, model.ErrNoFile, model.ErrCut, model.ErrInput, onnx.ErrNotONNX, onnx.ErrInvalidModel,
		onnx.ErrUnsupported,
		onnx.ErrNoShape, cut.ErrNoCut, onnx.ErrNoType, shape.ErrNoDim, cut.ErrParts, ort.ErrMachine, os.ErrNotExist,
		ort.ErrProvider, ort.ErrOption, ort.ErrFallback,
		os.ErrPermission,
	} {
		if errors.Is(err, user) {
			return input.Error(err)
		}
	}
	return outputError(err)
}

// outputError makes errors about where something is to be written the user's to correct.
func outputError(err error) error {
	if output.User(err) {
		return input.Error(err)
	}
	return err
}

// named returns the path that -o names, which the standard output has no place for.
func named(c *cli.Context) (string, error) {
	path := c.String("output")
	if path == "-" {
		return "", input.Error(errors.New("-o -: it can't go to the standard output; name a file or folder"))
	}
	return path, nil
}

// filtered drops the cuts that the flags of model cuts don't ask for.
func filtered(c *cli.Context, m *model.Model, cuts []model.Cut) ([]model.Cut, error) {
	most, err := byteCount(c.String("max-bytes"))
	if err != nil {
		return nil, input.Error(fmt.Errorf("--max-bytes: %w", err))
	}
	if c.IsSet("max-tensors") && c.Int("max-tensors") < 1 {
		return nil, input.Error(fmt.Errorf("--max-tensors %d: expected at least 1", c.Int("max-tensors")))
	}
	behind := func(cut.Cut) bool { return true }
	if after := c.String("after"); after != "" {
		if behind, err = cut.Behind(m.Model, after); err != nil {
			return nil, UserError(fmt.Errorf("--after %s: %w", after, err))
		}
	}
	return slices.DeleteFunc(cuts, func(k model.Cut) bool {
		return !behind(k.Cut) || most >= 0 && (k.Bytes < 0 || k.Bytes > most) ||
			c.IsSet("max-tensors") && len(k.Tensors) > c.Int("max-tensors") ||
			c.Bool("least") && !k.Least
	}), nil
}

// byteCount reads a number of bytes with kB, MB or GB behind it or not; -1 for
// an empty text.
func byteCount(text string) (int64, error) {
	if text == "" {
		return -1, nil
	}
	unit := 1.0
	number := strings.TrimSpace(text)
	for suffix, u := range map[string]float64{"kB": 1e3, "MB": 1e6, "GB": 1e9} {
		if s, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = strings.TrimSpace(s), u
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(number, "B")), 64)
	if err != nil || !(v >= 0 && v*unit < 1e18) {
		return 0, fmt.Errorf("%q is no number of bytes; expected one such as 50000, 50kB or 1.5MB", text)
	}
	return int64(v * unit), nil
}

// File returns where the model of a data set lies in its folder.
func File(dir string) string { return filepath.Join(dir, "model.onnx") }
