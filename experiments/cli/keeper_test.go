package cli

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var small = filepath.Join("testdata", "plan.yaml")

// kept returns the only folder of a plan's run, and its record.
func kept(t *testing.T, results, name string) (string, record.Run) {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(results, name))
	require.NoError(t, err)
	require.Len(t, list, 1)
	out := filepath.Join(results, name, list[0].Name())
	var rec record.Run
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(out, "run.json"))), &rec))
	return out, rec
}

// All that a run of a plan finds is there as files, which other commands take.
func TestRunOfAPlanIsKept(t *testing.T) {
	results := filepath.Join(t.TempDir(), "with blank, größer")
	o := edgeprune(t, "run", small, "--results", results)
	require.Equal(t, exitOK, o.code, o.stderr)
	out, rec := kept(t, results, "two-devices")
	assert.Contains(t, o.stdout, out)
	assert.True(t, rec.Finished)
	assert.Equal(t, "both", rec.Inputs.Drivers)
	assert.Len(t, rec.Inputs.Plan, 64)
	assert.Equal(t, testRevision, rec.Inputs.Program)
	for _, driver := range []string{"sim", "deploy"} {
		o := edgeprune(t, "trace", filepath.Join(out, "traces", driver, "two-devices.jsonl"))
		assert.Equal(t, exitOK, o.code, o.stderr)
		assert.True(t, json.Valid([]byte(o.stdout)), driver)
		assert.FileExists(t, filepath.Join(out, "figures", "timeline-"+driver+".svg"))
	}
	var runs []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(out, "runs.json"))), &runs))
	require.Len(t, runs, 2)
	assert.Equal(t, filepath.Join(out, "traces", "sim", "two-devices.jsonl"), runs[0].Trace)
	assert.Empty(t, runs[0].Results)
	recorded, err := trace.ReadResults(strings.NewReader(read(t, runs[1].Results)))
	require.NoError(t, err)
	require.Len(t, recorded, 12)
	assert.Equal(t, trace.Result{Frame: 11, Values: []float32{64}}, recorded[11])
	rows, err := csv.NewReader(strings.NewReader(read(t, filepath.Join(out, "summary.csv")))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, []string{"two devices", "deploy"}, rows[2][:2])
	assert.Contains(t, o.stdout, read(t, filepath.Join(out, "table.txt")))
	contains(t, read(t, filepath.Join(out, "report.html")), "two devices (emulated)", "error of the simulation, latency",
		"<svg ", "loopback of this machine")
	f, err := planfile.Parse("plan.yaml", []byte(read(t, filepath.Join(out, "plan.yaml"))))
	require.NoError(t, err)
	assert.EqualValues(t, 12, f.Workload.Frames)
	edgeprune(t, "check", filepath.Join(out, "plan.yaml")).says(t, exitOK, "plan two devices: ok")
}

// A plan that is kept can be run again, also from another folder than that in which its
// paths were relative.
func TestKeptPlanRunsAnywhere(t *testing.T) {
	loadLibrary(t)
	home := t.TempDir()
	dir := filepath.Join(home, "it's: größer")
	given := write(t, filepath.Join(dir, "in.bin"), strings.Repeat("\x00", 3*8*8*4))
	edgeprune(t, "model", "split", sample(t, onnxtest.Separable()), "--at", "1", "-o", filepath.Join(dir, "parts"),
		"--input", given, "--frames", "3").says(t, exitOK)
	text := strings.ReplaceAll(read(t, filepath.Join(dir, "parts", "plan.yaml")), dir+"/parts/part", "part")
	plan := write(t, filepath.Join(dir, "parts", "near.yaml"), strings.ReplaceAll(text, dir, "."))
	require.NotContains(t, read(t, plan), home)
	t.Chdir(dir)
	edgeprune(t, "run", plan, "--driver", "sim", "--results", "results").says(t, exitOK)
	names, err := os.ReadDir("results")
	require.NoError(t, err)
	require.Len(t, names, 1)
	out, first := kept(t, filepath.Join(dir, "results"), names[0].Name())
	t.Chdir(t.TempDir())
	again := filepath.Join(out, "plan.yaml")
	contains(t, read(t, again), filepath.Join(dir, "parts", "part1.onnx"))
	edgeprune(t, "run", again, "--driver", "both", "--results", "results").says(t, exitOK)
	_, second := kept(t, "results", names[0].Name())
	sums := func(r record.Run) []string { return slices.Sorted(maps.Values(r.Inputs.Models)) }
	assert.Equal(t, sums(first), sums(second), "other models")
}

