// Package checkcmd is the command that checks and analyses a graph without running it. It
// reads flags and prints; core/graph and core/graph/analysis do the work.
package checkcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/figure/graphdraw"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/urfave/cli/v2"
)

// Commands makes the command.
type Commands struct {
	// Session prepares what the command needs; its Close is called when the command ends.
	Session func(c *cli.Context) (*Session, error)
}

// Session is what the command needs while it runs.
type Session struct {
	Context *cli.Context
	Stdout  io.Writer
	// Kernels says which kernels of an application, whose values pos places, are not registered.
	Kernels func(app *planfile.Application, pos func(path string) graph.Pos) error
	// Models gets the models of an application, whose values pos places.
	Models func(ctx context.Context, app *planfile.Application, pos func(path string) graph.Pos) (
		compile.Models, error,
	)
	// ModelFiles names the files of those that are at hand.
	ModelFiles  func(app *planfile.Application, pos func(path string) graph.Pos) []string
	ProfilePath func(name string) string // of a stored profile
	// Named reads the profiles that a plan or an experiment names; Models then need no files
	// if all devices name one.
	Named    func(platform *plan.Platform, file string) (*profiles.Set, error)
	Absolute func(path string) (string, error)
	Done     func() // ends a line of progress that may be open
	Close    func()
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "check", ArgsUsage: "PLAN.yaml | APPLICATION.yaml | experiments/NAME",
		Usage: "say what is wrong with a graph, or what it will need: memory, traffic, time, FIFO capacities",
		Description: "Nothing is run. Every violation of the model's rules is listed with its place, and the exit code is " +
			"2.\n" +
			"Of a graph without any, check proves bounds that hold in every run: the bytes of every FIFO and device,\n" +
			"and the bytes per frame on every link, also where rates vary (worst case: every atr at its upper limit;\n" +
			"best case: at its lower one, so that atr = 0 skips the inner actors).\n" +
			"Where two sessions of a model part what ONNX Runtime computes as one, a warning names the tensors that had\n" +
			"better cross instead.\n" +
			"With measured costs it adds the critical path (what one frame takes at least), the highest throughput\n" +
			"with its bottleneck, and the least FIFO capacities that reach what unbounded FIFOs would.\n" +
			"Costs come from the stored profile of the experiment, or from that of the experiment that has the\n" +
			"application's name; `edgeprune profile experiments/NAME` measures one.\n\n" +
			"A plan is a file with application, platform, instances and workload. Without the latter three, it is an\n" +
			"application by itself, and only what its graph tells is shown. Of an experiment, the plan with all\n" +
			"endpoints at once is shown, or with the first one where a parameter is swept.\n\n" +
			"  edgeprune check experiments/ssd-tracking\n" +
			"  edgeprune check --svg -o graph.svg plan.yaml      draw it\n" +
			"  edgeprune check --dot plan.yaml | dot -Tpdf -o graph.pdf",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON; `valid` is false beside the violations of a bad graph"},
			&cli.BoolFlag{Name: "dot", Usage: "print Graphviz source"},
			&cli.BoolFlag{
				Name: "svg", Usage: "print a drawing: actors, FIFOs, rates, devices as colours, dynamic parts as frames",
			},
			input.OutputFlag("write to `FILE` instead of the standard output, which is -"), input.ForceFlag(),
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return input.Error(fmt.Errorf("expected one plan, application or experiment; got %d arguments", c.NArg()))
			}
			forms := 0
			for _, f := range []string{"json", "dot", "svg"} {
				if c.Bool(f) {
					forms++
				}
			}
			if forms > 1 {
				return input.Error(errors.New("give one of --json, --dot and --svg"))
			}
			if c.Bool("force") && !toFile(c) {
				return input.Error(errors.New("--force goes with -o FILE"))
			}
			l, err := a.Session(c)
			if err != nil {
				return err
			}
			defer l.Close()
			return l.check(c.Context, c.Args().First())
		},
	}
}

// checked is what check prints as JSON. Its field names are part of the interface.
type checked struct {
	File       string           `json:"file"`
	What       string           `json:"what"` // plan, application or experiment
	Name       string           `json:"name"`
	Valid      bool             `json:"valid"`
	Violations []string         `json:"violations"`
	Notes      []string         `json:"notes"`
	Borders    []compile.Border `json:"broken_fusions"` // between sessions
	Report     *analysis.Report `json:"report,omitempty"`

	graph *graph.Graph
	plan  *plan.Plan // nil of an application
	read  []string   // files of models
}

