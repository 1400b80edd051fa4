package coordinator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// times6 is a model of two convolutions that multiply by 2 and by 3.
func times6(t *testing.T) compile.Models {
	t.Helper()
	b := build.New("times6")
	b.Input("x", onnx.Float32, 1, 1, 2, 2)
	from := "x"
	for i, factor := range []float32{2, 3} {
		name := []string{"double", "triple"}[i]
		b.Floats("w "+name, []float32{factor}, 1, 1, 1, 1)
		b.Value("conv "+name, onnx.Float32, 1, 1, 2, 2)
		b.Node("Conv", []string{from, "w " + name}, []string{"conv " + name})
		if i == 0 {
			b.Value(name, onnx.Float32, 1, 1, 2, 2)
		}
		from = b.Node("Relu", []string{"conv " + name}, []string{name})
	}
	b.Output(from, onnx.Float32, 1, 1, 2, 2)
	return built(t, b, "times6")
}

// built returns what was built as the only model, of that name.
func built(t *testing.T, b *build.Builder, name string) compile.Models {
	t.Helper()
	data, err := b.Bytes()
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	pm, err := compile.NewModel(m)
	require.NoError(t, err)
	return compile.Models{name: pm}
}

const modelPlan = `plan: model
application:
  name: model
  actors:
    - {name: source, kernel: number, out: [{port: x, type: "float32[1,1,2,2]"}]}
    - {name: net, model: times6}
    - {name: sink, kernel: first, in: [{port: y}]}
  fifos:
    - {from: source.x, to: net.x}
    - {from: net.triple, to: sink.y}
platform:
  name: two
  devices:
    - {name: d0, role: endpoint, units: [{name: cpu}]}
    - {name: d1, role: server, units: [{name: cpu}]}
  links:
    - {name: lan, between: [d0, d1]}
instances:
  - mapping: [{unit: d0.cpu, through: PLACE}, {unit: d1.cpu}]
workload: {kind: offline, frames: 4}
`

// modelAt compiles the plan above, with all actors up to the given one on d0.
func modelAt(t *testing.T, through string) *plan.Plan {
	t.Helper()
	f, err := planfile.Parse("model.yaml", []byte(strings.ReplaceAll(modelPlan, "PLACE", through)))
	require.NoError(t, err)
	p, err := compile.Compile(f, times6(t))
	require.NoError(t, err)
	return p
}

// floats are the source and the sink of the plan above.
func floats() map[string]kernel.New {
	return map[string]kernel.New{
		"number": func(kernel.Spec) (kernel.Kernel, error) {
			return kerneltest.Func(func(f *kernel.Firing) error {
				for i := range f.Out[0][0].Float32() {
					f.Out[0][0].Float32()[i] = float32(f.Frame)
				}
				return nil
			}), nil
		},
		"first": func(s kernel.Spec) (kernel.Kernel, error) {
			return kerneltest.Func(func(f *kernel.Firing) error {
				s.Record(trace.Result{Frame: f.Frame, Values: slices.Clone(f.In[0][0].Float32()[:1])})
				return nil
			}), nil
		},
	}
}

// driver returns a coordinator for plans of the models given.
func driver(tb *testbed.Testbed, models compile.Models) *coordinator.Driver {
	d := tb.Driver()
	d.Models = models
	return d
}

// models is a testbed with the built-in kernel for models.
func models(t *testing.T) *testbed.Testbed {
	t.Helper()
	return testbedtest.Local(t, withModels(), "d0", "d1")
}

func TestModelsRunWhereverTheyAreCut(t *testing.T) {
	tb := models(t)
	for _, through := range []string{"source", "net/double", "net/triple"} {
		for range 2 { // the second time the sub-models are in the object store
			tr, err := driver(tb, times6(t)).Run(t.Context(), modelAt(t, through))
			require.NoError(t, err, through)
			for i, r := range tr.Results {
				assert.Equal(t, float32(6*i), r.Values[0], "%s: frame", through)
			}
			assert.Len(t, tr.Results, 4, "%s: %d results", through, len(tr.Results))
		}
	}
}

// Two branches on two devices give what one model does.
func TestBranchesRunOnTheirDevices(t *testing.T) {
	b := build.New("branches")
	b.Input("x", onnx.Float32, 1, 1, 2, 2)
	b.Value("trunk", onnx.Float32, 1, 1, 2, 2)
	b.Node("Relu", []string{"x"}, []string{"trunk"})
	for i, name := range []string{"double", "triple"} {
		b.Floats("w "+name, []float32{float32(i + 2)}, 1, 1, 1, 1)
		b.Value(name, onnx.Float32, 1, 1, 2, 2)
		b.Node("Conv", []string{"trunk", "w " + name}, []string{name})
	}
	b.Node("Add", []string{"double", "triple"}, []string{"sum"})
	b.Output("sum", onnx.Float32, 1, 1, 2, 2)
	tb := models(t)
	for _, at := range []string{"source", "net/two", "net/three"} {
		f, err := planfile.Parse("model.yaml",
			[]byte(strings.NewReplacer("PLACE", at, "net.triple", "net.sum", "times6", "branches").Replace(modelPlan)))
		require.NoError(t, err)
		f.Application.Actors[1].Parts = []planfile.PartSpec{
			{Name: "two", Makes: []string{"double"}}, {Name: "three", Makes: []string{"triple"}}, {Name: "sum"},
		}
		net := built(t, b, "branches")
		p, err := compile.Compile(f, net)
		require.NoError(t, err)
		tr, err := driver(tb, net).Run(t.Context(), p)
		require.NoError(t, err, at)
		for i, r := range tr.Results {
			assert.Equal(t, float32(5*i), r.Values[0], "%s: frame", at)
		}
		assert.Len(t, tr.Results, 4, "%s: %d results", at, len(tr.Results))
	}
}

func TestMissingProviderNamesDeviceAndActor(t *testing.T) {
	tb := models(t)
	p := modelAt(t, "net/double")
	p.Platform.Devices[1].Units[0].Provider = plan.Named("cuda")
	_, err := driver(tb, times6(t)).Run(t.Context(), p)
	require.ErrorIs(t, err, coordinator.ErrAgent)
	for _, s := range []string{"device d1: actor net[1:2]", "cuda"} {
		assert.Contains(t, err.Error(), s, "%q does not say", err)
	}
}
