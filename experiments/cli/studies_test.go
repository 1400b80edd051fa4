package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

// studyIn writes a study over the plan of studytest, and returns its file.
func studyIn(t *testing.T, rest string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "plan.yaml"), []byte(studytest.Plan), 0o600))
	file := filepath.Join(dir, "study.yaml")
	text := "study: what-if\nbase: {plan: plan.yaml}\n" + studytest.Assumed + rest
	if !strings.Contains(rest, "baselines:") {
		text += "baselines: false\n"
	}
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// onlyRun returns the folder of the only run of a study.
func onlyRun(t *testing.T, results string) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(results, "studies", "what-if", "2*"))
	require.NoError(t, err)
	require.Len(t, runs, 1)
	return runs[0]
}

const twoFactors = "vary: [{key: cut, values: all}, {key: bandwidth, from: 1MB/s, to: 4MB/s, steps: 3, scale: log}]\n"

func TestStudyRun(t *testing.T) {
	file, results := studyIn(t, twoFactors+`ask: [{best: cut, of: latency_p50, over: bandwidth}]
figures: [{lines: latency_p50, x: bandwidth, by: cut}]
`), t.TempDir()
	o := edgeprune(t, "study", "run", file, "--results", results)
	require.Zero(t, o.code, "%s", o.stderr)
	out := onlyRun(t, results)
	assert.Contains(t, o.stdout, "what-if: 12 cases")
	f, err := os.Open(filepath.Join(out, "cases.csv"))
	require.NoError(t, err)
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, table, 13)
	assert.Equal(t, []string{"case", "cut", "bandwidth", "simulations", "settled", "endpoint_time_s"}, table[0][:6])
	assert.Equal(t, []string{"camera", "1000000"}, table[1][1:3])
	assert.Equal(t, []string{"sink", "4000000"}, table[12][1:3])
	var run struct {
		Finished bool `json:"finished"`
		Inputs   struct {
			Study string `json:"study_sha256"`
		} `json:"inputs"`
	}
	b, err := os.ReadFile(filepath.Join(out, "run.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &run))
	assert.True(t, run.Finished)
	assert.Contains(t, o.stdout, "best cut by latency_p50 over bandwidth:\n  sink at 1 MB/s to 2 MB/s; shrink at "+
		"4 MB/s\n")
	for _, name := range []string{
		"cases.parquet", "answers.json", "report.html", "figures/1-lines-latency_p50-bandwidth.svg",
	} {
		assert.FileExists(t, filepath.Join(out, filepath.FromSlash(name)))
	}
	page, err := os.ReadFile(filepath.Join(out, "report.html"))
	require.NoError(t, err)
	for _, text := range []string{"Simulated: nothing was measured.", "12 simulated, 0 failed", "a firing of " +
		"detect costs 5ms", "shrink at 4 MB/s", "<svg "} {
		assert.Contains(t, string(page), text)
	}
	assert.Len(t, run.Inputs.Study, 64)
}

// A study that is stopped goes on under the same command, and not after a change.
func TestStudyGoesOn(t *testing.T) {
	file, results := studyIn(t, twoFactors), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := edgepruneIn(ctx, "study", "run", file, "--results", results)
	require.Equal(t, exitRun, o.code)
	assert.Contains(t, o.stderr, "stopped; what was measured is kept, the same command goes on from there")
	o = edgeprune(t, "study", "run", file, "--results", results)
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Contains(t, o.stderr, "go on with the run in "+onlyRun(t, results))

	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	o = edgepruneIn(ctx, "study", "run", file, "--results", results)
	require.Equal(t, exitRun, o.code, "a finished run is not gone on with")
	plan := filepath.Join(filepath.Dir(file), "plan.yaml")
	require.NoError(t, os.WriteFile(plan, []byte(strings.Replace(studytest.Plan, "1ms", "2ms", 1)), 0o600))
	o = edgeprune(t, "study", "run", file, "--results", results)
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Contains(t, o.stderr, "another study, or other files that it names")
}

func TestStudyFails(t *testing.T) {
	file, results := studyIn(t, "vary: [{key: cut, values: [shrink, detect]}, {key: codec, values: [none, "+
		"int8-static]}]\n"),
		t.TempDir()
	o := edgeprune(t, "study", "run", file, "--results", results, "--json")
	assert.Equal(t, exitRun, o.code)
	assert.Contains(t, o.stderr, "2 of 4 cases failed; the first, shrink, int8-static: bad input: ")
	var found struct {
		Cases  int `json:"cases"`
		Failed int `json:"failed"`
		Rows   []struct {
			Levels []string `json:"levels"`
			Failed string   `json:"failed"`
		} `json:"rows"`
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
	assert.Equal(t, []int{4, 2}, []int{found.Cases, found.Failed})
	assert.Contains(t, found.Rows[1].Failed, "int8-static needs the scale")
}

func TestStudyCheck(t *testing.T) {
	o := edgeprune(t, "study", "check", studyIn(t, twoFactors), "--json")
	require.Zero(t, o.code, "%s", o.stderr)
	var e struct {
		Cases int `json:"cases"`
		Tried int `json:"cases_tried"`
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &e))
	assert.Equal(t, []int{12, 5}, []int{e.Cases, e.Tried})
}

func TestBadStudies(t *testing.T) {
	for rest, want := range map[string]string{
		"": "study.yaml:1:1: bad study: it varies nothing",
		"vary: [{key: platform.speed, values: [1]}]\n": `study.yaml:4:14: no such key: ` +
			`platform.speed: platform has no key "speed"`,
		"vary: [{key: workload.frames, values: [1.5]}]\n": "study.yaml:4:40: not a value of the key: " +
			"workload.frames is a whole number",
		"vary: [{key: latency, from: 0s, to: 1s, steps: 999999999}]\n": "study.yaml:4:48: bad design: 999999999 steps",
	} {
		o := edgeprune(t, "study", "run", studyIn(t, rest), "--results", t.TempDir())
		assert.Equal(t, exitInput, o.code)
		assert.Contains(t, o.stderr, want)
	}
	file := studyIn(t, twoFactors)
	for from, to := range map[string]string{
		"plan.yaml}":  "none.yaml}",
		"camera: 1ms": "lens: 1ms",
	} {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		changed := filepath.Join(filepath.Dir(file), "changed.yaml")
		require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(b), from, to, 1)), 0o600))
		o := edgeprune(t, "study", "check", changed)
		assert.Equal(t, exitInput, o.code, to)
	}
}

