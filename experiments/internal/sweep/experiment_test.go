package sweep

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func toyExperiment(t *testing.T) *Experiment {
	t.Helper()
	x, err := New(exptest.Spec(t, "toy"), exptest.Model(t))
	require.NoError(t, err)
	return x
}

// The chain is source, normalise, three segments, sink: PP2 sends a normalised
// frame, PP3 and PP4 cut the network, PP5 sends its result.
func TestCases(t *testing.T) {
	x := toyExperiment(t)
	x.Slow("slow", 5)
	var got []string
	for _, c := range x.Cases("slow", "wired") {
		got = append(got, fmt.Sprintf("%d %s %s %q raw=%v %s", c.PP, c.Cut, c.Codec, c.Baseline, c.RawFrame, c.Label))
		assert.Equal(t, "slow", c.Endpoint, "case")
		assert.Equal(t, "wired", c.Link, "case")
		assert.Equal(t, "toy", c.Experiment, "case")
		assert.Equal(t, 5.0, c.Slowdown, "case")
		assert.Equal(t, 1, c.Instances, "case")
	}
	want := []string{
		`6 sink none "endpoint" raw=false all on endpoint`,
		`1 source none "raw" raw=true all on server, raw`,
		`1 source jpeg "jpeg" raw=true all on server, JPEG`,
		`2 normalise none "" raw=true PP2 normalise`,
		`3 net/relu0 none "" raw=false PP3 relu0`,
		`3 net/relu0 fp16 "" raw=false PP3 relu0`,
		`3 net/relu0 int8 "" raw=false PP3 relu0`,
		`4 net/relu1 none "" raw=false PP4 relu1`,
		`4 net/relu1 fp16 "" raw=false PP4 relu1`,
		`4 net/relu1 int8 "" raw=false PP4 relu1`,
		`5 net/relu2 none "" raw=false PP5 relu2`,
	}
	assert.Equal(t, want, got, "got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	labels := map[string]bool{}
	for _, c := range x.Cases("slow", "wired") {
		assert.False(t, labels[c.FullLabel()], "two cases are labelled")
		labels[c.FullLabel()] = true
	}
}

// Every case compiles, to a plan that does what the case says.
func TestCasesCompile(t *testing.T) {
	x := toyExperiment(t)
	x.Slow("slow", 5)
	for _, c := range x.Cases("slow", "wireless") {
		p, err := compile.Compile(x.File(c, x.Single(4)), x.Models)
		require.NoError(t, err, c.FullLabel())
		crossing, encoders := 0, 0
		for f, r := range p.Routes {
			if r >= 0 && p.DeviceOf(p.Graph.FIFOs[f].From).Name == "slow" {
				crossing++
				l := p.Platform.Links[r]
				assert.EqualValues(t, 1e6, l.BandwidthBytesPerSec, "%s: crosses", c.FullLabel())
				assert.Equal(t, "wireless slow", l.Name, "%s: crosses", c.FullLabel())
			}
		}
		for _, a := range p.Graph.Actors {
			if a.Kernel == "encode" {
				encoders++
			}
		}
		assert.Equal(t, map[bool]int{true: 0, false: 1}[c.Baseline == result.AllOnEndpoint], crossing,
			"%s: %d FIFOs leave the endpoint", c.FullLabel(), crossing)
		assert.Equal(t, map[bool]int{true: 0, false: 1}[c.Codec == "none"], encoders, "%s: %d encoders", c.FullLabel(),
			encoders)
		s := p.Platform.Devices[0].Units[0].Slowdown
		assert.Equal(t, 5.0, s, "%s: slowdown %g, want 5", c.FullLabel(), s)
		w := p.Workload
		assert.Equal(t, plan.SingleStream, w.Kind, "%s: workload %+v, seed", c.FullLabel(), w)
		assert.EqualValues(t, 5, w.Frames, "%s: workload %+v, seed", c.FullLabel(), w)
		assert.EqualValues(t, 1, w.Warmup, "%s: workload %+v, seed", c.FullLabel(), w)
		assert.EqualValues(t, 4, w.MinFrames, "%s: workload %+v, seed", c.FullLabel(), w)
		assert.EqualValues(t, 3, p.Seed, "%s: workload %+v, seed", c.FullLabel(), w)
	}
	w := x.Offline(30)
	assert.Equal(t, plan.Offline, w.Kind, "offline workload")
	assert.EqualValues(t, 31, w.Frames, "offline workload")
	assert.EqualValues(t, 1, w.Warmup, "offline workload")
	assert.EqualValues(t, 7, w.MinFrames, "offline workload")
	assert.Equal(t, 0.05, w.Precision, "offline workload")
}

// An endpoint can't be made faster than the machine.
func TestSlowdown(t *testing.T) {
	x := toyExperiment(t)
	x.Slow("slow", 0.5)
	for _, e := range []string{"slow", "fast"} {
		k := x.SlowdownOf(x.Spec.Endpoint(e))
		assert.Equal(t, 1.0, k, "%s: slowdown %g, want 1", e, k)
	}
}

func TestTogetherPlan(t *testing.T) {
	x := toyExperiment(t)
	f, pp, err := x.TogetherFile(plan.Workload{Kind: plan.SingleStream, Frames: 3})
	require.NoError(t, err, "partition point")
	require.Equal(t, 3, pp, "partition point")
	p, err := compile.Compile(f, x.Models)
	require.NoError(t, err)
	var devices, instances []string
	for _, d := range p.Platform.Devices {
		devices = append(devices, d.Name)
	}
	for a, w := range p.Work {
		if w.Source {
			instances = append(instances, w.Instance+"@"+p.DeviceOf(a).Name)
		}
	}
	assert.Equal(t, []string{"slow", "fast", "server"}, devices, "devices %v, sources", devices)
	assert.Equal(t, []string{"slow@slow", "fast@fast"}, instances, "devices %v, sources", devices)
	x.Spec.Together.Through = "net/nothing"
	_, _, err = x.TogetherFile(plan.Workload{})
	require.ErrorIs(t, err, yamlfile.ErrInput)
	assert.Contains(t, err.Error(), "experiment.yaml:34:34: there is no actor \"net/nothing\"")
}

func TestModelThatWasNotLoaded(t *testing.T) {
	_, err := New(exptest.Spec(t, "toy"), nil)
	assert.ErrorIs(t, err, compile.ErrNoModel)
}

// Where frames are no pictures, JPEG to the server is no baseline.
func TestCasesWithoutPictures(t *testing.T) {
	s := exptest.Spec(t, "toy")
	s.Application.Actors[0].Out[0].Type = "float32[1,3,8,8]"
	s.Application.Actors[1].Kernel = "pass"
	x, err := New(s, exptest.Model(t))
	require.NoError(t, err)
	var labels []string
	for _, c := range x.Cases("slow", "wired")[:3] {
		labels = append(labels, c.Label)
	}
	assert.Equal(t, []string{"all on endpoint", "all on server, raw", "PP2 normalise"}, labels)
	_, first := x.firstCase()
	assert.Equal(t, "PP2 normalise", first.Label)
}
