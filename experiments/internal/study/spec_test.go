package study_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
)

const good = `study: s
base: {plan: plan.yaml}
vary:
  - {key: count, of: cam, name: cameras, from: 1, to: 9}
  - {key: bandwidth, values: [1MB/s, 2e6]}
  - {key: cut, values: all}
design: grid
repeat: {metric: latency_p99, within: 0.05, at_most: 50}
ask:
  - {largest: cameras, where: latency_p99 <= 100ms}
  - {best: cut, of: latency_p50, over: bandwidth}
figures:
  - {lines: throughput, x: bandwidth, by: cut}
  - {tornado: energy}
`

func TestParse(t *testing.T) {
	s, err := study.Parse("study.yaml", []byte(good))
	require.NoError(t, err)
	assert.Equal(t, study.Texts{"1MB/s", "2e6"}, s.Vary[1].Values)
	assert.Equal(t, study.Texts{"all"}, s.Vary[2].Values)
	assert.Equal(t, study.Design{Kind: study.Grid}, s.Design)
	assert.Equal(t, "cameras", s.Vary[0].Column())
	assert.Equal(t, "bandwidth", s.Vary[1].Column())
	assert.True(t, s.AsksLimit("cameras"))
	assert.False(t, s.AsksLimit("cut"))
	s, err = study.Parse("study.yaml", []byte(strings.Replace(good, "design: grid",
		"design: {kind: latin-hypercube, n: 40, seed: 7}", 1)))
	require.NoError(t, err)
	assert.Equal(t, study.Design{Kind: study.LatinHypercube, N: 40, Seed: 7}, s.Design)
}

func TestBadStudies(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"study: s", "study: a/b", `1:8: bad study: the name "a/b"; give one without slashes, not beginning with a dot`},
		{"base: {plan: plan.yaml}", "base: {}", "2:7: bad base: name a plan or an experiment"},
		{"{plan: plan.yaml}", "{plan: plan.yaml, medium: {name: x}}", "2:34: bad base: a plan file says its medium itself; " +
			"remove it, or vary it"},
		{"{plan: plan.yaml}", "{plan: plan.yaml, cut: x}", "2:30: bad base: a plan file says its cut itself; remove " +
			"it, or vary it"},
		{"{plan: plan.yaml}", "{plan: plan.yaml, speed: 3}", `2:25: unknown field "speed"; mend the spelling or remove it`},
		{"from: 1, to: 9", "from: 1", "4:6: bad factor: a range has both from and to"},
		{"from: 1, to: 9", "", "4:6: bad factor: give values, or from and to"},
		{"from: 1, to: 9", "from: 1, to: 9, steps: 1", "4:65: bad factor: 1 steps; expected at least 2, the ends among them"},
		{"from: 1, to: 9", "from: 1, to: 9, scale: cubic", `4:65: bad factor: scale "cubic"; expected linear or log`},
		{"values: [1MB/s, 2e6]", "values: [1MB/s], steps: 4", "5:6: bad factor: steps and scale are of a range, from and to"},
		{"  - {key: cut, values: all}", "  - {key: cut, values: all}\n  - {key: cut, values: all}",
			`7:6: bad factor: two factors are named "cut"; give one a name of its own`},
		{"design: grid", "design: full", `7:9: bad design: design "full"; expected grid, random or latin-hypercube`},
		{"design: grid", "design: random", "7:9: bad design: how many cases? write design: {kind: random, n: 500}"},
		{"design: grid", "design: {kind: grid, n: 3}", "7:10: bad design: a grid has no n and no seed; its factors " +
			"have steps"},
		{"metric: latency_p99", "metric: latency", "8:18: no such metric: there is no metric \"latency\"; there are " +
			metricList + "; did you mean \"latency_p50\"?"},
		{"within: 0.05", "within: .nan", "8:39: expected a number such as 0.5, found .nan"},
		{"within: 0.05", "within: 5", "8:39: bad study: within 5; expected a share such as 0.05"},
		{"at_most: 50", "at_most: 5", "8:54: bad study: at most 5 simulations; expected 6, which an interval needs, " +
			"to 100000"},
		{"largest: cameras", "largest: speed", `10:6: bad factor: "speed" is not varied; the factors are cameras, ` +
			`bandwidth, cut`},
		{"<= 100ms", "<= 100", `10:31: bad question: "latency_p99 <= 100": bad quantity: expected a duration with its ` +
			`unit, such as 100ms, 100s or 100us; found "100"`},
		{"<= 100ms", "= 100ms", `10:31: bad question: "latency_p99 = 100ms"; compare by <, <=, > or >=`},
		{"latency_p99 <= 100ms", "[latency_p99 <= 100ms, latency_p99 > 100ms]",
			"10:54: bad question: latency_p99 <= 100ms and latency_p99 > 100ms can't both hold"},
		{", where: latency_p99 <= 100ms", "", "10:6: bad question: it has no condition; add where: latency_p99 <= 100ms"},
		{"largest: cameras,", "largest: cameras, smallest: cameras,",
			"10:6: bad question: a question is one of largest, smallest and best"},
		{"over: bandwidth", "over: cut", "11:40: bad question: the best cut can't change over cut itself; name " +
			"another factor"},
		{"{lines: throughput, x: bandwidth, by: cut}", "{heat: throughput, x: bandwidth}",
			"13:6: bad factor: a factor is missing; the factors are cameras, bandwidth, cut"},
		{"by: cut", "by: bandwidth", "13:43: bad figure: bandwidth is x already; name another factor"},
		{"{tornado: energy}", "{tornado: energy, x: cut}", "14:26: bad figure: such a figure has no x; remove it"},
		{"{tornado: energy}", "{}", "14:5: bad figure: a figure is one of lines, heat, best and tornado"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		require.NotEqual(t, good, text, c.from)
		_, err := study.Parse("study.yaml", []byte(text))
		require.ErrorIs(t, err, yamlfile.ErrInput, c.to)
		assert.EqualError(t, err, "bad input: study.yaml:"+c.want, c.to)
	}
}

const metricList = "endpoint_time, latency_p50, latency_p95, latency_p99, latency_mean, latency_max, " +
	"throughput, bytes, " +
	"energy, endpoint_energy, dropped, late, availability, recovery_time, unit_utilisation, " +
	"link_utilisation, medium_utilisation, queue_mean, queue_max"

func TestConditions(t *testing.T) {
	c, err := study.ParseCondition("latency_p99<=100 ms")
	require.NoError(t, err)
	assert.Equal(t, "latency_p99 <= 100 ms", c.String())
	assert.True(t, c.Holds(0.1))
	assert.False(t, c.Holds(0.1001))
	for text, holds := range map[string]bool{"throughput >= 15": true, "throughput > 15": false, "energy < 15J": false,
		"bytes < 15.5": true} {
		c, err := study.ParseCondition(text)
		require.NoError(t, err)
		assert.Equal(t, holds, c.Holds(15), text)
	}
}
