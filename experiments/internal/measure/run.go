package measure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// Runner runs one experiment.
type Runner struct {
	Experiment *sweep.Experiment
	Dir        string // of the run: every case's plan, trace and outcome are kept here
	Effort     sweep.Effort
	Sim        driver.Driver  // nil: don't simulate
	Sampled    driver.Driver  // simulates with costs drawn from the samples of Sim's profile; nil: no intervals
	Deploy     driver.Driver  // nil: don't measure
	Simulated  result.Origin  // of simulated outcomes
	Measured   result.Origin  // of measured outcomes
	Oracle     driver.Oracle  // needed with Deploy, and where the experiment is FramesGiven
	Truth      quality.Scorer // needed with Deploy; nil where the experiment has no quality
	// WholeModel returns the time of the whole model on this machine at slowdown 1,
	// on a unit; it fixes the slowdown of the endpoints.
	WholeModel func(u plan.Unit) (time.Duration, error)
	// Refresh measures the costs of a plan's firings right before a case is measured, for
	// the fresh prediction; see lab.ProfileInSitu for stand-ins. nil: there is none.
	Refresh func(ctx context.Context, p *plan.Plan, standIns ...*plan.Plan) (profile.Costs, error)
	// Reference is timed before and after every measured case, for the corrected
	// prediction. nil: there is none.
	Reference driver.Reference
	// State reads the state of this machine, before and after every measured case. nil: the
	// states of the devices are recorded, as far as their agents tell them.
	State    func() device.State
	Predict  Predictor // beside Sim, which is the stored prediction; nil: there is no other
	Progress driver.Progress
	Now      func() time.Time // for the time left
	// Kept returns an application as it is written to the kept plans. nil: as it is.
	Kept    func(app planfile.Application) planfile.Application
	Workers int // referees that run at once; at least 1

	sweep *result.Sweep
	known map[string]*expectation // by resultKey
}

// Run runs the experiment and returns what it found. Cases that fail stand in
// the sweep as failed, and the error wraps ErrIncomplete or ErrWrong; a
// cancelled ctx returns its error at once. What was measured in Dir before is
// taken from there.
func (r *Runner) Run(ctx context.Context) (*result.Sweep, error) {
	x := r.Experiment
	if err := r.slow(); err != nil {
		return nil, err
	}
	r.known = map[string]*expectation{}
	r.sweep = x.Sweep()
	for _, c := range x.AllCases(r.Effort) {
		r.sweep.Rows = append(r.sweep.Rows, result.Row{Case: c})
	}
	if x.FramesGiven() {
		if err := r.expectAll(ctx, r.sweep.Rows); err != nil {
			return nil, err
		}
	}
	if r.Sim != nil {
		if err := r.simulate(ctx); err != nil {
			return nil, err
		}
	}
	if r.Deploy == nil {
		return r.sweep, nil
	}
	failed, err := r.measure(ctx)
	if err != nil {
		return nil, err
	}
	return r.sweep, failed
}

// slow slows the devices until the whole model takes what it should.
func (r *Runner) slow() error {
	for _, e := range r.Experiment.Spec.Slowed() {
		if e.WholeModel <= 0 {
			continue
		}
		t, err := r.WholeModel(e.Unit)
		if err != nil {
			return err
		}
		if t > e.WholeModel {
			r.Progress.Logf("device %s: this machine needs %v for the whole model, more than the %v asked for; it runs unslowed",
				e.Name, t.Round(time.Microsecond), e.WholeModel)
		}
		r.Experiment.SlowTo(e.Name, e.WholeModel, t)
	}
	return nil
}

// simulate runs every case under the simulator.
func (r *Runner) simulate(ctx context.Context) error {
	x := r.Experiment
	frames := x.Spec.Workload.MinFrames
	if x.FramesGiven() {
		frames = x.Spec.Workload.MaxFrames // they differ
	}
	for i := range r.sweep.Rows {
		row := &r.sweep.Rows[i]
		r.Progress.Step("simulate "+row.Title(), i+1, len(r.sweep.Rows), 0)
		out, _, err := r.runCase(ctx, r.Sim, simulated, row.Case, x.Single(frames), x.Spec.Workload.ThroughputFrames)
		if err != nil {
			return err
		}
		row.Stored = out
	}
	if x.FramesGiven() {
		if err := r.scoreAll(ctx); err != nil {
			return err
		}
	}
	if !x.Together() {
		return nil
	}
	if err := r.simulateTogether(ctx); err != nil {
		return err
	}
	return r.factors(ctx)
}

// runCase runs a case under both workloads and joins their outcomes. The results
// are those of the single-stream run; where the experiment is FramesGiven it is the only one.
// stream is the number of frames that count at most with all of them in flight.
func (r *Runner) runCase(
	ctx context.Context, d driver.Driver, name string, c result.Case, single plan.Workload, stream int64,
) (*result.Outcome, []run, error) {
	given := r.Experiment.FramesGiven()
	if given {
		v, err := r.expected(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		single.Choices = v.choices
	}
	one, err := r.run(ctx, d, name, r.Experiment.File(c, single))
	if err != nil {
		return nil, nil, err
	}
	out, err := r.outcomeOf(one, name, "")
	if err != nil {
		return nil, nil, err
	}
	if given {
		return &out, []run{one}, nil
	}
	many, err := r.run(ctx, d, name, r.Experiment.File(c, r.Experiment.Offline(stream)))
	if err != nil {
		return nil, nil, err
	}
	full, err := r.outcomeOf(many, name, "")
	if err != nil {
		return nil, nil, err
	}
	out.Throughput = full.Throughput
	out.Waited = append(out.Waited, full.Waited...)
	return &out, []run{one, many}, nil
}

// run is one execution of a plan.
type run struct {
	plan     *plan.Plan
	trace    *trace.Trace     // without events where they were streamed
	streamed *metrics.Streams // nil: the trace has all events
}

func (r *Runner) run(ctx context.Context, d driver.Driver, name string, f *planfile.File) (run, error) {
	p, err := compile.Compile(f, r.Experiment.Models)
	if err != nil {
		return run{}, err
	}
	if s, ok := Streamer(d, p); ok {
		t, all, err := Streamed(ctx, s, p, r.traceFile(name, f), nil)
		if err == nil {
			err = r.keepPlan(f)
		}
		if err != nil {
			return run{}, fmt.Errorf("%s: %w", f.Plan, err)
		}
		r.sweep.Emulated = r.sweep.Emulated || t.Emulated
		return run{p, t, all}, nil
	}
	t, err := d.Run(ctx, p)
	if t != nil {
		if kept := r.keep(name, f, t); kept != nil {
			err = errors.Join(err, kept)
		}
		r.sweep.Emulated = r.sweep.Emulated || t.Emulated
	}
	if err != nil {
		return run{}, fmt.Errorf("%s: %w", f.Plan, err)
	}
	return run{p, t, nil}, nil
}

// simulated names the simulator among the drivers; see simulatedFresh, too.
const simulated = "sim"

// outcomeOf computes what a run found for an instance, and says whose figures that are.
func (r *Runner) outcomeOf(one run, driver, instance string) (result.Outcome, error) {
	out, err := one.outcome(instance)
	out.Origin = r.Measured
	if strings.HasPrefix(driver, simulated) {
		out.Origin = r.Simulated
	}
	out.Origin = out.Origin.Of(one.trace.Emulated)
	return out, err
}

func (r run) outcome(instance string) (result.Outcome, error) {
	if r.streamed != nil {
		return r.streamed.Outcome(instance, r.trace)
	}
	return metrics.Measure(r.plan, r.trace, instance)
}
