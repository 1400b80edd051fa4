package local

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/ort/orttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A model cut between a unit of the CPU and one of WebGPU, either way round, gives what
// the whole gives on the CPU.
func TestWebGPUCutEqualsTheWhole(t *testing.T) {
	library, err := ort.Find("")
	require.NoError(t, err)
	require.NoError(t, ort.Load(library))
	orttest.WebGPU(t, ort.Missing("webgpu"))
	m, err := onnxtest.Inception().Parse()
	require.NoError(t, err)
	net, err := compile.NewModel(m)
	require.NoError(t, err)
	_, reg := newLab(t)
	models := compile.Models{"inception": net}
	run := func(camera, server string, through string) (values [][]float32) {
		t.Helper()
		f, err := planfile.Parse("branches.yaml", []byte(branchPlan))
		require.NoError(t, err)
		f.Platform.Devices[0].Units[0].Provider = plan.Named(camera)
		f.Platform.Devices[2].Units[0].Provider = plan.Named(server)
		f.Instances[0].Mapping = []planfile.Assign{{Unit: "camera.cpu", Through: through}, {Unit: "server.cpu"}}
		p, err := compile.Compile(f, models)
		require.NoError(t, err)
		results, _, err := (&Driver{Kernels: reg, Models: models}).Results(t.Context(), p)
		require.NoError(t, err)
		for _, r := range results {
			values = append(values, r.Values)
		}
		return values
	}
	want := run("cpu", "cpu", "source")
	require.Len(t, want, 5)
	require.NotEqual(t, want[0], want[1])
	for _, c := range []struct{ camera, server, through string }{
		{"cpu", "webgpu", "net/mixed0"}, {"webgpu", "cpu", "net/stem"},
	} {
		got := run(c.camera, c.server, c.through)
		require.Len(t, got, len(want))
		for i := range want {
			assert.InDeltaSlice(t, want[i], got[i], 1e-3, "%s | %s at %s, frame %d", c.camera, c.server, c.through, i)
		}
	}
}
