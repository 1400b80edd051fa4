package chart_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/study/chart"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

// data are a study's, whose metrics all are what value says of the numbers and texts of a
// case's levels.
func data(t *testing.T, rest string, value func(p design.Point) (float64, bool)) *chart.Data {
	t.Helper()
	s, err := study.Parse("study.yaml", []byte("study: s\nbase: {plan: plan.yaml}\n"+rest+"\nbaselines: false\n"))
	require.NoError(t, err)
	parse := func() (*planfile.File, error) { return planfile.Parse("plan.yaml", []byte(studytest.Plan)) }
	f, err := parse()
	require.NoError(t, err)
	d := &chart.Data{Caption: "Simulated."}
	d.Design, err = design.New(s, &factor.Base{File: f, Actors: []string{"camera", "shrink", "detect", "sink"}}, parse)
	require.NoError(t, err)
	if d.Design.Searches() {
		return d
	}
	d.Points, err = d.Design.Points()
	require.NoError(t, err)
	for _, p := range d.Points {
		d.Rows = append(d.Rows, row(value(p)))
	}
	return d
}

func row(v float64, ok bool) runner.Row {
	if !ok {
		return runner.Row{Failed: "no reason"}
	}
	r := runner.Row{}
	for range study.Metrics() {
		r.Values = append(r.Values, []float64{v, v - 1, v + 1})
	}
	return r
}

const threeFactors = `vary:
  - {key: cut, values: [camera, shrink]}
  - {key: bandwidth, values: [4MB/s, 1MB/s]}
  - {key: latency, values: [1ms, 3ms, 2ms]}
figures:
  - {lines: latency_p50, x: bandwidth, by: cut}
  - {heat: latency_p50, x: cut, y: latency}
  - {best: cut, of: latency_p50, x: bandwidth, y: latency}
  - {tornado: latency_p50}
`

// byMegabytes is 10 ms over the bandwidth in MB/s for camera; 5 for shrink; and the latency
// in ms on top.
func byMegabytes(p design.Point) (float64, bool) {
	v := 10 / (p[1].Number / 1e6)
	if p[0].Text == "shrink" {
		v = 5
	}
	return v + p[2].Number*1000, p[2].Text != "3ms" || p[0].Text != "camera"
}

func TestLines(t *testing.T) {
	d := data(t, threeFactors, byMegabytes)
	of, name := d.New(0)
	assert.Equal(t, "1 lines latency_p50 bandwidth", name)
	assert.Equal(t, &figure.Lines{
		Title:   "s: latency_p50 over bandwidth",
		Caption: "The median over the levels of latency; bands are from the least to the largest. Simulated.",
		X:       figure.Axis{Label: "bandwidth (bytes/s)"}, Y: figure.Axis{Label: "latency p50 (s)"},
		Lines: []figure.Line{
			{Name: "cut " +
				"camera", Points: []figure.Point{{X: 1e6, Y: 11.5, Low: 11, High: 12}, {X: 4e6, Y: 4, Low: 3.5, High: 4.5}}},
			{Name: "cut shrink", Points: []figure.Point{{X: 1e6, Y: 7, Low: 6, High: 8}, {X: 4e6, Y: 7, Low: 6, High: 8}}},
		},
	}, of)
}

// A figure may be of some levels only.
func TestAt(t *testing.T) {
	d := data(t, strings.Replace(threeFactors, "by: cut}", "by: cut, at: {latency: [0.002s]}}", 1), byMegabytes)
	of, _ := d.New(0)
	l, ok := of.(*figure.Lines)
	require.True(t, ok)
	assert.Equal(t, "s: latency_p50 over bandwidth at latency 0.002s", l.Title)
	assert.Equal(t, "Bands are 95 % intervals where there are any. Simulated.", l.Caption)
	assert.Equal(t, []figure.Point{{X: 1e6, Y: 12, Low: 11, High: 13}, {X: 4e6, Y: 4.5, Low: 3.5, High: 5.5}},
		l.Lines[0].Points)
}

// A case alone at its place has its own interval.
func TestIntervals(t *testing.T) {
	d := data(t, "vary: [{key: cut, values: [shrink, camera]}]\nfigures: [{lines: bytes, x: cut}]\n",
		func(design.Point) (float64, bool) { return 5, true })
	of, _ := d.New(0)
	l, ok := of.(*figure.Lines)
	require.True(t, ok)
	assert.Equal(t, []figure.Line{{Points: []figure.Point{{X: 0, Y: 5, Low: 4, High: 6}, {X: 1, Y: 5, Low: 4, High: 6}}}},
		l.Lines)
	assert.Equal(t, "shrink", l.X.Levels[0].Text)
	assert.Equal(t, "bytes", l.Y.Label)
}

