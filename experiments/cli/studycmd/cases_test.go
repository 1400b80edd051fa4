package studycmd_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
	"github.com/edgeprune/edgeprune/experiments/internal/study/table"
	"github.com/edgeprune/edgeprune/sim"
)

// counting counts the simulations of a simulator.
type counting struct {
	driver.Summarizer
	n *atomic.Int64
}

func (c counting) Observe(ctx context.Context, p *plan.Plan, o summary.Observer) (*summary.Run, error) {
	c.n.Add(1)
	return c.Summarizer.Observe(ctx, p, o)
}

// set is a study ready to be simulated.
type set struct {
	base   *runner.Base
	design *design.Design
	points []design.Point
	n      atomic.Int64 // simulations
}

func studied(t *testing.T, rest string) *set { return studiedOn(t, studytest.Plan, rest) }

// studiedOn is a study of a plan.
func studiedOn(t *testing.T, planText, rest string) *set {
	t.Helper()
	s, err := study.Parse("study.yaml", []byte("study: s\nbaselines: false\nbase: {plan: plan.yaml}\n"+
		studytest.Assumed+rest))
	require.NoError(t, err)
	parse := func() (*planfile.File, error) { return planfile.Parse("plan.yaml", []byte(planText)) }
	f, err := parse()
	require.NoError(t, err)
	x := &set{base: &runner.Base{
		Name: "plan.yaml", YAML: []byte(planText), Assumed: s.Assumed, Profiles: map[string]*profile.Profile{"": {}},
	}}
	x.base.Simulator = func(p *profile.Profile) driver.Summarizer {
		return counting{&sim.Driver{Profile: p, Link: sim.Ideal{}}, &x.n}
	}
	x.design, err = design.New(s, &factor.Base{File: f, Actors: []string{"camera", "shrink", "detect", "sink"}}, parse)
	require.NoError(t, err)
	x.points, err = x.design.Points()
	require.NoError(t, err)
	return x
}

func (x *set) run(t *testing.T, store runner.Store, workers int) []runner.Row {
	t.Helper()
	r, err := runner.New(x.base, x.design, store)
	require.NoError(t, err)
	last := 0
	rows, err := r.All(t.Context(), x.points, workers, func(n int) {
		last++
		assert.Equal(t, last, n)
	})
	require.NoError(t, err)
	return rows
}

const varied = `vary:
  - {key: cut, values: all}
  - {key: bandwidth, values: [1MB/s, 10MB/s]}
  - {key: slowdown, of: cam.cpu, values: [1, 3]}
  - {key: count, of: cam, values: [1, 3]}
`

// The results are those that one computes by hand: every skeleton serves values of its own.
func TestValues(t *testing.T) {
	x := studied(t, varied)
	rows := x.run(t, runner.Nowhere{}, 2)
	require.Len(t, rows, 4*2*2*2)
	p50, _ := study.MetricOf("latency_p50")
	endpoint, _ := study.MetricOf("endpoint_time")
	for _, r := range rows {
		require.Empty(t, r.Failed)
		if r.Levels[3] != "1" || r.Levels[0] == "sink" {
			continue
		}
		slow := map[string]float64{"1": 1, "3": 3}[r.Levels[2]]
		rate := map[string]float64{"1MB/s": 1e6, "10MB/s": 10e6}[r.Levels[1]]
		on := map[string]float64{"camera": 0.001, "shrink": 0.003, "detect": 0.008}[r.Levels[0]]
		bytes := map[string]float64{"camera": 30000, "shrink": 10000, "detect": 80}[r.Levels[0]]
		all := 0.0081
		got, ok := r.Value(endpoint)
		require.True(t, ok)
		assert.InDelta(t, slow*on+bytes/rate, got, 1e-6, "%v", r.Levels)
		got, _ = r.Value(p50)
		assert.InDelta(t, slow*on+bytes/rate+0.001+all-on, got, 1e-6, "%v", r.Levels)
	}
}

func csvOf(t *testing.T, x *set, rows []runner.Row) string {
	t.Helper()
	var b bytes.Buffer
	var names []string
	for _, f := range x.design.Factors {
		names = append(names, f.Name)
	}
	require.NoError(t, table.WriteCSV(&b, names, rows))
	return b.String()
}

// The same bytes come of any number of cores and of workers, also where costs are drawn.
func TestSameResultsOnAnyCores(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	var want string
	for i, c := range []struct{ cores, workers int }{{1, 1}, {2, 2}, {2, 7}} {
		runtime.GOMAXPROCS(c.cores)
		x := studied(t, varied+"repeat: {metric: latency_p99, within: 0.01, at_most: 8}\n")
		x.base.Profiles[""].Entries = map[string]profile.Entry{}
		x.base.Simulator = func(p *profile.Profile) driver.Summarizer {
			q := *p
			q.Entries = map[string]profile.Entry{}
			for key, e := range p.Entries {
				d := e.Samples[0]
				q.Entries[key] = profile.Entry{Samples: []time.Duration{d, 2 * d, 5 * d}}
			}
			m, err := sim.NewCostModel("empirical")
			require.NoError(t, err)
			return &sim.Driver{Profile: &q, Cost: m}
		}
		got := csvOf(t, x, x.run(t, runner.Nowhere{}, c.workers))
		if i == 0 {
			want = got
			require.Contains(t, want, ",8,false,")
		}
		assert.Equal(t, want, got, "%d cores, %d workers", c.cores, c.workers)
	}
}

