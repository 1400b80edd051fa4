package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Wherever a model is cut between tensors whose shape depends on the data, both drivers
// run it, and what comes out is what the whole model gives, bit by bit, also of frames
// in which nothing is found. The tokens have the bytes of what is in them.
func TestVariableBoundaries(t *testing.T) {
	m := filteredModel(t, nil)
	rows, want := whole(t, m, 12)
	require.Contains(t, rows, int64(0), "the film shows %v boxes", rows)
	require.GreaterOrEqual(t, slices.Max(rows), int64(3), "the film shows %v boxes", rows)
	for _, tc := range []struct {
		cuts, codec string
		change      []string // of the plan
		port        string   // to look at
		bytes       func(rows int64) int64
	}{
		{"selected+1", "none", nil, ".selected", func(n int64) int64 { return 64 + 24*n }},
		{"index+1", "none", nil, ".index", func(n int64) int64 { return 64 + 8*n }},
		{"picked", "none", nil, ".picked", func(n int64) int64 { return 64 + 16*n }},
		{"refined", "none", nil, "->share0.in", nil},
		{"picked", "zstd", nil, "encode", nil},
		{"picked", "lz4", nil, "encode", nil},
		{"selected+1,picked", "none", nil, ".picked", func(n int64) int64 { return 64 + 16*n }},
		// Two units of one device, so that no part is fused with the next.
		{"picked", "none", []string{"units: [{name: cpu, slowdown: 1}]", "units: [{name: cpu}, {name: other}]",
			"unit: server.cpu", "unit: endpoint.other"}, "", nil},
	} {
		t.Run(tc.cuts+" "+tc.codec, func(t *testing.T) {
			p, models := filmed(t, m, tc.cuts, tc.codec, tc.change...)
			tr, err := testbedOf(t, p, models).Run(t.Context(), p)
			require.NoError(t, err)
			require.Len(t, tr.Results, len(want), "%d results", len(tr.Results))
			for n, r := range tr.Results {
				assert.Equal(t, want[n], r.Values, "frame %d of %d boxes", n, rows[n])
			}
			if got := sent(p, tr, tc.port); tc.bytes != nil {
				for n, rows := range rows {
					require.Len(t, got, len(want), "frame %d of %d boxes: sent", n, rows)
					assert.Equal(t, tc.bytes(rows), got[n], "frame %d of %d boxes: sent", n, rows)
				}
			} else if tc.port != "" && slices.Min(got) == slices.Max(got) {
				t.Errorf("sent %v", got)
			}
			simulated(t, p, models, tr, tc.port)
		})
	}
}

// simulated profiles and simulates a plan, and compares with its deployment.
func simulated(t *testing.T, p *plan.Plan, models compile.Models, deployed *trace.Trace, port string) {
	t.Helper()
	pr := local.Profiler{Models: models, Rounds: 1, Frames: 6,
		Host: &kernel.Host{Kernels: filmKernels(t), Record: func(trace.Result) {}}}
	entries, err := pr.Profile(t.Context(), []*plan.Plan{p})
	require.NoError(t, err)
	prof := &profile.Profile{Entries: entries}
	tr, err := (&sim.Driver{Profile: prof}).Run(t.Context(), p)
	require.NoError(t, err)
	s, d := frames(p, tr), frames(p, deployed)
	assert.Equal(t, d, s, "simulated %v\ndeployed %v\nassumed", s, d)
	assert.Empty(t, tr.Assumed, "simulated %v\ndeployed %v\nassumed", s, d)
	if got := sent(p, tr, port); len(got) > 0 {
		middle := slices.Sorted(slices.Values(sent(p, deployed, port)))[6]
		assert.Equal(t, slices.Repeat([]int64{got[0]}, 12), got, "simulated with %v bytes, the middle one deployed", got)
		assert.LessOrEqual(t, max(got[0], middle)-min(got[0], middle), int64(40),
			"simulated with %v bytes, the middle one deployed", got)
	}
	// Without a measurement it is the bound, and the trace says so.
	for key, e := range entries {
		e.OutBytes = nil
		entries[key] = e
	}
	for f, q := range p.Graph.FIFOs {
		if p.Routes[f] >= 0 && p.Graph.Type(f).Of != nil && q.From >= 0 {
			tr, err = (&sim.Driver{Profile: prof}).Run(t.Context(), p)
			require.NoError(t, err)
			got := sent(p, tr, p.Graph.FIFOName(f))
			assert.Equal(t, p.Graph.Type(f).Bytes(), got[0], "without a measurement: %v bytes, assumed", got)
			assert.Contains(t, fmt.Sprint(tr.Assumed), "of its bound "+p.Graph.Type(f).String(),
				"without a measurement: %v bytes, assumed", got)
		}
	}
}

// A tensor that is larger than there is room for ends the run, here and in a
// deployment, with an error that says how to correct it.
func TestVariableBeyondTheBound(t *testing.T) {
	m := filteredModel(t, map[string][]int64{"picked": {2, 4}})
	p, models := filmed(t, m, "picked", "none")
	const says = "tensor picked: the tensor exceeds its bound: float32[3,4] came, the token is float32[<=2,4]; declare " +
		"more room when the model is split, as by --bound picked=3x4"
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for name, run := range map[string]func() error{
		"here": func() error {
			r, err := local.New(&kernel.Host{Kernels: filmKernels(t), Record: func(trace.Result) {}}, models, p, nil)
			if err != nil {
				return err
			}
			_, err = r.Run(ctx)
			return errors.Join(err, r.Close())
		},
		"deployed": func() error {
			_, err := testbedOf(t, p, models).Run(ctx, p)
			return err
		},
	} {
		err := run()
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), says, name)
		assert.NoError(t, ctx.Err(), name)
	}
	p, models = filmed(t, filteredModel(t, map[string][]int64{"picked": {5, 4}}), "picked", "none")
	_, err := testbedOf(t, p, models).Run(t.Context(), p)
	assert.NoError(t, err, "with the room that it needs")
}

