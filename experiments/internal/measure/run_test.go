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

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func TestRun(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Complete
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Experiment != "toy" || s.Seed != 3 || !s.Emulated || len(s.Unverified) != 1 || !strings.Contains(s.Unverified[0], "wireless: a guess") {
		t.Errorf("sweep %+v", s)
	}
	if len(s.Rows) != 2*2*11 {
		t.Fatalf("%d rows, want 11 for each of two endpoints and two links", len(s.Rows))
	}
	for i := range s.Rows {
		row := &s.Rows[i]
		if e, ok := row.Error(); !ok || e != 0 || row.Failed != "" {
			t.Errorf("%s %s %s: error %g, %v, failed %q", row.Endpoint, row.Link, row.FullLabel(), e, ok, row.Failed)
		}
		if row.Quality["accuracy"] != 1 || (row.Equal == "bit-equal") != (row.Codec == "none") {
			t.Errorf("%s: quality %v, equal %q", row.FullLabel(), row.Quality, row.Equal)
		}
		if want := map[string]float64{"slow": 40. / 3, "fast": 1}[row.Endpoint]; math.Abs(row.Slowdown-want) > 0.05 {
			t.Errorf("%s: slowdown %g", row.Endpoint, row.Slowdown)
		}
	}
	if len(s.TwoEndpoints) != 2 || s.TwoEndpoints[0].Measured == nil || s.TwoEndpoints[1].Stored == nil || s.TwoEndpoints[1].Instances != 2 {
		t.Errorf("two endpoints: %+v", s.TwoEndpoints)
	}
	simulated, measured := 0, 0
	for _, f := range s.Factors {
		if f.MeasuredSpeedup != nil {
			measured++
		} else {
			simulated++
		}
		if f.SimSpeedup.Value <= 0 || f.BestCut == "" {
			t.Errorf("factor %+v", f)
		}
	}
	if simulated != 2 || measured != 2 {
		t.Errorf("%d factors simulated, %d measured; want 2 and 2", simulated, measured)
	}
	// All on the endpoint is measured on the first link only: nothing crosses one.
	ran := len(s.Rows) - len(r.Experiment.Spec.Endpoints)*(len(r.Experiment.Spec.Links)-1)
	if len(d.Ran) != 2*ran+1 {
		t.Errorf("%d runs measured, want two for each of %d rows and one for all endpoints", len(d.Ran), ran)
	}
	checkKept(t, r, len(s.Rows), ran)
}

// checkKept says whether every row left a plan, and every row that ran an
// outcome and traces that can be read back.
func checkKept(t *testing.T, r *Runner, rows, ran int) {
	t.Helper()
	plans, _ := filepath.Glob(filepath.Join(r.Dir, "plans", "*.yaml"))
	traces, _ := filepath.Glob(filepath.Join(r.Dir, "traces", "deploy", "*.jsonl"))
	outcomes, _ := filepath.Glob(filepath.Join(r.Dir, "measured", "*.json"))
	if len(plans) != 2*rows+1 || len(traces) != 2*ran+1 || len(outcomes) != ran {
		t.Fatalf("%d plans, %d traces, %d outcomes of %d rows, %d run", len(plans), len(traces), len(outcomes), rows, ran)
	}
	for _, kept := range traces {
		path := filepath.Join(r.Dir, "plans", strings.TrimSuffix(filepath.Base(kept), ".jsonl")+".yaml")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := planfile.Parse(path, b)
		if err != nil {
			t.Fatal(err)
		}
		p, err := compile.Compile(f, r.Experiment.Models)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(kept)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := trace.Read(file)
		file.Close()
		if err != nil || tr.Plan != p.Name || len(tr.Events) < int(p.Workload.Frames)*len(p.Work) {
			t.Errorf("%s: trace of %q with %d events, %v", filepath.Base(path), tr.Plan, len(tr.Events), err)
		}
	}
}