// profiles is the command that measures the costs.
func (ch *checked) profiles() string {
	if ch.What == "experiment" {
		return "edgeprune profile " + modelcmd.ShellText(ch.File)
	}
	return "edgeprune profile experiments/NAME"
}

// toFile reports whether the command writes a file.
func toFile(c *cli.Context) bool { return c.String("output") != "" && c.String("output") != "-" }

func (l *Session) check(ctx context.Context, path string) error {
	to := output.Target{Path: l.Context.String("output"), Replace: l.Context.Bool("force"),
		Inputs: []string{path, filepath.Join(path, "experiment.yaml")}}
	if toFile(l.Context) {
		if err := to.Check(); err != nil {
			return input.Error(err)
		}
	}
	ch := &checked{File: path, Violations: []string{}, Notes: []string{}, Borders: []compile.Border{}}
	err := l.load(ctx, path, ch)
	switch {
	case err == nil:
		ch.Valid = true
	case !errors.Is(err, yamlfile.ErrInput) || ch.What == "": // it can't be read at all
		return err
	default:
		ch.Violations = violations(err)
	}
	to.Inputs = append(to.Inputs, ch.read...)
	l.Done()
	var b bytes.Buffer
	switch {
	case l.Context.Bool("json"):
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		err = e.Encode(ch)
	case !ch.Valid:
		printViolations(&b, ch)
	case l.Context.Bool("dot"):
		err = graphdraw.DOT(&b, ch.drawing())
	case l.Context.Bool("svg"):
		err = graphdraw.SVG(&b, ch.drawing())
	default:
		err = printChecked(&b, ch)
	}
	if ch.Valid && err != nil {
		return err
	}
	where := "on the standard output"
	if toFile(l.Context) && (ch.Valid || l.Context.Bool("json")) {
		where = "in " + to.Path
		if err = to.Write(b.Bytes()); output.User(err) {
			err = input.Error(err)
		}
	} else {
		_, err = io.Copy(l.Stdout, &b)
	}
	if err != nil || ch.Valid {
		return err
	}
	return input.Error(fmt.Errorf("%s: %s; all are %s", path, plural(len(ch.Violations), "violation"), where))
}

// keep notes the files of models, which the command must not write to.
func (l *Session) keep(ch *checked, app *planfile.Application, pos func(path string) graph.Pos) {
	if toFile(l.Context) {
		ch.read = l.ModelFiles(app, pos)
	}
}

// violations lists joined errors one by one, without the words that mark them.
func violations(err error) []string {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var lines, all []string
		for _, e := range j.Unwrap() {
			lines = append(lines, e.Error())
			all = append(all, violations(e)...)
		}
		if strings.Join(lines, "\n") == err.Error() { // of errors.Join
			return all
		}
	}
	return []string{strings.TrimPrefix(err.Error(), yamlfile.ErrInput.Error()+": ")}
}

// load reads what path names, checks it and analyses its graph.
func (l *Session) load(ctx context.Context, path string, ch *checked) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "experiment.yaml")
	}
	b, err := input.ReadYAML(path)
	if err != nil {
		return err
	}
	if filepath.Base(path) == "experiment.yaml" {
		return l.loadExperiment(ctx, path, b, ch)
	}
	f, err := planfile.Parse(path, b)
	if err != nil {
		return err
	}
	ch.What, ch.Name = "plan", f.Plan
	if err := profiles.Arrivals(f, path); err != nil {
		return err
	}
	alone := len(f.Platform.Devices)+len(f.Platform.Links)+len(f.Instances) == 0
	if alone {
		ch.What, ch.Name = "application", f.Application.Name
	}
	l.keep(ch, &f.Application, f.Pos)
	unknown := l.Kernels(&f.Application, f.Pos)
	named, err := l.Named(&f.Platform, path)
	if err != nil {
		return err
	}
	models, err := l.checkModels(ctx, &f.Application, f.Pos)
	if err != nil {
		return errors.Join(unknown, err)
	}
	if alone {
		if ch.graph, err = compile.Graph(f, models); err != nil || unknown != nil {
			return errors.Join(unknown, err)
		}
		ch.Notes = append(ch.Notes, "not mapped: add platform, instances and workload to see devices, links and times")
		ch.Report, err = analysis.Analyze(ch.graph, nil)
		return err
	}
	if ch.plan, err = compile.Compile(f, models); err != nil || unknown != nil {
		return errors.Join(unknown, err)
	}
	return l.analyze(ch, models, l.costs(f.Application.Name, named.Of(&ch.plan.Platform), ch))
}

