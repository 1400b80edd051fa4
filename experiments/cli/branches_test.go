package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const columnsPlan = `plan: columns
application:
  name: columns
  actors:
    - {name: source, kernel: tensor, out: [{port: image, type: "float32[1,3,8,8]"}]}
    - name: net
      model: columns
      parts: [{name: fine, makes: [fine]}, {name: coarse, makes: [coarse]}, {name: join}]
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
workload: {kind: offline, frames: 6}
`

// Branches that both read what the source gives run wherever they are mapped to: both
// drivers fire and send the same, and the results are the whole model's, bit for bit.
func TestBranchesThatReadOneSource(t *testing.T) {
	loadLibrary(t)
	m, err := onnxtest.Columns().Parse()
	require.NoError(t, err)
	net, err := compile.NewModel(m)
	require.NoError(t, err)
	models := compile.Models{"columns": net}
	compiled := func(codec string, mapping ...planfile.Assign) *plan.Plan {
		f, err := planfile.Parse("columns.yaml", []byte(columnsPlan))
		require.NoError(t, err)
		f.Instances[0].Mapping, f.Instances[0].Codec = mapping, codec
		p, err := compile.Compile(f, models)
		require.NoError(t, err)
		return p
	}
	tb, err := testbed.Start(t.Context(), testbed.Config{
		Devices: []string{"camera", "gateway", "server"}, InProcess: true, Agent: agent.Config{Kernels: builtin.Registry()},
	})
	require.NoError(t, err)
	defer tb.Close()
	rest := planfile.Assign{Unit: "server.cpu"}
	whole, _, err := (&local.Driver{Kernels: builtin.Registry(), Models: models}).Results(t.Context(), compiled("", rest))
	require.NoError(t, err, "the whole")
	require.Len(t, whole, 6, "the whole")
	require.NotEqual(t, whole[1].Values, whole[0].Values, "the whole")
	for name, p := range map[string]*plan.Plan{
		"three devices": compiled(
			"", planfile.Assign{Unit: "gateway.cpu", Actors: []string{"net/coarse"}},
			planfile.Assign{Unit: "camera.cpu", Through: "net/fine"}, rest,
		),
		"source alone": compiled(
			"", planfile.Assign{Unit: "camera.cpu", Through: "source"},
			planfile.Assign{Unit: "gateway.cpu", Through: "net/fine"}, rest,
		),
		"two on one device": compiled(
			"", planfile.Assign{Unit: "server.cpu", Actors: []string{"net/coarse"}}, planfile.Assign{Unit: "camera.cpu"},
		),
		"codec": compiled("zstd", planfile.Assign{Unit: "gateway.cpu", Actors: []string{"net/coarse"}},
			planfile.Assign{Unit: "camera.cpu", Through: "net/fine"}, rest),
	} {
		copier := p.Graph.Actor("pass(source.image)")
		require.GreaterOrEqual(t, copier, 0, "%s: the image is not copied on the camera", name)
		require.Equal(t, "camera", p.DeviceOf(copier).Name, "%s: the image is not copied on the camera", name)
		simulated, err := (&sim.Driver{Profile: madeUp(p)}).Run(t.Context(), p)
		require.NoError(t, err, name)
		d := tb.Driver()
		d.Models = models
		deployed, err := d.Run(t.Context(), p)
		require.NoError(t, err, name)
		if s, d := counts(simulated), counts(deployed); s != d && !strings.Contains(name, "codec") {
			// how far tensors compress is made up
			t.Errorf("%s: simulated %s\ndeployed %s", name, s, d)
		}
		assert.True(t, slices.EqualFunc(
			deployed.Results, whole, func(
				a, b trace.Result,
			) bool {
				return a.Frame == b.Frame && slices.Equal(a.Values, b.Values)
			},
		), "%s: %v\nwant", name, deployed.Results)
	}
}
