package goal_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	g, err := goal.Parse([]string{"latency", "energy(slow)"}, []string{"throughput"},
		[]string{"energy(slow)<=0.5J", "throughput >= 15/s", "memory ≤ 64MiB", "traffic<=100kB", "quality>=0.95",
			"latency_p99<=80 ms", "leakage<=0"}, true)
	require.NoError(t, err)
	assert.Equal(t, "least latency and least energy(slow) and most throughput with no raw frames and energy(slow) "+
		"<= 500 mJ "+
		"and throughput >= 15 frames/s and memory <= 67.1 MB and traffic <= 100 kB and quality >= 0.95 and latency_p99 <= "+
		"80 ms and leakage <= 0", g.String())
	assert.Equal(t, []goal.Metric{
		{Name: goal.Latency}, {Name: goal.Energy, Device: "slow"}, {Name: goal.Throughput}, {Name: goal.Memory},
		{Name: goal.Traffic}, {Name: goal.Quality}, {Name: goal.LatencyP99}, {Name: goal.Leakage},
	}, g.Metrics())
	assert.True(t, g.Needs(goal.Leakage))
	assert.False(t, g.Needs(goal.EndpointTime))
	text, err := json.Marshal(g.Limits[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"metric": "energy(slow)", "bound": 0.5}`, string(text))
	var again goal.Limit
	require.NoError(t, json.Unmarshal(text, &again))
	assert.Equal(t, g.Limits[0], again)

	g, err = goal.Parse(nil, nil, nil, false)
	require.NoError(t, err)
	assert.Equal(t, "least latency", g.String())
}

func TestBadGoals(t *testing.T) {
	const metrics = "latency, latency_p99, endpoint_time, throughput, energy, traffic, leakage, memory, quality"
	for name, c := range map[string]struct {
		minimise, maximise, limits []string
		want                       string
	}{
		"unknown": {minimise: []string{"latencey"},
			want: `there is no metric "latencey"; there are ` + metrics + `; did you mean "latency"?`},
		"other word": {limits: []string{"fps>=15"},
			want: `there is no metric "fps"; there are ` + metrics + `; did you mean "throughput"?`},
		"far off": {minimise: []string{"happiness"},
			want: `there is no metric "happiness"; there are ` + metrics},
		"the wrong way": {minimise: []string{"throughput"},
			want: "--minimise throughput: more of it is better; give --maximise throughput"},
		"and back": {maximise: []string{"energy"},
			want: "--maximise energy: less of it is better; give --minimise energy"},
		"twice": {minimise: []string{"latency", "latency"},
			want: "--minimise latency is given twice"},
		"of a device": {minimise: []string{"latency(slow)"},
			want: "latency is of the whole, not of device slow; energy and memory are of one"},
		"no device": {minimise: []string{"energy()"},
			want: `"energy()": expected the name of a device in brackets, as energy(DEVICE)`},
		"no end": {minimise: []string{"energy(slow"},
			want: `"energy(slow": expected the name of a device in brackets, as energy(DEVICE)`},
		"no sign": {limits: []string{"throughput"},
			want: `limit "throughput" has no <= or >=; write it as 'throughput>=15'`},
		"no metric": {limits: []string{"50ms"},
			want: `limit "50ms" has no <= or >=; write it as 'latency<=50ms'`},
		"equation": {limits: []string{"latency=50ms"},
			want: `limit "latency=50ms": a limit is no equation; write it as 'latency<=50ms'`},
		"wrong sign": {limits: []string{"throughput<=15"},
			want: `limit "throughput<=15": more throughput is better, so that its limits have >=; write it as 'throughput>=15'`},
		"strict": {limits: []string{"energy(slow)<1J"},
			want: `limit "energy(slow)<1J": less energy is better, so that its limits have <=; write it as ` +
				`'energy(slow)<=0.5J'`},
		"no unit": {limits: []string{"latency<=50"},
			want: `limit "latency<=50": bad quantity: expected a duration with its unit, such as 50ms, 50s or 50us; found "50"`},
		"wrong unit": {limits: []string{"energy<=2W"},
			want: `limit "energy<=2W": bad quantity: expected an energy, such as 3J, 120mJ, 5Wh or 2.5, which is in ` +
				`joules; found "2W"`},
		"no number": {limits: []string{"leakage<=low"},
			want: `limit "leakage<=low": expected a number, such as 0.3; found "low"`},
		"not finite": {limits: []string{"throughput>=Inf"},
			want: `limit "throughput>=Inf": expected a number, such as 15; found "Inf"`},
		"negative": {limits: []string{"latency<=-5ms"},
			want: `limit "latency<=-5ms": latency is never negative; write it as 'latency<=50ms'`},
		"no time": {limits: []string{"latency<=0s"},
			want: `limit "latency<=0s": no mapping has a latency of 0; write it as 'latency<=50ms'`},
		"any": {limits: []string{"throughput>=0"},
			want: `limit "throughput>=0": every mapping keeps it; write it as 'throughput>=15'`},
		"above one": {limits: []string{"leakage<=1.5"},
			want: `limit "leakage<=1.5": leakage goes from 0 to 1; write it as 'leakage<=0.3'`},
		"two limits": {limits: []string{"latency<=50ms", "latency<=60ms"},
			want: "latency has two limits, latency <= 50 ms and latency <= 60 ms; give one"},
		"idle median": {limits: []string{"latency<=90ms", "latency_p99<=80ms"},
			want: "latency <= 90 ms says nothing beside latency_p99 <= 80 ms, as the median is never above the 99th " +
				"percentile; " +
				"leave it out"},
		"idle device": {limits: []string{"energy<=1J", "energy(slow)<=2J"},
			want: "energy(slow) <= 2 J says nothing beside energy <= 1 J, which is of all devices; leave it out"},
	} {
		_, err := goal.Parse(c.minimise, c.maximise, c.limits, false)
		require.ErrorIs(t, err, goal.ErrGoal, name)
		assert.EqualError(t, err, "no goal that can be reached: "+c.want, name)
	}
	_, err := goal.Parse([]string{"latencey"}, nil, []string{"fps>=1"}, false)
	assert.ErrorContains(t, err, "latencey", "all that is wrong")
	assert.ErrorContains(t, err, "fps", "all that is wrong")
}

func TestSources(t *testing.T) {
	have := goal.Have{
		Devices: []string{"slow", "server"}, Unpowered: []string{"server"}, PowerAt: "under its device in plan.yaml",
		NoLeakage: "no frames; give them by --samples", NoQuality: "no truth",
	}
	check := func(texts ...string) error {
		g, err := goal.Parse(texts, nil, nil, false)
		require.NoError(t, err)
		return g.Check(have)
	}
	require.NoError(t, check("latency", "energy(slow)", "memory(server)"))
	require.EqualError(t, check("energy"), "no goal that can be reached: energy needs the power figures of server, "+
		"which has "+
		"none; give them under its device in plan.yaml, as power: {idle: 2W, units: {UNIT: 3W}, send: 1W, receive: 800mW, "+
		"basis: assumed, from: SOURCE}; or ask for energy(slow)")
	require.ErrorContains(t, check("energy(server)"), "energy(server) needs the power figures of server")
	require.EqualError(t, check("energy(slw)"), `no goal that can be reached: energy(slw): there is no device `+
		`"slw"; there `+
		`are slow, server; did you mean "slow"?`)
	require.EqualError(t, check("leakage"), "no goal that can be reached: leakage can't be computed: no frames; "+
		"give them by "+
		"--samples")
	g, err := goal.Parse(nil, []string{"quality"}, nil, false)
	require.NoError(t, err)
	require.EqualError(t, g.Check(have), "no goal that can be reached: quality can't be computed: no truth")
}

func TestSearch(t *testing.T) {
	g, err := goal.Parse([]string{"latency", "latency_p99", "energy(server)"}, nil,
		[]string{"latency<=50ms", "throughput>=20", "quality>=0.75", "memory<=1kB"}, true)
	require.NoError(t, err)
	devices := []string{"slow", "server"}
	s := g.Search(devices, 0.1)
	assert.Equal(t, []explore.Objective{{Metric: explore.Latency, Device: -1}, {Metric: explore.Energy, Device: 1}},
		s.Objectives, "the 99th percentile is a matter of simulation")
	require.Len(t, s.Limits, 5)
	for i, want := range []explore.Limit{
		{Objective: explore.Objective{Metric: explore.Latency, Device: -1}, Max: 55e6},
		{Objective: explore.Objective{Metric: explore.Period, Device: -1}, Max: 55e6},
		{Objective: explore.Objective{Metric: explore.Loss, Device: -1}, Max: 0.25},
		{Objective: explore.Objective{Metric: explore.Memory, Device: -1}, Max: 1000},
		{Objective: explore.Objective{Metric: explore.Raw, Device: -1}},
	} {
		assert.Equal(t, want.Objective, s.Limits[i].Objective)
		assert.InDelta(t, want.Max, s.Limits[i].Max, 1e-6)
	}
	exact := g.Search(devices, 0)
	clashes := g.Clashes(devices, []explore.Clash{
		{Limit: exact.Limits[1], Nearest: 62.5e6}, {Limit: exact.Limits[3], Nearest: math.NaN()}, {Limit: exact.Limits[4]},
	})
	require.Len(t, clashes, 3)
	assert.Equal(t, "throughput >= 20 frames/s (nearest that can be had beside the others: 16 "+
		"frames/s)", clashes[0].String())
	assert.Equal(t, "memory <= 1 kB (no value was found beside the others)", clashes[1].String())
	assert.Equal(t, "no raw frames (without this limit there is an answer)", clashes[2].String())
}

func TestBroken(t *testing.T) {
	g, err := goal.Parse(nil, nil, []string{"latency<=50ms", "throughput>=20"}, false)
	require.NoError(t, err)
	latency, throughput := goal.Metric{Name: goal.Latency}, goal.Metric{Name: goal.Throughput}
	assert.Empty(t, g.Broken(goal.Values{latency: 0.05, throughput: 20}))
	assert.Equal(t, g.Limits[:1], g.Broken(goal.Values{latency: 0.051, throughput: 21}))
	assert.Equal(t, g.Limits[1:], g.Broken(goal.Values{latency: 0.01}), "what is not known is not kept")
}

func TestText(t *testing.T) {
	for want, v := range map[string]float64{"43.1 ms": 0.04312, "1 s": 0.99971, "12 µs": 12e-6, "0 s": 0} {
		assert.Equal(t, want, goal.Metric{Name: goal.Latency}.Text(v))
	}
	assert.Equal(t, "1230 frames/s", goal.Metric{Name: goal.Throughput}.Text(1234))
	assert.Equal(t, "0.123", goal.Metric{Name: goal.Leakage}.Text(0.12345))
	assert.Contains(t, goal.About(), "energy(DEVICE) of one")
}