// A limit is searched, and stands in a figure.
func TestStudySearches(t *testing.T) {
	file, results := studyIn(t, `vary:
  - {key: frame_rate, values: [20, 40]}
  - {key: count, of: cam, name: cameras, from: 1, to: 50}
ask: [{largest: cameras, where: latency_p99 <= 100ms}]
figures: [{lines: cameras, x: frame_rate}, {lines: latency_p99, x: cameras, by: frame_rate}]
`), t.TempDir()
	o := edgeprune(t, "study", "run", file, "--results", results, "--json")
	require.Zero(t, o.code, "%s", o.stderr)
	var found struct {
		Answers []struct {
			Level    string `json:"level"`
			Monotone bool   `json:"monotone"`
		} `json:"answers"`
		Files []string `json:"files"`
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
	require.Len(t, found.Answers, 2)
	require.Len(t, found.Files, 5)
	fast, slow := found.Answers[1], found.Answers[0]
	assert.True(t, fast.Monotone && slow.Monotone)
	assert.NotEqual(t, slow.Level, fast.Level)
}

// The studies that come with the program need neither models nor profiles of this machine.
func TestShippedStudies(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "studies", "*", "study.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 4)
	cache := t.TempDir()
	for _, file := range files {
		o := edgeprune(t, "--cache", cache, "study", "check", file, "--json")
		require.Zero(t, o.code, "%s", o.stderr)
		var e struct {
			Failed string `json:"failed"`
		}
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &e))
		assert.Empty(t, e.Failed, file)
	}
	o := edgeprune(t, "--cache", cache, "study", "run", files[3], "--results", t.TempDir())
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Contains(t, o.stdout, "energy-latency: 108 cases")
}
