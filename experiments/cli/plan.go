package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/driver"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/sim"
)

// planRun is what one driver found for one instance of a plan.
type planRun struct {
	Driver   string         `json:"driver"`
	Instance string         `json:"instance,omitempty"`
	Emulated bool           `json:"emulated"` // a device was slowed or a link shaped, or simulated as such
	Origin   result.Origin  `json:"origin"`
	Restarts int            `json:"restarts,omitempty"` // see trace.Trace
	Outcome  result.Outcome `json:"outcome"`
}

// runPlan runs the plan file that is the command's argument under the drivers
// asked for.
func (l *session) runPlan(ctx context.Context, simulate, measure bool) error {
	f, err := readPlan(l.c)
	if err != nil {
		return err
	}
	models, err := l.models(ctx, &f.Application, f.Pos)
	if err != nil {
		return err
	}
	return l.runFile(ctx, f, models, simulate, measure)
}

// runFile runs a plan with its models under the drivers asked for.
func (l *session) runFile(ctx context.Context, f *planfile.File, models compile.Models, simulate, measure bool) error {
	p, err := compile.Compile(f, models)
	if err != nil {
		return err
	}
	if err := l.runtime(ctx); err != nil {
		return err
	}
	var runs []planRun
	if simulate {
		prof, err := l.planProfile(ctx, p, models)
		if err != nil {
			return err
		}
		if runs, err = l.runOnce(ctx, runs, "sim", l.here(), &sim.Driver{Profile: prof}, p); err != nil {
			return err
		}
	}
	if measure {
		d, done, err := l.coordinator(ctx, p, models)
		if err != nil {
			return err
		}
		defer done()
		if runs, err = l.runOnce(ctx, runs, "deploy", l.devicesOf(p), d, p); err != nil {
			return err
		}
	}
	l.log.done()
	if l.c.Bool("json") {
		return l.app.printJSON(runs)
	}
	return l.printRuns(runs)
}

// here is the origin of figures that were measured on this machine alone.
func (l *session) here() result.Origin {
	return result.Origin{Profile: "this machine, " + l.machine, Link: "loopback of this machine"}
}

// devicesOf is the origin of what the devices of a plan measure: processes on this machine,
// or the agents of a given server.
func (l *session) devicesOf(p *plan.Plan) result.Origin {
	url := l.c.String("nats")
	if url == "" {
		return l.here()
	}
	var names []string
	for _, d := range p.Platform.Devices {
		names = append(names, d.Name)
	}
	return result.Origin{
		Profile: "the devices " + strings.Join(names, ", ") + " at " + url,
		Link:    "between the agents at " + url,
	}
}

// runOnce runs a plan once by a driver and adds what it found, instance by instance.
func (l *session) runOnce(
	ctx context.Context, runs []planRun, name string, from result.Origin, d driver.Driver, p *plan.Plan,
) ([]planRun, error) {
	l.log.Step(name+" "+p.Name, 1, 1, 0)
	t, err := d.Run(ctx, p)
	if err != nil {
		return runs, err
	}
	for _, what := range t.Assumed {
		l.log.Logf("%s %s: not measured: %s", name, p.Name, what)
	}
	measure := metrics.Measure
	if t.Restarts > 0 {
		measure = metrics.Interrupted
	}
	for _, inst := range metrics.Instances(p) {
		out, err := measure(p, t, inst)
		if err != nil {
			return runs, err
		}
		from.Emulated = t.Emulated
		out.Origin = from
		runs = append(runs, planRun{
			Driver: name, Instance: inst, Emulated: t.Emulated, Origin: from, Restarts: t.Restarts, Outcome: out,
		})
	}
	return runs, nil
}

// planProfile profiles the firings of one plan.
func (l *session) planProfile(ctx context.Context, p *plan.Plan, models compile.Models) (*profile.Profile, error) {
	pr := l.profiler(models, planFrames)
	pr.Progress = func(n, total int) { l.log.Step("profile "+p.Name, n, total, 0) }
	plans := []*plan.Plan{p}
	if len(p.Faults) > 0 {
		plans = append(plans, p.Alone())
	}
	entries, err := pr.Profile(ctx, plans)
	if err != nil {
		return nil, err
	}
	prof := &profile.Profile{Machine: l.machine, Entries: entries}
	var devices []string
	for _, s := range p.Slices() {
		devices = append(devices, s.Device)
	}
	if len(devices) < 2 {
		return prof, nil // nothing crosses
	}
	d, err := l.deploy(ctx, nil, devices...)
	if err != nil {
		return nil, err
	}
	prof.Transport, err = lab.Calibrate(ctx, d, devices[0], devices[1], 40)
	return prof, err
}

// coordinator returns a driver on the agents of a given server, or on a testbed
// of this machine.
func (l *session) coordinator(ctx context.Context, p *plan.Plan, models compile.Models) (
	*coordinator.Driver, func(), error,
) {
	url := l.c.String("nats")
	if url == "" {
		var devices []string
		for _, d := range p.Platform.Devices {
			devices = append(devices, d.Name)
		}
		d, err := l.deploy(ctx, models, devices...)
		return d, func() {}, err
	}
	d, err := coordinator.Dial(url)
	if err != nil {
		return nil, nil, usage(err)
	}
	d.Models, d.Enough, d.Patience = models, metrics.Enough, input.Duration(l.c, "patience")
	return d, d.Conn.Close, nil
}

func (l *session) printRuns(runs []planRun) error {
	tw := tabwriter.NewWriter(l.app.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "DRIVER\tINSTANCE\tENDPOINT TIME\tLATENCY\tFRAMES/S\tBYTES/FRAME\tFIRINGS OF\tMESSAGES OF")
	for _, r := range runs {
		name := r.Driver
		if r.Emulated {
			name += " (emulated)"
		}
		switch {
		case r.Restarts == 1:
			name += " (1 restart)"
		case r.Restarts > 1:
			name += fmt.Sprintf(" (%d restarts)", r.Restarts)
		}
		o := r.Outcome
		fmt.Fprintf(tw, "%s\t%s\t%v ± %v\t%v ± %v\t%.2f\t%d\t%s\t%s\n", name, r.Instance,
			seconds(o.EndpointTime.Median), seconds(o.EndpointTime.Spread()),
			seconds(o.Latency.Median), seconds(o.Latency.Spread()),
			o.Throughput.Value, o.BoundaryBytes, r.Origin.Profile, r.Origin.Link)
	}
	return tw.Flush()
}

func seconds(s float64) time.Duration { return round(time.Duration(s * 1e9)) }
