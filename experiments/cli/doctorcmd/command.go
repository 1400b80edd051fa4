// Package doctorcmd is the command that says what this machine has and lacks. It looks and
// prints, and changes nothing.
package doctorcmd

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/urfave/cli/v2"
)

// patience is how long a program may take to tell its version.
const patience = 20 * time.Second

// Commands makes the command.
type Commands struct {
	Stdout  io.Writer
	JSON    func(v any) error // prints to Stdout
	Root    fs.FS             // of the system's files
	NVML    func() (power.Library, error)
	Machine func(c *cli.Context) (*Machine, error)
}

// Machine is what the program knows of where it runs.
type Machine struct {
	Name    string
	Library string // path of ONNX Runtime, as ort.Find takes it
	Store   *datasets.Store
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "say what this machine has and lacks: ONNX Runtime, providers, tools, data sets, power meters",
		Description: "For every execution provider of the loaded ONNX Runtime library it says whether it can be used\n" +
			"here, or what is missing: its own library, one of NVIDIA's, a Vulkan driver. Nothing is changed, and what is\n" +
			"missing is no failure. --ort FILE looks at another library, such as that of edgeprune datasets get\n" +
			"onnxruntime-openvino.\n\n" +
			"  edgeprune doctor",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action: func(c *cli.Context) error {
			m, err := a.Machine(c)
			if err != nil {
				return err
			}
			r, err := a.report(c.Context, m)
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return a.JSON(r)
			}
			return a.print(r)
		},
	}
}

func (a *Commands) print(r *Report) error {
	tw := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	line := func(what, name, state string) {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", what, name, strings.ReplaceAll(state, "\n", "\n\t\t"))
	}
	line("machine", r.Machine, "")
	if r.Library.Missing != "" {
		line("library", "ONNX Runtime", "missing: "+r.Library.Missing)
	} else {
		line("library", "ONNX Runtime "+r.Library.Version, r.Library.Path)
	}
	for _, path := range r.Cache.Libraries {
		line("library", "another, for --ort", path)
	}
	for _, p := range r.Providers {
		line("provider", p.Name, p.state())
	}
	for _, d := range r.Vulkan {
		line("Vulkan device", d.Name, d.Kind)
	}
	for _, t := range r.Tools {
		line("tool", strings.TrimSpace(t.Name+" "+t.Version), t.state())
	}
	absent := ""
	if len(r.Cache.Absent) > 0 {
		absent = "missing: " + strings.Join(r.Cache.Absent, ", ") + " (edgeprune datasets get)"
	}
	line("data sets", fmt.Sprintf("%d in %s", len(r.Cache.Ready), r.Cache.Dir), absent)
	for _, m := range r.Power.Meters {
		line("power meter", m, "usable")
	}
	for _, m := range r.Power.Missing {
		line("power meter", m.Name, "missing: "+m.Why)
	}
	return tw.Flush()
}

func (i Item) state() string {
	if i.Usable {
		return "usable"
	}
	return "missing: " + i.Missing
}