func TestMaps(t *testing.T) {
	d := data(t, threeFactors, byMegabytes)
	of, _ := d.New(1)
	m, ok := of.(*figure.Map)
	require.True(t, ok)
	assert.Equal(t, []string{"1ms", "2ms", "3ms"}, []string{m.Y.Levels[0].Text, m.Y.Levels[1].Text, m.Y.Levels[2].Text})
	assert.Equal(t, []float64{7.25, 6}, m.Values[0], "the median over the bandwidths")
	assert.True(t, math.IsNaN(m.Values[2][0]), "what failed is missing")
	assert.Equal(t, 8.0, m.Values[2][1])
	of, _ = d.New(2)
	m, ok = of.(*figure.Map)
	require.True(t, ok)
	assert.Equal(t, []string{"camera", "shrink"}, m.Names)
	assert.Equal(t, [][]int{{1, 0}, {1, 0}, {1, 1}}, m.Best, "by latency, then bandwidth, both rising")
}

func TestTornado(t *testing.T) {
	d := data(t, threeFactors, byMegabytes)
	of, _ := d.New(3)
	tornado, ok := of.(*figure.Tornado)
	require.True(t, ok)
	require.Len(t, tornado.Bars, 3)
	assert.Equal(t, "bandwidth", tornado.Bars[0].Factor)
	assert.Equal(t, "4M", tornado.Bars[0].LowLevel)
	assert.Equal(t, "1M", tornado.Bars[0].HighLevel)
	for i, b := range tornado.Bars {
		assert.LessOrEqual(t, b.Low, tornado.Mean)
		assert.GreaterOrEqual(t, b.High, tornado.Mean)
		assert.True(t, i == 0 || b.High-b.Low <= tornado.Bars[i-1].High-tornado.Bars[i-1].Low)
	}
}

// What was drawn at random is put in groups of equal size.
func TestTornadoOfDrawnCases(t *testing.T) {
	d := data(t, `vary: [{key: latency, from: 0s, to: 1s}, {key: bandwidth, from: 1MB/s, to: 9MB/s}]
design: {kind: latin-hypercube, n: 50, seed: 1}
figures: [{tornado: latency_p50}]
`, func(p design.Point) (float64, bool) { return p[0].Number, true })
	of, _ := d.New(0)
	tornado, ok := of.(*figure.Tornado)
	require.True(t, ok)
	b := tornado.Bars[0]
	assert.Equal(t, "latency", b.Factor)
	assert.InDelta(t, 0.1, b.Low, 0.02)
	assert.InDelta(t, 0.9, b.High, 0.02)
}

// A factor whose limit was asked for stands for the limit, and lines over it show levels at
// which all cases are there.
func TestLimitsInFigures(t *testing.T) {
	d := data(t, `vary: [{key: codec, values: [none, fp16]}, {key: count, of: cam, name: cameras, from: 1, to: 99}]
ask: [{largest: cameras, where: latency_p99 < 1s}]
figures: [{lines: cameras, x: codec}, {lines: latency_p99, x: cameras}]
`, nil)
	points, err := d.Design.Points()
	require.NoError(t, err)
	for i, p := range points {
		for _, n := range []float64{1, 40 + float64(i), 99} {
			q := design.Point{p[0], factor.Level{Text: string(rune('a' + int(n))), Number: n}}
			d.Points, d.Rows = append(d.Points, q), append(d.Rows, row(n, true))
		}
		d.Answers = append(d.Answers, answer.Answer{Point: p, Level: "x", Number: 40 + float64(i)})
	}
	d.Answers[1].Level = ""
	of, _ := d.New(0)
	l, ok := of.(*figure.Lines)
	require.True(t, ok)
	assert.Equal(t, "largest cameras", l.Y.Label)
	assert.Equal(t, []figure.Point{{X: 0, Y: 40, Low: 40, High: 40}}, l.Lines[0].Points, "the other has no limit")
	of, _ = d.New(1)
	l, ok = of.(*figure.Lines)
	require.True(t, ok)
	assert.Equal(t, []figure.Point{{X: 1, Y: 1, Low: 1, High: 1}, {X: 99, Y: 99, Low: 99, High: 99}}, l.Lines[0].Points)
}
