package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Studies hold baselines: as rows, in limits and in figures. One that can't be had is noted.
func TestStudyBaselines(t *testing.T) {
	file, results := studyIn(t, `baselines: true
vary:
  - {key: cut, values: [shrink, detect]}
  - {key: frame_rate, values: [20, 40]}
  - {key: count, of: cam, name: cameras, from: 1, to: 50}
ask: [{largest: cameras, where: latency_p99 <= 100ms}]
figures: [{lines: cameras, x: frame_rate, by: cut}]
`), t.TempDir()
	o := edgeprune(t, "study", "run", file, "--results", results)
	require.Zero(t, o.code, "%s", o.stderr)
	for _, text := range []string{
		"  cut shrink, frame_rate 20: cameras ", "  cut detect, frame_rate 40: cameras ",
		"  cut sink, frame_rate 20, baseline all on endpoint: cameras 50, the end of the range",
		"  cut camera, frame_rate 20, baseline all on server, raw: cameras 2; not at 3",
		`note: the baseline "all on server, JPEG" is left out: simulate plan pipeline: token size of FIFO `,
	} {
		assert.Contains(t, o.stdout, text)
	}
	b, err := os.ReadFile(filepath.Join(onlyRun(t, results), "cases.csv"))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(b), "case,cut,frame_rate,cameras,baseline,simulations,"))
	assert.Contains(t, string(b), ",camera,20,1,\"all on server, raw\",1,")
	svg, err := os.ReadFile(filepath.Join(onlyRun(t, results), "figures", "1-lines-cameras-frame_rate.svg"))
	require.NoError(t, err)
	assert.Contains(t, string(svg), "baseline: all on endpoint")
	assert.NotContains(t, string(svg), "JPEG")

	o = edgeprune(t, "study", "check", file, "--json")
	require.Zero(t, o.code, "%s", o.stderr)
	var e struct {
		Notes []string `json:"notes"`
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &e))
	require.Len(t, e.Notes, 1)
	assert.Contains(t, e.Notes[0], `the baseline "all on server, JPEG" is left out: `)

	url := openServer(t) // workers know baselines, too
	worker(t, "--nats", url)
	there := t.TempDir()
	o = edgeprune(t, "study", "run", file, "--results", there, "--nats", url)
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Equal(t, casesOf(t, results), casesOf(t, there))
}

// The best cut is one of those that are varied, whatever the baselines are.
func TestBestWithBaselines(t *testing.T) {
	const rest = "vary: [{key: cut, values: [shrink, detect]}, {key: bandwidth, values: [1MB/s, 4MB/s]}]\n" +
		"ask: [{best: cut, of: latency_p50, over: bandwidth}]\nfigures: [{tornado: latency_p50}, {lines: latency_p50, x: " +
		"bandwidth, by: cut}, {heat: latency_p50, x: cut, y: bandwidth}]\n"
	answers := func(rest string) string {
		o := edgeprune(t, "study", "run", studyIn(t, rest), "--results", t.TempDir())
		require.Zero(t, o.code, "%s", o.stderr)
		before, _, _ := strings.Cut(o.stdout, "note: ")
		before, _, _ = strings.Cut(before, "what-if: ")
		return before
	}
	assert.Equal(t, answers(rest+"baselines: false\n"), answers(rest+"baselines: true\n"))
}