// A run whose plan can't be kept says so in its record.
func TestRunWithoutItsPlan(t *testing.T) {
	text := strings.Replace(read(t, small), "kernel: count", "kernel: count, params: {file: here}", 1)
	t.Chdir(t.TempDir())
	write(t, "here", "")
	write(t, "plan.yaml", text)
	var stderr strings.Builder
	env := Process()
	env.Stdout, env.Stderr, env.Revision = io.Discard, &stderr, testRevision
	env.Getwd = func() (string, error) { // it is asked for while the plan is written
		dirs, err := filepath.Glob(filepath.Join("results", "*", "2*"))
		require.NoError(t, err)
		require.Len(t, dirs, 1)
		require.NoError(t, os.Mkdir(filepath.Join(dirs[0], "plan.yaml"), 0o755))
		return os.Getwd()
	}
	code := New(env).Run(t.Context(), []string{"edgeprune", "run", "plan.yaml", "--driver", "sim", "--results", "results"})
	assert.Equal(t, exitRun, code, stderr.String())
	_, rec := kept(t, "results", "two-devices")
	assert.False(t, rec.Finished)
	assert.Contains(t, rec.Incomplete, "plan.yaml")
}

// A run that fails leaves what it had, and says why; one that can't begin leaves nothing.
func TestRunOfAPlanThatFails(t *testing.T) {
	results := t.TempDir()
	file := write(t, filepath.Join(t.TempDir(), "faults.yaml"),
		read(t, small)+"faults:\n  - {device: server, at: 10ms, for: 20ms}\n")
	o := edgeprune(t, "run", file, "--results", results, "--json")
	require.Equal(t, exitRun, o.code, o.stderr)
	assert.Contains(t, o.stderr, "only with patience")
	var f failure
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &f), o.stdout)
	assert.Equal(t, "run", f.Error.Kind)
	out, rec := kept(t, results, "two-devices")
	assert.False(t, rec.Finished)
	assert.Contains(t, rec.Incomplete, "only with patience")
	assert.FileExists(t, filepath.Join(out, "traces", "sim", "two-devices.jsonl"))

	results = filepath.Join(t.TempDir(), "none")
	edgeprune(t, "run", bad(t), "--results", results).refused(t, exitInput)
	edgeprune(t, "run", small, "--results", results, "--frames", "2").refused(t, exitInput, "warms up for 2 frames")
	edgeprune(t, "run", small, "--results", results, "--frames", "3").refused(t, exitInput, "--frames 3",
		"too few frames: 1")
	few := write(t, filepath.Join(t.TempDir(), "few.yaml"), strings.Replace(read(t, small), "frames: 12", "frames: 3", 1))
	edgeprune(t, "run", few, "--results", results).refused(t, exitInput, few+":21:41:",
		"too few frames: 1 after 2 of warm-up")
	edgeprune(t, "run", "no/such.yaml", "--results", results).refused(t, exitInput, "open no/such.yaml: ")
	absent(t, results)
	edgeprune(t, "run", small, "--driver", "sim", "--results", write(t, results, "a file")).refused(t, exitRun, results)
	assert.Equal(t, "a file", read(t, results))
}

