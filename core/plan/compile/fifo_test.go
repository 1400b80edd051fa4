package compile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A codec is inserted where a token that it can code crosses between devices:
// encode on the producer's unit, decode on the consumer's.
func TestCodecs(t *testing.T) {
	for _, c := range []struct{ codec, last, want string }{
		{"fp16", "normalise", "normalise.image float16[1,3,8,8]"},
		{"int8", "normalise", "normalise.image uint8[256]"},
		{"int8", "net/relu1", "net[0:2].relu1 uint8[320]"},
		{"jpeg", "camera", "camera.frame bytes[1792]"},
		{"int8-channel", "net/relu1", "net[0:2].relu1 uint8[320]"},
		{"int8+zstd", "normalise", "normalise.image bytes[257]"},
		{"sparse+fp16+lz4", "net/relu1", "net[0:2].relu1 bytes[545]"},
		{"zstd", "camera", "camera.frame bytes[193]"}, // compresses any token
		{"jpeg", "normalise", ""},                     // no picture
		{"fp16", "camera", ""},                        // no tensor of float32
		{"fp16", "sink", ""},                          // no boundary
		{"none", "normalise", ""},
		{"", "normalise", ""},
	} {
		t.Run(c.codec+" "+c.last, func(t *testing.T) {
			f := plantest.Good(t)
			f.Instances = []planfile.Instance{{Mapping: plantest.Through(c.last), Codec: c.codec}}
			p := plantest.Compiled(t, f)
			coded := slices.DeleteFunc(plantest.Actors(p), func(s string) bool { return !strings.Contains(s, "code(") })
			if c.want == "" {
				assert.Empty(t, coded, "got %q, want none", coded)
				return
			}
			port, wire, _ := strings.Cut(c.want, " ")
			want := []string{"encode(" + port + ")@camera-box", "decode(" + port + ")@server"}
			require.Equal(t, want, coded)
			for i, link := range p.Routes {
				q := p.Graph.FIFOs[i]
				if link < 0 || q.Delay > 0 {
					continue
				}
				assert.Equal(t, wire, p.Graph.Type(i).String(), "%s carries", p.Graph.FIFOName(i))
				for _, a := range []int{q.From, q.To} {
					assert.Equal(t, c.codec, p.Graph.Actors[a].Params["codec"], "%s has parameters", p.Graph.Actors[a].Name)
				}
			}
		})
	}
}

// Delay tokens are zeros of the application's type, so they lie behind the decoder.
func TestDelayBehindDecoder(t *testing.T) {
	f := plantest.Good(t)
	f.Instances = []planfile.Instance{{Mapping: plantest.Through("camera"), Codec: "jpeg"}}
	f.Application.FIFOs[0].Delay, f.Application.FIFOs[0].Capacity = 2, 5
	p := plantest.Compiled(t, f)
	for name, want := range map[string]graph.FIFO{
		"encode(camera.frame).out->decode(camera.frame).in": {Delay: 0, Capacity: 5},
		"decode(camera.frame).out->normalise.frame":         {Delay: 2, Capacity: 3},
	} {
		i := slices.Index(plantest.FIFOs(p), name)
		require.GreaterOrEqual(t, i, 0, "no %s in %q", name, plantest.FIFOs(p))
		q := p.Graph.FIFOs[i]
		assert.Equal(t, want.Delay, q.Delay, "%s: delay %d, capacity", name, q.Delay)
		assert.Equal(t, want.Capacity, q.Capacity, "%s: delay %d, capacity", name, q.Delay)
	}
}

// rate leaves 0 out.
func rate(n int) planfile.Rate {
	if n == 0 {
		return nil
	}
	return planfile.Rate{n}
}

