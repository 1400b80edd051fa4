package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// countedPlan has three cameras of two classes.
const countedPlan = `plan: counted
application:
  name: counted
  actors:
    - {name: camera, kernel: count, out: [{port: out, type: "float32[64]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: camera.out, to: sink.in}]
platform:
  devices:
    - {name: nano, role: endpoint, units: [{name: cpu}]}
    - {name: nx, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wifi, between: [nano, server], latency: 1ms}
    - {name: cable, between: [nx, server]}
instances:
  - name: cam
    count: 3
    mix: [{device: nano, share: 0.7}, {device: nx, share: 0.3}]
    mapping: [{unit: nano.cpu, through: camera}, {unit: server.cpu}]
workload: {kind: camera, period: 20ms, frames: 12, warmup: 2, phase: spread}
`

// Counted endpoints run under both drivers, each as a device of its own.
func TestRunOfCountedEndpoints(t *testing.T) {
	out := t.TempDir()
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), countedPlan)
	o := edgeprune(t, "run", path, "--driver", "both", "--results", out)
	require.Equal(t, exitOK, o.code, "%s%s", o.stdout, o.stderr)
	for _, driver := range []string{"sim", "deploy"} {
		f, err := os.Open(traceOf(t, out, driver))
		require.NoError(t, err)
		defer f.Close()
		tr, err := trace.Read(f)
		require.NoError(t, err)
		fired := map[string]int{}
		for _, e := range tr.Events {
			if e.Kind == trace.Firing {
				fired[e.Name+" on "+e.Device]++
			}
		}
		assert.Equal(t, map[string]int{
			"cam/camera on nano": 12, "cam-2/camera on nx": 12, "cam-3/camera on nano-2": 12,
			"cam/sink on server": 12, "cam-2/sink on server": 12, "cam-3/sink on server": 12,
		}, fired, driver)
	}
	kept := read(t, filepath.Join(filepath.Dir(traceOf(t, out, "sim")), "..", "..", "plan.yaml"))
	contains(t, kept, "count: 3", "share: 0.7")
}

// The check of a thousand cameras is as long as that of two.
func TestCheckOfCountedEndpoints(t *testing.T) {
	plan := strings.Replace(countedPlan, "count: 3", "count: 1000", 1)
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), plan)
	o := edgeprune(t, "--cache", t.TempDir(), "check", path)
	require.Equal(t, exitOK, o.code, "%s%s", o.stdout, o.stderr)
	contains(t, o.stdout, "plan counted: ok, 2000 actors, 1000 FIFOs",
		"copies: cam on nano, server stands for 700 instances\n", "copies: cam-2 on nx, server stands for 300 instances\n",
		"  cam/camera, cam/sink, cam-2/camera, cam-2/sink\n", "\n  server.cpu  1      1000    1000 ")
	assert.Less(t, strings.Count(o.stdout, "\n"), 40)
	bad := strings.Replace(plan, "nx, share: 0.3", "xn, share: 0.3", 1)
	path = write(t, path, bad)
	o = edgeprune(t, "--cache", t.TempDir(), "check", path)
	assert.Equal(t, exitInput, o.code)
	contains(t, o.stdout,
		"plan.yaml:19:48: bad mapping: there is no endpoint \"xn\"; the endpoints are nano, nx; did you mean \"nx\"?\n")
}
