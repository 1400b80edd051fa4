package profiles_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamed(t *testing.T) {
	path := written(t, nano(t))
	pf := &plan.Platform{Devices: []plan.Device{{Name: "slow", Profile: "nano.json"}, {Name: "server"}}}
	s, err := profiles.Named(pf, filepath.Join(filepath.Dir(path), "plan.yaml"))
	require.NoError(t, err)
	assert.True(t, s.Any())
	assert.False(t, s.All())
	assert.Equal(t, []string{"server"}, s.Bare())
	base := &profile.Profile{Entries: map[string]profile.Entry{"a": took(100)}}
	p := s.Profile(base)
	e, err := p.CostOn("slow", "b")
	require.NoError(t, err)
	assert.Equal(t, took(5), e)
	e, err = p.CostOn("server", "a")
	require.NoError(t, err)
	assert.Equal(t, took(100), e)
	assert.Nil(t, base.Devices, "the base was changed")
	d, as := s.Device("slow")
	assert.Equal(t, "nano.json", as)
	assert.Equal(t, "slow as nano.json (jetson1, Jetson Nano, measured 2026-11-28, "+d.Digest()+")", s.String())
	assert.Len(t, d.Digest(), 8)
	assert.Equal(t, []string{"slow"}, s.Profiled())
	pf.Devices[1].Profile = path
	s, err = profiles.Named(pf, "elsewhere/plan.yaml")
	require.Error(t, err)
	assert.ErrorContains(t, err, "profile of device slow: open elsewhere/nano.json: ")
	assert.Nil(t, s)
	pf.Devices[0].Profile = path
	s, err = profiles.Named(pf, "elsewhere/plan.yaml")
	require.NoError(t, err)
	assert.True(t, s.All())
	s, err = profiles.Named(&plan.Platform{}, "")
	require.NoError(t, err)
	assert.False(t, s.Any())
	assert.False(t, s.All())
}

func TestSetSaysWhatItLacks(t *testing.T) {
	path := written(t, nano(t))
	pf := plan.Platform{Devices: []plan.Device{{Name: "slow", Profile: path}, {Name: "server"}}}
	s, err := profiles.Named(&pf, "")
	require.NoError(t, err)
	p := &plan.Plan{Platform: pf, Graph: &graph.Graph{}, Work: []plan.Work{{CostKey: "a"}, {Device: 1, CostKey: "z"}}}
	require.NoError(t, s.Covers([]*plan.Plan{p}))
	p.Work = append(p.Work, plan.Work{CostKey: "onnx net@12345678 [0:2] cpu t1"})
	err = s.Covers([]*plan.Plan{p})
	require.ErrorIs(t, err, profile.ErrMissing)
	assert.EqualError(t, err, "profile "+path+" of device slow: not measured on device jetson1: "+
		"onnx net@12345678 [0:2] cpu t1; run edgeprune profile --testbed FILE --device jetson1 on what needs it")
}

func TestModelsOfASet(t *testing.T) {
	one, two := nano(t), nano(t)
	first := written(t, one)
	pf := &plan.Platform{Devices: []plan.Device{{Name: "slow", Profile: first}, {Name: "fast", Profile: written(t, two)}}}
	s, err := profiles.Named(pf, "")
	require.NoError(t, err)
	models, err := s.Models([]string{"net", "unknown"})
	require.NoError(t, err)
	require.Len(t, models, 1)
	sum := one.Models[0].SHA256
	assert.Equal(t, sum, models["net"].SHA256())
	require.NoError(t, s.CheckModels(map[string]string{"net": sum, "unknown": "x"}))
	err = s.CheckModels(map[string]string{"net": strings.Repeat("f", 64)})
	require.ErrorIs(t, err, profiles.ErrOtherModel)
	assert.EqualError(t, err, "profile of another model: "+pf.Devices[1].Profile+" is of model net with SHA-256 "+sum[:8]+
		", and the one at hand has ffffffff; profile that one")

	other, err := onnxtest.Dense().Parse()
	require.NoError(t, err)
	m, err := profiles.ModelOf("net", other)
	require.NoError(t, err)
	two.Models, two.Created = []profiles.Model{m}, noon.Add(time.Hour)
	pf.Devices[1].Profile = written(t, two)
	s, err = profiles.Named(pf, "")
	require.NoError(t, err)
	_, err = s.Models([]string{"net"})
	require.ErrorIs(t, err, profiles.ErrOtherModel)
	assert.EqualError(t, err, "profile of another model: "+pf.Devices[1].Profile+" is of model net with SHA-256 "+
		other.SHA256()[:8]+", and "+first+" of one with "+sum[:8]+"; profile both devices with one model")
}

func TestNamedLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wifi.csv"), []byte("seconds,bytes_per_sec\n0,1e6\n"), 0o644))
	pf := &plan.Platform{Links: []plan.Link{{Name: "wifi", Between: []string{"a", "b"}, Trace: "wifi.csv"}}}
	s, err := profiles.Named(pf, filepath.Join(dir, "plan.yaml"))
	require.NoError(t, err)
	assert.Equal(t, []string{"wifi"}, s.Links())
	assert.False(t, s.Any(), "no device names one")
	lab := &profile.Link{}
	base := &profile.Profile{Links: map[string]*profile.Link{"lab": lab}}
	p := s.Profile(base)
	assert.Same(t, lab, p.Links["lab"])
	assert.InDelta(t, 1e6, p.Links["wifi"].Rates.Mean(), 1e-6)
	assert.Len(t, base.Links, 1, "the base was changed")
	pf.Links[0].Trace = "none.csv"
	_, err = profiles.Named(pf, filepath.Join(dir, "plan.yaml"))
	assert.ErrorContains(t, err, "profile of link wifi: trace of a link: open ")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lte.csv"), []byte("seconds,latency_seconds\n0,0.02\n"), 0o644))
	pf.Links[0].Trace = "lte.csv"
	s, err = profiles.Named(pf, filepath.Join(dir, "plan.yaml"))
	require.NoError(t, err)
	assert.Equal(t, 20*time.Millisecond, s.Profile(base).Links["wifi"].Latencies.Mean())
	pf.Links[0].Latency = time.Millisecond
	_, err = profiles.Named(pf, filepath.Join(dir, "plan.yaml"))
	assert.EqualError(t, err, "profile of link wifi: no trace of a link: lte.csv has a latency over time, and the link "+
		"has a latency or a profile with one; leave one of them out")
}
