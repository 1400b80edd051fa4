package modelcmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/ort/loader"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/urfave/cli/v2"
)

// acrossTolerance is how far providers may be from the CPU, relative to the largest
// magnitude of an output: they compute in another order, and sums of products in float32
// differ by some 1e-5.
const acrossTolerance = 1e-3

// acrossReport is what is printed as JSON. Its field names are part of the interface.
type acrossReport struct {
	Model     string    `json:"model"`
	Machine   string    `json:"machine"`
	Library   string    `json:"library"` // version of ONNX Runtime
	Input     string    `json:"input"`
	Threads   int       `json:"threads"`
	Runs      int       `json:"runs"`
	Cut       string    `json:"cut,omitempty"`
	Tolerance float64   `json:"tolerance"`
	Providers []*Across `json:"providers"`
	// Vulkan lists what WebGPU has to choose from; which one it takes, it does not say.
	Vulkan []loader.Device `json:"vulkan_devices,omitempty"`
}

func (a *Commands) providersCommand() *cli.Command {
	return &cli.Command{
		Name: "providers", ArgsUsage: modelArgument,
		Usage: "run a model on execution providers and on the CPU, and compare results and times",
		Description: "Runs take turns, so that a drift of the machine meets all. The first run, which may compile, stands\n" +
			"by itself. A difference is relative to the largest magnitude of the output; above 1e-03 the exit code is 1.\n" +
			"NODES says how many of the nodes that ONNX Runtime made of the model ran where, by its own profiler.\n" +
			"One process has one ONNX Runtime library, so all providers must be in that of --ort; edgeprune doctor lists\n" +
			"them.\n\n" +
			"  edgeprune model providers --provider webgpu vehicle-classifier\n" +
			"  edgeprune model providers --provider tensorrt:trt_fp16_enable=1 --at pw6 ssd-mobilenet-v1-300",
		Flags: append([]cli.Flag{
			&cli.StringSliceFlag{Name: "provider", Usage: "`NAME[:KEY=VALUE...]` of an execution provider and its options, " +
				"which colons part; may be repeated"},
			&cli.BoolFlag{Name: "fallback", Usage: "nodes that a provider can't run may run on the CPU"},
			&cli.StringFlag{Name: "at", Usage: "cut at the `TENSOR` as well: the head on the CPU, the tail on the provider"},
			&cli.IntFlag{Name: "runs", Usage: "`N` timed runs of each", Value: 20},
			&cli.IntFlag{Name: "threads", Usage: "`N` threads on the CPU", Value: 1},
			DimFlag(), BoundFlag(), jsonFlag(),
		}, InputFlags()...),
		Action: func(c *cli.Context) error {
			providers, err := providersOf(c)
			if err != nil {
				return err
			}
			if c.Int("runs") < 1 || c.Int("threads") < 1 {
				return input.Error(errors.New("--runs and --threads: expected at least 1"))
			}
			return a.across(c, providers)
		},
	}
}

// providersOf reads the flags --provider and --fallback.
func providersOf(c *cli.Context) ([]plan.Provider, error) {
	var list []plan.Provider
	for _, text := range c.StringSlice("provider") {
		name, rest, more := strings.Cut(text, ":")
		if name == "" {
			return nil, input.Error(fmt.Errorf("--provider %q: expected NAME or NAME:KEY=VALUE, as in webgpu", text))
		}
		p := plan.Named(name)
		for _, option := range strings.Split(rest, ":") {
			key, value, ok := strings.Cut(option, "=")
			switch {
			case !more:
			case !ok || key == "":
				return nil, input.Error(fmt.Errorf("--provider %q: option %q; expected KEY=VALUE, as in "+
					"tensorrt:trt_fp16_enable=1", text, option))
			case p.Options == nil:
				p.Options = map[string]string{key: value}
			default:
				p.Options[key] = value
			}
		}
		if c.Bool("fallback") && !p.OnCPU() {
			p.Fallback = plan.CPU
		}
		if err := p.Check(); err != nil {
			return nil, input.Error(fmt.Errorf("--provider %q: %w", text, err))
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, input.Error(errors.New("expected --provider NAME, such as webgpu; edgeprune doctor lists what there is"))
	}
	return list, nil
}

// across compares providers on one model, and prints what it found.
func (a *Commands) across(c *cli.Context, providers []plan.Provider) error {
	l, err := a.Session(c)
	if err != nil {
		return err
	}
	defer l.Close()
	m, err := l.openModel(c.Context, true)
	if err != nil {
		return err
	}
	if err := m.Ready(Runtime{}); err != nil {
		return UserError(err)
	}
	r := acrossReport{Model: m.Name, Machine: l.Machine, Library: ort.Version(), Input: m.Ran(), Threads: c.Int("threads"),
		Runs: c.Int("runs"), Cut: c.String("at"), Tolerance: acrossTolerance}
	r.Providers, err = across(c.Context, m, providers, ort.Options{Threads: r.Threads, Dir: m.Dir}, r.Cut, r.Runs,
		func(what string, n, total int) { l.Step(what, n, total, 0) })
	l.Done()
	if err != nil {
		return UserError(err)
	}
	if slices.ContainsFunc(providers, func(p plan.Provider) bool { return p.Name == "webgpu" }) {
		if r.Vulkan, err = loader.Vulkan(); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		if err := a.JSON(r); err != nil {
			return err
		}
	} else if err := a.printAcross(&r); err != nil {
		return err
	}
	for _, x := range r.Providers {
		for _, d := range []*model.Difference{&x.Difference, x.CutDifference} {
			if d != nil && *d > acrossTolerance {
				return fmt.Errorf("%s: %s differs from the CPU by %.3g, more than %g", r.Model, x.Provider, float64(*d),
					acrossTolerance)
			}
		}
	}
	return nil
}

func (a *Commands) printAcross(r *acrossReport) error {
	fmt.Fprintf(a.Stdout, "%s with ONNX Runtime %s on %s; %d threads on the CPU; input: %s\n", r.Model, r.Library,
		r.Machine, r.Threads, r.Input)
	for _, d := range r.Vulkan {
		fmt.Fprintf(a.Stdout, "Vulkan device: %s (%s)\n", d.Name, d.Kind)
	}
	tw := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "PROVIDER\tLOAD ms\tFIRST RUN ms\tRUN ms (median of %d)\tQUARTILES\tDIFFERENCE\tCUT\tNODES\n", r.Runs)
	for _, x := range r.Providers {
		cut := "-"
		if x.CutDifference != nil {
			cut = fmt.Sprintf("%.3g", float64(*x.CutDifference))
		}
		var nodes []string
		for _, p := range x.Placed {
			text := fmt.Sprintf("%d on %s", p.Nodes, p.Provider)
			if len(x.Placed) > 1 && p.Provider == plan.CPU {
				text += " (" + strings.Join(p.Ops, ", ") + ")"
			}
			nodes = append(nodes, text)
		}
		fmt.Fprintf(tw, "%s\t%.1f\t%.1f\t%.2f\t%.2f .. %.2f\t%.3g\t%s\t%s\n", x.Provider, x.LoadMs, x.FirstRunMs, x.RunMs,
			x.LowMs, x.HighMs, float64(x.Difference), cut, strings.Join(nodes, ", "))
	}
	return tw.Flush()
}