// A plan's results lie in the folder of results, whatever its name.
func TestRunOfAPlanWithAnyName(t *testing.T) {
	results := filepath.Join(t.TempDir(), "below", "results")
	for _, name := range []string{"..", "größer/\u00e9", strings.Repeat("long ", 100)} {
		file := write(t, filepath.Join(t.TempDir(), "plan.yaml"),
			strings.Replace(read(t, small), "plan: two devices", "plan: "+strconv.Quote(name), 1))
		o := edgeprune(t, "run", file, "--driver", "sim", "--results", results)
		assert.Equal(t, exitOK, o.code, "%s: %s", name, o.stderr)
	}
	list, err := os.ReadDir(filepath.Dir(results))
	require.NoError(t, err)
	assert.Len(t, list, 1, "something lies beside the results")
	records, err := filepath.Glob(filepath.Join(results, "*", "2*", "run.json"))
	require.NoError(t, err)
	assert.Len(t, records, 3)
}

// --frames overrides the plan's, and what would be ignored is refused by name.
func TestFlagsOfRun(t *testing.T) {
	results := t.TempDir()
	o := edgeprune(t, "run", small, "--driver", "sim", "--frames", "7", "--json", "--results", results)
	require.Equal(t, exitOK, o.code, o.stderr)
	var runs []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &runs), o.stdout)
	assert.Equal(t, 5, runs[0].Outcome.Latency.N, "2 of 7 warm up")
	_, rec := kept(t, results, "two-devices")
	assert.Equal(t, "sim", rec.Inputs.Drivers)

	experiment := filepath.Join("..", "vehicle-classification")
	for _, tt := range []struct {
		what, flag, says string
	}{
		{small, "--bandwidth 1", "--bandwidth does not go with a plan file: change bandwidth_bytes_per_sec"},
		{small, "--latency 1ms", "--latency does not go with a plan file"},
		{small, "--slowdown 2", "--slowdown does not go with a plan file"},
		{small, "--input x.png", "--input does not go with a plan file"},
		{small, "--picture mean=1", "--picture does not go with a plan file"},
		{small, "--reshape", "--reshape does not go with a plan file"},
		{experiment, "--reshape --picture mean=1", "--picture does not go with an experiment"},
		{small, "--at 1", "--at does not go with a plan file"},
		{small, "--dim n=1", "--dim does not go with a plan file"},
		{small, "--bound x=1", "--bound does not go with a plan file"},
		{small, "--quick", "--quick does not go with a plan file"},
		{small, "--full", "--full does not go with a plan file"},
		{small, "--reprofile", "--reprofile does not go with a plan file"},
		{small, "--nats nats://x --driver sim", "--nats does not go with --driver sim"},
		{small, "--patience 1s --driver sim", "--patience does not go with --driver sim"},
		{small, "--js-domain hub", "--js-domain goes with --testbed or --nats only"},
		{small, "--store-ttl 1h", "--store-ttl goes with --testbed or --nats only"},
		{small, "--store-bytes 1", "--store-bytes goes with --testbed or --nats only"},
		{small, "--nats nats://x --store-bytes -1", "--store-bytes must be positive"},
		{small, "--nats nats://x --store-ttl 0s", "--store-ttl must be positive"},
		{small, "--quick --at 1", "says where the model is cut\n--quick does not go"},
		{small, "--wait", "--wait does not go without --testbed or --nats: agents that are started for the run are " +
			"its own"},
		{small, "--take", "--take does not go without --testbed or --nats"},
		{small, "--nats nats://x --take --wait", "give --wait or --take, not both"},
		{experiment, "--wait", "--wait does not go without --testbed or --nats"},
		{experiment, "--on slow=jetson1", "--on does not go without --testbed or --nats: on this machine every device of " +
			"an experiment is emulated"},
		{experiment, "--without slow", "--without does not go without --testbed or --nats"},
		{small, "--on endpoint=jetson1 --nats nats://x", "--on does not go with a plan file: the devices are those of its " +
			"platform"},
		{experiment, "--frames 5", "--frames does not go with an experiment"},
		{experiment, "--bandwidth 5", "--bandwidth does not go with an experiment"},
		{experiment, "--patience 1s --driver sim", "--patience does not go with --driver sim"},
		{"--model=x", "--at 1 --quick", "--quick does not go with --model"},
	} {
		args := append([]string{"run", tt.what, "--results", filepath.Join(results, "none")}, strings.Fields(tt.flag)...)
		edgeprune(t, args...).refused(t, exitInput, tt.says)
	}
	absent(t, filepath.Join(results, "none"))
}