// The commands cut, check, run, verify and show such models.
func TestVariableCommands(t *testing.T) {
	dataset(t, "onnxruntime")
	path := sample(t, onnxtest.Filtered())
	edgeprune(t, "model", "inspect", path).says(
		t, exitOK, "variable with the data: seen [1 3] to [4 3], room for [16 3]", "~picked [1 4] to [4 4]",
		"~ variable: the shape",
	)
	edgeprune(t, "model", "cuts", path, "--bound", "picked=20x4", "--json").says(
		t, exitOK, `"variable": true`, `"room": "[20 4]"`,
	)
	edgeprune(t, "model", "verify", path, "--cuts").says(
		t, exitOK, "5 of these send a tensor whose shape depends on the data", "0         picked (variable)",
		"refused               -",
	)
	dir := filepath.Join(t.TempDir(), "parts")
	edgeprune(t, "model", "split", path, "--at", "selected+1", "-o", dir, "--slowdown", "1", "--latency", "0s",
		"--bandwidth", "0", "--frames", "4").
		says(t, exitOK, "makes h float32[12,4], selected int64[-1,3]")
	file := filepath.Join(dir, "plan.yaml")
	edgeprune(t, "check", file).says(
		t, exitOK, "part1[0:1].selected->part2[0:3].selected is variable: int64[<=16,3], so its bytes are a bound",
		"endpoint-server  193   641",
	)
	edgeprune(t, "run", file).says(t, exitOK, "sim ", "deploy ")
	edgeprune(t, "model", "inspect", filepath.Join(dir, "part2.onnx")).says(
		t, exitOK, "selected int64[-1,3]", "seen [1 3] to [4 3], room for [16 3]",
	)
	edgeprune(t, "run", "--model", path, "--input", "random", "--at", "picked", "--frames", "3").says(
		t, exitOK, "sim ", "deploy (emulated)",
	)
	o := edgeprune(t, "run", "--model", path, "--at", "picked", "--bound", "picked=1x4", "--driver", "deploy")
	assert.Equal(t, exitRun, o.code, "beyond the bound: exit code")
	assert.Contains(
		t, o.stderr, "tensor picked: the tensor exceeds its bound: float32[5,4] came, the token is float32[<=1,4]",
		"beyond the bound: exit code",
	)
	assert.Contains(t, o.stderr, "--bound picked=5x4", "beyond the bound: exit code")
	for _, bound := range []string{"picked", "=3", "picked=3xa", "picked=3", "nothing=3x4", "x=3x4"} {
		edgeprune(t, "model", "inspect", path, "--bound", bound).refused(t, exitInput, "bound")
	}
}

// A plan may name a model whose file doesn't state what varies: a run shows it.
func TestVariableModelOfAPlan(t *testing.T) {
	dataset(t, "onnxruntime")
	path := sample(t, onnxtest.Filtered())
	file := filepath.Join(filepath.Dir(path), "plan.yaml")
	text := `plan: whole
application:
  name: whole
  actors:
    - {name: source, kernel: tensor, out: [{port: x, type: "float32[12,4]"}]}
    - {name: net, model: ` + filepath.Base(path) + `}
    - {name: last, kernel: sink, in: [{port: refined, type: "float32[<=16,3]"}, {port: places}]}
  fifos: [{from: source.x, to: net.x}, {from: net.refined, to: last.refined}, {from: net.places, to: last.places}]
platform:
  name: two
  devices: [{name: box, role: endpoint, units: [{name: cpu}]}, {name: server, role: server, units: [{name: cpu}]}]
  links: [{name: wired, between: [box, server]}]
instances:
  - mapping: [{unit: box.cpu, through: net/picked}, {unit: server.cpu}]
workload: {kind: single-stream, frames: 4}
`
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	edgeprune(t, "check", file).says(t, exitOK, "net[0:1].picked->net[1:3].picked is variable: float32[<=16,4]")
	edgeprune(t, "run", file).says(t, exitOK, "sim ", "deploy ")
}

// A codec that can't code a tensor of varying shape is refused before a run.
func TestVariableCodecs(t *testing.T) {
	m := filteredModel(t, nil)
	p, models := filmed(t, m, "picked", "fp16")
	tr, err := testbedOf(t, p, models).Run(t.Context(), p)
	require.NoError(t, err)
	rows, _ := whole(t, m, 12)
	for n, bytes := range sent(p, tr, "encode") {
		assert.Equal(t, 64+8*rows[n], bytes, "frame %d of %d boxes: %d bytes", n, rows[n], bytes)
	}
	parts, err := m.SplitAt("picked")
	require.NoError(t, err)
	yaml, models, err := m.Plan(parts, model.Testbed{Name: "filtered", Slowdown: 1, Latency: "0s", Frames: 12})
	require.NoError(t, err)
	for _, codec := range []string{"int8", "sparse+fp16", "int8+zstd"} {
		f, err := planfile.Parse("filtered.yaml",
			[]byte(strings.Replace(string(yaml), "  - mapping:", "  - codec: "+codec+"\n    mapping:", 1)))
		require.NoError(t, err)
		_, err = compile.Compile(f, models)
		require.ErrorIs(t, err, planfile.ErrCodec, codec)
		assert.Contains(t, err.Error(), "part1.picked: ", codec)
		assert.Contains(t, err.Error(), "use fp16, lz4, zstd", codec)
	}
}
