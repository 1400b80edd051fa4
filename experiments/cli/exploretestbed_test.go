package cli

import (
	"encoding/json"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cutExperiment compares cuts of a small model on two endpoints that are slowed and a link that is shaped.
const cutExperiment = `experiment: separable
seed: 1
application:
  name: separable
  actors:
    - {name: source, kernel: count, out: [{port: frame, type: "uint8[8,8,3]"}]}
    - {name: normalise, kernel: normalise, in: [{port: frame}], out: [{port: image, type: "float32[1,3,8,8]"}]}
    - {name: net, model: separable.onnx}
    - {name: sink, kernel: sink, in: [{port: scores}]}
  fifos:
    - {from: source.frame, to: normalise.frame}
    - {from: normalise.image, to: net.image}
    - {from: net.scores, to: sink.scores}
endpoints:
  - {name: slow, unit: {name: cpu, threads: 1, slowdown: 4}}
  - {name: fast, unit: {name: cpu, threads: 1, slowdown: 2}}
server: {name: server, role: server, units: [{name: cpu, threads: 1}]}
links: [{name: wired, bandwidth_bytes_per_sec: 1e6, latency: 1ms}]
codecs: [none]
workload: {min_frames: 4, max_frames: 6, precision: 0.02, warmup: 1, throughput_frames: 4}
together: {link: wired, through: normalise, codec: none, frames: 3}
measure: {cuts: 2, quick_cuts: 1}
`

// An experiment is explored on a testbed: its devices and links are those there, costs are measured on
// the agents and kept, the best is deployed on them, and what was measured is marked real.
func TestExploreOnTestbed(t *testing.T) {
	l := newLaboratory(t)
	dir, cache := filepath.Join(t.TempDir(), "separable"), emptyCache(t)
	write(t, filepath.Join(dir, "experiment.yaml"), cutExperiment)
	write(t, filepath.Join(dir, "separable.onnx"), string(onnxtest.Separable().Data))
	explore := func(args ...string) output {
		return l.as(t.Context(), "first", append([]string{"--cache", cache, "explore", dir, "--results", t.TempDir()},
			args...)...)
	}
	explore().refused(t, exitInput, "which device of the testbed is slow, which is fast? Free are box: the testbed has "+
		"too few devices; leave endpoints out, as by --on slow=box --without fast")

	o := explore("--on", "slow=box", "--without", "fast", "--confirm", "1", "--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	contains(t, o.stderr, "profile separable on server on server, slow on box at tls://127.0.0.1:",
		"measure the link of box and server")
	var r answer.Run
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r), o.stdout)
	require.Len(t, r.Answers, 1)
	a := &r.Answers[0]
	assert.Equal(t, "box over real", a.Name)
	assert.False(t, a.Emulated)
	assert.True(t, a.Real)
	assert.Contains(t, r.Machine, "server on server, slow on box at tls://127.0.0.1:")
	require.NotNil(t, a.Confirmed)
	for _, m := range a.Confirmed.Mappings {
		assert.Empty(t, m.Failed, m.Name)
		assert.NotEmpty(t, m.Measured, m.Name)
	}
	for _, text := range a.Assumed {
		assert.NotContains(t, text, "scaled", "costs of both devices are measured")
	}
	for _, text := range []string{read(t, a.Plan), read(t, filepath.Join(r.Results, "explore.json"))} {
		assert.NotContains(t, text, "slow.cpu")
	}
	contains(t, read(t, a.Plan), "edgeprune run --testbed "+l.file("coordinator", "first"), "name: box")
	assert.NotContains(t, read(t, a.Plan), "bandwidth_bytes_per_sec")
	contains(t, read(t, filepath.Join(r.Results, "report.html")),
		"of the devices of a testbed, and measured on them: real")
	var rec record.Run
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(r.Results, "run.json"))), &rec))
	assert.True(t, rec.Real)
	require.NotNil(t, rec.Testbed)
	for _, device := range []string{"box", "server"} {
		require.NotNil(t, rec.Agents[device].Fingerprint, device)
	}

	o = explore("--on", "slow=box", "--without", "fast", "--endpoint", "box")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.NotContains(t, o.stderr, "there is none yet", "costs are stored")
	assert.NotContains(t, o.stderr, "measure the link", "the link is stored")
	contains(t, o.stdout, "The devices are those of a testbed: server on server, slow on box at tls://127.0.0.1:",
		"run it by: edgeprune run --testbed ")
	assert.NotContains(t, o.stdout, "Real: ", "nothing was measured")
	run := l.as(t.Context(), "first", "--cache", cache, "run", a.Plan, "--driver", "deploy", "--results", t.TempDir())
	require.Equal(t, exitOK, run.code, run.stderr)

	require.NoError(t, l.agents["box"].cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, exitOK, l.agents["box"].code(t))
	o = explore("--on", "slow=box", "--without", "fast", "--reprofile")
	assert.Equal(t, exitInput, o.code)
	contains(t, o.stderr, "no agent for the device of box at tls")
}

// Flags about a testbed are refused where they would be ignored.
func TestExploreRefusesTestbed(t *testing.T) {
	edgeprune(t, "explore", filepath.Join("testdata", "plan.yaml"), "--testbed", "x.yaml", "--on", "a=b").
		refused(t, exitInput, "--testbed does not go with a plan file: write an experiment of it, whose devices a testbed's "+
			"can stand for\n--on does not go with a plan file: the devices are those of its platform")
	edgeprune(t, "explore", filepath.Join("..", "ssd-tracking"), "--without", "fast").refused(t, exitInput,
		"--without does not go without --testbed: on this machine every device of an experiment is emulated")
	edgeprune(t, "explore", filepath.Join("..", "ssd-tracking"), "--testbed", "x.yaml", "--wait", "--take").
		refused(t, exitInput, "give --wait or --take, not both")
}

// What is stored of a device stays, estimates are not stored, and other devices than those of a plan
// don't matter to it.
func TestAddCosts(t *testing.T) {
	took := func(d time.Duration, basis string) profile.Entry {
		return profile.Entry{Samples: []time.Duration{d}, Basis: basis}
	}
	stored := &profile.Profile{Devices: map[string]*profile.Device{
		"box": {Dispatch: 1, Entries: map[string]profile.Entry{"a": took(1, "")}},
		"old": {},
	}}
	addCosts(stored, &profile.Profile{
		Entries: map[string]profile.Entry{"a": took(5, "")},
		Devices: map[string]*profile.Device{"box": {Dispatch: 2, Entries: map[string]profile.Entry{
			"a": took(2, ""), "b": took(3, ""), "c": took(4, "scaled"),
		}}},
	})
	assert.Equal(t, map[string]profile.Entry{"a": took(5, "")}, stored.Entries)
	assert.Equal(t, map[string]profile.Entry{"a": took(1, ""), "b": took(3, "")}, stored.Devices["box"].Entries)
	assert.EqualValues(t, 2, stored.Devices["box"].Dispatch, "the last that was timed")
	assert.Equal(t, map[string]*profile.Device{"box": stored.Devices["box"]},
		of(stored.Devices, []string{"box", "server"}))
}
