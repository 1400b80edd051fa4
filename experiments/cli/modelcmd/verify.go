package modelcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/urfave/cli/v2"
)

// Verified is what was found of one model.
type Verified struct {
	Model string `json:"model"`
	Maker string `json:"maker"`
	Nodes int    `json:"nodes"`
	*model.Verdict
	Input    string           `json:"input"` // test data, what was made up, or files
	TestData []model.Expected `json:"test_data,omitempty"`
}

// ErrNothing says that nothing was verified and nothing differs.
var ErrNothing = errors.New("nothing was verified")

func (a *Commands) verifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify", ArgsUsage: modelArgument + " | FOLDER ...",
		Usage: "cut a model at every cut, run both parts, and compare with the whole model",
		Description: "Every cut along the file's order, every cut of one tensor and the cheapest cut at every depth is " +
			"tried, and\n" +
			"--heads further ones; of models of very many nodes, cuts spread evenly are, or with --every all.\n" +
			"The input is the test data beside the model (test_data_set_0), else numbers that are made\n" +
			"up: random ones, or, if the model doesn't run on these, zeros, ones and small integers. --input replaces it,\n" +
			"for one model. The outputs that test data expect are compared with the whole model's, within 1e-03.\n" +
			"A difference is relative to the largest magnitude of the output. SPREAD is how far the whole model is from\n" +
			"itself, run without ONNX Runtime's optimisations. TOLERANCE is the larger of 1e-05 and twice SPREAD.\n" +
			"Verified is said of elements that were compared, are finite and not random. All others are not comparable, with\n" +
			"the reason and how many: NaN or infinite in both; random, by an operator that draws numbers or because they are\n" +
			"others in another run; none at all; an input or a constant. Where no output that the tail makes can be\n" +
			"compared, what a cut sends is, if that can be. Tensors of another shape or type differ.\n" +
			"Of a folder, all models of more than one node are verified.\n\n" +
			"Exit codes: 0 some cuts were verified and none differs; 1 a difference is above the tolerance; 2 what was given\n" +
			"must be corrected; 3 nothing was verified and nothing differs, for nothing could be compared or run.\n\n" +
			"  edgeprune model verify ssd-mobilenet-v1-300\n" +
			"  edgeprune model verify --cuts detector.onnx --input photo.jpg",
		Flags: append([]cli.Flag{
			DimFlag(), BoundFlag(), &cli.IntFlag{Name: "heads", Usage: "`N` further cuts to look at", Value: 64},
			&cli.BoolFlag{Name: "every", Usage: "run every cut of a model of very many nodes, instead of cuts spread evenly"},
			&cli.BoolFlag{
				Name: "cuts", Usage: "print every cut's difference, and what it parts that ONNX Runtime computes as one",
			}, jsonFlag(),
		}, InputFlags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return input.Error(errors.New("expected a model: files, names of data sets, or folders of models"))
			}
			if c.Int("heads") < 1 {
				return input.Error(fmt.Errorf("--heads %d: expected at least 1", c.Int("heads")))
			}
			l, err := a.Session(c)
			if err != nil {
				return err
			}
			defer l.Close()
			return a.verifyAll(c.Context, l, c.Args().Slice())
		},
	}
}

