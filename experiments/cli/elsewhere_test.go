package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shortVehicles is the experiment vehicle-classification, with few frames.
func shortVehicles(t *testing.T) string {
	t.Helper()
	text := read(t, filepath.Join("..", "vehicle-classification", "experiment.yaml"))
	short := strings.NewReplacer(
		"min_frames: 8, max_frames: 40", "min_frames: 4, max_frames: 6", "throughput_frames: 60", "throughput_frames: 8",
		"cuts: 4, quick_cuts: 3", "cuts: 1, quick_cuts: 1", "codecs: [none, fp16, int8]", "codecs: [none]",
		"frames: 200}", "frames: 20}", "frames: 20}\nfactors", "frames: 4}\nfactors",
	).Replace(text)
	require.NotEqual(t, text, short)
	dir := filepath.Join(t.TempDir(), "vehicle-classification")
	write(t, filepath.Join(dir, "experiment.yaml"), short)
	return dir
}

// ownCache is a cache of data sets that keeps profiles of its own.
func ownCache(t *testing.T, sets ...string) string {
	t.Helper()
	from, err := datasets.DefaultDir()
	require.NoError(t, err)
	cache := t.TempDir()
	for _, name := range sets {
		require.NoError(t, os.Symlink(filepath.Join(from, name), filepath.Join(cache, name)))
	}
	return cache
}

// An experiment runs on a testbed: baselines, cuts, all endpoints at once; nothing is emulated,
// and all that was measured has a prediction beside it.
func TestExperimentOnTestbed(t *testing.T) {
	l := newLaboratory(t)
	dir, results := shortVehicles(t), t.TempDir()
	cache := ownCache(t, "onnxruntime", "vehicle-classifier", "vehicle-renderings")
	run := func(more ...string) output {
		return l.as(t.Context(), "first", append([]string{"--cache", cache, "run", dir, "--quick", "--results", results,
			"--json"}, more...)...)
	}
	run().refused(t, exitInput, "which device of the testbed is slow, which is fast? Free are box: the testbed has "+
		"too few devices; leave endpoints out, as by --on slow=box --without fast")
	o := run("--on", "slow=box", "--without", "fast")
	require.Equal(t, exitOK, o.code, o.stderr)
	var found result.Sweep
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &found), o.stdout)
	assert.False(t, found.Emulated)
	assert.True(t, found.Real())
	assert.Empty(t, found.Parameters, "nothing is assumed")
	assert.Empty(t, found.Unverified)
	baselines := map[result.Baseline]bool{}
	measured := 0
	for _, r := range found.All() {
		assert.Equal(t, "box", r.Endpoint)
		assert.Equal(t, "real", r.Link)
		assert.Empty(t, r.Failed)
		if r.Measured == nil {
			continue
		}
		measured++
		baselines[r.Baseline] = true
		assert.Contains(t, r.Measured.Origin.Profile, "the devices box, server at tls://127.0.0.1:")
		assert.True(t, r.Measured.Origin.Real)
		assert.False(t, r.Stored.Origin.Real, "a prediction is none")
		assert.Contains(t, r.Stored.Origin.Profile, "the profiles of the devices box, server at tls://127.0.0.1:")
		assert.NotEmpty(t, r.States)
		for _, q := range result.Quantities() {
			for _, p := range []result.Prediction{result.Stored, result.Fresh} {
				_, _, ok := r.ErrorOf(q, p)
				assert.True(t, ok, "%s: %s, %s", r.Title(), q, p)
			}
		}
	}
	assert.GreaterOrEqual(t, measured, 5)
	for _, b := range []result.Baseline{"", result.AllOnEndpoint, result.RawToServer, result.JPEGToServer} {
		assert.True(t, baselines[b], "baseline %q was not measured", b)
	}
	assert.Len(t, found.TwoEndpoints, 1)
	recorded, err := filepath.Glob(filepath.Join(results, "vehicle-classification", "*", "run.json"))
	require.NoError(t, err)
	require.Len(t, recorded, 1)
	var rec record.Run
	require.NoError(t, json.Unmarshal([]byte(read(t, recorded[0])), &rec))
	assert.Contains(t, rec.Inputs.Machine, "server on server, slow on box at tls://127.0.0.1:")
	assert.True(t, rec.Real)
	for _, device := range []string{"box", "server"} {
		a := rec.Agents[device]
		assert.NotEmpty(t, a.Version, device)
		require.NotNil(t, a.Fingerprint, device)
		assert.NotEmpty(t, a.Fingerprint.System, device)
		assert.NotNil(t, a.State, device)
	}
	folder := filepath.Dir(recorded[0])
	assert.Contains(t, read(t, filepath.Join(folder, "table.txt")),
		", real\ntestbed: server on server, slow on box at tls")
	assert.Contains(t, read(t, filepath.Join(folder, "report.html")), "(real)</h1>")
	assert.Contains(t, read(t, filepath.Join(folder, "summary.csv")), ",measured_real\n")
	assert.Contains(t, read(t, filepath.Join(folder, "figures", "endpoint-time.svg")), "Real: measured on devices")

	var costs profile.Profile
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(folder, "profile.json"))), &costs))
	require.Contains(t, costs.Links, "real box")
	assert.Equal(t, [2]string{"box", "server"}, costs.Links["real box"].Between)
	for _, device := range []string{"box", "server"} {
		require.Contains(t, costs.Devices, device)
		assert.Equal(t, rec.Agents[device].Fingerprint.System, costs.Devices[device].Fingerprint.System)
	}

	require.NoError(t, l.agents["box"].cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, exitOK, l.agents["box"].code(t))
	o = run("--on", "slow=box", "--without", "fast", "--reprofile")
	assert.Equal(t, exitInput, o.code)
	contains(t, o.stderr, "no agent for the device of box at tls", "agents of server answer there; start it on that "+
		"machine: edgeprune agent --testbed device-box/testbed.yaml")
	o = run("--on", "slow=box", "--without", "fast", "--driver", "sim")
	require.Equal(t, exitOK, o.code, "what is stored suffices: %s", o.stderr)
	var again result.Sweep
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &again))
	require.Len(t, again.Rows, len(found.Rows))
	for i := range again.Rows {
		assert.Equal(t, found.Rows[i].Stored, again.Rows[i].Stored, again.Rows[i].Title())
	}
	assert.False(t, again.Real(), "nothing was measured")
}

