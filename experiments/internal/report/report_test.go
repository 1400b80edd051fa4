package report

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

func times(s float64) result.Stat {
	return result.Stat{Median: s, Low: 0.99 * s, High: 1.01 * s, N: 20}
}

func found() *result.Sweep {
	here := result.Origin{Profile: "this box", Link: "loopback of this box", Emulated: true}
	row := func(label string, b result.Baseline, s float64) result.Row {
		o := func(k float64) *result.Outcome {
			return &result.Outcome{EndpointTime: times(k * s), Latency: times(2 * k * s), Origin: here}
		}
		return result.Row{
			Case:   result.Case{Experiment: "x", Endpoint: "slow", Link: "wired", Label: label, Baseline: b, Slowdown: 4},
			Stored: o(1.1), Measured: o(1),
		}
	}
	return &result.Sweep{
		Experiment: "x", Kind: result.OfCuts, Machine: "<script>box</script>", Date: "2025-06-01", Emulated: true,
		Unverified: []string{"link wired: from memory"}, Search: &result.Search{Rounds: 2, Most: 4, Complete: true},
		Parameters: []result.Parameter{
			{Name: "endpoint slow", Value: "900ms", For: "a single-board computer", Why: "none was at hand"},
		},
		Rows: []result.Row{row("all on endpoint", result.AllOnEndpoint, 1), row("PP2", "", 0.25)},
	}
}

// The page holds the answer before the tables, the assumed parameters with what they stand
// for and why, whose figures it shows, and its pictures.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	picture := filepath.Join(dir, "speedup.png")
	require.NoError(t, os.WriteFile(picture, []byte("picture"), 0o600))
	path := filepath.Join(dir, "report.html")
	s := found()
	s.Rows[1].Measured.Waited = []string{"device d0: firings waited"}
	require.NoError(t, Write(path, s, []string{picture, filepath.Join(dir, "speedup.svg")}))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	html := strings.ReplaceAll(string(b), "&#43;", "+")
	for _, want := range []string{
		"(emulated)", "<strong>Disturbed:</strong> slow wired PP2: device d0: firings waited", "Unverified:", `alt="speedup"`,
		"data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("picture")),
		"slow, wired: best without raw frames is PP2, 4.00 times faster than all on the endpoint (95 % interval 3.94 to " +
			"4.06)",
		"<td>endpoint slow</td><td>900ms</td><td>a single-board computer</td><td>none was at hand</td>",
		"<td>simulated</td><td>this box</td><td>loopback of this box</td><td>true</td><td>false</td><td>2</td>",
		"every predicted best was measured, after 2 of at most 4 rounds",
	} {
		assert.Contains(t, html, want)
	}
	assert.NotContains(t, html, "<script>")
	assert.Less(t, strings.Index(html, "Answer"), strings.Index(html, "cut or baseline"))
}

// A page of a testbed names it, and says that it is real.
func TestWriteReal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	s := found()
	s.Emulated = false
	s.Testbed = &result.Testbed{Server: "tls://hub:4222", Devices: map[string]string{"slow": "jetson1"}}
	s.Rows[0].Measured.Origin = result.Origin{Profile: "the devices jetson1", Link: "between the agents", Real: true}
	require.NoError(t, Write(path, s, nil))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, want := range []string{
		"<h1>x (real)</h1>", "Testbed: slow on jetson1 at tls://hub:4222.",
		"<td>measured</td><td>the devices jetson1</td><td>between the agents</td><td>false</td><td>true</td><td>1</td>",
	} {
		assert.Contains(t, string(b), want)
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	require.ErrorIs(t, Write(path, found(), []string{filepath.Join(dir, "none.png")}), os.ErrNotExist)
	require.ErrorIs(t, Write(path, &result.Sweep{}, nil), result.ErrEmpty)
	assert.NoFileExists(t, path)
}
