package local

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rampLab returns kernels: "ramp" is a source of float32[1,2,64] whose frame n holds
// n+1 ahead of zeros in the first channel, and its thirds in the second; further ports
// get the same, or 0 and 1 in turn. "sum" adds all that comes, "twice" doubles.
func rampLab(t *testing.T) *kernel.Registry {
	t.Helper()
	_, r := newLab(t)
	for name, fire := range map[string]func(f *kernel.Firing) error{
		"ramp": func(f *kernel.Firing) error {
			for _, port := range f.Out {
				v := port[0].Float32()
				if len(v) == 1 {
					v[0] = float32(f.Frame % 2)
					continue
				}
				clear(v)
				v[0] = float32(f.Frame + 1)
				for i := range 8 {
					v[64+i] = float32(f.Frame+1) * float32(i) / 3
				}
			}
			return nil
		},
		"twice": func(f *kernel.Firing) error {
			for i, x := range f.In[0][0].Float32() {
				f.Out[0][0].Float32()[i] = 2 * x
			}
			return nil
		},
		"sum": func(f *kernel.Firing) error {
			var sum float32
			for _, x := range f.In[0][0].Float32() {
				sum += x
			}
			return emit(f, sum)
		},
	} {
		err := r.Register(name, func(kernel.Spec) (kernel.Kernel, error) {
			return &testKernel{lab: &lab{closed: map[string]int{}}, fire: fire}, nil
		})
		require.NoError(t, err)
	}
	return r
}

func rampPlan(t *testing.T, name string, calibration map[string]codec.Affine, frames int64) *plan.Plan {
	t.Helper()
	f := &planfile.File{Plan: name, Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
		Application: planfile.Application{
			Name: "ramp",
			Actors: []planfile.ActorSpec{
				{Name: "source", Kernel: "ramp", Out: []planfile.PortSpec{{Port: "x", Type: "float32[1,2,64]"}}},
				actor("sum", "sum", 1, 1, 0), actor("sink", "sink", 1, 0, 0),
			},
			FIFOs: join("source.x", "sum.a", "sum.x", "sink.a"),
		}}
	f.Instances = []planfile.Instance{
		{Codec: name, Calibration: calibration,
			Mapping: []planfile.Assign{{Unit: "near.cpu", Through: "source"}, {Unit: "far.cpu"}}},
	}
	return nearAndFar(t, f)
}

func nearAndFar(t *testing.T, f *planfile.File) *plan.Plan {
	t.Helper()
	for _, d := range []string{"near", "far"} {
		f.Platform.Devices = append(f.Platform.Devices,
			plan.Device{Name: d, Role: plan.Server, Units: []plan.Unit{{Name: "cpu"}}})
	}
	f.Platform.Links = []plan.Link{{Name: "link", Between: []string{"near", "far"}}}
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	return p
}

// dynamicPlan doubles the ramp on the other device in every second frame.
func dynamicPlan(t *testing.T, codecName string) *plan.Plan {
	t.Helper()
	const ramp = "float32[1,2,64]"
	maybe := planfile.Rate{0, 1}
	return nearAndFar(t, &planfile.File{
		Plan: codecName, Workload: plan.Workload{Kind: plan.Offline, Frames: 6}, Application: planfile.Application{
			Name: "dynamic",
			Actors: []planfile.ActorSpec{
				{Name: "source", Kernel: "ramp",
					Out: []planfile.PortSpec{{Port: "x", Type: ramp}, {Port: "y", Type: ramp}, {Port: "z", Type: "float32[1,1]"}}},
				{Name: "decide", Kernel: "confidence", Kind: graph.Configuration, Configures: []string{"gate", "twice", "choose"},
					In: []planfile.PortSpec{{Port: "a"}}},
				{Name: "gate", Kernel: "gate", Kind: graph.Dynamic, In: []planfile.PortSpec{{Port: "a"}},
					Out: []planfile.PortSpec{{Port: "x", Type: ramp, Rate: maybe}}},
				{Name: "twice", Kernel: "twice", Kind: graph.DynamicProcessing, In: []planfile.PortSpec{{Port: "a", Rate: maybe}},
					Out: []planfile.PortSpec{{Port: "x", Type: ramp, Rate: maybe}}},
				{Name: "choose", Kernel: "choose", Kind: graph.Dynamic,
					In: []planfile.PortSpec{{Port: "a"}, {Port: "b", Rate: maybe}}, Out: []planfile.PortSpec{{Port: "x", Type: ramp}}},
				actor("sum", "sum", 1, 1, 0), actor("sink", "sink", 1, 0, 0),
			},
			FIFOs: join("source.x", "gate.a", "source.y", "choose.a", "source.z", "decide.a", "gate.x", "twice.a", "twice.x",
				"choose.b", "choose.x", "sum.a", "sum.x", "sink.a"),
		}, Instances: []planfile.Instance{
			{Codec: codecName, Mapping: []planfile.Assign{{Unit: "far.cpu", Actors: []string{"twice"}}, {Unit: "near.cpu"}}},
		}})
}

