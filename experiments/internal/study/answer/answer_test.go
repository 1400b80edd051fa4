package answer_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

func designed(t require.TestingT, rest string) *design.Design {
	s, err := study.Parse("study.yaml", []byte("study: s\nbase: {plan: plan.yaml}\n"+rest+"\nbaselines: false\n"))
	require.NoError(t, err)
	parse := func() (*planfile.File, error) { return planfile.Parse("plan.yaml", []byte(studytest.Plan)) }
	f, err := parse()
	require.NoError(t, err)
	d, err := design.New(s, &factor.Base{File: f, Actors: []string{"camera", "shrink", "detect", "sink"}}, parse)
	require.NoError(t, err)
	return d
}

// valued returns a result of which all metrics have one value; NaN: a failed one.
func valued(v float64) runner.Row {
	if math.IsNaN(v) {
		return runner.Row{Failed: "no reason"}
	}
	r := runner.Row{}
	for range study.Metrics() {
		r.Values = append(r.Values, []float64{v})
	}
	return r
}

// limits answers the first question of a study; value says what its metrics are by the
// number of the last factor's level.
func limits(t require.TestingT, rest string, value func(n float64) float64) (all []answer.Answer, tried []string) {
	d := designed(t, rest)
	points, err := d.Points()
	require.NoError(t, err)
	l, err := answer.NewLimit(d, 0, func(_ context.Context, p design.Point) (runner.Row, error) {
		tried = append(tried, p[len(p)-1].Text)
		return valued(value(p[len(p)-1].Number)), nil
	})
	require.NoError(t, err)
	for _, p := range l.Points(points) {
		a, cases, err := l.Answer(context.Background(), p)
		require.NoError(t, err)
		require.Len(t, cases.Rows, len(cases.Points))
		for i := 1; i < len(cases.Points); i++ {
			require.Less(t, cases.Points[i-1][len(p)-1].Number, cases.Points[i][len(p)-1].Number)
		}
		all = append(all, a)
	}
	return all, tried
}

const cameras = `vary: [{key: latency, values: [1ms, 2ms]}, {key: count, of: cam, name: cameras, from: 1, to: 1000}]
ask: [{largest: cameras, where: latency_p99 <= 100ms}]
`

func TestLargest(t *testing.T) {
	all, tried := limits(t, cameras, func(n float64) float64 { return n / 1000 })
	require.Len(t, all, 2)
	assert.Equal(t, "latency 1ms: cameras 100; not at 101 (monotone over the 16 of 1000 levels that were simulated)",
		all[0].Text)
	assert.Equal(t, "100", all[1].Level)
	assert.Equal(t, "largest cameras with latency_p99 <= 100ms", all[1].Question)
	assert.Equal(t, []string{"latency 2ms"}, all[1].At)
	assert.True(t, *all[0].Monotone)
	assert.Len(t, tried, 32)
}

func TestLimitsAtTheEnds(t *testing.T) {
	all, _ := limits(t, cameras, func(float64) float64 { return 0 })
	assert.Equal(t, "latency 1ms: cameras 1000, the end of the range: it may be beyond (monotone over the 9 of "+
		"1000 levels "+
		"that were simulated)", all[0].Text)
	assert.True(t, all[0].Beyond)
	all, _ = limits(t, cameras, func(float64) float64 { return 1 })
	assert.Equal(t, "latency 1ms: no cameras: not at 1 either (monotone over the 9 of 1000 levels that were simulated)",
		all[0].Text)
	assert.Empty(t, all[0].Level)
}

// A metric that falls again is no reason to believe the answer.
func TestNotMonotone(t *testing.T) {
	all, _ := limits(t, cameras, func(n float64) float64 {
		if n > 60 && n < 400 || n > 900 {
			return 1
		}
		return 0
	})
	assert.False(t, *all[0].Monotone)
	assert.Contains(t, all[0].Text, "NOT MONOTONE: it holds again at ")
	all, _ = limits(t, cameras, func(n float64) float64 { return 1 / n })
	assert.Equal(t, "latency 1ms: no cameras: not at 1 either (NOT MONOTONE: it holds again at 125; the answer is "+
		"up to where "+
		"it held at all of the 9 levels that were simulated)", all[0].Text)
}

func TestFailedCasesDontHold(t *testing.T) {
	all, _ := limits(t, cameras, func(n float64) float64 {
		if n > 500 {
			return math.NaN()
		}
		return 0
	})
	assert.Equal(t, "500", all[0].Level)
	assert.Contains(t, all[0].Text, "; not known everywhere: at 1000, failed: no reason")
}

// A bisection finds what a scan over all levels finds, whatever the limit is.
func TestBisectionIsAScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(0, 1000).Draw(t, "limit")
		word, holds := "largest", func(n float64) bool { return n <= float64(limit) }
		want := fmt.Sprint(limit)
		if rapid.Bool().Draw(t, "smallest") {
			word, holds = "smallest", func(n float64) bool { return n > float64(limit) }
			want = fmt.Sprint(limit + 1)
		}
		all, tried := limits(t, "vary: [{key: count, of: cam, name: cameras, from: 1, to: 1000}]\nask: [{"+word+
			": cameras, where: bytes < 1}]\n", func(n float64) float64 {
			if holds(n) {
				return 0
			}
			return 1
		})
		if want == "0" || want == "1001" {
			want = ""
		}
		require.Equal(t, want, all[0].Level)
		require.LessOrEqual(t, len(tried), answer.Most(1000))
		require.True(t, *all[0].Monotone)
	})
}

// Of a listed factor every level is looked at.
func TestListedLevels(t *testing.T) {
	all, tried := limits(t, `vary: [{key: count, of: cam, name: cameras, values: [8, 1, 2, 4]}]
ask: [{smallest: cameras, where: throughput >= 3}]
`, func(n float64) float64 { return n })
	assert.Equal(t, "cameras 4; not at 2 (monotone over the 4 of 4 levels that were simulated)", all[0].Text)
	assert.ElementsMatch(t, []string{"1", "2", "4", "8"}, tried)
}

func TestBest(t *testing.T) {
	d := designed(t, `vary:
  - {key: cut, values: all}
  - {key: bandwidth, values: [4MB/s, 1MB/s, 2MB/s]}
  - {key: latency, values: [1ms, 2ms]}
ask:
  - {best: cut, of: latency_p50, over: bandwidth}
  - {best: cut, of: throughput, over: bandwidth}
`)
	points, err := d.Points()
	require.NoError(t, err)
	var rows []runner.Row
	for _, p := range points {
		v := map[string]float64{"camera": 8 / (p[1].Number / 1e6), "shrink": 3, "detect": 3, "sink": 20}[p[0].Text]
		if p[2].Text == "2ms" && p[0].Text == "camera" {
			v = math.NaN()
		}
		rows = append(rows, valued(v))
	}
	all, err := answer.Best(d, 0, points, rows)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "latency 1ms: shrink at 1MB/s to 2MB/s; camera at 4MB/s", all[0].Text)
	assert.Equal(t, []answer.Change{{From: "2MB/s", To: "4MB/s", Was: "shrink", Is: "camera"}}, all[0].Changes)
	assert.Equal(t, "latency 2ms: shrink at 1MB/s to 4MB/s", all[1].Text, "of equal ones the first; a failed one is none")
	all, err = answer.Best(d, 1, points, rows)
	require.NoError(t, err)
	assert.Equal(t, "latency 1ms: sink at 1MB/s to 4MB/s", all[0].Text, "more throughput is better")
}
