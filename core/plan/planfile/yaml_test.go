package planfile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forget clears the places in the file, which differ when it is written again.
func forget(p *plan.Plan) {
	for i := range p.Graph.Actors {
		p.Graph.Actors[i].Pos = graph.Pos{}
	}
	for i := range p.Graph.FIFOs {
		p.Graph.FIFOs[i].Pos = graph.Pos{}
	}
}

// A file that a program made can be written and read again.
func TestYAML(t *testing.T) {
	f := plantest.Good(t)
	f.Plan = "a: b # 'c' \"d\""
	f.Seed = 1<<64 - 1
	f.Application.Actors[1].Params = map[string]any{
		"mean": []any{0.485, 1.0, -2.5e-7}, "text": "1e3", "yes": "no", "n": uint64(3), "on": true,
		"nested": map[string]any{"k": "~"},
	}
	f.Application.FIFOs[0].Delay, f.Application.FIFOs[0].Capacity = 1, 4
	f.Application.Actors[1].State = true
	l := &f.Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency, l.Duplex, l.Unverified = 1e6/3, 2*time.Hour+1500*time.Microsecond+7, plan.Half,
		"from memory: 100 %"
	l.Seal = true
	f.Platform.Devices[1].Units[0].Spin, f.Platform.Devices[0].Units[0].Slowdown = true, 17.123456789012345
	f.Instances[0].Mapping = []planfile.Assign{
		{Unit: "server.cpu", Actors: []string{"net/relu0"}}, {Unit: "camera-box.cpu"},
	}
	f.Workload = plan.Workload{Kind: plan.Camera, Frames: 1 << 40, Period: 33333333 * time.Nanosecond, Precision: 0.02,
		MinFrames: 8, Warmup: 3}
	data, err := yaml.Marshal(f)
	require.NoError(t, err)
	g, err := planfile.Parse("again.yaml", data)
	require.NoError(t, err, "%v\n%s", err, data)
	p, q := plantest.Compiled(t, f), plantest.Compiled(t, g)
	forget(p)
	forget(q)
	a, errA := json.Marshal(p)
	b, errB := json.Marshal(q)
	require.NoError(t, errA, "plans differ (%v, %v):\n%s\n%s\nby way of\n%s", errA, errB, a, b, data)
	require.NoError(t, errB, "plans differ (%v, %v):\n%s\n%s\nby way of\n%s", errA, errB, a, b, data)
	assert.Equal(t, string(b), string(a), "plans differ (%v, %v):\n%s\n%s\nby way of\n%s", errA, errB, a, b, data)
}

func TestSealIsTrueOrFalse(t *testing.T) {
	for text, want := range map[string]bool{"seal: true": true, "seal: false": false, "latency: 1ms": false} {
		f, err := planfile.Parse("f.yaml", []byte("platform: {links: [{name: l, "+text+"}]}"))
		require.NoError(t, err)
		assert.Equal(t, want, f.Platform.Links[0].Seal, text)
	}
	_, err := planfile.Parse("f.yaml", []byte("platform: {links: [{name: l, seal: always}]}"))
	require.EqualError(t, err, `bad input: f.yaml:1:36: expected true or false, found the text "always"`)
}

// The rate is a number or two in YAML, and is written as it is read.
func TestRateInYAML(t *testing.T) {
	for text, want := range map[string]planfile.Rate{"3": {3}, "[0, 2]": {0, 2}, "[4]": {4}} {
		f, err := planfile.Parse("f.yaml",
			[]byte("application: {actors: [{name: a, rate: "+text+", in: [{port: i, rate: "+text+"}]}]}"))
		require.NoError(t, err)
		a := f.Application.Actors[0]
		assert.Equal(t, want, a.Rate, text)
		assert.Equal(t, want, a.In[0].Rate, text)
		data, err := yaml.Marshal(f)
		require.NoError(t, err)
		again, err := planfile.Parse("f.yaml", data)
		require.NoError(t, err, "%s: written as\n%s\n", text, data)
		assert.Equal(t, want, again.Application.Actors[0].Rate, "%s: written as\n%s\n", text, data)
	}
}

// A calibration is read from YAML, and written as it is read.
func TestCalibrationInYAML(t *testing.T) {
	const text = "instances: [{calibration: {net.relu0: {scale: [0.5, 0.25], zero_point: [3, 255]}}}]"
	f, err := planfile.Parse("f.yaml", []byte(text))
	require.NoError(t, err)
	data, err := yaml.Marshal(f)
	require.NoError(t, err)
	again, err := planfile.Parse("f.yaml", data)
	require.NoError(t, err)
	want := map[string]codec.Affine{"net.relu0": {Scale: []float32{.5, .25}, ZeroPoint: []uint8{3, 255}}}
	for _, got := range []map[string]codec.Affine{f.Instances[0].Calibration, again.Instances[0].Calibration} {
		assert.Equal(t, want, got, "got %v, want %v; written as\n%s", got, want, data)
	}
	_, err = planfile.Parse("f.yaml", []byte(strings.Replace(text, "255", "256", 1)))
	assert.Error(t, err, "a zero point of 256 is read")
}

// Power figures that are written again are the same.
func TestPowerInYAML(t *testing.T) {
	const text = "plan: p\nplatform:\n  devices:\n    - name: box\n      power: {idle: 850mW, " +
		"units: {cpu: 3 W, gpu: 8}, send: 1.5W, basis: fitted, residual: 0.03, from: bench}\n"
	f, err := planfile.Parse("p.yaml", []byte(text))
	require.NoError(t, err)
	p := f.Platform.Devices[0].Power
	require.NotNil(t, p)
	assert.InDelta(t, 0.85, float64(*p.Idle), 1e-12)
	assert.Equal(t, map[string]quantity.Watts{"cpu": 3, "gpu": 8}, p.Units)
	assert.Nil(t, p.Receive, "what is not given is not 0")
	b, err := yaml.Marshal(f)
	require.NoError(t, err)
	again, err := planfile.Parse("p.yaml", b)
	require.NoError(t, err)
	assert.Equal(t, p, again.Platform.Devices[0].Power)
}
