package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// camerasPlan is three cameras of one server.
const camerasPlan = `plan: counted
application:
  name: counted
  actors:
    - {name: camera, kernel: count, out: [{port: out, type: "uint8[300]"}]}
    - {name: look, kernel: pass, in: [{port: in}], out: [{port: out, type: "uint8[300]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos:
    - {from: camera.out, to: look.in}
    - {from: look.out, to: sink.in}
platform:
  devices:
    - {name: box, role: endpoint, units: [{name: cpu, cost: constant=2ms}],
       power: {idle: 1W, units: {cpu: 4W}, send: 500mW, receive: 200mW}}
    - {name: server, role: server, units: [{name: cpu, lanes: 2, cost: constant=1ms}]}
  links:
    - {name: wired, between: [box, server], bandwidth_bytes_per_sec: 1e6, latency: 1ms}
instances:
  - {name: a, mapping: [{unit: box.cpu, through: camera}, {unit: server.cpu}]}
  - {name: b, mapping: [{unit: box.cpu, through: camera}, {unit: server.cpu}]}
workload: {kind: camera, period: 10ms, frames: 40, warmup: 2, drop: newest}
seed: 5
`

// runsOf returns what a simulation printed as JSON.
func runsOf(t *testing.T, o output) []result.PlanRun {
	t.Helper()
	require.Equal(t, exitOK, o.code, o.stderr)
	var runs []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &runs))
	require.Len(t, runs, 2)
	return runs
}

// Of a simulation's trace, chosen instances and times are kept; what was found is of the whole run.
func TestRunKeepsPartOfATrace(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), camerasPlan)
	whole := runsOf(t, edgeprune(t, "run", path, "--driver", "sim", "--json", "--results", t.TempDir()))
	results := t.TempDir()
	runs := runsOf(t, edgeprune(t, "run", path, "--driver", "sim", "--json", "--results", results,
		"--trace-instances", "b", "--trace-from", "100ms", "--trace-to", "200ms"))
	assert.Equal(t, "events of the instances b, from 100ms on, up to 200ms", runs[0].Selected)
	f, err := os.Open(runs[0].Trace)
	require.NoError(t, err)
	defer f.Close()
	tr, err := trace.Read(f)
	require.NoError(t, err)
	assert.Equal(t, runs[0].Selected, tr.Selected)
	assert.Greater(t, len(tr.Events), 20)
	for _, e := range tr.Events {
		assert.True(t, strings.HasPrefix(e.Name, "b/"), e.Name)
		assert.True(t, e.End >= int64(100*time.Millisecond) && e.Start <= int64(200*time.Millisecond), "%+v", e)
	}
	for i := range runs {
		assert.Equal(t, whole[i].Outcome.Latency.N, runs[i].Outcome.Latency.N)
		assert.Empty(t, whole[i].Selected)
	}
	assert.Equal(t, whole[0].Resources.Firings, runs[0].Resources.Firings)
	assert.Nil(t, runs[1].Resources)
	require.NotNil(t, runs[0].Resources)
	require.Len(t, runs[0].Resources.Units, 2)
	box := runs[0].Resources.Units[0]
	assert.InDelta(t, 0.4, box.Utilisation, 0.02, "two cameras of 2 ms every 10 ms")
	assert.EqualValues(t, 80, box.Firings)
	require.Len(t, runs[0].Resources.Devices, 1)
	assert.InDelta(t, 80*0.002*4, runs[0].Resources.Devices[0].States.Units["cpu"], 1e-9)
	table, err := filepath.Glob(filepath.Join(results, "counted", "*", "resources.csv"))
	require.NoError(t, err)
	require.Len(t, table, 1)
	text := read(t, table[0])
	assert.Contains(t, text, "\nunit,box.cpu,80,0.16,")
	assert.Contains(t, text, "\nlink,wired (box -> server),80,")
	assert.Contains(t, text, "\nsource,a/camera,")
	assert.Contains(t, text, "\ndevice,box,")
}

// A simulation of many firings keeps no trace unless it is asked for.
func TestRunOfManyFirings(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), camerasPlan)
	o := edgeprune(t, "run", path, "--driver", "sim", "--json", "--results", t.TempDir(), "--frames", "170000")
	runs := runsOf(t, o)
	assert.Empty(t, runs[0].Trace)
	assert.Equal(t, 169_998, runs[0].Outcome.Latency.N)
	assert.Equal(t, runs[0].Outcome.Latency.Max, runs[0].Outcome.Latency.Median, "all are alike, and so exact")
	assert.EqualValues(t, 1_020_000, runs[0].Resources.Firings)
	assert.Contains(t, o.stderr, "sim counted: summed up; --trace keeps the trace of more than 1000000 firings")
}

func TestBadSelections(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), camerasPlan)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--trace-instances", "c"}, `--trace-instances: the plan has no instance "c"`},
		{[]string{"--trace-from", "3s", "--trace-to", "2s"},
			"--trace-from 3s, --trace-to 2s: give times from 0 on, the second not before the first"},
		{[]string{"--trace", "--driver=deploy"}, "--trace does not go with --driver deploy, which keeps the whole trace"},
	} {
		if c.args[0] != "--trace" {
			c.args = append(c.args, "--driver=sim")
		}
		o := edgeprune(t, append([]string{"run", path, "--results", t.TempDir()}, c.args...)...)
		assert.Equal(t, exitInput, o.code, "%v", c.args)
		assert.Contains(t, o.stderr, c.want)
	}
}
