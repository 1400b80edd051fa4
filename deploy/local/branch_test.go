package local

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const branchPlan = `plan: branches
application:
  name: branches
  actors:
    - {name: source, kernel: tensor, out: [{port: image, type: "float32[1,3,8,8]"}]}
    - {name: net, model: inception}
    - {name: sink, kernel: sink, in: [{port: scores}]}
  fifos:
    - {from: source.image, to: net.image}
    - {from: net.scores, to: sink.scores}
platform:
  devices:
    - {name: camera, role: endpoint, units: [{name: cpu}]}
    - {name: gateway, role: gateway, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: near, between: [camera, gateway]}
    - {name: far, between: [camera, server]}
    - {name: backhaul, between: [gateway, server]}
instances:
  - mapping: [{unit: camera.cpu}]
workload: {kind: offline, frames: 5}
`

// Wherever the branches of a model run, it gives what the whole gives.
func TestBranchesEqualTheWhole(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	require.NoError(t, err)
	net, err := compile.NewModel(m)
	require.NoError(t, err)
	library, err := ort.Find("")
	if err == nil {
		err = ort.Load(library)
	}
	require.NoError(t, err)
	_, reg := newLab(t)
	models := compile.Models{"inception": net}
	run := func(parts []planfile.PartSpec, mapping []planfile.Assign) [][]float32 {
		t.Helper()
		f, err := planfile.Parse("branches.yaml", []byte(branchPlan))
		require.NoError(t, err)
		f.Application.Actors[1].Parts, f.Instances[0].Mapping = parts, mapping
		p, err := compile.Compile(f, models)
		require.NoError(t, err)
		results, _, err := (&Driver{Kernels: reg, Models: models}).Results(t.Context(), p)
		require.NoError(t, err)
		var values [][]float32
		for _, r := range results {
			values = append(values, r.Values)
		}
		return values
	}
	parts := []planfile.PartSpec{
		{Name: "stem", Makes: []string{"stem"}}, {Name: "narrow", Makes: []string{"mixed0.1x1", "mixed0.proj"}},
		{Name: "wide", Makes: []string{"mixed0.3x3", "mixed0.5x5"}}, {Name: "tail"},
	}
	want := run(nil, []planfile.Assign{{Unit: "camera.cpu"}})
	require.Len(t, want, 5, "the whole")
	require.Len(t, want[0], 8, "the whole")
	require.NotEqual(t, want[0], want[1], "the whole")
	rest := planfile.Assign{Unit: "server.cpu"}
	for i, mapping := range [][]planfile.Assign{
		{rest},
		{{Unit: "camera.cpu", Through: "net/stem"}, {Unit: "gateway.cpu", Through: "net/narrow"}, rest},
		{{Unit: "gateway.cpu", Actors: []string{"net/wide"}}, {Unit: "camera.cpu", Through: "net/narrow"}, rest},
		{{Unit: "camera.cpu", Actors: []string{"source", "net/stem", "net/wide"}}, rest},
	} {
		got := run(parts, mapping)
		assert.True(t, slices.EqualFunc(got, want, slices.Equal[[]float32]), "mapping %d: %v\nwant", i, got)
	}
}