// Of a camera with a drop policy, what is dropped is told, and latency is of what enters.
func TestDropped(t *testing.T) {
	x := studied(t, "vary: [{key: frame_rate, values: [10, 200]}]\n")
	x.base.YAML = []byte(strings.Replace(studytest.Plan, "single-stream, frames: 10",
		"camera, period: 1s, drop: newest, frames: 100", 1))
	rows := x.run(t, runner.Nowhere{}, 1)
	m, _ := study.MetricOf("dropped")
	slow, ok := rows[0].Value(m)
	require.True(t, ok, "%+v", rows)
	assert.Zero(t, slow)
	fast, ok := rows[1].Value(m)
	require.True(t, ok, "%+v", rows)
	assert.Greater(t, fast, 0.3, "the link takes 33 frames a second")
	assert.Less(t, fast, 1.0)
}

func TestRepeatsUntilNarrow(t *testing.T) {
	x := studied(t, "vary: [{key: latency, values: [1ms]}]\nrepeat: {metric: latency_p99, within: 0.05, at_most: 50}\n")
	rows := x.run(t, runner.Nowhere{}, 1)
	assert.Equal(t, study.LeastRepeats, rows[0].Runs, "equal results need no more than an interval does")
	assert.True(t, rows[0].Settled)
	low, high := rows[0].Interval(0)
	assert.InDelta(t, low, high, 1e-12)
}

// A broken run goes on: what is there is not simulated again, whatever the last write left.
func TestGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cases.jsonl")
	whole := studied(t, varied)
	want := csvOf(t, whole, whole.run(t, runner.Nowhere{}, 2))
	require.EqualValues(t, 32, whole.n.Load())

	x := studied(t, varied)
	store, err := runner.OpenFile(path)
	require.NoError(t, err)
	r, err := runner.New(x.base, x.design, store)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = r.All(ctx, x.points, 2, func(n int) {
		if n == 10 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, store.Close())
	had := store.Len()
	require.GreaterOrEqual(t, had, 10)
	require.Less(t, had, 32)

	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, had, bytes.Count(b, []byte("\n")))
	require.NoError(t, os.WriteFile(path, append(b, `{"case":"12`...), 0o600))
	x = studied(t, varied)
	store, err = runner.OpenFile(path)
	require.NoError(t, err)
	rows := x.run(t, store, 2)
	assert.EqualValues(t, 32-had, x.n.Load(), "what is kept is not simulated again")
	assert.Equal(t, want, csvOf(t, x, rows))
	require.NoError(t, store.Close())
	b, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, 32, strings.Count(string(b), "\n"), "a line a case")

	require.NoError(t, os.WriteFile(path, []byte("{}\nnot json\n"), 0o600))
	_, err = runner.OpenFile(path)
	assert.EqualError(t, err, path+":2: no result of a case: invalid character 'o' in literal null (expecting "+
		"'u'); remove the "+
		"file to begin again")
}

// A case that fails has its reason, and the others go on.
func TestFailedCases(t *testing.T) {
	x := studied(t, "vary: [{key: cut, values: [shrink, detect]}, {key: codec, values: [none, int8-static]}]\n")
	rows := x.run(t, runner.Nowhere{}, 2)
	for i, want := range []string{"", "bad input: plan.yaml:24:3: bad codec: int8-static needs the scale and zero " +
		"point of " +
		"shrink.small; give them under calibration, as edgeprune codecs --calibrate prints them"} {
		assert.Equal(t, want, rows[i].Failed)
	}
	assert.Empty(t, rows[2].Failed)
	x = studied(t, "vary: [{key: latency, values: [1ms, 2ms]}]\n")
	delete(x.base.Assumed, "sink")
	rows = x.run(t, runner.Nowhere{}, 2)
	require.ErrorContains(t, errors.New(rows[0].Failed), "cost of actor sink: not measured")
	assert.Len(t, rows, 2)
	assert.NotEqual(t, rows[0].Case, rows[1].Case)
}

// The hash of a case is that of its content: what is the same is simulated once, what
// differs in anything is another case.
func TestHashes(t *testing.T) {
	one := func(rest string, change func(*set)) string {
		x := studied(t, rest)
		if change != nil {
			change(x)
		}
		return x.run(t, runner.Nowhere{}, 1)[0].Case
	}
	want := one("vary: [{key: bandwidth, values: [1MB/s]}]\n", nil)
	assert.Equal(t, want, one("vary: [{key: bandwidth, values: [1000000]}]\n", nil), "written otherwise")
	assert.Equal(t, want, one("vary: [{key: latency, values: [1ms]}]\n", nil), "another factor at the base's value")
	assert.Equal(t, want, one("vary: [{key: cut, values: [camera]}]\n", nil))
	others := map[string]string{
		"bandwidth": one("vary: [{key: bandwidth, values: [2MB/s]}]\n", nil),
		"cut":       one("vary: [{key: cut, values: [shrink]}]\n", nil),
		"seed":      one("vary: [{key: seed, values: [5]}]\n", nil),
		"cost":      one("vary: [{key: bandwidth, values: [1MB/s]}]\n", func(x *set) { x.base.Assumed["sink"] = 5 }),
		"profile": one("vary: [{key: bandwidth, values: [1MB/s]}]\n", func(x *set) {
			x.base.Profiles[""].Transport.PerMessage = 1
		}),
		"repeats": one("vary: [{key: cut, values: [camera]}]\nrepeat: {metric: energy, within: 0.1, at_most: 9}\n", nil),
	}
	seen := map[string]bool{want: true}
	for what, hash := range others {
		assert.False(t, seen[hash], what)
		seen[hash] = true
	}
}
