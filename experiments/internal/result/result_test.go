package result

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func statOf(median, spread float64) Stat {
	return Stat{Median: median, Low: median - spread, High: median + spread, N: 20}
}

// rate is settled and has the given spread.
func rate(fps, spread float64) Rate {
	return Rate{Interval: stat.Interval{Value: fps, Low: fps - spread, High: fps + spread, N: 20}}
}

func outcome(endpoint, latency float64) *Outcome {
	return &Outcome{EndpointTime: statOf(endpoint, endpoint/100), Latency: statOf(latency, latency/100),
		Throughput: rate(1/latency, 0), BoundaryBytes: 1000}
}

// sweep has two groups. Slow endpoint: whole 1 s; PP1 0.2 s measured, 0.21 s
// simulated; PP2 0.19 s measured, 0.22 s simulated; raw 0.1 s. Fast: simulated
// only.
func sweep() *Sweep {
	row := func(endpoint, label string, b Baseline, sim, measured float64) Row {
		r := Row{Case: Case{Experiment: "x", Endpoint: endpoint, Link: "wired", Label: label, Baseline: b, PP: 1,
			RawFrame: b == RawToServer}}
		r.Stored = outcome(sim, 2*sim)
		if measured > 0 {
			r.Measured = outcome(measured, 2*measured)
		}
		return r
	}
	return &Sweep{Kind: OfCuts, Experiment: "x", Machine: "box", Date: "2025-06-01", Emulated: true,
		Unverified: []string{"wired: from memory"}, Rows: []Row{
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
	require.NotNil(t, got)
	assert.LessOrEqual(t, math.Abs(*got-want), 1e-9)
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
	require.NoError(t, err)
	// Errors: 0, 0, 0.05 and 0.03/0.19.
	e := Find(sum.Errors, EndpointTime, Stored)
	near(t, "median error", e.Median, 0.025)
	near(t, "max error", e.Max, 0.03/0.19)
	near(t, "measured speed-up", valueOf(sum.SpeedupMeasured), 1/0.19)
	near(t, "simulated speed-up", sum.SpeedupSimulated, 1/0.21)
	near(t, "regret", sum.BestCutRegret, 0.2/0.19-1)
	assert.Equal(t, "PP2 (slow, wired)", e.Worst, "names")
	assert.Equal(t, "slow, wired", sum.Headline, "names")
	assert.Equal(t, "PP2", sum.BestCutMeasured, "names")
	assert.Equal(t, "PP1", sum.BestCutSimulated, "names")
	require.Len(t, sum.Groups, 2, "%d groups, want 2", len(sum.Groups))
	fast := sum.Groups[1]
	assert.Nil(t, fast.SpeedupMeasured, "what was not measured must be missing")
	assert.Nil(t, Find(fast.Errors, EndpointTime, Stored).Median, "what was not measured must be missing")
	assert.Nil(t, fast.BestCutRegret, "what was not measured must be missing")
	assert.Empty(t, fast.BestCutMeasured, "what was not measured must be missing")
	near(t, "fast simulated speed-up", fast.SpeedupSimulated, 5)
	assert.Equal(t, 4, sum.RowsMeasured, "counts: %+v", sum.Figures)
	assert.Equal(t, 7, sum.RowsSimulated, "counts: %+v", sum.Figures)
	assert.Equal(t, 2, e.Noise, "counts: %+v", sum.Figures)
}

func TestSummariseCountsTwoEndpoints(t *testing.T) {
	s := sweep()
	two := s.Rows[2]
	two.Instances, two.Stored = 2, outcome(0.4, 0.8)
	s.TwoEndpoints = []Row{two}
	sum, err := Summarise(s)
	require.NoError(t, err)
	e := Find(sum.Errors, EndpointTime, Stored)
	near(t, "max error", e.Max, 1)
	assert.Equal(t, "PP1 (slow, wired, one of 2 at once)", e.Worst, "worst case")
	near(t, "group's max error", Find(sum.Groups[0].Errors, EndpointTime, Stored).Max, 0.03/0.19)
}

func TestSummariseEmpty(t *testing.T) {
	_, err := Summarise(&Sweep{Experiment: "x"})
	require.ErrorIs(t, err, ErrEmpty, "got %v, want ErrEmpty", err)
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
		assert.LessOrEqual(t, math.Abs(e-c.want), 1e-9, "%s: error %v %v, noise", c.name, e, ok)
		assert.Equal(t, c.ok, ok, "%s: error %v %v, noise", c.name, e, ok)
		assert.Equal(t, c.noise, r.WithinNoise(), "%s: error %v %v, noise", c.name, e, ok)
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
	require.True(t, ok, "got %+v %v, want part a, 20 %% of the whole too short", p, ok)
	assert.Equal(t, "a", p.Part.Name, "got %+v %v, want part a, 20 %% of the whole too short", p, ok)
	assert.LessOrEqual(t, math.Abs(p.Error+0.4), 1e-9, "got %+v %v, want part a, 20 %% of the whole too short", p, ok)
	assert.LessOrEqual(t, math.Abs(p.OfWhole+0.2), 1e-9, "got %+v %v, want part a, 20 %% of the whole too short", p, ok)
	n := len(r.PartErrors())
	assert.Equal(t, 3, n, "%d part errors, want 3: a part without time has none", n)
	// A whole that is as far off as its part hides nothing.
	r.Stored.Parts[1] = part("b", true, 0.5)
	r.Stored.EndpointTime = statOf(0.75, 0)
	p, ok = r.Cancels()
	assert.False(t, ok, "got %+v, want none", p)
}

func TestGroupsAndLabels(t *testing.T) {
	g := Groups(sweep().Rows)
	require.Len(t, g, 2, "groups")
	require.Equal(t, "slow, wired", g[0].Name(), "groups")
	require.Len(t, g[0].Rows, 5, "groups")
	require.Equal(t, "fast, wired", g[1].Name(), "groups")
	for _, c := range []struct {
		c    Case
		want string
	}{
		{Case{Label: "PP1", Codec: "fp16"}, "PP1 fp16"},
		{Case{Label: "PP1", Codec: "none"}, "PP1"},
		{Case{Label: "all on server, JPEG", Codec: "jpeg", Baseline: JPEGToServer}, "all on server, JPEG"},
	} {
		assert.Equal(t, c.want, c.c.FullLabel())
	}
	assert.Equal(t, "slow", (Group{Endpoint: "slow"}).Name(), "name")
}

func TestWriteFileFails(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "taken"), 0o755))
	require.Error(t, WriteFile(filepath.Join(dir, "taken"), []byte("x")), "want an error for a path that is a folder")
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	assert.Empty(t, left, "temporary files left")
}
