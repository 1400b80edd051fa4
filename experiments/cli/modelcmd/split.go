package modelcmd

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/urfave/cli/v2"
)

// TestbedFlags say what a plan for a first try runs on.
func TestbedFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Float64Flag{Name: "slowdown", Usage: "`FACTOR` that the first device is slower by than this machine", Value: 4},
		input.BandwidthFlag("bandwidth", "`BANDWIDTH` of the links, as 100Mbit/s, 12.5MB/s or 12500000 in bytes per second; "+
			"0 is as fast as they go", 12.5e6),
		input.DurationFlag("latency", "one-way `TIME` of the links, as 1ms", 1e6),
		&cli.IntFlag{Name: "frames", Usage: "`N` frames of a run", Value: 20},
	}
}

// AssumedTestbed is a platform of an endpoint and a server, for plans of those that have given none.
func AssumedTestbed(c *cli.Context, m *model.Model) (model.Testbed, error) {
	tb := model.Testbed{
		Slowdown: c.Float64("slowdown"), BandwidthBytesPerSec: float64(input.Bandwidth(c, "bandwidth")),
		Latency: input.Duration(c, "latency").String(),
		Frames:  c.Int("frames"), Name: baseName(m),
	}
	if !(tb.Slowdown >= 1) || !(tb.BandwidthBytesPerSec >= 0) || input.Duration(c, "latency") < 0 || tb.Frames < 3 {
		return tb, input.Error(fmt.Errorf(
			"--slowdown %v, --bandwidth %v, --latency %s, --frames %d: expected a slowdown of at least 1, no negative "+
				"numbers, and at least 3 frames, as the first warms up and two more are measured",
			tb.Slowdown, tb.BandwidthBytesPerSec, tb.Latency, tb.Frames))
	}
	return tb, nil
}

// AtFlag names cuts; begin is what its help begins with.
func AtFlag(begin string) cli.Flag {
	return &cli.StringFlag{Name: "at",
		Usage: begin + "`CUT[,CUT...]`, by name or partition point, in the model's order; see edgeprune model cuts. A " +
			`comma in a name may be written as \,; a number that is a tensor's name too is that, pp3 is always point 3`}
}

func (a *Commands) splitCommand() *cli.Command {
	return &cli.Command{
		Name: "split", ArgsUsage: modelArgument,
		Usage: "write the models between cuts, and a plan that runs them one after the other",
		Description: "With n cuts there are n+1 parts: part1.onnx on the first device, the next ones behind it. plan.yaml " +
			"runs them\n" +
			"on devices emulated on this machine: edgeprune run DIR/plan.yaml. The folder appears when all of it is written.\n" +
			"A cut that parts what ONNX Runtime computes as one is warned of, with a neighbouring one that doesn't.\n\n" +
			"  edgeprune model split ssd-mobilenet-v1-300 --at pw6 -o parts\n" +
			"  edgeprune model split ssd-mobilenet-v1-300 --at pw2,pw6 -o parts",
		Flags: append([]cli.Flag{
			AtFlag(""),
			input.OutputFlag("`DIR` to write, new or empty"), DimFlag(), BoundFlag(), jsonFlag(),
		}, append(InputFlags(), TestbedFlags()...)...),
		Action: func(c *cli.Context) error {
			dir, err := named(c)
			if err != nil {
				return err
			}
			if c.String("at") == "" || dir == "" {
				return input.Error(errors.New("give the cuts by --at CUT[,CUT...] and the folder to write by -o DIR"))
			}
			if err := output.CheckFolder(dir); err != nil {
				return outputError(err)
			}
			return a.withModel(c, func(m *model.Model) error { return a.split(c, m) })
		},
	}
}

