package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failingPlan has one device, to which a frame comes every second on average, and that fails at random.
func failingPlan(frames int64, process failure.Process) *plan.Plan {
	p := stations(1, 1, frames, 1, "const")
	p.Faults = []plan.Fault{{Device: 0, Link: -1, Detect: plan.Detection, Random: &process}}
	return p
}

// observed returns what a run saw of the failures of its one device.
func observed(t *testing.T, tr *trace.Trace) failure.Observed {
	t.Helper()
	var down []failure.Down
	for _, o := range tr.Outages {
		require.Equal(t, "server", o.Device)
		to := o.ToNs
		if to == 0 {
			to = tr.EndNs
		}
		down = append(down, failure.Down{FromNs: o.FromNs, ToNs: to})
	}
	return failure.Observe(down, tr.EndNs)
}

// TestAvailabilityAgainstTheory compares the share of the time that a device is up with
// MTBF / (MTBF + MTTR), whatever the distributions: D. R. Cox, Renewal Theory, 1962, section 7.3.
func TestAvailabilityAgainstTheory(t *testing.T) {
	const frames = 8000
	d := &sim.Driver{Cost: exponential{}}
	fmt.Printf("%-52s %9s %18s %10s\n", "availability of a device", "theory", "simulated, 99 %", "off by")
	for i, c := range []struct {
		what    string
		process failure.Process
	}{
		{"exponential crashes and repairs", failure.Process{
			Crash:  failure.Times{Kind: failure.Exponential, Mean: 20 * time.Second},
			Repair: failure.Times{Kind: failure.Exponential, Mean: 5 * time.Second},
		}},
		{"Weibull crashes of shape 2, log-normal repairs", failure.Process{
			Crash:  failure.Times{Kind: failure.Weibull, Scale: 20 * time.Second, Shape: 2},
			Repair: failure.Times{Kind: failure.Lognormal, Mean: 5 * time.Second, Sigma: 0.8},
		}},
		{"Weibull crashes of shape 0.7, constant repairs", failure.Process{
			Crash:  failure.Times{Kind: failure.Weibull, Mean: 20 * time.Second, Shape: 0.7},
			Repair: failure.Times{Kind: failure.Constant, Mean: 5 * time.Second},
		}},
	} {
		var up, between, repair []float64
		for seed := range uint64(16) {
			p := failingPlan(frames, c.process)
			p.Seed = seed + 1
			tr, err := d.Run(t.Context(), p)
			require.NoError(t, err)
			o := observed(t, tr)
			require.Greater(t, o.Crashes, 100)
			up, between = append(up, o.Availability), append(between, o.MTBF.Seconds())
			repair = append(repair, o.MTTR.Seconds())
		}
		mtbf, mttr := c.process.Crash.Expected()/1e9, c.process.Repair.Expected()/1e9
		within(t, c.what, up, mtbf/(mtbf+mttr))
		if i == 0 {
			within(t, "  their MTBF in s", between, mtbf)
			within(t, "  their MTTR in s", repair, mttr)
		}
	}
}

// A plan with random faults gives the same trace for the same seed, every frame comes out once and
// in order, and another seed fails at other times.
func TestRandomFaults(t *testing.T) {
	d := &sim.Driver{Cost: exponential{}}
	process := failure.Process{
		Crash:  failure.Times{Kind: failure.Exponential, Mean: 20 * time.Second},
		Repair: failure.Times{Kind: failure.Exponential, Mean: 5 * time.Second},
	}
	run := func(seed uint64, p failure.Process) *trace.Trace {
		q := failingPlan(300, p)
		q.Seed = seed
		tr, err := d.Run(t.Context(), q)
		require.NoError(t, err)
		next := int64(0)
		for _, e := range tr.Events {
			if e.Kind == trace.Firing && e.Actor == len(q.Work)-1 {
				require.Equal(t, next, e.Frame)
				next++
			}
		}
		require.Equal(t, int64(300), next)
		return tr
	}
	first := run(1, process)
	assert.Equal(t, first, run(1, process))
	assert.NotEqual(t, first.Outages, run(2, process).Outages)
	assert.Greater(t, first.Restarts, 5)
	process.Until = 40 * time.Second
	early := run(1, process)
	require.NotEmpty(t, early.Outages)
	assert.Equal(t, first.Outages[:len(early.Outages)], early.Outages)
	assert.Less(t, early.Outages[len(early.Outages)-1].FromNs, int64(process.Until))
}

// A device that always dies before its first result is an error, not a run without end.
func TestFaultsWithoutResult(t *testing.T) {
	p := failingPlan(10, failure.Process{
		Crash:  failure.Times{Kind: failure.Constant, Mean: service / 2},
		Repair: failure.Times{Kind: failure.Constant, Mean: service},
	})
	_, err := (&sim.Driver{Cost: exponential{}}).Run(t.Context(), p)
	require.ErrorIs(t, err, sim.ErrStalled)
	assert.Regexp(t, `^simulate plan stations: run stalled before its last frame: no result came in the time of 10001 `+
		`faults, until 15\..*s; let the times between faults be longer, or the repairs shorter$`, err.Error())
	p.Faults[0].Random.Crash.Mean = 0
	_, err = (&sim.Driver{Cost: exponential{}}).Run(t.Context(), p)
	assert.EqualError(t, err, "simulate plan stations: plan can't be simulated: fault 0: bad distribution of times: mean "+
		"0s of constant; expected 1µs to 100 years, such as mean: 90s")
}