// Every flag of a run of a model is known not to go with all that is run.
func TestFlagsOfModelsAreRefused(t *testing.T) {
	for _, f := range modelRunFlags() {
		name := f.Names()[0]
		known := name == "model" // which says what is run
		for _, r := range runFlags {
			known = known || r.Name == name
		}
		assert.True(t, known, "--%s is ignored with a plan or an experiment", name)
	}
}

// A plan without a model needs no ONNX Runtime, under either driver; one with a model says
// that it is missing.
func TestPlanWithoutRuntime(t *testing.T) {
	t.Setenv("LD_LIBRARY_PATH", "")
	t.Setenv("EDGEPRUNE_CACHE", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	cache := filepath.Join(t.TempDir(), "empty")
	t.Setenv("PATH", t.TempDir()) // nothing can be fetched
	o := edgeprune(t, "--cache", cache, "run", small, "--results", t.TempDir())
	require.Equal(t, exitOK, o.code, o.stderr)
	contains(t, o.stdout, "sim (emulated)", "deploy (emulated)")
	absent(t, filepath.Join(cache, "onnxruntime"))
	edgeprune(t, "--cache", cache, "check", small).says(t, exitOK, "ok")
}

// Results of an experiment have one run at a time; the second is told who runs.
func TestSecondRunIsTold(t *testing.T) {
	cache, results := cacheOf(t, "vehicle-classification"), t.TempDir()
	dir := filepath.Join(results, "vehicle-classification")
	holder := record.Holder{PID: 7, Host: "box", Since: noon, Command: []string{"edgeprune", "run"}}
	release, err := record.Lock(dir, holder)
	require.NoError(t, err)
	again := func() output {
		return edgeprune(t, "--cache", cache, "run", filepath.Join("..", "vehicle-classification"), "--driver", "sim",
			"--results", results, "--json")
	}
	o := again()
	o.refused(t, exitInput, dir+": process 7 on box since 2026-01-02 12:00:00 UTC: edgeprune run; wait for it, or take "+
		"another folder by --results")
	assert.Contains(t, o.stdout, `"kind":"input"`)
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, list, 1, "there is more than the lock")
	require.NoError(t, release())
	edgeprune(t, "run", filepath.Join("..", "vehicle-classification", "experiment.yaml"), "--driver", "sim",
		"--results", results, "--frames", "3").refused(t, exitInput, "--frames does not go with an experiment")
	for range 2 { // the lock is released with the command
		o = again()
		require.Equal(t, exitOK, o.code, o.stderr)
		assert.True(t, json.Valid([]byte(o.stdout)), "JSON alone is on the standard output: %.200s", o.stdout)
		assert.Contains(t, o.stderr, "figures, tables, plans and traces of vehicle-classification: "+dir)
	}
}

// A run of a model without a plan file is kept, too, with the input that it was given.
func TestRunOfAModelIsKept(t *testing.T) {
	loadLibrary(t)
	results := t.TempDir()
	source := sample(t, onnxtest.Separable())
	text := read(t, source)
	m, err := onnx.Parse([]byte(text))
	require.NoError(t, err)
	size := m.Inputs()[0].Elements() * 4
	given := write(t, filepath.Join(t.TempDir(), "in.bin"), strings.Repeat("\x00", int(size)))
	edgeprune(t, "run", "--model", source, "--at", "1", "--frames", "3", "--driver", "sim", "--input", given,
		"--results", results).says(t, exitOK, "plan, traces, tables and report: "+results)
	names, err := os.ReadDir(results)
	require.NoError(t, err)
	require.Len(t, names, 1)
	out, rec := kept(t, results, names[0].Name())
	assert.True(t, rec.Finished)
	plan := read(t, filepath.Join(out, "plan.yaml"))
	contains(t, plan, "# Made by run --model", "files/")
	assert.NotContains(t, plan, os.TempDir()+"/edgeprune-", "what is gone is named")
	for name, data := range filesIn(t, filepath.Join(out, "files")) {
		assert.Len(t, data, int(size), name)
	}
}
