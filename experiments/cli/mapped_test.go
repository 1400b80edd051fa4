package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mappedExperiment = `experiment: columns
seed: 1
application:
  name: columns
  actors:
    - {name: source, kernel: count, out: [{port: frame, type: "uint8[8,8,3]"}]}
    - {name: normalise, kernel: normalise, in: [{port: frame}], out: [{port: image, type: "float32[1,3,8,8]"}]}
    - {name: net, model: columns.onnx}
    - {name: sink, kernel: sink, in: [{port: scores}]}
  fifos:
    - {from: source.frame, to: normalise.frame}
    - {from: normalise.image, to: net.image}
    - {from: net.scores, to: sink.scores}
endpoints: [{name: camera, unit: {name: cpu, threads: 1}}]
gateways: [{name: gateway, unit: {name: cpu, threads: 1, slowdown: 2}}]
server: {name: server, role: server, units: [{name: cpu, threads: 1}]}
links:
  - {name: near, between: [camera, gateway], bandwidth_bytes_per_sec: 1e6}
  - {name: far, between: [camera, server]}
  - {name: backhaul, between: [gateway, server]}
mappings:
  - group: rows
    cases:
      - name: net on gateway
        mapping: [{unit: camera.cpu, through: normalise}, {unit: gateway.cpu, through: net/scores}, {unit: server.cpu}]
  - group: branches
    parts: [{name: fine, makes: [fine]}, {name: coarse, makes: [coarse]}, {name: join}]
    cases:
      - name: columns apart
        mapping: [{unit: gateway.cpu, actors: [net/coarse]}, {unit: camera.cpu, through: net/fine}, {unit: server.cpu}]
codecs: [none]
workload: {min_frames: 4, max_frames: 6, precision: 0.02, warmup: 1, throughput_frames: 4}
measure: {cuts: 2, quick_cuts: 1}
`

// Mappings to three devices run under both drivers and leave what every experiment does;
// a branch that shares the input with another gives what the whole model gives.
func TestMappedUnderBothDrivers(t *testing.T) {
	cache, dir, results := t.TempDir(), filepath.Join(t.TempDir(), "columns"), t.TempDir()
	err := os.Symlink(dataset(t, "onnxruntime"), filepath.Join(cache, "onnxruntime"))
	require.NoError(t, err)
	loadLibrary(t)
	write(t, filepath.Join(dir, "experiment.yaml"), mappedExperiment)
	write(t, filepath.Join(dir, "columns.onnx"), string(onnxtest.Columns().Data))
	err = lab.SaveProfile(filepath.Join(cache, "profiles", "transport.json"), &lab.Stored{
		Origin: testOrigin(nil), Created: noon, Profile: profile.Profile{Transport: madeUp().Transport},
	})
	require.NoError(t, err)
	o := edgeprune(t, "--cache", cache, "run", dir, "--results", results)
	require.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stderr)
	contains(t, o.stdout, "camera (slowed by 1), gateway (by 2)", "mapping or baseline", "rows: net on gateway",
		"branches: columns apart", "error, rows: endpoint time, stored: ",
		"error, branches:", "mappings.png", "timeline.svg", ", emulated")
	out := filepath.Join(results, "columns", noon.Format("20060102-150405.000"))
	var s result.Sweep
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(out, "sweep.json"))), &s))
	require.Len(t, s.Rows, 5, "rows")
	require.Equal(t, result.OfMappings, s.Kind, "rows")
	for i := range s.Rows {
		row := &s.Rows[i]
		for _, q := range result.Quantities() {
			_, _, ok := row.ErrorOf(q, result.Stored)
			assert.True(t, ok, "%s: no error of the %s", row.Title(), q)
		}
		if row.Measured.BoundaryBytes != row.Stored.BoundaryBytes {
			assert.NotEqual(t, "none", row.Codec, "%s: measured %d bytes, simulated %d, equal", row.Title(),
				row.Measured.BoundaryBytes, row.Stored.BoundaryBytes)
		}
		if row.Codec == "none" {
			assert.Equal(t, "bit-equal", row.Equal, "%s: measured %d bytes, simulated %d, equal", row.Title(),
				row.Measured.BoundaryBytes, row.Stored.BoundaryBytes)
		}
	}
	apart := &s.Rows[4]
	// the image to the gateway, one column to the server
	assert.EqualValues(t, 8*8*4*(3+2), apart.Measured.BoundaryBytes, "%s: %d bytes, raw", apart.Title(),
		apart.Measured.BoundaryBytes)
	assert.True(t, apart.RawFrame, "%s: %d bytes, raw", apart.Title(), apart.Measured.BoundaryBytes)
	for _, name := range []string{
		"summary.csv", "report.html", "figures/mappings.svg",
		"traces/deploy/columns-camera-branches-columns-apart-none-offline.jsonl",
	} {
		assert.NotEmpty(t, read(t, filepath.Join(out, name)), "%s is empty", name)
	}
	assert.Contains(t, read(t, filepath.Join(out, "summary.csv")), "branches", "the groups are missing in summary.csv")
}
