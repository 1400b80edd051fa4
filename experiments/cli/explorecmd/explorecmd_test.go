package explorecmd

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKindOf(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, input.ExperimentFile), nil, 0o600))
	for arg, want := range map[string]kind{
		dir: ofExperiment, filepath.Join(dir, input.ExperimentFile): ofExperiment, "x/plan.yaml": ofPlan, "plan.yml": ofPlan,
		"vehicle-classifier": ofModel, "models/a.onnx": ofModel,
	} {
		got, err := kindOf(arg)
		require.NoError(t, err, arg)
		assert.Equal(t, want, got, arg)
	}
	_, err := kindOf("experiments/none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func parsed(t *testing.T, minimise ...string) *goal.Goal {
	t.Helper()
	g, err := goal.Parse(minimise, nil, nil, false)
	require.NoError(t, err)
	return g
}

// What is measured is compared by the first objective that a measurement has.
func TestCompared(t *testing.T) {
	assert.Equal(t, goal.EndpointTime, compared(parsed(t, "memory", "endpoint_time", "latency")).Name)
	assert.Equal(t, goal.Traffic, compared(parsed(t, "traffic")).Name)
	assert.Equal(t, goal.Latency, compared(parsed(t, "leakage")).Name)
}

// The best that keep the limits are measured, the predicted best by the metric first, and the
// baselines.
func TestChosen(t *testing.T) {
	latency := goal.Metric{Name: goal.Latency}
	one := func(name string, v float64, baseline string, broken ...string) answer.Candidate {
		return answer.Candidate{Name: name, Values: goal.Values{latency: v}, Baseline: baseline, Broken: broken}
	}
	a := &answer.Answer{Chosen: "b", Candidates: []answer.Candidate{
		one("b", 2, ""), one("a", 1, ""), one("c", 3, ""), one("all", 9, "endpoint"), one("raw", 0.5, "raw", "no raw frames"),
		one("d", 4, "", "traffic"),
	}}
	names := func(n int) (all []string) {
		for _, c := range chosen(a, latency, n) {
			all = append(all, c.Name)
		}
		return all
	}
	assert.Equal(t, []string{"a", "b", "all", "raw"}, names(2))
	assert.Equal(t, []string{"b", "all", "raw"}, names(1))
	assert.Equal(t, []string{"a", "b", "c", "all", "raw"}, names(4), "a baseline counts once")
	a.Chosen = ""
	assert.Empty(t, names(2))
}

func TestAxes(t *testing.T) {
	for _, c := range []struct {
		minimise     []string
		across, over goal.Name
	}{
		{[]string{"energy(slow)", "latency"}, goal.Energy, goal.Latency},
		{[]string{"latency"}, goal.Latency, goal.EndpointTime}, {[]string{"endpoint_time"}, goal.EndpointTime, goal.Latency},
		{[]string{"traffic"}, goal.Traffic, goal.Latency},
	} {
		x, y := axes(parsed(t, c.minimise...))
		assert.Equal(t, [2]goal.Name{c.across, c.over}, [2]goal.Name{x.Name, y.Name})
	}
	assert.Equal(t, "energy(slow)", scaled(goal.Metric{Name: goal.Energy, Device: "slow"}).Name)
}

func TestEmulated(t *testing.T) {
	p := &plan.Platform{Devices: []plan.Device{{Units: []plan.Unit{{Slowdown: 1}}}}, Links: []plan.Link{{}}}
	assert.False(t, emulated(p))
	p.Links[0].Latency = 1
	assert.True(t, emulated(p))
	p.Links, p.Devices[0].Units[0].Slowdown = nil, 2
	assert.True(t, emulated(p))
}

// The throughput of a plan is that of frames that enter as fast as they can, as the simulation takes it.
func TestOfflineOf(t *testing.T) {
	choices := []plan.Choice{{Actor: "gate"}}
	camera := plan.Workload{Kind: plan.Camera, Frames: 40, Period: 1e8, Warmup: 4, Precision: 0.1, Choices: choices}
	assert.Equal(t, plan.Workload{Kind: plan.Offline, Frames: 40, Warmup: 4, Choices: choices}, offlineOf(camera))
	assert.Zero(t, offlineOf(plan.Workload{Kind: plan.Offline, Frames: 40}))
}

// What could not be simulated may be the best that the search found: then nothing is proven. Of a baseline
// the search says nothing.
func TestLeftOut(t *testing.T) {
	bad := errors.New("not measured: a")
	for label, proven := range map[string]bool{"": false, "all on endpoint": true} {
		m := &mapped{files: map[string]func(plan.Workload) *planfile.File{}, answer: answer.Answer{Proven: true}}
		of := m.take(nil, []decide.Simulated{
			{Candidate: space.Candidate{Name: "a on server"}, Label: label, Err: bad},
			{Candidate: space.Candidate{Name: "all on server"}},
		})
		assert.Equal(t, proven, m.answer.Proven, label)
		assert.Len(t, m.left, 1)
		assert.Contains(t, m.left[0], ": not measured: a")
		assert.Equal(t, map[string]space.Candidate{"all on server": {Name: "all on server"}}, of)
		require.Len(t, m.answer.Candidates, 1)
	}
}
