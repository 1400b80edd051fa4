package cli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// emptyCache is a cache with ONNX Runtime alone.
func emptyCache(t *testing.T) string {
	t.Helper()
	loadLibrary(t)
	cache := t.TempDir()
	require.NoError(t, os.Symlink(dataset(t, "onnxruntime"), filepath.Join(cache, "onnxruntime")))
	return cache
}

// A model is explored on devices that flags describe: it is profiled, once; the best is the one of the
// least latency among all that were simulated; and the plan that is written runs.
func TestExploreModel(t *testing.T) {
	dir := t.TempDir()
	cache := emptyCache(t)
	path, results, plan := sample(t, onnxtest.Separable()), filepath.Join(dir, "results"), filepath.Join(dir, "best.yaml")
	explore := func(args ...string) output {
		return edgeprune(t, append([]string{"--cache", cache, "explore", path, "--results", results, "--codecs", "none",
			"--slowdown", "2", "--frames", "8"}, args...)...)
	}
	o := explore("-o", plan)
	require.Equal(t, exitOK, o.code, o.stderr)
	contains(t, o.stdout, "it has the least latency (", "Found by ", "Emulated: ", "all on endpoint", "all on server, raw",
		"Assumed: the endpoint is 2 times slower than this machine", "the plan: "+plan)
	contains(t, o.stderr, "profile separable on this machine (there is none yet)")

	o = explore("--json", "--minimise", "endpoint_time", "--limit", "traffic<=10MB")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.NotContains(t, o.stderr, "there is none yet", "it is stored")
	var r answer.Run
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	require.Len(t, r.Answers, 1)
	a := &r.Answers[0]
	require.NotNil(t, a.Best())
	m := r.Goal.Objectives[0]
	assert.Equal(t, "endpoint_time", m.String())
	for _, c := range a.Candidates {
		assert.GreaterOrEqual(t, c.Values[m], a.Best().Values[m], c.Name)
	}
	for _, name := range []string{"run.json", "explore.json", "front.csv", "plan.yaml", "report.html", "figures/front.svg",
		"figures/parts.png"} {
		assert.NotEmpty(t, read(t, filepath.Join(r.Results, name)), name)
	}
	contains(t, read(t, filepath.Join(r.Results, "report.html")), a.Best().Name, "Emulated")

	contains(t, read(t, plan), "# Chosen by edgeprune explore: ")
	edgeprune(t, "--cache", cache, "run", plan, "--driver", "sim", "--results", results).says(t, exitOK, "sim")
	explore("-o", plan).refused(t, exitInput, plan)

	o = explore("--limit", "latency<=1us", "--limit", "traffic<=0")
	assert.Equal(t, exitInput, o.code)
	contains(t, o.stderr, "edgeprune: bad input: no goal that can be reached: No mapping keeps latency <= 1 µs (nearest "+
		"that can be had beside the others: ")
	contains(t, o.stdout, "all on endpoint", "breaks: latency <= 1 µs")
}

// A plan is explored on its own platform, under its workload.
func TestExplorePlan(t *testing.T) {
	results := t.TempDir()
	o := edgeprune(t, "--cache", emptyCache(t), "explore", filepath.Join("testdata", "plan.yaml"), "--results", results,
		"--minimise", "traffic", "--limit", "memory(server)<=1GB", "--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	var r answer.Run
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	a := &r.Answers[0]
	assert.Equal(t, "all on endpoint", a.Chosen, "nothing crosses")
	assert.Equal(t, []answer.Assigned{{Unit: "box.cpu", From: "source", Through: "sink"}}, a.Best().Units)
	assert.EqualValues(t, 5, r.Seed)
	text := read(t, a.Plan)
	contains(t, text, "frames: 12", "unit: box.cpu")
	assert.NotContains(t, text, "server.cpu")
}

// An experiment of mappings is explored over all of its devices, with its branches.
func TestExploreMappings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "columns")
	write(t, filepath.Join(dir, "experiment.yaml"), mappedExperiment)
	write(t, filepath.Join(dir, "columns.onnx"), string(onnxtest.Columns().Data))
	o := edgeprune(t, "--cache", emptyCache(t), "explore", dir, "--results", t.TempDir(), "--json", "--no-raw")
	require.Equal(t, exitOK, o.code, o.stderr)
	var r answer.Run
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	require.Len(t, r.Answers, 1)
	a := &r.Answers[0]
	require.NotNil(t, a.Best())
	assert.False(t, a.Best().RawFrame)
	units := map[string]bool{}
	for _, c := range a.Candidates {
		for _, u := range c.Units {
			units[u.Unit] = true
		}
	}
	assert.Subset(t, slices.Collect(maps.Keys(units)), []string{"camera.cpu", "server.cpu"})
	edgeprune(t, "explore", dir, "--link", "far").refused(t, exitInput,
		"--link: experiment columns maps to all of its devices and links at once")
	contains(t, read(t, a.Plan), "unit: camera.cpu")
}