func TestCapacity(t *testing.T) {
	for _, c := range []struct{ own, delay, rate, all, lanes, want int }{
		{0, 0, 0, 0, 2, 3},
		{0, 0, 0, 0, 1, 1}, // both actors share a lane
		{0, 0, 0, 7, 2, 7},
		{0, 0, 0, 7, 1, 7},
		{4, 0, 0, 7, 2, 4},
		{1, 0, 0, 0, 2, 1},
		{0, 5, 0, 0, 2, 6},
		{0, 0, 8, 0, 2, 8},
		{0, 2, 2, 0, 2, 4},
		{0, 2, 2, 0, 1, 4},
	} {
		f := plantest.Good(t)
		for i := range f.Platform.Devices {
			for j := range f.Platform.Devices[i].Units {
				f.Platform.Devices[i].Units[j].Lanes = c.lanes
			}
		}
		f.FIFOCapacity = c.all
		f.Application.FIFOs[0].Capacity, f.Application.FIFOs[0].Delay = c.own, c.delay
		f.Application.Actors[0].Out[0].Rate, f.Application.Actors[1].In[0].Rate = rate(c.rate), rate(c.rate)
		p := plantest.Compiled(t, f)
		i := slices.Index(plantest.FIFOs(p), "camera.frame->normalise.frame")
		q := p.Graph.FIFOs[i]
		assert.Equal(t, c.want, q.Capacity, "%+v: capacity %d, delay", c, q.Capacity)
		assert.Equal(t, c.delay, q.Delay, "%+v: capacity %d, delay", c, q.Capacity)
		lrl, url := p.Graph.Rate(i)
		assert.Equal(t, max(c.rate, 1), lrl, "%+v: rates", c)
		assert.Equal(t, lrl, url, "%+v: rates", c)
	}
}

// Between devices a FIFO has room for a firing's tokens beside its delay tokens, also
// if its own capacity is less.
func TestCapacityOfBoundaryWithDelay(t *testing.T) {
	for last, want := range map[string]int{"camera": 4, "normalise": 3} {
		f := plantest.Good(t)
		f.Instances = []planfile.Instance{{Mapping: plantest.Through(last)}}
		f.Application.FIFOs[0].Delay, f.Application.FIFOs[0].Capacity = 3, 3
		f.Workload.Kind = plan.Offline
		p := plantest.Compiled(t, f)
		q := p.Graph.FIFOs[slices.Index(plantest.FIFOs(p), "camera.frame->normalise.frame")]
		assert.Equal(t, want, q.Capacity, "cut after %s: capacity", last)
	}
}

// int8-static gets the scales and zero points of its tensor, on both sides, as JSON
// would bring them to an agent.
func TestCalibration(t *testing.T) {
	f := plantest.Good(t)
	f.Instances[0].Name, f.Instances[0].Codec = "one", "int8-static+lz4"
	f.Instances[0].Calibration = map[string]codec.Affine{
		"net.relu0": {Scale: []float32{.5, .25, 1, 2}, ZeroPoint: []uint8{0, 1, 2, 255}},
		"net.relu1": {}, // doesn't cross
	}
	p := plantest.Compiled(t, f)
	n := 0
	for a, w := range p.Work {
		if w.Tensor == "" {
			continue
		}
		n++
		want := map[string]any{"codec": "int8-static+lz4", "scale": []any{.5, .25, 1., 2.},
			"zero_point": []any{0., 1., 2., 255.}}
		got := p.Graph.Actors[a].Params
		assert.Equal(t, "net.relu0", w.Tensor)
		assert.Equal(t, want, got)
	}
	assert.Equal(t, 2, n, "%d coders", n)
	for _, c := range []struct {
		calibration map[string]codec.Affine
		codec, says string
	}{
		{nil, "int8-static",
			"bad codec: int8-static needs the scale and zero point of net.relu0; give them under calibration"},
		{map[string]codec.Affine{"net.relu0": {Scale: []float32{1, 2}, ZeroPoint: []uint8{0, 0}}}, "int8-static",
			"calibration of net.relu0: bad scales or zero points: 2 scales for float32[1,4,8,8]"},
		{map[string]codec.Affine{"net.relu0": {Scale: []float32{1, 2, 3, 4}, ZeroPoint: make([]uint8, 4)}},
			"sparse+int8-static", "sparse leaves no channels"},
	} {
		f.Instances[0].Codec, f.Instances[0].Calibration = c.codec, c.calibration
		_, err := compile.Compile(f, plantest.Models(t))
		require.ErrorIs(t, err, planfile.ErrCodec, c.codec)
		assert.Contains(t, err.Error(), c.says, c.codec)
	}
}

