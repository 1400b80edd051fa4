package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func TestRunSweep(t *testing.T) {
	r, d := testRunner(t, "gated")
	r.Effort = sweep.Complete
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 2*2*9 || s.Swept == nil || *s.Swept != (result.Swept{Param: "look.threshold", Quality: "accuracy", Loss: 0.1}) {
		t.Fatalf("%d rows, swept %+v", len(s.Rows), s.Swept)
	}
	if len(s.TwoEndpoints)+len(s.Factors) > 0 {
		t.Errorf("two endpoints %v, factors %v", s.TwoEndpoints, s.Factors)
	}
	for i := range s.Rows {
		row := &s.Rows[i]
		if e, ok := row.Error(); !ok || math.Abs(e) > 1e-9 || row.Quality["accuracy"] != 1 {
			t.Errorf("%s: error %g, %v, quality %v", row.FullLabel(), e, ok, row.Quality)
		}
		// Frames 1 to 10 count, and are worth 1 to 9 and 0.
		if want := map[float64]float64{0: 1, 5: 0.5, 9: 0.1}[row.Value]; math.Abs(row.Measured.Share()-want) > 1e-9 || math.Abs(row.Stored.Share()-want) > 1e-9 {
			t.Errorf("%s: the part ran in %g of the measured and %g of the simulated frames, want %g", row.FullLabel(), row.Measured.Share(), row.Stored.Share(), want)
		}
		if (row.Equal != "") != (row.Codec == "none") {
			t.Errorf("%s: equal %q", row.FullLabel(), row.Equal)
		}
	}
	if len(s.Rows) != 36 || len(d.Ran) != 36-2 {
		t.Errorf("%d runs of %d rows; want one each, all on the endpoint on one link only", len(d.Ran), len(s.Rows))
	}
	if asked := r.Referee.(*exptest.Referee).Asked; len(asked) != 10 { // six values, JPEG, and the whole network with each value
		t.Errorf("the referee was asked %d times, want 10: %v", len(asked), asked)
	}
	plans, _ := filepath.Glob(filepath.Join(r.Dir, "plans", "*.yaml"))
	if len(plans) != 36 {
		t.Errorf("%d plans kept", len(plans))
	}
	if trades := result.Trades(s); len(trades) != 8 || trades[0].Value != 9 {
		t.Errorf("trades %+v", trades)
	}
	d.Ran = nil
	if _, err := r.Run(t.Context()); err != nil || len(d.Ran) != 0 {
		t.Errorf("resumed with %v, %v", d.Ran, err)
	}
}

func TestSimulatedSweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Deploy = nil
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.Rows {
		if row.Stored == nil || row.Measured != nil || row.Quality["accuracy"] != 1 {
			t.Errorf("row %+v", row)
		}
	}
}

// Measured are the value always on and the predicted trade of every codec, and others spread
// over the list: of one, its first.
func TestChosenValues(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Experiment.Spec.Measure.Cuts = 1
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string][]string{}
	for _, row := range s.Rows {
		if row.Measured != nil {
			group := row.Endpoint + " " + row.Link
			measured[group] = append(measured[group], fmt.Sprintf("%g %s", row.Value, row.Codec))
		}
	}
	base := []string{"0 none", "0 none", "0 jpeg"}
	for group, want := range map[string][]string{
		"slow wired": {"0 none", "9 none", "0 int8", "9 int8"}, "fast wireless": {"0 none", "9 none", "0 int8", "9 int8"},
	} {
		if got := measured[group]; !slices.Equal(got, append(slices.Clone(base), want...)) {
			t.Errorf("%s: measured %v, want %v after the baselines", group, got, want)
		}
	}
	r, _ = testRunner(t, "gated")
	r.Effort = sweep.Quick
	if s, err = r.Run(t.Context()); err != nil || len(s.Rows) != 6 {
		t.Errorf("quick: %d rows, want 3 baselines and 3 values; %v", len(s.Rows), err)
	}
}

func TestWrongResultOfASweep(t *testing.T) {
	r, d := testRunner(t, "gated")
	r.Effort = sweep.Quick
	d.Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if strings.Contains(p.Name, "threshold 9") {
			tr.Results[4].Values[0]++
		}
	}
	s, err := r.Run(t.Context())
	if !errors.Is(err, ErrWrong) || s == nil || s.Rows[5].Failed == "" || s.Rows[3].Measured == nil {
		t.Fatalf("got %v", err)
	}
}

// Frames that differ are all run; where they don't, a time limit holds.
func TestFramesOfASweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.Rows {
		n := 10
		if row.Value == 0 && row.Endpoint == "slow" {
			n = 4 // of at least 10 ms each
		}
		if row.Measured != nil && row.Endpoint == "slow" && (row.Measured.EndpointTime.N != n || row.Stored.EndpointTime.N != n) {
			t.Errorf("%s: %d frames measured, %d simulated, want %d", row.FullLabel(), row.Measured.EndpointTime.N, row.Stored.EndpointTime.N, n)
		}
	}
}

// A case that is not always on has stand-ins for its fresh profile.
func TestRefreshedSweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Predict = &predictor{sim: r.Sim}
	standIns := map[string]int{}
	r.Refresh = func(_ context.Context, p *plan.Plan, instead ...*plan.Plan) (map[string]profile.Entry, error) {
		standIns[p.Name] = len(instead)
		for i, q := range instead {
			if len(q.Work) != len(p.Work) || q.Graph.Actors[1].Params["threshold"] != []float64{0, 255}[i] {
				t.Errorf("%s: stand-in %d has %d actors, params %v", p.Name, i, len(q.Work), q.Graph.Actors[1].Params)
			}
		}
		return map[string]profile.Entry{"key": {Samples: []time.Duration{1}}}, nil
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, n := range standIns {
		if want := map[bool]int{true: 2, false: 0}[strings.Contains(name, "threshold 5") || strings.Contains(name, "threshold 9")]; n != want {
			t.Errorf("%s: %d stand-ins, want %d", name, n, want)
		}
	}
}