// coverSpace stores made-up costs of what is searched of an experiment beyond its own cases.
func coverSpace(t *testing.T, cache, experiment string) {
	t.Helper()
	s, models := projectSpec(t, experiment)
	x, err := sweep.New(s, models)
	require.NoError(t, err)
	var plans []*plan.Plan
	for _, e := range s.Endpoints {
		f := x.File(x.Cases(e.Name, s.Links[0].Name)[1], x.Single(2))
		sp, err := space.New(f, models, &sim.Driver{}, space.Options{Codecs: s.Codecs})
		require.NoError(t, err)
		of, err := sp.Plans()
		require.NoError(t, err)
		plans = append(plans, of...)
	}
	require.NoError(t, lab.SaveProfile(filepath.Join(cache, "profiles", "explore", experiment+".json"), &lab.Stored{
		Origin: testOrigin(models), Created: noon, Profile: *madeUp(plans...),
	}))
}

// An experiment is explored for each endpoint on each link, from its stored profile; nothing is measured.
func TestExploreExperiment(t *testing.T) {
	cache, results := cacheOf(t, "vehicle-classification"), t.TempDir()
	coverSpace(t, cache, "vehicle-classification")
	dir := filepath.Join("..", "vehicle-classification")
	o := edgeprune(t, "--cache", cache, "explore", dir, "--minimise", "latency,traffic", "--no-raw", "--results", results,
		"--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	contains(t, o.stderr, "the profile of vehicle-classification: made at 2026-01-02 12:00 UTC")
	var r answer.Run
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	s, _ := projectSpec(t, "vehicle-classification")
	require.Len(t, r.Answers, len(s.Endpoints)*len(s.Links))
	for i := range r.Answers {
		a := &r.Answers[i]
		require.NotNil(t, a.Best(), a.Name)
		assert.False(t, a.Best().RawFrame, a.Name)
		assert.NotContains(t, a.Plan, " ")
		assert.FileExists(t, a.Plan)
		for _, c := range a.Candidates {
			assert.Equal(t, c.RawFrame, len(c.Broken) > 0, "%s: %s", a.Name, c.Name)
		}
		alone := 0
		for _, c := range a.Candidates {
			if len(c.Units) == 1 {
				alone++
			}
		}
		assert.Equal(t, 1, alone, "%s: where nothing crosses, a codec makes no difference", a.Name)
		for _, baseline := range []string{"endpoint", "raw", "jpeg"} {
			assert.NotNil(t, a.Baseline(baseline), "%s: %s", a.Name, baseline)
		}
	}
	again := edgeprune(t, "--cache", cache, "explore", dir, "--minimise", "latency,traffic", "--no-raw", "--results",
		t.TempDir(), "--json")
	var second answer.Run
	require.NoError(t, json.Unmarshal([]byte(again.stdout), &second))
	for i := range second.Answers {
		assert.Equal(t, r.Answers[i].Candidates, second.Answers[i].Candidates, "the same again")
	}
}

// With --confirm the best and the baselines are measured, side by side with what was predicted.
func TestExploreConfirms(t *testing.T) {
	results := t.TempDir()
	o := edgeprune(t, "--cache", emptyCache(t), "explore", sample(t, onnxtest.Separable()), "--results", results,
		"--codecs", "none", "--slowdown", "2", "--frames", "6", "--confirm", "1", "--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	var r answer.Run
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	f := r.Answers[0].Confirmed
	require.NotNil(t, f)
	assert.NotEmpty(t, f.Verdict)
	assert.GreaterOrEqual(t, f.Rounds, 6)
	require.GreaterOrEqual(t, len(f.Mappings), 2)
	for _, m := range f.Mappings {
		assert.Empty(t, m.Failed, m.Name)
		assert.Positive(t, m.Rounds, m.Name)
		assert.NotEmpty(t, m.Measured, m.Name)
		assert.NotEmpty(t, m.Predicted, m.Name)
	}
	contains(t, read(t, filepath.Join(r.Results, "report.html")), f.Text)
}

func TestExploreRefuses(t *testing.T) {
	dir := t.TempDir()
	path := sample(t, onnxtest.Separable())
	ssd := filepath.Join("..", "ssd-tracking")
	several := write(t, filepath.Join(dir, "several.yaml"), read(t, filepath.Join("testdata", "plan.yaml")))
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing": {nil, "bad input: expected an experiment, a plan file or a model; got 0 arguments"},
		"two":     {[]string{path, ssd}, "bad input: expected an experiment, a plan file or a model; got 2 arguments"},
		"a folder": {[]string{dir}, "bad input: the folder " + dir + " holds no experiment.yaml; name an experiment's " +
			"folder, a plan file or a model"},
		"a goal": {[]string{path, "--minimise", "latencey"}, `bad input: no goal that can be reached: there is no ` +
			`metric "latencey"; there are latency, latency_p99, endpoint_time, throughput, energy, traffic, leakage, ` +
			`memory, quality; did you mean "latency"?`},
		"energy": {[]string{path, "--minimise", "energy"}, "bad input: no goal that can be reached: energy needs the " +
			"power figures of endpoint, server, which has none; give them under its device in a plan, which -o FILE " +
			"writes, and explore that, as power: {idle: 2W, units: {UNIT: 3W}, send: 1W, receive: 800mW, basis: " +
			"assumed, from: SOURCE}"},
		"leakage": {[]string{path, "--limit", "leakage<=0.2"}, "bad input: no goal that can be reached: leakage can't " +
			"be computed: a model alone shows one input again and again, and it takes many that differ; give samples by " +
			"a plan whose source shows them, such as kernel image-folder, and explore that"},
		"a codec": {[]string{path, "--codecs", "int9"}, "bad input: --codecs: unknown codec \"int9\"; known are none, " +
			"jpeg, or a chain [sparse+][fp16|int8|int8-channel|int8-static][+lz4|+zstd], such as int8+zstd; did you mean " +
			"\"int8\"?"},
		"confirm": {[]string{path, "--confirm", "0"}, "bad input: --confirm 0; expected how many of the best to " +
			"measure, at least 1"},
		"of a plan": {[]string{several, "--slowdown", "3", "--link", "x"}, "bad input: --link does not go with a plan " +
			"file: the platform has the links that it has\n--slowdown does not go with a plan file: change slowdown of " +
			"the unit in the file"},
		"no endpoint": {[]string{ssd, "--endpoint", "slw"}, `bad input: --endpoint: experiment ssd-tracking has no ` +
			`endpoint "slw"; there are slow, fast; did you mean "slow"?`},
		"of values": {[]string{filepath.Join("..", "early-exit")}, "bad input: experiment early-exit compares values " +
			"of a parameter, and no cuts or mappings; explore a plan of it, from results/early-exit/RUN/plans"},
		"one plan for several": {[]string{ssd, "-o", filepath.Join(dir, "plan.yaml")}, "bad input: -o writes one " +
			"plan, and ssd-tracking has 4 pairs of endpoint and link; name one by --endpoint and --link"},
		"a device": {[]string{ssd, "--minimise", "energy(server2)"}, `bad input: slow over wired: no goal that can be ` +
			`reached: energy(server2): there is no device "server2"; there are slow, server; did you mean "server"?; ` +
			`--endpoint and --link explore one alone`},
	} {
		t.Run(name, func(t *testing.T) {
			results := filepath.Join(t.TempDir(), "results")
			o := edgeprune(t, append([]string{"explore", "--results", results}, c.args...)...)
			assert.Equal(t, exitInput, o.code)
			assert.Equal(t, "edgeprune: "+c.says+"\n", o.stderr)
			_, err := os.Stat(results)
			assert.ErrorIs(t, err, os.ErrNotExist, "nothing is written")
		})
	}
}