// verifyAll verifies all models that the arguments name.
func (a *Commands) verifyAll(ctx context.Context, l *Session, args []string) error {
	names, err := modelFiles(args)
	if err != nil {
		return err
	}
	if err := l.Runtime(ctx); err != nil {
		return err
	}
	w := a.Stdout
	table := len(args) > 1 || len(names) > 1 || names[0] != args[0]
	if table && len(Inputs(l.Context)) > 0 {
		return input.Error(errors.New("--input is for one model; name only that"))
	}
	if table && !l.Context.Bool("json") {
		fmt.Fprintf(w, verdictLine,
			"MODEL", "MAKER", "NODES", "CUTS", "VERIFIED", "BIT-EQUAL", "WORST", "SPREAD", "TOLERANCE", "REFUSED")
	}
	var all []Verified
	single := 0
	for i, name := range names {
		step := func(n, total int) { l.Step("verify "+name, n, total, 0) }
		if table {
			l.Step("verify "+name, i+1, len(names), 0)
			step = func(int, int) {}
		}
		v, err := l.verify(ctx, name, step)
		if err != nil && (ctx.Err() != nil || !table) {
			return err
		}
		if err != nil {
			v = l.refused(name, err)
		}
		if table && v.Nodes == 1 {
			single++
			continue
		}
		all = append(all, *v)
		if l.Context.Bool("json") {
			continue
		}
		l.Done()
		if table {
			printVerdictLine(w, v)
		} else if err := printVerdict(w, v); err != nil {
			return err
		}
		if l.Context.Bool("cuts") {
			printVerdictCuts(w, v)
		}
	}
	l.Done()
	if l.Context.Bool("json") {
		if err := a.JSON(all); err != nil {
			return err
		}
	} else if table {
		printSummary(w, all, single)
	}
	return failed(all)
}

// failed reports differences above the tolerance, or that nothing was verified.
func failed(all []Verified) error {
	var errs []error
	nothing := ""
	verified := 0
	for _, v := range all {
		verified += v.Verified
		if v.Differ > 0 {
			errs = append(errs, fmt.Errorf("%s: at cut %s the parts differ from the whole by %.3g, more than the tolerance",
				v.Model, v.WorstCut, v.Worst))
		}
		for _, e := range v.TestData {
			if e.Differs() {
				errs = append(errs, fmt.Errorf("%s: output %s differs by %.3g from what %s expects", v.Model, e.Output,
					e.Difference, e.Set))
			}
		}
		if nothing == "" {
			nothing = fmt.Sprintf("%s: %s", v.Model, v.Nothing())
		}
	}
	if len(errs) == 0 && verified == 0 {
		return fmt.Errorf("%w: %s", ErrNothing, cmp.Or(nothing, "there is no model of more than one node"))
	}
	return errors.Join(errs...)
}

// modelFiles replaces folders by the models in them, in the order of paths.
func modelFiles(args []string) ([]string, error) {
	var names []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			names = append(names, arg)
			continue
		}
		before := len(names)
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(path) == ".onnx" {
				names = append(names, path)
			}
			return err
		})
		if err != nil {
			return nil, input.Error(err)
		}
		if len(names) == before {
			return nil, input.Error(fmt.Errorf("the folder %s holds no .onnx file", arg))
		}
	}
	return names, nil
}

// refused is the line of a model that could not be opened.
func (l *Session) refused(name string, err error) *Verified {
	v := &Verified{Model: name, Verdict: model.Refuse(errors.New(reason(name, err)))}
	if data, err := os.ReadFile(name); err == nil {
		v.Maker, v.Nodes = model.Peek(data)
	}
	if set, err := l.modelSet(name); err == nil {
		v.Maker = set.Maker
	}
	return v
}

// reason leaves out of an error what the line says anyway.
func reason(name string, err error) string {
	text := err.Error()
	for _, known := range []string{yamlfile.ErrInput.Error() + ": ", name + ": "} {
		text = strings.TrimPrefix(text, known)
	}
	return text
}

// verify verifies one model.
func (l *Session) verify(ctx context.Context, name string, step func(n, total int)) (*Verified, error) {
	m, err := l.Open(ctx, name, true)
	if err != nil {
		return nil, err
	}
	if m.Unmakeable == "" && m.Runnable() == nil {
		if err := m.Ready(Runtime{}); err != nil {
			return nil, UserError(err)
		}
	}
	v := &Verified{Model: name, Maker: m.Producer(), Nodes: len(m.Nodes()), Input: m.Ran()}
	if set, err := l.modelSet(name); err == nil {
		v.Maker = set.Maker
	}
	v.TestData = m.Expect(Runtime{})
	if v.Nodes < 2 {
		v.Verdict = &model.Verdict{Complete: true}
		return v, nil
	}
	v.Verdict, err = model.Verify(ctx, m, m.Input, Runtime{}, l.Context.Int("heads"), l.Context.Bool("every"), step)
	return v, err
}