func TestSimulatedOnly(t *testing.T) {
	r, _ := toy(t)
	r.Deploy, r.Referee, r.Truth = nil, nil, nil
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.Rows {
		if row.Stored == nil || row.Measured != nil || row.Quality != nil || row.Equal != "" {
			t.Errorf("row %+v", row)
		}
	}
}

func TestQuickMeasuresOneEndpointAndLink(t *testing.T) {
	r, _ := toy(t)
	r.Effort = sweep.Quick
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var measured []string
	for _, row := range s.Rows {
		if row.Measured != nil && !slices.Contains(measured, row.Endpoint+" "+row.Link) {
			measured = append(measured, row.Endpoint+" "+row.Link)
		}
	}
	if !slices.Equal(measured, []string{"slow wired"}) {
		t.Errorf("measured %v", measured)
	}
}

// A machine that is slower than the endpoint it stands for is said to be.
func TestEndpointFasterThanTheMachine(t *testing.T) {
	r, _ := toy(t)
	r.Deploy = nil
	r.WholeModel = func(plan.Unit) (time.Duration, error) { return 50 * time.Millisecond, nil }
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	said := r.Progress.(*exptest.Progress).Lines
	if s.Rows[0].Slowdown != 1 || len(said) != 1 || !strings.Contains(said[0], "device slow: this machine needs 50ms") {
		t.Errorf("slowdown %g, said %q", s.Rows[0].Slowdown, said)
	}
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
	if !errors.Is(err, ErrIncomplete) || !errors.Is(err, broken) || errors.Is(err, ErrWrong) {
		t.Fatalf("got %v", err)
	}
	failed := 0
	for _, row := range s.Rows {
		if row.Failed == "" {
			if row.Measured == nil {
				t.Errorf("%s %s %s was not measured", row.Endpoint, row.Link, row.FullLabel())
			}
			continue
		}
		failed++
		if row.Measured != nil || row.Stored == nil || !strings.Contains(row.Failed, "no more film") || row.FullLabel() != "PP3 relu0 fp16" {
			t.Errorf("failed row %+v", row)
		}
	}
	if failed != 1 {
		t.Errorf("%d failed rows, want 1", failed)
	}
	if _, err := os.Stat(r.rowFile(&result.Row{Case: result.Case{Endpoint: "slow", Link: "wired", Label: "PP3 relu0", Codec: "fp16"}})); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the failed case left an outcome behind: %v", err)
	}
	partial, err := os.ReadFile(filepath.Join(r.Dir, "traces", "deploy", "toy-slow-wired-PP3-relu0-fp16-single-stream.jsonl"))
	if err != nil || !strings.Contains(string(partial), `"partial":"no more film"`) {
		t.Errorf("partial trace %s, %v", partial, err)
	}

	// Once that works, only what failed is measured again, and all endpoints at once.
	d.Fail, d.Ran = nil, nil
	s, err = r.Run(t.Context())
	if err != nil || s.Rows[5].Measured == nil || s.Rows[0].Measured == nil || !s.Emulated {
		t.Fatalf("resumed: %v", err)
	}
	if len(d.Ran) != 3 || !strings.HasPrefix(d.Ran[0], "toy/slow/wired/PP3 relu0 fp16") || !strings.HasPrefix(d.Ran[2], "toy/together") {
		t.Errorf("resumed with %v", d.Ran)
	}
	for _, row := range s.Rows {
		if row.Quality["accuracy"] != 1 || (row.Equal == "bit-equal") != (row.Codec == "none") {
			t.Errorf("resumed %s: quality %v, equal %q", row.FullLabel(), row.Quality, row.Equal)
		}
	}
}

