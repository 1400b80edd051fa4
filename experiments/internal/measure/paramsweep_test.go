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
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

func gatedSpace(t *testing.T) *space {
	t.Helper()
	sp, err := newSpace(testSpec(t, "gated"), toyModel(t))
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

func TestSweepCases(t *testing.T) {
	sp := gatedSpace(t)
	var got []string
	for _, c := range sp.cases("slow", "wired") {
		got = append(got, fmt.Sprintf("%s %s %q %g raw=%v", c.Label, c.Codec, c.Baseline, c.Value, c.RawFrame))
		if c.Param != "look.threshold" || c.PP != -1 || c.Endpoint != "slow" || c.Link != "wired" {
			t.Errorf("case %+v", c)
		}
	}
	want := []string{
		`all on endpoint none "endpoint" 0 raw=false`, `all on server, raw none "raw" 0 raw=true`, `all on server, JPEG jpeg "jpeg" 0 raw=true`,
		`threshold 0 (always on) none "" 0 raw=false`, `threshold 5 none "" 5 raw=false`, `threshold 9 none "" 9 raw=false`,
		`threshold 0 (always on) int8 "" 0 raw=false`, `threshold 5 int8 "" 5 raw=false`, `threshold 9 int8 "" 9 raw=false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Source and sink stay on the endpoint in every case, as in the sweep's mapping,
// and the parameter has its value; the specification keeps its own.
func TestSweepMapping(t *testing.T) {
	sp := gatedSpace(t)
	on := map[string]string{}
	for _, c := range sp.cases("slow", "wired") {
		p, err := plan.Compile(sp.file(c, sp.single(2)), sp.models)
		if err != nil {
			t.Fatal(err)
		}
		var there []string
		for a, w := range p.Work {
			name := p.Graph.Actors[a].Name
			if p.DeviceOf(a).Name == "slow" {
				there = append(there, name)
			}
			if (w.Source || w.Sink) && p.DeviceOf(a).Name != "slow" {
				t.Errorf("%s: %s lies on %s", c.FullLabel(), name, p.DeviceOf(a).Name)
			}
			if name == "look" && p.Graph.Actors[a].Params["threshold"] != c.Value {
				t.Errorf("%s: params %v", c.FullLabel(), p.Graph.Actors[a].Params)
			}
		}
		on[c.FullLabel()] = strings.Join(there, " ")
	}
	for label, want := range map[string]string{
		"all on endpoint": "source look gate normalise net[0:3] last sink", "all on server, raw": "source sink",
		"threshold 5": "source look gate normalise net[0:1] last sink", "threshold 9": "source look gate normalise net[0:1] last sink",
	} {
		if on[label] != want {
			t.Errorf("%s: on the endpoint are %q, want %q", label, on[label], want)
		}
	}
	if sp.spec.Application.Actors[1].Params != nil {
		t.Error("the specification was changed")
	}
}

func TestSweepWhoseSourceLiesOnTheServer(t *testing.T) {
	s := testSpec(t, "gated")
	s.Sweep.Mapping = []plan.Assign{{Unit: onServer}}
	if _, err := newSpace(s, toyModel(t)); !errors.Is(err, yamlfile.ErrInput) || !strings.Contains(err.Error(), "the source lies on the server") {
		t.Errorf("got %v", err)
	}
}

func TestRunSweep(t *testing.T) {
	r, d := testRunner(t, "gated")
	r.Effort = Complete
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
		if want := map[float64]float64{0: 1, 5: 0.5, 9: 0.1}[row.Value]; math.Abs(row.Measured.Share()-want) > 1e-9 || math.Abs(row.Sim.Share()-want) > 1e-9 {
			t.Errorf("%s: the part ran in %g of the measured and %g of the simulated frames, want %g", row.FullLabel(), row.Measured.Share(), row.Sim.Share(), want)
		}
		if (row.Equal != "") != (row.Codec == "none") {
			t.Errorf("%s: equal %q", row.FullLabel(), row.Equal)
		}
	}
	if len(s.Rows) != 36 || len(d.ran) != 36-2 {
		t.Errorf("%d runs of %d rows; want one each, all on the endpoint on one link only", len(d.ran), len(s.Rows))
	}
	if asked := r.Referee.(*referee).asked; len(asked) != 10 { // six values, JPEG, and the whole network with each value
		t.Errorf("the referee was asked %d times, want 10: %v", len(asked), asked)
	}
	plans, _ := filepath.Glob(filepath.Join(r.Dir, "plans", "*.yaml"))
	if len(plans) != 36 {
		t.Errorf("%d plans kept", len(plans))
	}
	if trades := result.Trades(s); len(trades) != 8 || trades[0].Value != 9 {
		t.Errorf("trades %+v", trades)
	}
	d.ran = nil
	if _, err := r.Run(t.Context()); err != nil || len(d.ran) != 0 {
		t.Errorf("resumed with %v, %v", d.ran, err)
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
		if row.Sim == nil || row.Measured != nil || row.Quality["accuracy"] != 1 {
			t.Errorf("row %+v", row)
		}
	}
}

// The first endpoint and link get every value of the first codec; others the value
// always on, the predicted trade, and the ends of the list.
func TestChosenValues(t *testing.T) {
	r, _ := testRunner(t, "gated")
	r.Spec.Measure.Cuts = 1
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
		"slow wired": {"0 none", "5 none", "9 none", "0 int8", "9 int8"}, "fast wireless": {"0 none", "9 none", "0 int8", "9 int8"},
	} {
		if got := measured[group]; !slices.Equal(got, append(slices.Clone(base), want...)) {
			t.Errorf("%s: measured %v, want %v after the baselines", group, got, want)
		}
	}
	r, _ = testRunner(t, "gated")
	r.Effort = Quick
	if s, err = r.Run(t.Context()); err != nil || len(s.Rows) != 6 {
		t.Errorf("quick: %d rows, want 3 baselines and 3 values; %v", len(s.Rows), err)
	}
}

func TestWrongResultOfASweep(t *testing.T) {
	r, d := testRunner(t, "gated")
	r.Effort = Quick
	d.spoil = func(p *plan.Plan, tr *trace.Trace) {
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
		if row.Measured != nil && row.Endpoint == "slow" && (row.Measured.EndpointTime.N != n || row.Sim.EndpointTime.N != n) {
			t.Errorf("%s: %d frames measured, %d simulated, want %d", row.FullLabel(), row.Measured.EndpointTime.N, row.Sim.EndpointTime.N, n)
		}
	}
}

// A case that is not always on has stand-ins, and what was not measured is simulated
// with the costs of what was.
func TestRefreshedSweep(t *testing.T) {
	r, _ := testRunner(t, "gated")
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
	again := 0
	for _, name := range r.Sim.(*driver).ran {
		if strings.HasPrefix(name, "gated/slow/wireless/threshold 5 none") {
			again++
		}
	}
	if again < 3 {
		t.Errorf("a row that wasn't measured was simulated %d times", again)
	}
}

func TestShownPlan(t *testing.T) {
	for name, says := range map[string]string{"toy": "with all endpoints at once", "gated": "of endpoint slow on link wired"} {
		p, which, err := testSpec(t, name).ShownPlan(toyModel(t), nil)
		if err != nil || !strings.HasSuffix(which, says) || len(p.Work) < 6 {
			t.Errorf("%s: %q, %v", name, which, err)
		}
	}
}

func TestShare(t *testing.T) {
	s, models := testSpec(t, "gated"), toyModel(t)
	plans, err := s.ProfilePlans(models)
	if err != nil {
		t.Fatal(err)
	}
	if plans[0].Graph.Actors[1].Params["threshold"] != 0.0 || plans[len(plans)-1].Graph.Actors[1].Params["threshold"] == 0.0 {
		t.Error("plans whose part always runs don't come first")
	}
	entries := toyProfile(plans).Entries
	always, _ := s.sweptKeys(plans[0])
	other, _ := s.sweptKeys(plans[len(plans)-1])
	entries[other] = profile.Entry{Samples: []time.Duration{7}}
	s.Share(entries, plans, nil)
	if a, b := entries[always].Samples, entries[other].Samples; !slices.Equal(a, b) || !slices.Contains(a, 7) || len(a) != 3 {
		t.Errorf("pooled %v and %v", a, b)
	}
	entries[other] = profile.Entry{Samples: []time.Duration{9}}
	s.Share(entries, plans, plans[len(plans)-1])
	if got := entries[always].Samples; !slices.Equal(got, []time.Duration{9}) {
		t.Errorf("shared %v", got)
	}
	toySpec(t).Share(nil, nil, nil) // nothing is swept
}

// Stand-ins are run as long as a firing was seen too seldom, and keys are those of
// the plan itself.
func TestProfileInSituWithStandIns(t *testing.T) {
	sp := gatedSpace(t)
	compile := func(v float64) *plan.Plan {
		c := sp.cases("slow", "wired")[3]
		c.Value = v
		p, err := plan.Compile(sp.file(c, sp.single(2)), sp.models)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	never, mixed, always := compile(255), compile(5), compile(0)
	base := toyProfile([]*plan.Plan{never, mixed, always})
	for _, tt := range []struct {
		name     string
		of       *plan.Plan
		standIns []*plan.Plan
		runs     int
	}{{"always on", always, nil, 1}, {"mixed", mixed, []*plan.Plan{always, never}, 1}, {"never on", never, []*plan.Plan{always, never}, 2}} {
		d := &driver{name: "deploy"}
		entries, err := ProfileInSitu(t.Context(), d, tt.of, base, tt.standIns...)
		if err != nil || len(d.ran) != tt.runs {
			t.Fatalf("%s: %d runs, want %d; %v", tt.name, len(d.ran), tt.runs, err)
		}
		if err := Covers(&profile.Profile{Entries: entries}, []*plan.Plan{tt.of}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if gate := profile.Skipped(tt.of.Work[2].CostKey); (len(entries[gate].Samples) > 0) != (tt.of != always) {
			t.Errorf("%s: samples of a gate that is shut: %v", tt.name, entries[gate])
		}
	}
	if _, err := ProfileInSitu(t.Context(), &driver{}, never, base); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("without stand-ins: %v", err)
	}
}
