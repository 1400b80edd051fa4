package studycmd_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// impaired is the plan of the tests with more keys of its link.
func impaired(keys string) string {
	return strings.Replace(strings.Replace(studytest.Plan, "latency: 1ms}", keys+"}", 1), "frames: 10,", "frames: "+
		"200,", 1)
}

// What links do to tokens is varied by path: more of it takes longer, on any number of cores alike.
func TestLinksThatAreVaried(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	plan := impaired("latency: 1ms, jitter: {kind: gamma, mean: 1us}, loss: {rate: 0, timeout: 50ms}, outages: " +
		"[{from: 1s, " +
		"for: 1ms}]")
	var want string
	for i, c := range []struct{ cores, workers int }{{1, 1}, {4, 4}} {
		runtime.GOMAXPROCS(c.cores)
		x := studiedOn(t, plan, `vary:
  - {key: "platform.links[wifi].loss.rate", values: [0, 0.1, 0.4]}
  - {key: "platform.links[wifi].jitter.mean", values: [1us, 20ms]}
  - {key: "platform.links[wifi].outages[0].for", values: [1ms, 2s]}
`)
		rows := x.run(t, runner.Nowhere{}, c.workers)
		require.Len(t, rows, 3*2*2)
		mean, _ := study.MetricOf("latency_mean")
		last := map[string]float64{}
		for _, r := range rows {
			require.Empty(t, r.Failed)
			got, ok := r.Value(mean)
			require.True(t, ok)
			for f, level := range r.Levels {
				last[strings.Join(r.Levels[:f], " ")+"|"+level+"|"+strings.Join(r.Levels[f+1:], " ")] = got
			}
		}
		longer := func(less, more string) { assert.Greater(t, last[more], last[less]+0.003, "%s and %s", less, more) }
		longer("|0|1us 1ms", "|0.1|1us 1ms")
		longer("|0.1|1us 1ms", "|0.4|1us 1ms")
		longer("0|1us|1ms", "0|20ms|1ms")
		longer("0 1us|1ms|", "0 1us|2s|")
		if got := csvOf(t, x, rows); i == 0 {
			want = got
		} else {
			assert.Equal(t, want, got)
		}
	}
}

// Files of traces are levels, and cases of two files are two.
func TestTracesThatAreVaried(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"fast.csv": "seconds,bytes_per_sec,latency_seconds\n0,1e6,0.001\n", "slow.csv": "seconds,bytes_per_sec\n0,1e5\n",
		"lte.up": "1\n2\n100\n", "hole.csv": "seconds,bytes_per_sec\n0,\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	x := studiedOn(t, strings.Replace(studytest.Plan, ", latency: 1ms", "", 1), `vary:
  - {key: "platform.links[wifi].trace", values: [fast.csv, slow.csv, lte.up, hole.csv]}
`)
	x.base.Simulator = func(p *profile.Profile) driver.Summarizer { return &sim.Driver{Profile: p} }
	x.base.File = filepath.Join(dir, "plan.yaml")
	rows := x.run(t, runner.Nowhere{}, 1)
	require.Len(t, rows, 4)
	p50, _ := study.MetricOf("latency_p50")
	hashes, last := map[string]bool{}, 0.0
	for _, r := range rows[:3] {
		require.Empty(t, r.Failed)
		hashes[r.Case] = true
		got, ok := r.Value(p50)
		require.True(t, ok)
		assert.Greater(t, got, last, "%v", r.Levels)
		last = got
	}
	assert.Len(t, hashes, 3)
	assert.Contains(t, rows[3].Failed, "hole.csv:2: no trace of a link: a hole: bytes_per_sec is missing")
}
