package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// madeUp is a profile with a fixed cost for everything in plans: a millisecond
// a segment, 50 us anything else.
func madeUp(plans ...*plan.Plan) *profile.Profile {
	p := &profile.Profile{Machine: New(Process()).machine(), Entries: map[string]profile.Entry{},
		Transport: profile.Transport{
			PerMessage: 200 * time.Microsecond, PerByte: 2, SendPerMessage: 4 * time.Microsecond, SendPerByte: 0.7,
			Dispatch: 4 * time.Microsecond,
		}}
	for _, pl := range plans {
		for a, w := range pl.Work {
			cost := 50 * time.Microsecond
			if w.Model != "" {
				cost = time.Duration(w.To-w.From) * time.Millisecond
			}
			var bytes []int64
			for _, port := range pl.Graph.Actors[a].Out {
				bytes = append(bytes, port.Type.Bytes())
			}
			p.Entries[w.CostKey] = profile.Entry{Samples: []time.Duration{cost}, OutBytes: bytes}
		}
	}
	return p
}

// testOrigin is that of a profile of the models which the program of tests made here.
func testOrigin(models compile.Models) lab.Origin {
	o := lab.Origin{Machine: New(Process()).machine(), Runtime: ort.Version(), Program: testRevision}
	for name, m := range models {
		if o.Models == nil {
			o.Models = map[string]string{}
		}
		o.Models[name] = m.SHA256()
	}
	return o
}

// cacheOf returns a cache that has the data sets of the real one and a made-up
// profile of an experiment.
func cacheOf(t *testing.T, experiment string) string {
	t.Helper()
	loadLibrary(t)
	s, models := projectSpec(t, experiment)
	cache := t.TempDir()
	for _, name := range append(slices.Collect(maps.Keys(models)), "onnxruntime", s.Quality.Dataset) {
		require.NoError(t, os.Symlink(dataset(t, name), filepath.Join(cache, name)))
	}
	plans, err := sweep.ProfilePlans(s, models)
	require.NoError(t, err)
	for name, of := range map[string]compile.Models{experiment: models, "transport": nil} {
		err := lab.SaveProfile(filepath.Join(cache, "profiles", name+".json"), &lab.Stored{
			Origin: testOrigin(of), Created: noon, Profile: *madeUp(plans...),
		})
		require.NoError(t, err)
	}
	return cache
}

// The same profile and seed give the same traces, tables and figures' data,
// byte for byte.
func TestSimulatedTwice(t *testing.T) {
	cache := cacheOf(t, "vehicle-classification")
	var runs []map[string]string
	for range 2 {
		results := t.TempDir()
		o := edgeprune(t, "--cache", cache, "run", filepath.Join("..", "vehicle-classification"), "--driver", "sim",
			"--results", results)
		require.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stderr)
		assert.Contains(t, o.stdout, "all on endpoint", "printed\n")
		assert.Contains(t, o.stdout, "report.html", "printed\n")
		out := filepath.Join(results, "vehicle-classification", noon.Format("20060102-150405.000"))
		all := filesIn(t, out)
		var rec record.Run
		err := json.Unmarshal([]byte(all["/run.json"]), &rec)
		require.NoError(t, err, "run.json")
		require.True(t, rec.Finished, "run.json")
		assert.Equal(t, New(Process()).machine(), rec.Inputs.Machine, "run.json")
		assert.Equal(t, ort.Version(), rec.Inputs.Runtime, "run.json")
		assert.Equal(t, testRevision, rec.Inputs.Program, "run.json")
		assert.EqualValues(t, 1, rec.Seed, "run.json")
		runs = append(runs, all)
	}
	traces := 0
	for name, content := range runs[0] {
		switch ext := filepath.Ext(name); {
		case ext == ".jsonl":
			traces++
			assert.GreaterOrEqual(t, len(content), 1000, "%s has %d bytes only", name, len(content))
		case ext != ".yaml" && ext != ".csv" && ext != ".txt" && name != "/sweep.json" && name != "/profile.json":
			continue // figures and the record name paths
		}
		assert.Equal(t, content, runs[1][name], "%s differs between two runs", name)
	}
	require.Len(t, runs[0], len(runs[1]), "%d and %d files, %d traces", len(runs[0]), len(runs[1]), traces)
	assert.GreaterOrEqual(t, traces, 100, "%d and %d files, %d traces", len(runs[0]), len(runs[1]), traces)
}

// frames lists the frames that left at the sinks, by instance.
func frames(p *plan.Plan, t *trace.Trace) []string {
	var left []string
	for _, e := range t.Events {
		if e.Kind == trace.Firing && p.Work[e.Actor].Sink {
			left = append(left, fmt.Sprintf("%s %d", p.Work[e.Actor].Instance, e.Frame))
		}
	}
	return left
}

