package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// streamPlan has a source of 48 bytes at 200 frames/s before a link that takes 10 of them a second.
const streamPlan = `plan: watched
application:
  name: watched
  actors:
    - {name: camera, kernel: stream, params: {source: "tcp://me:secret@127.0.0.1:9", reconnect: 0},
       out: [{port: out, type: "uint8[4,4,3]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos:
    - {from: camera.out, to: sink.in, capacity: 1}
platform:
  devices:
    - {name: box, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wired, between: [box, server], bandwidth_bytes_per_sec: 480, latency: 1ms}
instances:
  - mapping:
      - {unit: box.cpu, through: camera}
      - {unit: server.cpu}
workload: {kind: camera, period: 5ms, frames: 8, warmup: 2, drop: newest}
seed: 5
`

// streaming puts a program of the name ffmpeg first on the PATH: it gives pictures of 4 x 4
// pixels every 5 ms, as many as said.
func streaming(t *testing.T, pictures string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\ni=0; while [ $i -lt " + pictures + " ]; do i=$((i+1))\n" +
		"printf 'P6\\n4 4\\n255\\n" + strings.Repeat("abcdef", 8) + "'; sleep 0.005; done\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte(script), 0o755))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// One plan runs on a stream and in the simulator, and frames that are dropped are told of both.
func TestRunOfAStream(t *testing.T) {
	dataset(t, "onnxruntime")
	streaming(t, "1000000")
	out := t.TempDir()
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), streamPlan)
	o := edgeprune(t, "run", path, "--driver", "both", "--results", out)
	require.Equal(t, exitOK, o.code, "%s%s", o.stdout, o.stderr)
	for _, driver := range []string{"sim", "deploy"} {
		line := regexp.MustCompile(
			driver + `[^\n]*: source camera: (\d+) frames captured, 8 entered, (\d+) dropped, (\d) left`)
		found := line.FindStringSubmatch(o.stdout)
		require.NotNil(t, found, "%s:\n%s", driver, o.stdout)
		assert.NotEqual(t, "0", found[2], "%s drops frames", driver)
	}
	assert.NotContains(t, o.stdout+o.stderr, "secret")
	assert.Contains(t, o.stderr, "tcp://127.0.0.1:9 gives 4 x 4 pixels")

	// The trace on disk holds every frame, and those that entered were captured last.
	f, err := os.Open(traceOf(t, out, "deploy"))
	require.NoError(t, err)
	defer f.Close()
	tr, err := trace.Read(f)
	require.NoError(t, err)
	require.Len(t, tr.Captured, 1)
	entered := 0
	captures := map[int64]int64{} // by number
	for _, e := range tr.Events {
		if e.Kind == trace.Capture || e.Kind == trace.Drop {
			captures[e.Number] = e.Start
		}
	}
	for _, e := range tr.Events {
		if e.Kind != trace.Capture {
			continue
		}
		entered++
		if next, ok := captures[e.Number+1]; ok {
			assert.GreaterOrEqual(t, next, e.End, "frame %d: a newer one waited when it entered", e.Frame)
		}
	}
	assert.Equal(t, 8, entered)
}

// traceOf returns the file of a driver's one trace below a folder of results.
func traceOf(t *testing.T, results, driver string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(results, "*", "*", "traces", driver, "*.jsonl"))
	require.NoError(t, err)
	all = slices.DeleteFunc(all, func(f string) bool { return strings.HasSuffix(f, "-results.jsonl") })
	require.Len(t, all, 1)
	return all[0]
}

// A stream that ends too soon ends the run, and says how much is missing.
func TestRunOfAStreamThatEnds(t *testing.T) {
	dataset(t, "onnxruntime")
	streaming(t, "5")
	plan := strings.Replace(streamPlan, "drop: newest", "drop: block", 1)
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), plan)
	o := edgeprune(t, "run", path, "--driver", "deploy")
	assert.Equal(t, exitRun, o.code)
	assert.Contains(t, o.stderr, "device box: actor camera: no frames: tcp://127.0.0.1:9 has ended after 5 frames; "+
		"3 frames of the run are still to come")
	assert.NotContains(t, o.stdout+o.stderr, "secret")
	streaming(t, "8")
	o = edgeprune(t, "run", path, "--driver", "deploy")
	require.Equal(t, exitOK, o.code, "as many as the run needs: %s%s", o.stdout, o.stderr)
	assert.Contains(t, o.stdout, "source camera: 8 frames captured, 8 entered, 0 dropped, 0 left waiting")
}

// What an agent may open beside files is said by its user, in words that can be told.
func TestAgentSources(t *testing.T) {
	for source, shown := range map[string]string{"video0": "video0", "ftp://me:secret@cam.local/": "ftp://cam.local/"} {
		o := edgeprune(t, "agent", "--name", "cam", "--data", t.TempDir(), "--source", source)
		o.refused(t, exitInput, "--source: expected a camera, as /dev/video0 or /dev/video*, or the beginning of an "+
			"address, as rtsp://camera.local/: "+shown)
		assert.NotContains(t, o.stderr, "secret")
	}
}
