package comparecmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/cli/comparecmd"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// compared runs the command; it returns what it printed and logged.
func compared(t *testing.T, args ...string) (out, logged string, err error) {
	t.Helper()
	var b, log bytes.Buffer
	commands := &comparecmd.Commands{
		Stdout: &b, JSON: func(v any) error { return json.NewEncoder(&b).Encode(v) },
		Logf: func(format string, args ...any) { fmt.Fprintf(&log, format+"\n", args...) },
	}
	app := &cli.App{Commands: []*cli.Command{commands.Command()}, ExitErrHandler: func(*cli.Context, error) {}}
	err = app.RunContext(context.Background(), append([]string{"edgeprune", "compare"}, args...))
	return b.String(), log.String(), err
}

// run writes a finished run of a plan with a latency in s; it returns its folder.
func run(t *testing.T, dir string, day int, latency float64) string {
	t.Helper()
	out, err := record.New(dir, &record.Run{Finished: true, Started: time.Date(2026, 1, 2+day, 12, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	var runs []result.PlanRun
	for _, name := range []string{"cam", "cam-2"} {
		v := result.Stat{Median: latency, Low: 0.99 * latency, High: 1.01 * latency, N: 40}
		runs = append(runs, result.PlanRun{
			Driver: "deploy", Instance: name, Outcome: result.Outcome{Latency: v, EndpointTime: v},
		})
	}
	b, err := json.Marshal(runs)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(out, "runs.json"), b, 0o644))
	return out
}

func TestCompare(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my-plan")
	a, b := run(t, dir, 0, 0.1), run(t, dir, 1, 0.2)
	both, _, err := compared(t, a, b)
	require.NoError(t, err)
	assert.Contains(t, both, "latency, measured, B against A: changed in 2 of 2 cases, most cam (+100.00 %); geomean")
	for _, args := range [][]string{{b}, {dir}} { // with the one before it, and the last two
		out, _, err := compared(t, args...)
		require.NoError(t, err)
		assert.Equal(t, both, out)
	}
	out, _, err := compared(t, "--json", a, b)
	require.NoError(t, err)
	var found struct {
		Tables []struct {
			Metric struct{ Name string }
			Lines  []struct{ Changes []struct{ Verdict string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	assert.Equal(t, "latency", found.Tables[0].Metric.Name)
	assert.Equal(t, "changed", found.Tables[0].Lines[0].Changes[0].Verdict)
}

func TestFilesOfAComparison(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my-plan")
	a, b := run(t, dir, 0, 0.1), run(t, dir, 1, 0.2)
	out := filepath.Join(t.TempDir(), "changed")
	_, logged, err := compared(t, "-o", out, a, b)
	require.NoError(t, err)
	assert.Equal(t, "table, CSV, JSON, figure and report: "+out+"\n", logged)
	for name, want := range map[string]string{
		"compare.csv": "latency,s,measured,cam,B,", "compare.json": `"verdict": "changed"`, "table.txt": "B vs A",
		"report.html": "my-plan: what changed between 2 runs", "compare.svg": "latency, ratio to A", "compare.png": "PNG",
	} {
		text, err := os.ReadFile(filepath.Join(out, name))
		require.NoError(t, err)
		assert.Contains(t, string(text), want, name)
	}
	_, _, err = compared(t, "-o", out, a, b)
	require.ErrorIs(t, err, yamlfile.ErrInput)
	assert.ErrorContains(t, err, "the folder is not empty: "+out)
}

func TestRefusals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my-plan")
	a := run(t, dir, 0, 0.1)
	const no = "input: compare: not the folder of a run: "
	for want, args := range map[string][]string{
		no + "expected the folders of runs, such as results/NAME/RUN": nil,
		no + "there is no none": {"none"},
		no + "before " + a + " no run in " + dir + " has left results; name the one to compare with": {a},
		no + filepath.Dir(dir) + " has no run.json; name a folder such as results/NAME/RUN":          {a, filepath.Dir(dir)},
	} {
		_, _, err := compared(t, args...)
		require.ErrorIs(t, err, yamlfile.ErrInput, want)
		assert.ErrorContains(t, err, want[len("input: "):])
	}
}