// One compiled plan file drives both drivers, which fire and send the same.
func TestOnePlanDrivesBoth(t *testing.T) {
	path := filepath.Join("testdata", "plan.yaml")
	f, err := planfile.Parse(path, []byte(read(t, path)))
	require.NoError(t, err)
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	simulated, err := (&sim.Driver{Profile: madeUp(p)}).Run(t.Context(), p)
	require.NoError(t, err)
	tb, err := testbed.Start(t.Context(),
		testbed.Config{Devices: []string{"box", "server"}, InProcess: true, Agent: agent.Config{Kernels: builtin.Registry()}})
	require.NoError(t, err)
	defer tb.Close()
	deployed, err := tb.Driver().Run(t.Context(), p)
	require.NoError(t, err)
	s, d := frames(p, simulated), frames(p, deployed)
	require.Len(t, s, 12, "simulated %v\ndeployed", s)
	assert.Equal(t, d, s, "simulated %v\ndeployed", s)
	if s, d := counts(simulated), counts(deployed); s != d {
		t.Errorf("simulated %s\ndeployed %s", s, d)
	}
	require.Len(t, deployed.Results, 12, "results %v, emulated", deployed.Results)
	assert.EqualValues(t, 11, deployed.Results[11].Frame, "results %v, emulated", deployed.Results)
	assert.True(t, deployed.Emulated, "results %v, emulated", deployed.Results)
}

// counts says how many events of each kind every actor and FIFO has, and how
// many bytes. Acknowledgements are cumulative: their number is free.
func counts(t *trace.Trace) string {
	n, bytes := map[string]int{}, map[string]int64{}
	for _, e := range t.Events {
		if e.Kind != trace.Ack {
			key := fmt.Sprintf("%s of %s on %s", e.Kind, e.Name, e.Device)
			n[key]++
			bytes[key] += e.Bytes
		}
	}
	return fmt.Sprintln(n, bytes) // sorted by key
}

// The library comes from the cache that --cache names, in this process and in
// its agents.
func TestLibraryOfTheCache(t *testing.T) {
	cache := t.TempDir()
	err := os.Symlink(dataset(t, "onnxruntime"), filepath.Join(cache, "onnxruntime"))
	require.NoError(t, err)
	loadLibrary(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("EDGEPRUNE_CACHE", "")
	t.Setenv("LD_LIBRARY_PATH", "")
	o := edgeprune(t, "--cache", cache, "run", filepath.Join("testdata", "plan.yaml"), "--driver", "deploy")
	assert.Equal(t, exitOK, o.code, "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	assert.Contains(t, o.stdout, "deploy (emulated)", "exit code %d: %s%s", o.code, o.stdout, o.stderr)
}

// A plan file on the command line is profiled, simulated and run by agents in
// processes of their own.
func TestRunPlanUnderBothDrivers(t *testing.T) {
	dataset(t, "onnxruntime")
	o := edgeprune(t, "run", filepath.Join("testdata", "plan.yaml"), "--json")
	require.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stderr)
	var runs []result.PlanRun
	err := json.Unmarshal([]byte(o.stdout), &runs)
	require.NoError(t, err, "%v in\n%s", err, o.stdout)
	require.Len(t, runs, 2, "runs")
	require.Equal(t, "sim", runs[0].Driver, "runs")
	require.Equal(t, "deploy", runs[1].Driver, "runs")
	require.True(t, runs[0].Emulated, "runs")
	require.True(t, runs[1].Emulated, "runs")
	for _, r := range runs {
		assert.EqualValues(t, 64, r.Outcome.BoundaryBytes, r.Driver)
		assert.Equal(t, 10, r.Outcome.EndpointTime.N, r.Driver)
		assert.GreaterOrEqual(t, r.Outcome.Latency.Median, 1e-3, r.Driver)
	}
}

// A plan with faults is simulated, and says so; the deployment refuses it.
func TestRunPlanWithFaults(t *testing.T) {
	dataset(t, "onnxruntime")
	data, err := os.ReadFile(filepath.Join("testdata", "plan.yaml"))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "faults.yaml")
	faults := "faults:\n  - {device: server, at: 10ms, for: 20ms}\n  - {link: wired, at: 30ms, for: 1s}\n"
	require.NoError(t, os.WriteFile(file, append(data, faults...), 0o600))
	o := edgeprune(t, "run", file, "--driver", "sim")
	assert.Equal(t, exitOK, o.code, "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	assert.Contains(t, o.stdout, "sim (emulated) (2 restarts)", "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	o = edgeprune(t, "run", file, "--driver", "deploy")
	assert.NotEqual(t, exitOK, o.code, "deployed: exit code %d: %s", o.code, o.stdout)
	assert.Contains(t, o.stderr, "fault of link wired: a fault of a link is simulated only", "deployed: %s", o.stdout)
}