// How far a token compresses depends on what is in it, so the coders of a tensor
// have costs of their own; tokens of fixed size share them.
func TestCodecCosts(t *testing.T) {
	keys := func(name, last string) []string {
		f := plantest.Good(t)
		f.Instances = []planfile.Instance{{Mapping: plantest.Through(last), Codec: name}}
		p := plantest.Compiled(t, f)
		var keys []string
		for _, w := range p.Work {
			if w.Tensor != "" {
				keys = append(keys, w.CostKey)
			}
		}
		return keys
	}
	a, b := keys("fp16", "net/relu0"), keys("fp16", "net/relu1")
	require.Len(t, a, 2, "fp16: %q and %q, want the same", a, b)
	assert.Equal(t, b, a, "fp16: %q and %q, want the same", a, b)
	a, b = keys("fp16+zstd", "net/relu0"), keys("fp16+zstd", "net/relu1")
	want := "encode of net.relu0 {\"codec\":\"fp16+zstd\"} float32[1,4,8,8] bytes[513] cpu t1"
	assert.Equal(t, want, a[0], "fp16+zstd: %q and %q, want %q and others", a, b, want)
	assert.NotEqual(t, b[0], a[0], "fp16+zstd: %q and %q, want %q and others", a, b, want)
	assert.NotEqual(t, b[1], a[1], "fp16+zstd: %q and %q, want %q and others", a, b, want)
}

func TestCodecTakesOneTokenPerFiring(t *testing.T) {
	f := plantest.Good(t)
	f.Instances = []planfile.Instance{{Mapping: plantest.Through("camera"), Codec: "jpeg"}}
	f.Application.Actors[0].Out[0].Rate, f.Application.Actors[1].In[0].Rate = planfile.Rate{2}, planfile.Rate{2}
	_, err := compile.Compile(f, plantest.Models(t))
	require.ErrorIs(t, err, planfile.ErrCodec)
	assert.Contains(t, err.Error(),
		"good.yaml:20:8: bad codec: jpeg codes one token per firing, and port frame of actor camera makes 2")
	f.Instances[0].Codec = "none"
	_, err = compile.Compile(f, plantest.Models(t))
	assert.NoError(t, err, "without codec")
}

// Names may have dots in them: of the actors that fit, the longest name wins.
func TestDotsInNames(t *testing.T) {
	f := plantest.Good(t)
	app := &f.Application
	app.Actors[0].Name, app.Actors[0].Out[0].Port = "normalise.in", "frame.0"
	app.FIFOs[0].From = "normalise.in.frame.0"
	f.Instances = []planfile.Instance{{Mapping: plantest.Through("normalise.in")}}
	got, want := plantest.FIFOs(plantest.Compiled(t, f)), "normalise.in.frame.0->normalise.frame"
	assert.Contains(t, got, want, "there is no FIFO %s", want)
}

// A codec that would make more bytes of a token is left out.
func TestCodecThatMakesMoreBytes(t *testing.T) {
	for shape, coded := range map[string]bool{"float32[1,4]": false, "float32[1,21]": false, "float32[1,22]": true} {
		f := plantest.Good(t)
		f.Application = planfile.Application{
			Name: "small",
			Actors: []planfile.ActorSpec{
				{Name: "camera", Kernel: "camera", Out: []planfile.PortSpec{{Port: "out", Type: shape}}},
				{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "in"}}},
			},
			FIFOs: []planfile.FIFOSpec{{From: "camera.out", To: "sink.in"}},
		}
		f.Instances = []planfile.Instance{{Mapping: plantest.Through("camera"), Codec: "int8"}}
		assert.Equal(t, coded, len(plantest.Compiled(t, f).Work) == 4, "%s is coded", shape)
	}
}