func (l *Session) loadExperiment(ctx context.Context, path string, b []byte, ch *checked) error {
	abs, err := l.Absolute(path)
	if err != nil {
		return err
	}
	s, err := spec.Parse(abs, b)
	if err != nil {
		return err
	}
	ch.What, ch.Name = "experiment", s.Experiment
	l.keep(ch, &s.Application, s.Pos)
	unknown := l.Kernels(&s.Application, s.Pos)
	pf := s.Platform()
	named, err := l.Named(&pf, abs)
	if err != nil {
		return err
	}
	models, err := l.checkModels(ctx, &s.Application, s.Pos)
	if err != nil {
		return errors.Join(unknown, err)
	}
	prof := l.costs(s.Experiment, named, ch)
	p, which, err := sweep.Shown(s, models, prof)
	if err != nil || unknown != nil {
		return errors.Join(unknown, err)
	}
	ch.plan = p
	ch.Notes = append(ch.Notes, which)
	return l.analyze(ch, models, prof)
}

// analyze fills in the report of a plan.
func (l *Session) analyze(ch *checked, models compile.Models, prof *profile.Profile) error {
	ch.graph = ch.plan.Graph
	borders, err := compile.Borders(ch.plan, models)
	if err != nil {
		return err
	}
	ch.Borders = append(ch.Borders, borders...)
	m, err := (&sim.Driver{Profile: prof}).Mapping(ch.plan)
	if err != nil {
		return err
	}
	ch.Report, err = analysis.Analyze(ch.graph, m)
	return err
}

// checkModels gets the models of an application and no other data.
func (l *Session) checkModels(
	ctx context.Context, app *planfile.Application, pos func(path string) graph.Pos,
) (compile.Models, error) {
	only := planfile.Application{}
	for _, a := range app.Actors {
		if a.Model != "" {
			only.Actors = append(only.Actors, planfile.ActorSpec{Name: a.Name, Model: a.Model})
		}
	}
	return l.Models(ctx, &only, pos)
}

// costs returns the costs of the profiles that devices name, and for the others the stored
// ones, and notes where they are from. Without any it returns nil.
func (l *Session) costs(name string, named *profiles.Set, ch *checked) *profile.Profile {
	if !named.Any() {
		prof := l.stored(name, ch)
		if named.Empty() {
			return prof
		}
		if prof == nil {
			prof = &profile.Profile{}
		}
		return named.Profile(prof)
	}
	p := &profile.Profile{}
	ch.Notes = append(ch.Notes, "costs: profiles of devices: "+named.String())
	if !named.All() {
		ch.Notes = append(ch.Notes, "of other devices: "+strings.Join(named.Bare(), ", "))
		if stored := l.stored(name, ch); stored != nil {
			p = stored
		}
	}
	return named.Profile(p)
}

// stored returns the stored costs of an experiment's firings and of the transport,
// however old, and notes where they are from. Without any it returns nil.
func (l *Session) stored(name string, ch *checked) *profile.Profile {
	read := func(name string) *lab.Stored {
		var s lab.Stored
		if b, err := os.ReadFile(l.ProfilePath(name)); err != nil || json.Unmarshal(b, &s) != nil {
			return nil
		}
		return &s
	}
	s := read(name)
	if s == nil {
		const none = "no costs are stored, so only cost: constant makes times; to measure them: "
		ch.Notes = append(ch.Notes, none+ch.profiles())
		return nil
	}
	p := s.Profile
	ch.Notes = append(ch.Notes, fmt.Sprintf(
		"costs: medians of profile %s, measured %s on %s", name, s.Created.UTC().Format("2006-01-02 15:04 UTC"), p.Machine,
	))
	t := read("transport")
	if t == nil {
		ch.Notes = append(
			ch.Notes,
			"the transport isn't calibrated: its own costs count as 0; to measure them: "+ch.profiles(),
		)
		return &p
	}
	p.Transport = t.Profile.Transport
	return &p
}

// drawing returns the graph with its devices.
func (ch *checked) drawing() graphdraw.Drawing {
	d := graphdraw.Drawing{Graph: ch.graph}
	if ch.plan == nil {
		return d
	}
	for _, dev := range ch.plan.Platform.Devices {
		d.Devices = append(d.Devices, dev.Name)
	}
	for a, w := range ch.plan.Work {
		d.Where = append(d.Where, w.Device)
		d.Units = append(d.Units, ch.plan.UnitOf(a).Name)
	}
	return d
}