// What was measured under another slowdown, or can't be read, is not taken.
func TestResumeTakesTheSameCaseOnly(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := len(d.Ran)
	spoil := r.rowFile(&result.Row{Case: result.Case{Endpoint: "slow", Link: "wired", Label: "all on endpoint", Codec: "none"}})
	if err := os.WriteFile(spoil, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.Ran = nil
	if _, err := r.Run(t.Context()); err != nil || len(d.Ran) != 3 {
		t.Errorf("with one file spoilt: ran %v, %v", d.Ran, err)
	}
	d.Ran = nil
	r.WholeModel = func(plan.Unit) (time.Duration, error) { return time.Millisecond, nil }
	if _, err := r.Run(t.Context()); err != nil || len(d.Ran) != all {
		t.Errorf("with another slowdown: %d runs, want %d; %v", len(d.Ran), all, err)
	}
}

func TestWrongResults(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		spoil      func(*plan.Plan, *trace.Trace)
	}{
		{"lost", "result 2 is of frame 3", func(_ *plan.Plan, t *trace.Trace) { t.Results = slices.Delete(t.Results, 2, 3) }},
		{"doubled", "result 2 is of frame 1", func(_ *plan.Plan, t *trace.Trace) { t.Results = slices.Insert(t.Results, 2, t.Results[1]) }},
		{"changed", "frame 1 differs from a run in one process", func(_ *plan.Plan, t *trace.Trace) { t.Results[1].Values[0] += 1e-6 }},
		{"none", "0 results of 7 frames", func(_ *plan.Plan, t *trace.Trace) { t.Results = nil }},
		{"last lost", "6 results of 7 frames", func(p *plan.Plan, t *trace.Trace) { t.Results = t.Results[:len(t.Results)-1] }},
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
			if !errors.Is(err, ErrWrong) || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %v; want ErrWrong that says %q", err, tt.says)
			}
			if s == nil || s.Rows[1].Failed == "" || s.Rows[1].Measured != nil || s.Rows[0].Measured == nil {
				t.Error("the case isn't kept as failed, or the others are lost")
			}
		})
	}
}

// A cut that changes the network's results is wrong even if the deployment
// agrees with the referee.
func TestCutThatChangesResults(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	r.Referee = &exptest.Referee{Wrong: "all on server, raw"}
	d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if strings.Contains(p.Name, "all on server, raw") {
			tr.Results[0].Values[1] = 2
		}
	}
	if _, err := r.Run(t.Context()); !errors.Is(err, ErrWrong) || !strings.Contains(err.Error(), "against the whole model") {
		t.Errorf("got %v", err)
	}
}

func TestWrongTogether(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if strings.HasPrefix(p.Name, "toy/together") {
			tr.Results[len(tr.Results)-1].Frame = 0
		}
	}
	if _, err := r.Run(t.Context()); !errors.Is(err, ErrWrong) || !strings.Contains(err.Error(), "instance fast") {
		t.Errorf("got %v", err)
	}
}

// The referee runs once for every cut and codec, whatever the endpoint and link.
func TestRefereeIsAskedOnce(t *testing.T) {
	r, _ := toy(t)
	r.Effort = sweep.Complete
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked := r.Referee.(*exptest.Referee).Asked; len(asked) != 11 {
		t.Errorf("asked %d times, want 11: %v", len(asked), asked)
	}
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
	if s != nil || !errors.Is(err, context.Canceled) || errors.Is(err, ErrIncomplete) {
		t.Fatalf("got %v, %v", s, err)
	}
	kept, _ := filepath.Glob(filepath.Join(r.Dir, "measured", "*.json"))
	if len(d.Ran) != 4 || len(kept) != 1 {
		t.Errorf("%d runs, %d outcomes kept; want 4 and 1", len(d.Ran), len(kept))
	}
}

func TestRunThatCanNotKeepItsTraces(t *testing.T) {
	r, _ := toy(t)
	r.Dir = filepath.Join(r.Dir, "file")
	if err := os.WriteFile(r.Dir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if s, err := r.Run(t.Context()); s != nil || err == nil || !strings.Contains(err.Error(), r.Dir) {
		t.Errorf("got %v, %v", s, err)
	}
}
