package measure

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Complete
	reads := int64(0) // of the machine's state: every reading, it has throttled once more
	r.State = func() device.State {
		reads++
		return device.State{Throttled: []device.Throttle{{Name: "oc1_event_cnt", Value: reads}}}
	}
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	assert.Len(t, s.Throttled(), len(s.Rows)+len(s.TwoEndpoints), "every measured row has the state before and after it")
	assert.Equal(t, "toy", s.Experiment, "sweep")
	assert.EqualValues(t, 3, s.Seed, "sweep")
	require.True(t, s.Emulated, "sweep")
	require.Len(t, s.Unverified, 1, "sweep")
	assert.Contains(t, s.Unverified[0], "wireless: a guess", "sweep")
	require.Len(t, s.Rows, 2*2*11, "%d rows, want 11 for each of two endpoints and two links", len(s.Rows))
	for i := range s.Rows {
		row := &s.Rows[i]
		e, ok := row.Error()
		require.True(t, ok, "%s %s %s: error %g, %v, failed", row.Endpoint, row.Link, row.FullLabel(), e, ok)
		assert.Equal(t, 0.0, e, "%s %s %s: error %g, %v, failed", row.Endpoint, row.Link, row.FullLabel(), e, ok)
		assert.Empty(t, row.Failed, "%s %s %s: error %g, %v, failed", row.Endpoint, row.Link, row.FullLabel(), e, ok)
		assert.Equal(t, 1.0, row.Quality["accuracy"], "%s: quality %v, equal", row.FullLabel(), row.Quality)
		assert.Equal(t, (row.Codec == "none"), (row.Equal == "bit-equal"), "%s: quality %v, equal", row.FullLabel(),
			row.Quality)
		assert.LessOrEqual(t, math.Abs(row.Slowdown-map[string]float64{"slow": 40. / 3, "fast": 1}[row.Endpoint]), 0.05,
			"%s: slowdown", row.Endpoint)
	}
	require.Len(t, s.TwoEndpoints, 2, "two endpoints")
	require.NotNil(t, s.TwoEndpoints[0].Measured, "two endpoints")
	require.NotNil(t, s.TwoEndpoints[1].Stored, "two endpoints")
	assert.Equal(t, 2, s.TwoEndpoints[1].Instances, "two endpoints")
	simulated, measured := 0, 0
	for _, f := range s.Factors {
		if f.MeasuredSpeedup != nil {
			measured++
		} else {
			simulated++
		}
		assert.Greater(t, f.SimSpeedup.Value, float64(0), "factor")
		assert.NotEmpty(t, f.BestCut, "factor")
	}
	assert.Equal(t, 2, simulated, "%d factors simulated, %d measured; want 2 and 2", simulated, measured)
	assert.Equal(t, 2, measured, "%d factors simulated, %d measured; want 2 and 2", simulated, measured)
	// All on the endpoint is measured on the first link only: nothing crosses one.
	ran := len(s.Rows) - len(r.Experiment.Spec.Endpoints)*(len(r.Experiment.Spec.Links)-1)
	assert.Len(t, d.Ran, 2*ran+1, "%d runs measured, want two for each of %d rows and one for all endpoints", len(d.Ran),
		ran)
	checkKept(t, r, len(s.Rows), ran)
}

// checkKept says whether every row left a plan, and every row that ran an
// outcome and traces that can be read back.
func checkKept(t *testing.T, r *Runner, rows, ran int) {
	t.Helper()
	plans, _ := filepath.Glob(filepath.Join(r.Dir, "plans", "*.yaml"))
	traces, _ := filepath.Glob(filepath.Join(r.Dir, "traces", "deploy", "*.jsonl"))
	outcomes, _ := filepath.Glob(filepath.Join(r.Dir, "measured", "*.json"))
	require.Len(t, plans, 2*rows+1, "%d plans, %d traces, %d outcomes of %d rows, %d run", len(plans), len(traces),
		len(outcomes), rows, ran)
	require.Len(t, traces, 2*ran+1, "%d plans, %d traces, %d outcomes of %d rows, %d run", len(plans), len(traces),
		len(outcomes), rows, ran)
	require.Len(t, outcomes, ran, "%d plans, %d traces, %d outcomes of %d rows, %d run", len(plans), len(traces),
		len(outcomes), rows, ran)
	for _, kept := range traces {
		path := filepath.Join(r.Dir, "plans", strings.TrimSuffix(filepath.Base(kept), ".jsonl")+".yaml")
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := planfile.Parse(path, b)
		require.NoError(t, err)
		p, err := compile.Compile(f, r.Experiment.Models)
		require.NoError(t, err)
		file, err := os.Open(kept)
		require.NoError(t, err)
		tr, err := trace.Read(file)
		file.Close()
		require.NoError(t, err, "%s: trace of %q with %d events", filepath.Base(path), tr.Plan, len(tr.Events))
		assert.Equal(t, p.Name, tr.Plan, "%s: trace of %q with %d events", filepath.Base(path), tr.Plan, len(tr.Events))
		assert.GreaterOrEqual(t, len(tr.Events), int(p.Workload.Frames)*len(p.Work), "%s: trace of %q with %d events",
			filepath.Base(path), tr.Plan, len(tr.Events))
	}
}

