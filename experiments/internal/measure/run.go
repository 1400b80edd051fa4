package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Driver executes plans. The simulator and the deployment are both drivers.
type Driver interface {
	// Run executes p once. A run that ended early returns its partial trace beside
	// the error.
	Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error)
}

// Referee says what the sinks of a plan must record and what its configuration
// actors choose, by running the plan's kernels here and now without a network.
type Referee interface {
	// Results returns the records of the sinks in the order of frames, and for every
	// configuration actor the atr of every frame.
	Results(ctx context.Context, p *plan.Plan) ([]trace.Result, []plan.Choice, error)
}

// verdict is what the referee says of a plan.
type verdict struct {
	results []trace.Result
	choices []plan.Choice
}

// Effort says how much of a sweep is measured.
type Effort int

// The efforts.
const (
	Standard Effort = iota // cuts spread over the network, the predicted best and its neighbours
	Quick                  // one endpoint and one link, few cuts; where a parameter is swept, nothing else is simulated either
	Complete               // every case
)

// Runner runs one experiment.
type Runner struct {
	Spec    *Spec
	Models  plan.Models
	Dir     string // of the run: every case's plan, trace and outcome are kept here
	Effort  Effort
	Sim     Driver  // nil: don't simulate
	Deploy  Driver  // nil: don't measure
	Referee Referee // needed with Deploy, and where a parameter is swept
	Truth   Truth   // needed with Deploy; nil where the experiment has no quality
	// WholeModel returns the time of the whole model on this machine at slowdown 1,
	// on a unit; it fixes the slowdown of the endpoints.
	WholeModel func(u plan.Unit) (time.Duration, error)
	// Refresh, if set, measures the costs of a plan's firings anew for Sim and
	// returns them; see ProfileInSitu for stand-ins. It is called right before a case
	// is measured, and the case is simulated again before that: shared machines drift
	// within minutes, and a prediction is about the machine as it is.
	Refresh  func(ctx context.Context, p *plan.Plan, standIns ...*plan.Plan) (map[string]profile.Entry, error)
	Progress Progress

	space *space
	sweep *result.Sweep
	known map[string]*verdict // by resultKey
}

// Progress is told what a run does. Implementations print it.
type Progress interface {
	// Step says that step n of total begins; left is what the rest will take, 0 if
	// that is unknown.
	Step(what string, n, total int, left time.Duration)
	// Logf prints a line that stays.
	Logf(format string, args ...any)
}

// Run runs the experiment and returns what it found. Cases that fail stand in
// the sweep as failed, and the error wraps ErrIncomplete or ErrWrong; a
// cancelled ctx returns its error at once. What was measured in Dir before is
// taken from there.
func (r *Runner) Run(ctx context.Context) (*result.Sweep, error) {
	var err error
	if r.space, err = newSpace(r.Spec, r.Models); err != nil {
		return nil, err
	}
	r.known = map[string]*verdict{}
	r.sweep = &result.Sweep{Experiment: r.Spec.Experiment, Seed: r.Spec.Seed}
	if sw := r.Spec.Sweep; sw != nil {
		r.sweep.Swept = &result.Swept{Param: sw.name(), Always: sw.Always, Quality: sw.Quality, Loss: sw.Loss}
	}
	for _, l := range r.Spec.Links {
		if l.Unverified != "" {
			r.sweep.Unverified = append(r.sweep.Unverified, fmt.Sprintf("link %s: %s", l.Name, l.Unverified))
		}
	}
	for _, e := range r.Spec.slowed() {
		if e.WholeModel <= 0 {
			continue
		}
		t, err := r.WholeModel(e.Unit)
		if err != nil {
			return nil, err
		}
		if t > e.WholeModel {
			r.Progress.Logf("device %s: this machine needs %v for the whole model, more than the %v asked for; it runs unslowed", e.Name, t.Round(time.Microsecond), e.WholeModel)
		}
		r.space.slowdowns[e.Name] = slowdown(e.WholeModel, t)
	}
	for _, g := range r.Spec.Gateways {
		r.sweep.Gateways = append(r.sweep.Gateways, result.Slowed{Device: g.Name, Slowdown: r.space.slowdown(&g)})
	}
	for _, e := range r.Spec.Endpoints {
		for _, l := range r.Spec.caseLinks() {
			for _, c := range r.space.cases(e.Name, l.Name) {
				if r.Spec.Sweep != nil && r.Effort == Quick && !r.quick(c) {
					continue
				}
				r.sweep.Rows = append(r.sweep.Rows, result.Row{Case: c})
			}
		}
	}
	var failed error
	if r.Spec.Sweep != nil {
		if err := r.consultReferee(ctx, r.sweep.Rows); err != nil {
			return nil, err
		}
	}
	if r.Sim != nil {
		if err := r.simulate(ctx); err != nil {
			return nil, err
		}
	}
	if r.Deploy != nil {
		if failed, err = r.measure(ctx); err != nil {
			return nil, err
		}
	}
	return r.sweep, failed
}

// simulate runs every case under the simulator.
func (r *Runner) simulate(ctx context.Context) error {
	frames := r.Spec.Workload.MinFrames
	if r.Spec.Sweep != nil {
		frames = r.Spec.Workload.MaxFrames // they differ
	}
	for i := range r.sweep.Rows {
		row := &r.sweep.Rows[i]
		r.Progress.Step("simulate "+row.Title(), i+1, len(r.sweep.Rows), 0)
		out, _, err := r.case_(ctx, r.Sim, "sim", row.Case, r.space.single(frames))
		if err != nil {
			return err
		}
		row.Sim = out
	}
	if r.Spec.Sweep != nil {
		return r.scoreAll(ctx)
	}
	if !r.Spec.cutsModel() {
		return nil
	}
	if err := r.simulateTogether(ctx); err != nil {
		return err
	}
	return r.factors(ctx)
}

// case_ runs a case under both workloads and joins their outcomes. The results
// are those of the single-stream run. Where a parameter is swept it is the only one.
func (r *Runner) case_(ctx context.Context, d Driver, driver string, c result.Case, single plan.Workload) (*result.Outcome, []run, error) {
	if r.Spec.Sweep != nil {
		v, err := r.referee(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		single.Choices = v.choices
	}
	one, err := r.run(ctx, d, driver, r.space.file(c, single))
	if err != nil {
		return nil, nil, err
	}
	out, err := metrics.Measure(one.plan, one.trace, "")
	if err != nil {
		return nil, nil, err
	}
	if r.Spec.Sweep != nil {
		return &out, []run{one}, nil
	}
	many, err := r.run(ctx, d, driver, r.space.file(c, r.space.offline()))
	if err != nil {
		return nil, nil, err
	}
	stream, err := metrics.Measure(many.plan, many.trace, "")
	if err != nil {
		return nil, nil, err
	}
	out.ThroughputFPS, out.ThroughputSpread = stream.ThroughputFPS, stream.ThroughputSpread
	return &out, []run{one, many}, nil
}

// run is one execution of a plan.
type run struct {
	plan  *plan.Plan
	trace *trace.Trace
}

func (r *Runner) run(ctx context.Context, d Driver, driver string, f *plan.File) (run, error) {
	p, err := plan.Compile(f, r.Models)
	if err != nil {
		return run{}, err
	}
	t, err := d.Run(ctx, p)
	if t != nil {
		if kept := r.keep(driver, f, t); kept != nil {
			err = errors.Join(err, kept)
		}
		r.sweep.Emulated = r.sweep.Emulated || t.Emulated
	}
	if err != nil {
		return run{}, fmt.Errorf("%s: %w", f.Plan, err)
	}
	return run{p, t}, nil
}