// All experiments run on a testbed, each told of its own devices; those that need more devices
// than it has are left out, by name.
func TestReproduceOnTestbed(t *testing.T) {
	l := newLaboratory(t)
	vehicles, more := filepath.Dir(shortVehicles(t)), t.TempDir()
	write(t, filepath.Join(more, "nanodet-devices", "experiment.yaml"),
		read(t, filepath.Join("..", "nanodet-devices", "experiment.yaml")))
	cache := ownCache(t, "onnxruntime", "vehicle-classifier", "vehicle-renderings")
	run := func(folder string, args ...string) output {
		return l.as(t.Context(), "first", append([]string{"--cache", cache, "reproduce", "--experiments", folder,
			"--results", t.TempDir()}, args...)...)
	}
	o := run(vehicles, "--on", "slw=box")
	assert.Equal(t, exitInput, o.code)
	contains(t, o.stderr, `--on slw=box: no experiment has a device "slw"; did you mean "slow"?; they have fast, `+
		"server, slow")
	o = run(more, "--on", "endpoint=box")
	assert.Equal(t, exitInput, o.code)
	contains(t, o.stderr, "nanodet-devices is left out: bad input: experiment nanodet-devices: which device of the "+
		"testbed is gateway? Free are none: the testbed has too few devices; experiment nanodet-devices needs 3",
		"the testbed has too few devices for every experiment")
	o = run(vehicles, "--quick", "--on", "slow=box", "--without", "fast")
	require.Equal(t, exitOK, o.code, o.stderr)
	contains(t, o.stdout, "vehicle-classification: error of the simulation",
		"real\ntestbed: server on server, slow on box")
}