// Every chain runs as actors of a plan: bytes, errors and results fit.
func TestCoding(t *testing.T) {
	driver := &Driver{Kernels: rampLab(t)}
	want, plain, err := driver.Coding(context.Background(), rampPlan(t, "none", nil, 6), 2)
	require.NoError(t, err)
	c := plain[0]
	require.Len(t, plain, 1, "without a codec")
	require.Equal(t, "source.x", c.Tensor, "without a codec")
	require.Equal(t, 4, c.Frames, "without a codec")
	require.Equal(t, 512.0, c.WireBytes(), "without a codec")
	require.Nil(t, c.Encode, "without a codec")
	require.Equal(t, 0.0, c.MaxError, "without a codec")
	assert.Equal(t, "[0 0] [6 14]", fmt.Sprint(c.Low, c.High), "from %v", c.Low)
	calibration := map[string]codec.Affine{"source.x": c.Affine(true)}
	for _, tc := range []struct {
		codec    string
		wire     float64
		maxError float64
	}{
		{"fp16", 256, 14 * 0x1p-11},
		{"int8", 192, 14. / 255 * .51},
		{"int8-channel", 192, 14. / 255 * .51},
		{"int8-static", 128, 14. / 255 * .51},
		{"zstd", 0, 0},
		{"sparse", 16 + 4*8, 0},
		{"sparse+fp16", 16 + 2*8, 14 * 0x1p-11},
		{"sparse+int8+lz4", 0, 14. / 255 * .51},
	} {
		results, codings, err := driver.Coding(context.Background(), rampPlan(t, tc.codec, calibration, 6), 2)
		require.NoError(t, err)
		c := codings[0]
		require.Len(t, codings, 1, tc.codec)
		assert.Equal(t, "source.x", c.Tensor, tc.codec)
		assert.Equal(t, 4, c.Frames, tc.codec)
		require.Len(t, c.Encode, 4, tc.codec)
		require.Len(t, c.Decode, 4, tc.codec)
		assert.EqualValues(t, 512, c.RawBytes(), tc.codec)
		if tc.wire > 0 {
			assert.Equal(t, tc.wire, c.WireBytes(), "%s: %v bytes", tc.codec, c.WireBytes())
		}
		if tc.wire == 0 {
			assert.LessOrEqual(t, c.WireBytes(), float64(160), "%s: %v bytes", tc.codec, c.WireBytes())
		}
		assert.LessOrEqual(t, c.MaxError, tc.maxError, "%s: errors %v and %v, at most", tc.codec, c.MaxError, c.RMS())
		assert.Equal(t, (tc.maxError == 0), (c.MaxError == 0), "%s: errors %v and %v, at most", tc.codec, c.MaxError, c.RMS())
		assert.LessOrEqual(t, c.RMS(), c.MaxError, "%s: errors %v and %v, at most", tc.codec, c.MaxError, c.RMS())
		assert.LessOrEqual(t, c.NotFinite, 0, "%s: errors %v and %v, at most", tc.codec, c.MaxError, c.RMS())
		for i := range want {
			d := math.Abs(float64(results[i].Values[0] - want[i].Values[0]))
			assert.LessOrEqual(t, d, 16*tc.maxError, "%s: frame %d gives %v, uncoded %v", tc.codec, i, results[i].Values,
				want[i].Values)
		}
	}
}

// A chain between the members of a dynamic part is skipped with them.
func TestCodingInDynamicPart(t *testing.T) {
	driver := &Driver{Kernels: rampLab(t)}
	for _, name := range []string{"none", "zstd", "sparse+lz4"} {
		p := dynamicPlan(t, name)
		coders := 0
		for _, a := range p.Graph.Actors {
			if a.Kind == graph.DynamicProcessing && (a.Kernel == "encode" || a.Kernel == "decode") {
				coders++
			}
		}
		assert.Equal(t, map[bool]int{true: 0, false: 4}[name == "none"], coders, "%s: %d dynamic coders", name, coders)
		results, codings, err := driver.Coding(context.Background(), p, 0)
		require.NoError(t, err)
		for _, c := range codings {
			assert.Equal(t, 3, c.Frames, "%s: %+v; want 3 frames of 6", name, c)
			assert.Equal(t, 0.0, c.MaxError, "%s: %+v; want 3 frames of 6", name, c)
			assert.LessOrEqual(t, c.WireBytes(), float64(512), "%s: %+v; want 3 frames of 6", name, c)
		}
		for n, r := range results {
			want := float32(n+1) * (1 + 28./3)
			if n%2 == 0 { // not sure
				want *= 2
			}
			assert.LessOrEqual(t, math.Abs(float64(r.Values[0]-want)), 1e-4, "%s: frame %d", name, n)
		}
		require.Len(t, codings, 2, name)
		assert.Equal(t, "gate.x", codings[0].Tensor, name)
		assert.Equal(t, "twice.x", codings[1].Tensor, name)
	}
}
