package result

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

func statOf(median, spread float64) Stat {
	return Stat{Median: median, Low: median - spread, High: median + spread, N: 20}
}

// rate is settled and has the given spread.
func rate(fps, spread float64) Rate {
	return Rate{Interval: stat.Interval{Value: fps, Low: fps - spread, High: fps + spread, N: 20}}
}

func outcome(endpoint, latency float64) *Outcome {
	return &Outcome{EndpointTime: statOf(endpoint, endpoint/100), Latency: statOf(latency, latency/100), Throughput: rate(1/latency, 0), BoundaryBytes: 1000}
}

// sweep has two groups. Slow endpoint: whole 1 s; PP1 0.2 s measured, 0.21 s
// simulated; PP2 0.19 s measured, 0.22 s simulated; raw 0.1 s. Fast: simulated
// only.
func sweep() *Sweep {
	row := func(endpoint, label string, b Baseline, sim, measured float64) Row {
		r := Row{Case: Case{Experiment: "x", Endpoint: endpoint, Link: "wired", Label: label, Baseline: b, PP: 1, RawFrame: b == RawToServer}}
		r.Stored = outcome(sim, 2*sim)
		if measured > 0 {
			r.Measured = outcome(measured, 2*measured)
		}
		return r
	}
	return &Sweep{Kind: OfCuts, Experiment: "x", Machine: "box", Date: "2025-06-01", Emulated: true, Unverified: []string{"wired: from memory"}, Rows: []Row{
		row("slow", "all on endpoint", AllOnEndpoint, 1, 1),
		row("slow", "all on server, raw", RawToServer, 0.1, 0.1),
		row("slow", "PP1", "", 0.21, 0.2),
		row("slow", "PP2", "", 0.22, 0.19),
		row("slow", "PP3", "", 0.5, 0),
		row("fast", "all on endpoint", AllOnEndpoint, 0.5, 0),
		row("fast", "PP1", "", 0.1, 0),
	}}
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// valueOf is the value of an interval, nil of none.
func valueOf(i *stat.Interval) *float64 {
	if i == nil {
		return nil
	}
	return &i.Value
}

func TestSummarise(t *testing.T) {
	sum, err := Summarise(sweep())
	if err != nil {
		t.Fatal(err)
	}
	// Errors: 0, 0, 0.05 and 0.03/0.19.
	e := Find(sum.Errors, EndpointTime, Stored)
	near(t, "median error", e.Median, 0.025)
	near(t, "max error", e.Max, 0.03/0.19)
	near(t, "measured speed-up", valueOf(sum.SpeedupMeasured), 1/0.19)
	near(t, "simulated speed-up", sum.SpeedupSimulated, 1/0.21)
	near(t, "regret", sum.BestCutRegret, 0.2/0.19-1)
	if e.Worst != "PP2 (slow, wired)" || sum.Headline != "slow, wired" || sum.BestCutMeasured != "PP2" || sum.BestCutSimulated != "PP1" {
		t.Errorf("names: %+v", sum)
	}
	if len(sum.Groups) != 2 {
		t.Fatalf("%d groups, want 2", len(sum.Groups))
	}
	fast := sum.Groups[1]
	if fast.SpeedupMeasured != nil || Find(fast.Errors, EndpointTime, Stored).Median != nil || fast.BestCutRegret != nil || fast.BestCutMeasured != "" {
		t.Errorf("what was not measured must be missing: %+v", fast)
	}
	near(t, "fast simulated speed-up", fast.SpeedupSimulated, 5)
	if sum.RowsMeasured != 4 || sum.RowsSimulated != 7 || e.Noise != 2 {
		t.Errorf("counts: %+v", sum.Figures)
	}
}

func TestSummariseCountsTwoEndpoints(t *testing.T) {
	s := sweep()
	two := s.Rows[2]
	two.Instances, two.Stored = 2, outcome(0.4, 0.8)
	s.TwoEndpoints = []Row{two}
	sum, err := Summarise(s)
	if err != nil {
		t.Fatal(err)
	}
	e := Find(sum.Errors, EndpointTime, Stored)
	near(t, "max error", e.Max, 1)
	if e.Worst != "PP1 (slow, wired, one of 2 at once)" {
		t.Errorf("worst case %q", e.Worst)
	}
	near(t, "group's max error", Find(sum.Groups[0].Errors, EndpointTime, Stored).Max, 0.03/0.19)
}

func TestSummariseEmpty(t *testing.T) {
	if _, err := Summarise(&Sweep{Experiment: "x"}); !errors.Is(err, ErrEmpty) {
		t.Fatalf("got %v, want ErrEmpty", err)
	}
}

func TestErrorAndNoise(t *testing.T) {
	for _, c := range []struct {
		name          string
		sim, measured *Outcome
		want          float64
		ok, noise     bool
	}{
		{"too long", outcome(1.1, 2), outcome(1, 2), 0.1, true, false},
		{"too short", outcome(0.9, 2), outcome(1, 2), -0.1, true, false},
		{"within the spread", outcome(1.005, 2), outcome(1, 2), 0.005, true, true},
		{"not measured", outcome(1, 2), nil, 0, false, false},
		{"not simulated", nil, outcome(1, 2), 0, false, false},
		{"measured nothing", outcome(1, 2), &Outcome{}, 0, false, false},
	} {
		r := Row{Stored: c.sim, Measured: c.measured}
		e, ok := r.Error()
		if math.Abs(e-c.want) > 1e-9 || ok != c.ok || r.WithinNoise() != c.noise {
			t.Errorf("%s: error %v %v, noise %v; want %v %v, %v", c.name, e, ok, r.WithinNoise(), c.want, c.ok, c.noise)
		}
	}
}

func TestCancels(t *testing.T) {
	part := func(name string, on bool, s float64) Part {
		return Part{Name: name, Kind: Segment, OnEndpoint: on, Time: statOf(s, 0)}
	}
	r := Row{Stored: outcome(1, 2), Measured: outcome(1, 2)}
	r.Measured.Parts = []Part{part("a", true, 0.5), part("b", true, 0.5), part("tiny", true, 0.001), part("idle", true, 0)}
	r.Stored.Parts = []Part{part("a", true, 0.3), part("b", true, 0.7), part("tiny", true, 0.002), part("idle", true, 0)}
	p, ok := r.Cancels()
	if !ok || p.Part.Name != "a" || math.Abs(p.Error+0.4) > 1e-9 || math.Abs(p.OfWhole+0.2) > 1e-9 {
		t.Errorf("got %+v %v, want part a, 20 %% of the whole too short", p, ok)
	}
	if n := len(r.PartErrors()); n != 3 {
		t.Errorf("%d part errors, want 3: a part without time has none", n)
	}
	// A whole that is as far off as its part hides nothing.
	r.Stored.Parts[1] = part("b", true, 0.5)
	r.Stored.EndpointTime = statOf(0.75, 0)
	if p, ok := r.Cancels(); ok {
		t.Errorf("got %+v, want none", p)
	}
}

func TestGroupsAndLabels(t *testing.T) {
	g := Groups(sweep().Rows)
	if len(g) != 2 || g[0].Name() != "slow, wired" || len(g[0].Rows) != 5 || g[1].Name() != "fast, wired" {
		t.Fatalf("groups %+v", g)
	}
	for _, c := range []struct {
		c    Case
		want string
	}{
		{Case{Label: "PP1", Codec: "fp16"}, "PP1 fp16"},
		{Case{Label: "PP1", Codec: "none"}, "PP1"},
		{Case{Label: "all on server, JPEG", Codec: "jpeg", Baseline: JPEGToServer}, "all on server, JPEG"},
	} {
		if got := c.c.FullLabel(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if n := (Group{Endpoint: "slow"}).Name(); n != "slow" {
		t.Errorf("name %q", n)
	}
}

func TestWriteFileFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "taken"), []byte("x")); err == nil {
		t.Fatal("want an error for a path that is a folder")
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left) > 0 {
		t.Errorf("temporary files left: %v", left)
	}
}