// Part is what the command says of one part.
type Part struct {
	File    string   `json:"file"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Bytes   int64    `json:"bytes"`
	Inputs  []string `json:"inputs"`
	Outputs []string `json:"outputs"`
	Broken  []string `json:"broken,omitempty"`  // what the cut at From parts; see model cuts
	Instead string   `json:"instead,omitempty"` // the neighbouring cut that parts nothing
	Took    string   `json:"took,omitempty"`    // what a number in --at was taken as
}

func (a *Commands) split(c *cli.Context, m *model.Model) error {
	tb, err := AssumedTestbed(c, m)
	if err != nil {
		return err
	}
	parts, err := m.SplitAt(c.String("at"))
	if err != nil {
		return UserError(m.WithMissing(err))
	}
	files := map[string][]byte{}
	if tb.Input, err = sourceFile(c, m, files); err != nil {
		return UserError(err)
	}
	planned, models, planErr := m.Plan(parts, tb)
	if planErr == nil {
		files["plan.yaml"] = planned
	}
	dir := c.String("output")
	if err := model.WriteParts(c.Context, dir, parts, files); err != nil {
		return UserError(err)
	}
	var list []Part
	for _, p := range parts {
		size, data := p.Sub.Size()
		item := Part{File: filepath.Join(dir, p.Name+".onnx"), From: p.From, To: p.To, Bytes: size + data, Broken: p.Broken,
			Instead: p.Instead, Took: p.Took}
		for _, t := range p.Sub.Inputs {
			item.Inputs = append(item.Inputs, t.String())
		}
		for _, t := range p.Sub.Outputs {
			item.Outputs = append(item.Outputs, t.String())
		}
		list = append(list, item)
	}
	if c.Bool("json") {
		return a.JSON(list)
	}
	for _, p := range list {
		fmt.Fprintf(a.Stdout, "%s: %s, from %s to %s\n", p.File, ByteText(p.Bytes), p.From, p.To)
		fmt.Fprintf(a.Stdout, "  takes %s\n  makes %s\n", strings.Join(p.Inputs, ", "), strings.Join(p.Outputs, ", "))
	}
	for _, n := range slices.Concat(claims(m), PartNotes(parts, models)) {
		fmt.Fprintf(a.Stdout, "note: %s\n", n)
	}
	for _, w := range PartWarnings(parts) {
		fmt.Fprintf(a.Stdout, "warning: %s\n", w)
	}
	if planErr != nil {
		fmt.Fprintf(a.Stdout, "no plan.yaml: %v\n", planErr)
		return nil
	}
	path := filepath.Join(dir, "plan.yaml")
	fmt.Fprintf(a.Stdout, "%s: runs them; try: edgeprune run %s\n", path, path)
	return nil
}

// claims says which shapes of the file were wrong.
func claims(m *model.Model) []string {
	var list []string
	for i, c := range m.Claims() {
		if i == mostClaims {
			return append(list, fmt.Sprintf("and %d more are; see edgeprune model inspect --json", len(m.Claims())-i))
		}
		list = append(list, c.String())
	}
	return list
}

var plainArg = regexp.MustCompile(`^[A-Za-z0-9_/.,:@%+=-]+$`)

// ShellText quotes an argument where a shell would take it for more than that.
func ShellText(arg string) string {
	if plainArg.MatchString(arg) {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// PartNotes says what numbers of cuts were taken as, and which ports of a plan stand for tensors
// whose names no port can have.
func PartNotes(parts []model.Part, models compile.Models) []string {
	var list []string
	seen := map[string]bool{}
	for _, p := range parts {
		if p.Took != "" {
			list = append(list, "--at "+p.Took)
		}
		m := models[p.Name+".onnx"]
		if m == nil {
			continue
		}
		for _, t := range slices.Concat(p.Sub.Inputs, p.Sub.Outputs) {
			if port := m.Ports.Of(t.Name); port != t.Name && !seen[t.Name] {
				seen[t.Name] = true
				list = append(list, fmt.Sprintf("plans call tensor %q port %s", t.Name, port))
			}
		}
	}
	return list
}

// sourceFile adds the file that the plan's source shows to files, and returns its path; none
// where the source draws random numbers itself, or can't show the input.
func sourceFile(c *cli.Context, m *model.Model, files map[string][]byte) (string, error) {
	data, err := SourceData(c, m)
	if err != nil || data == nil {
		return "", err
	}
	const name = "input.bin"
	files[name] = data
	return filepath.Abs(filepath.Join(c.String("output"), name))
}

// SourceData returns the elements of all inputs that the source of a plan shows, one after the
// other; none where the source draws random numbers itself, or can't show the input.
func SourceData(c *cli.Context, m *model.Model) ([]byte, error) {
	if m.Unmakeable != "" || m.Runnable() != nil {
		return nil, nil
	}
	if err := m.Ready(Runtime{}); err != nil || m.Plain {
		return nil, err
	}
	data, err := m.Source()
	if err != nil {
		if len(Inputs(c)) == 0 { // of test data
			err = nil
		}
		return nil, err
	}
	return data, nil
}

// PartWarnings says which cuts between parts break a fusion.
func PartWarnings(parts []model.Part) []string {
	var list []string
	for _, p := range parts {
		if len(p.Broken) > 0 {
			list = append(list, fmt.Sprintf("the cut at %s %s", p.From, BrokenText(p.Broken, []string{p.Instead}, "cut at")))
		}
	}
	return list
}

// BrokenText says what is parted, and what to do instead, if that is known.
func BrokenText(broken, instead []string, how string) string {
	text := fmt.Sprintf("parts %s, which ONNX Runtime computes as one: both sides together are slower than the whole",
		strings.Join(broken, ", "))
	if better := strings.Join(instead, ", "); better != "" {
		text += fmt.Sprintf("; better %s %s", how, better)
	}
	return text
}

func (a *Commands) plotCommand() *cli.Command {
	return &cli.Command{
		Name: "plot", ArgsUsage: modelArgument,
		Usage:       "draw what every cut sends, and the work before it, against its depth, as PNG and SVG",
		Description: "  edgeprune model plot ssd-mobilenet-v1-300 -o ssd",
		Flags: append([]cli.Flag{
			input.OutputFlag("`PATH` of the figure, without .png and .svg; default the model's name"), input.ForceFlag(),
			DimFlag(),
			noRunFlag(),
		}, InputFlags()...),
		Action: func(c *cli.Context) error {
			path, err := named(c)
			if err != nil {
				return err
			}
			return a.showModel(c, func(m *model.Model) error {
				to := func(path string) output.Target {
					return output.Target{Path: path, Replace: c.Bool("force"), Inputs: m.Read}
				}
				base := cmp.Or(strings.TrimSuffix(strings.TrimSuffix(path, ".png"), ".svg"), baseName(m))
				if err := errors.Join(to(base+".png").Check(), to(base+".svg").Check()); err != nil {
					return outputError(err)
				}
				r, err := model.Describe(m, true)
				if err != nil {
					return UserError(err)
				}
				paths, err := figure.ModelCuts(base, figureOf(r), func(path string, data []byte) error {
					return to(path).Write(data)
				})
				if errors.Is(err, figure.ErrNothing) {
					return input.Error(fmt.Errorf("%s: %w: no cut whose bytes are known", m.Name, err))
				}
				if err != nil {
					return outputError(err)
				}
				for _, p := range paths {
					fmt.Fprintln(a.Stdout, p)
				}
				return nil
			})
		},
	}
}

func figureOf(r *model.Report) figure.Model {
	f := figure.Model{Name: r.Name, MACs: r.MACs, Nodes: r.Nodes}
	for _, c := range r.Cuts {
		f.Cuts = append(f.Cuts, figure.ModelCut{
			Name: c.Name, Point: c.Point, Bytes: c.Bytes, FP16Bytes: c.FP16Bytes, Int8Bytes: c.Int8Bytes,
			Depth: c.Nodes, HeadMACs: c.HeadMACs, BreaksFusion: c.BreaksFusion, Tensors: len(c.Tensors),
		})
	}
	return f
}

// baseName names a model without folder and ending.
func baseName(m *model.Model) string { return strings.TrimSuffix(filepath.Base(m.Name), ".onnx") }
