package design_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

func of(t *testing.T, rest string) (*design.Design, error) {
	t.Helper()
	s, err := study.Parse("study.yaml", []byte("study: s\nbase: {plan: plan.yaml}\n"+rest+"\nbaselines: false\n"))
	require.NoError(t, err)
	parse := func() (*planfile.File, error) { return planfile.Parse("plan.yaml", []byte(studytest.Plan)) }
	f, err := parse()
	require.NoError(t, err)
	return design.New(s, &factor.Base{File: f, Actors: []string{"camera", "shrink", "detect", "sink"}}, parse)
}

func points(t *testing.T, rest string) []string {
	t.Helper()
	d, err := of(t, rest)
	require.NoError(t, err)
	all, err := d.Points()
	require.NoError(t, err)
	var texts []string
	for _, p := range all {
		texts = append(texts, strings.TrimSuffix(strings.ReplaceAll(p.Key(), "\x00", " "), " "))
	}
	return texts
}

func TestGrid(t *testing.T) {
	assert.Equal(t, []string{"none 1ms", "none 2ms", "none 3ms", "int8 1ms", "int8 2ms", "int8 3ms"},
		points(t, "vary: [{key: codec, values: [none, int8]}, {key: latency, from: 1ms, to: 3ms, steps: 3}]"))
	assert.Equal(t, []string{"camera", "shrink", "detect", "sink"}, points(t, "vary: [{key: cut, values: all}]"))
	assert.Equal(t, []string{"1ms ", "2ms " +
		""}, points(t, `vary: [{key: latency, values: [1ms, 2ms]}, {key: count, of: cam, from: 1, to: 9}]
ask: [{largest: count cam, where: latency_p99 < 1s}]`), "what is searched has no level")
}

func TestDrawn(t *testing.T) {
	const vary = "vary: [{key: codec, values: [none, int8]}, {key: count, of: cam, from: 1, to: 20}]\n"
	lhs := points(t, vary+"design: {kind: latin-hypercube, n: 20, seed: 3}")
	require.Len(t, lhs, 20)
	seen := map[string]int{}
	for _, p := range lhs {
		codec, n, _ := strings.Cut(p, " ")
		seen[codec]++
		seen[n]++
	}
	assert.Equal(t, 10, seen["none"], "a Latin hypercube has every share of a factor")
	for n := 1; n <= 20; n++ {
		assert.Equal(t, 1, seen[fmt.Sprint(n)], "%d", n)
	}
	assert.Equal(t, lhs, points(t, vary+"design: {kind: latin-hypercube, n: 20, seed: 3}"), "equal seeds, equal cases")
	assert.NotEqual(t, lhs, points(t, vary+"design: {kind: latin-hypercube, n: 20, seed: 4}"))
	assert.Len(t, points(t, vary+"design: {kind: random, n: 7, seed: 3}"), 7)
}

func TestBadDesigns(t *testing.T) {
	for rest, want := range map[string]string{
		"vary: [{key: cut, values: all}, {key: latency, values: [1ms]}]\nfigures: [{lines: bytes, x: cut, at: " +
			"{latency: 2ms}}]": "4:48: bad figure: latency has no level 2ms; it has 1ms",
		"vary: [{key: cut, values: all}, {key: latency, from: 0s, to: 9s, steps: 13}]\nfigures: [{lines: bytes, x: " +
			"cut, by: latency}]": "4:38: bad figure: latency has 13 levels; at most 12 lines can be told apart",
		"vary: [{key: latency, from: 0s, to: 9s}, {key: count, of: cam, from: 1, to: 9}]\nask: [{largest: latency, " +
			"where: bytes < 5}, {largest: count cam, where: bytes < 5}]": "4:6: bad question: both latency and count cam " +
			"are searched, and no case has a level of both; give one of them values or steps",
		"vary: [{key: cut, values: all}, {key: latency, from: 0s, to: 9s}]\nask: [{largest: latency, where: bytes < " +
			"5}]\nfigures: [{tornado: bytes}]": "5:12: bad figure: latency is searched, so the cases are those that the " +
			"search tried; draw latency itself, or lines over it",
		"vary: [{key: latency, from: 0s, to: 1s, steps: 1000}, {key: bandwidth, from: 1, to: 9e6, steps: 1000}, {key: " +
			"slowdown, of: cam.cpu, from: 1, to: 1001, steps: 1000}]": "3:7: bad design: it has 1000000000 cases; at most " +
			"1000000 can be simulated: give fewer values or " +
			"steps, or draw some by design: {kind: latin-hypercube, n: 1000}",
		"vary: [{key: latency, from: 0s, to: 1s, steps: 2000000}]": "3:48: bad design: 2000000 steps; at most 1000000 " +
			"cases can be simulated",
		"vary: [{key: latency, from: 0s, to: 1s}]": "3:9: bad factor: how many steps has the range in the grid? add " +
			"steps: 10, or " +
			"draw cases by design: {kind: latin-hypercube, n: 500}",
		"vary: [{key: latency, from: 1s, to: 1s, steps: 2}]": "3:37: bad factor: the " +
			"range from 1s to 1s is empty; to must be larger",
		"vary: [{key: latency, from: 0s, to: 1s, steps: 2, scale: log}]": "3:29: bad factor: a " +
			"logarithmic scale begins above 0",
		"vary: [{key: codec, from: none, to: int8, steps: 2}]": "3:27: bad factor: none is " +
			"no number, and only numbers have a range; list values",
		"vary: [{key: latency, values: [1ms, 5]}]": `3:37: not a value of the ` +
			`key: platform.links[wifi].latency: bad quantity: expected a duration with its unit, such as 5ms, 5s or 5us; ` +
			`found "5"`,
		"vary: [{key: latency, values: [-1ms]}]": "3:32: bad input: " +
			"plan.yaml:22:8: bad platform: link wifi: bandwidth and latency must be 0, which is unshaped, or more",
		"vary: [{key: bandwidth, values: [NaN]}]": "3:34: not a value of the " +
			"key: platform.links[wifi].bandwidth_bytes_per_sec: bad quantity: expected bytes or bits per second, such as " +
			"12.5MB/s, 12.5MiB/s, 100Mbit/s or 12500000, which is in bytes; found \"NaN\"",
		"vary: [{key: codec, values: [none, none]}]": "3:36: bad factor: none is " +
			"listed twice; remove one",
		"vary: [{key: 'platform.links[1].latency', values: [1ms]}]": "3:14: no such key: " +
			"platform.links[1].latency: platform.links has 1 items, counted from 0",
		"vary: [{key: workload.kind, values: [5]}]": `3:38: bad input: ` +
			`plan.yaml:25:18: bad workload: kind "5"; expected single-stream, multi-stream, offline, camera, poisson, ` +
			`server or recorded`,
		"vary: [{key: codec, values: [none]}]\nask: [{largest: codec, where: bytes < 5}]": "4:17: bad question: the " +
			"levels of codec are names, which have no order",
	} {
		_, err := of(t, rest)
		require.ErrorIs(t, err, yamlfile.ErrInput, rest)
		assert.EqualError(t, err, "bad input: study.yaml:"+want, rest)
	}
}