func TestSimulatedOnly(t *testing.T) {
	r, _ := toy(t)
	r.Deploy, r.Oracle, r.Truth = nil, nil, nil
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	for _, row := range s.Rows {
		require.NotNil(t, row.Stored, "row")
		assert.Nil(t, row.Measured, "row")
		assert.Nil(t, row.Quality, "row")
		assert.Empty(t, row.Equal, "row")
	}
}

func TestQuickMeasuresOneEndpointAndLink(t *testing.T) {
	r, _ := toy(t)
	r.Effort = sweep.Quick
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	var measured []string
	for _, row := range s.Rows {
		if row.Measured != nil && !slices.Contains(measured, row.Endpoint+" "+row.Link) {
			measured = append(measured, row.Endpoint+" "+row.Link)
		}
	}
	assert.Equal(t, []string{"slow wired"}, measured, "measured")
}

// A machine that is slower than the endpoint it stands for is said to be.
func TestEndpointFasterThanTheMachine(t *testing.T) {
	r, _ := toy(t)
	r.Deploy = nil
	r.WholeModel = func(plan.Unit) (time.Duration, error) { return 50 * time.Millisecond, nil }
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	said := r.Progress.(*exptest.Progress).Lines
	assert.Equal(t, 1.0, s.Rows[0].Slowdown, "slowdown %g, said", s.Rows[0].Slowdown)
	require.Len(t, said, 1, "slowdown %g, said", s.Rows[0].Slowdown)
	assert.Contains(t, said[0], "device slow: this machine needs 50ms", "slowdown %g, said", s.Rows[0].Slowdown)
}

func TestFailedCaseIsKeptAsFailed(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Complete
	broken := errors.New("no more film")
	d.Fail = func(p *plan.Plan) error {
		if strings.HasPrefix(p.Name, "toy/slow/wired/PP3 relu0 fp16") {
			return broken
		}
		return nil
	}
	s, err := r.Run(t.Context())
	require.ErrorIs(t, err, ErrIncomplete)
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, ErrWrong)
	failed := 0
	for _, row := range s.Rows {
		if row.Failed == "" {
			assert.NotNil(t, row.Measured, "%s %s %s was not measured", row.Endpoint, row.Link, row.FullLabel())
			continue
		}
		failed++
		assert.Nil(t, row.Measured, "failed row")
		require.NotNil(t, row.Stored, "failed row")
		assert.Contains(t, row.Failed, "no more film", "failed row")
		assert.Equal(t, "PP3 relu0 fp16", row.FullLabel(), "failed row")
	}
	assert.Equal(t, 1, failed, "%d failed rows, want 1", failed)
	_,
		err = os.Stat(
		r.rowFile(&result.Row{Case: result.Case{Endpoint: "slow", Link: "wired", Label: "PP3 relu0", Codec: "fp16"}}),
	)
	assert.ErrorIs(t, err, os.ErrNotExist, "the failed case left an outcome behind")
	partial, err := os.ReadFile(filepath.Join(
		r.Dir, "traces", "deploy", "toy-slow-wired-PP3-relu0-fp16-single-stream.jsonl",
	))
	require.NoError(t, err, "partial trace")
	assert.Contains(t, string(partial), `"partial":"no more film"`, "partial trace")

	// Once that works, only what failed is measured again, and all endpoints at once.
	d.Fail, d.Ran = nil, nil
	s, err = r.Run(t.Context())
	require.NoError(t, err, "resumed")
	require.NotNil(t, s.Rows[5].Measured, "resumed")
	require.NotNil(t, s.Rows[0].Measured, "resumed")
	require.True(t, s.Emulated, "resumed")
	require.Len(t, d.Ran, 3, "resumed")
	require.True(t, strings.HasPrefix(d.Ran[0], "toy/slow/wired/PP3 relu0 fp16"), "resumed")
	assert.True(t, strings.HasPrefix(d.Ran[2], "toy/together"), "resumed")
	for _, row := range s.Rows {
		assert.Equal(t, 1.0, row.Quality["accuracy"], "resumed %s: quality %v, equal", row.FullLabel(), row.Quality)
		assert.Equal(t, (row.Codec == "none"), (row.Equal == "bit-equal"), "resumed %s: quality %v, equal", row.FullLabel(),
			row.Quality)
	}
}

