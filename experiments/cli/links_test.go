package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// linkedPlan writes the small plan with more keys of its link, and beside it a link profile of
// 100 ms and a trace of 200 kB/s.
func linkedPlan(t *testing.T, keys string) string {
	t.Helper()
	dir := t.TempDir()
	one := profile.Direction{
		BytesPerSec: profile.Spread{Median: 1e9}, RoundTripNs: profile.Spread{Median: 2e8},
		Sizes: []profile.Size{{Bytes: 1 << 20, Send: []time.Duration{time.Millisecond},
			OneWay: []time.Duration{100 * time.Millisecond, 101 * time.Millisecond, 102 * time.Millisecond}}},
	}
	l := &profile.Link{Between: [2]string{"box", "server"}, Directions: [2]profile.Direction{one, one}}
	b, err := profiles.NewLinkFile(l, noon, "abc", 1<<20).Bytes()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lab.json"), b, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slow.csv"), []byte("seconds,bytes_per_sec\n0,200e3\n"), 0o644))
	text := read(t, small)
	require.Contains(t, text, "between: [box, server]")
	path := filepath.Join(dir, "plan.yaml")
	text = strings.Replace(text, "between: [box, server]", "between: [box, server], "+keys, 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// simulatedPlan returns what a plan's simulation found.
func simulatedPlan(t *testing.T, path string) result.PlanRun {
	t.Helper()
	o := edgeprune(t, "run", path, "--driver", "sim", "--json", "--results", t.TempDir())
	require.Equal(t, exitOK, o.code, o.stderr)
	var found []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
	require.Len(t, found, 1)
	return found[0]
}

func TestPlansOverMeasuredLinks(t *testing.T) {
	r := simulatedPlan(t, linkedPlan(t, "profile: lab.json"))
	assert.GreaterOrEqual(t, r.Outcome.Latency.Median, 0.099)
	r = simulatedPlan(t, linkedPlan(t, "profile: lab.json, trace: slow.csv, jitter: empirical"))
	assert.GreaterOrEqual(t, r.Outcome.Latency.Median, 0.099)
	r = simulatedPlan(t, linkedPlan(t, "trace: slow.csv, trace_loop: true"))
	assert.GreaterOrEqual(t, r.Outcome.Latency.Median, 64/200e3+0.001, "the trace, and the latency that the plan says")
}

// A deployment shapes a link by its trace, as the simulator does: 64 bytes take 10 ms.
func TestDeployedPlanOverATracedLink(t *testing.T) {
	dataset(t, "onnxruntime")
	path := linkedPlan(t, "trace: slower.csv")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "slower.csv"),
		[]byte("seconds,bytes_per_sec\n0,6400\n"), 0o644))
	o := edgeprune(t, "run", path, "--driver", "deploy", "--json", "--results", t.TempDir())
	require.Equal(t, exitOK, o.code, o.stderr)
	var found []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
	require.Len(t, found, 1)
	assert.True(t, found[0].Emulated)
	assert.GreaterOrEqual(t, found[0].Outcome.Latency.Median, 0.011)
}

// Both drivers take the capacity over time of a medium; the path is relative to the plan's file.
func TestPlanOnATracedMedium(t *testing.T) {
	dataset(t, "onnxruntime")
	path := linkedPlan(t, "medium: cell")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "cell.csv"),
		[]byte("seconds,bytes_per_sec\n0,6400\n"), 0o644))
	text := strings.Replace(read(t, path), "\ninstances:", "\n  media: [{name: cell, trace: cell.csv}]\ninstances:", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	o := edgeprune(t, "run", path, "--json", "--results", t.TempDir())
	require.Equal(t, exitOK, o.code, o.stderr)
	var found []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
	require.Len(t, found, 2)
	for _, r := range found {
		assert.GreaterOrEqual(t, r.Outcome.Latency.Median, 0.011, r.Driver)
	}
}

func TestPlansThatCanNotBeDeployed(t *testing.T) {
	path := linkedPlan(t, "loss: {rate: 0.01, timeout: 200ms}")
	edgeprune(t, "run", path, "--results", t.TempDir()).refused(t, exitInput, path+":16:8: not possible in a deployment: "+
		"link wired, which FIFO source.out->copy.in crosses: loss is simulated only; remove it from the link or use "+
		"--driver sim")
	path = linkedPlan(t, "trace: late.csv")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "late.csv"),
		[]byte("seconds,bytes_per_sec,latency_seconds\n0,6400,0.1\n"), 0o644))
	text := strings.Replace(read(t, path), ", latency: 1ms", "", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	o := edgeprune(t, "run", path, "--results", t.TempDir())
	assert.Equal(t, exitInput, o.code)
	assert.Contains(t, o.stderr, ":16:8: not possible in a deployment: link wired, which FIFO source.out->copy.in "+
		"crosses: a latency over time, as in its trace ")
	assert.Contains(t, o.stderr, "late.csv, is simulated only; remove it from the link or use --driver sim")
}

func TestPlansOverLinksThatCanNotBe(t *testing.T) {
	path := linkedPlan(t, "profile: lab.json")
	edgeprune(t, "run", path, "--driver", "deploy", "--results", t.TempDir()).refused(t, exitInput, path+": link wired "+
		"names a profile, and links on this machine are others; simulate by --driver sim, or run on the devices by "+
		"--testbed FILE")
	path = linkedPlan(t, "profile: none.json")
	for _, command := range [][]string{{"run", path, "--driver", "sim", "--results", t.TempDir()}, {"check", path}} {
		o := edgeprune(t, command...)
		assert.Equal(t, exitInput, o.code)
		assert.Contains(t, o.stdout+o.stderr, "profile of link wired: open "+filepath.Join(filepath.Dir(path), "none.json")+
			": no such file or directory; make one with: edgeprune testbed probe -o FILE")
	}
	path = linkedPlan(t, "trace: slow.csv")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "slow.csv"),
		[]byte("seconds,bytes_per_sec\n0,1\n1,\n"), 0o644))
	o := edgeprune(t, "check", path)
	assert.Equal(t, exitInput, o.code)
	assert.Contains(t, o.stdout+o.stderr, "slow.csv:3: no trace of a link: a hole: bytes_per_sec is missing")
}

// Who watches a run is told how fast its links pass tokens: as the profile that a link names says, or as was measured.
func TestRatesOfLinks(t *testing.T) {
	measured := func(rate float64) *profile.Link {
		d := profile.Direction{BytesPerSec: profile.Spread{Median: rate}, Sizes: []profile.Size{{Bytes: 1}}}
		return &profile.Link{Between: [2]string{"endpoint", "server"}, Directions: [2]profile.Direction{d}}
	}
	l := &session{links: map[string]*profile.Link{"wired": measured(5e6), "other": measured(3e6)}}
	assert.InDelta(t, 5e6, l.linkRate("wired", "endpoint"), 0)
	assert.Zero(t, l.linkRate("wired", "server"), "it was not measured")
	assert.Zero(t, l.linkRate("none", "endpoint"))

	path := linkedPlan(t, "profile: lab.json")
	pf := plan.Platform{Links: []plan.Link{{Name: "wired", Between: []string{"box", "server"}, Profile: "lab.json"}}}
	var err error
	l.named, err = profiles.Named(&pf, path)
	require.NoError(t, err)
	assert.InDelta(t, 1e9, l.linkRate("wired", "box"), 0)
	assert.InDelta(t, 3e6, l.linkRate("other", "endpoint"), 0)
}