// What was measured under another slowdown, or can't be read, is not taken.
func TestResumeTakesTheSameCaseOnly(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	_, err := r.Run(t.Context())
	require.NoError(t, err)
	all := len(d.Ran)
	spoil := r.rowFile(&result.Row{
		Case: result.Case{Endpoint: "slow", Link: "wired", Label: "all on endpoint", Codec: "none"},
	})
	require.NoError(t, os.WriteFile(spoil, []byte("{"), 0o644))
	d.Ran = nil
	_, err = r.Run(t.Context())
	require.NoError(t, err, "with one file spoilt: ran")
	assert.Len(t, d.Ran, 3, "with one file spoilt: ran")
	d.Ran = nil
	r.WholeModel = func(plan.Unit) (time.Duration, error) { return time.Millisecond, nil }
	_, err = r.Run(t.Context())
	require.NoError(t, err, "with another slowdown: %d runs", len(d.Ran))
	assert.Len(t, d.Ran, all, "with another slowdown: %d runs", len(d.Ran))
}

func TestWrongResults(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		spoil      func(*plan.Plan, *trace.Trace)
	}{
		{"lost", "result 2 is of frame 3", func(_ *plan.Plan, t *trace.Trace) { t.Results = slices.Delete(t.Results, 2, 3) }},
		{"doubled", "result 2 is of frame 1",
			func(_ *plan.Plan, t *trace.Trace) { t.Results = slices.Insert(t.Results, 2, t.Results[1]) }},
		{"changed", "frame 1 differs from a run in one process",
			func(_ *plan.Plan, t *trace.Trace) { t.Results[1].Values[0] += 1e-6 }},
		{"none", "0 results of 7 frames", func(_ *plan.Plan, t *trace.Trace) { t.Results = nil }},
		{"last lost", "6 results of 7 frames",
			func(p *plan.Plan, t *trace.Trace) { t.Results = t.Results[:len(t.Results)-1] }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, d := toy(t)
			r.Effort = sweep.Quick
			d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
				if strings.Contains(p.Name, "all on server raw") || strings.Contains(p.Name, "all on server, raw") {
					tt.spoil(p, tr)
				}
			}
			s, err := r.Run(t.Context())
			require.ErrorIs(t, err, ErrWrong, "got %v; want ErrWrong that says", err)
			require.Contains(t, err.Error(), tt.says, "got %v; want ErrWrong that says", err)
			require.NotNil(t, s, "the case isn't kept as failed, or the others are lost")
			assert.NotEmpty(t, s.Rows[1].Failed, "the case isn't kept as failed, or the others are lost")
			assert.Nil(t, s.Rows[1].Measured, "the case isn't kept as failed, or the others are lost")
			assert.NotNil(t, s.Rows[0].Measured, "the case isn't kept as failed, or the others are lost")
		})
	}
}

// A cut that changes the network's results is wrong even if the deployment
// agrees with the oracle.
func TestCutThatChangesResults(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	r.Oracle = &exptest.Oracle{Wrong: "all on server, raw"}
	d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if strings.Contains(p.Name, "all on server, raw") {
			tr.Results[0].Values[1] = 2
		}
	}
	_, err := r.Run(t.Context())
	require.ErrorIs(t, err, ErrWrong)
	assert.Contains(t, err.Error(), "against the whole model")
}

func TestWrongTogether(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if strings.HasPrefix(p.Name, "toy/together") {
			tr.Results[len(tr.Results)-1].Frame = 0
		}
	}
	_, err := r.Run(t.Context())
	require.ErrorIs(t, err, ErrWrong)
	assert.Contains(t, err.Error(), "instance fast")
}

// The oracle runs once for every cut and codec, whatever the endpoint and link.
func TestRefereeIsAskedOnce(t *testing.T) {
	r, _ := toy(t)
	r.Effort = sweep.Complete
	_, err := r.Run(t.Context())
	require.NoError(t, err)
	asked := r.Oracle.(*exptest.Oracle).Asked
	assert.Len(t, asked, 11, "asked %d times, want 11", len(asked))
}

func TestCancelledRun(t *testing.T) {
	r, d := toy(t)
	ctx, cancel := context.WithCancel(t.Context())
	d.Fail = func(*plan.Plan) error {
		if len(d.Ran) == 4 {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	s, err := r.Run(ctx)
	require.Nil(t, s)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrIncomplete)
	kept, _ := filepath.Glob(filepath.Join(r.Dir, "measured", "*.json"))
	require.Len(t, d.Ran, 4, "%d runs, %d outcomes kept; want 4 and 1", len(d.Ran), len(kept))
	assert.Len(t, kept, 1, "%d runs, %d outcomes kept; want 4 and 1", len(d.Ran), len(kept))
}

func TestRunThatCanNotKeepItsTraces(t *testing.T) {
	r, _ := toy(t)
	r.Dir = filepath.Join(r.Dir, "file")
	require.NoError(t, os.WriteFile(r.Dir, nil, 0o644))
	s, err := r.Run(t.Context())
	assert.Nil(t, s)
	require.Error(t, err)
	assert.Contains(t, err.Error(), r.Dir)
}
