package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

func times(s float64) result.Stat {
	return result.Stat{Median: s, Low: 0.99 * s, High: 1.01 * s, N: 20}
}

func found() *result.Sweep {
	here := result.Origin{Profile: "this box", Link: "loopback of this box", Emulated: true}
	row := func(label string, b result.Baseline, s float64) result.Row {
		o := func(k float64) *result.Outcome {
			return &result.Outcome{EndpointTime: times(k * s), Latency: times(2 * k * s), Origin: here, BoundaryBytes: 1000}
		}
		return result.Row{
			Case:   result.Case{Experiment: "x", Endpoint: "slow", Link: "wired", Label: label, Baseline: b, Slowdown: 4},
			Stored: o(1.1), Measured: o(1),
		}
	}
	s := &result.Sweep{
		Experiment: "x", Kind: result.OfCuts, Machine: "<script>box</script>", Date: "2025-06-01", Emulated: true,
		Unverified: []string{"link wired: from memory"}, Search: &result.Search{Rounds: 2, Most: 4, Complete: true},
		Parameters: []result.Parameter{
			{Name: "endpoint slow", Value: "900ms", For: "a single-board computer", Why: "none was at hand"},
		},
		Rows: []result.Row{row("all on endpoint", result.AllOnEndpoint, 1), row("PP2", "", 0.25), row("PP3", "", 0.5)},
	}
	s.Rows[2].Measured = nil
	return s
}

const tinySVG = `<svg width="9pt" height="9pt" viewBox="0 0 9 9"><title>t</title><path d="M1"/></svg>`

// The page leads with the answer: the best cut, its speed-up with the interval, how far the
// prediction is off, what is emulated and assumed; then come figures, tables, method and machine.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	svg := filepath.Join(dir, "figures", "endpoint-time.svg")
	require.NoError(t, os.Mkdir(filepath.Dir(svg), 0o755))
	require.NoError(t, os.WriteFile(svg, []byte(tinySVG), 0o600))
	path := filepath.Join(dir, "report.html")
	s := found()
	s.Rows[1].Measured.Waited = []string{"device d0: firings waited"}
	s.Rows[2].Failed = "no agent"
	run := &record.Run{Inputs: record.Inputs{Runtime: "1.23", Effort: "quick"}, Command: []string{"edgeprune", "run", "x"},
		Started: time.Unix(0, 0), Go: "go1.26", Agents: map[string]record.Agent{"slow": {Host: "jetson", Version: "1"}}}
	require.NoError(t, Write(path, s, run, []string{filepath.Join(dir, "endpoint-time.png"), svg}))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	html := strings.ReplaceAll(string(b), "&#43;", "+")
	at := 0
	for _, want := range []string{
		"<h1 dir=\"auto\">x (emulated)</h1>",
		"Emulated: slowed devices or shaped links on one machine. Assumed: 1 parameter, fixed before the run. " +
			"Unverified: the figures of 1 link or device.",
		"slow, wired: best without raw frames is PP2, 4.00 times faster than all on the endpoint (95 % interval 3.94 to " +
			"4.06).", "The stored prediction is PP2 (0.0 % slower, measured).",
		"The simulated endpoint time, from the profile made before the run, is off by 10.0 % in the median and " +
			"10.0 % at worst",
		"Every predicted best was measured, after 2 of at most 4 rounds.",
		"Speed-up over all on the endpoint, measured", "4.00 × (3.94 to 4.06)", "10.0 % median, 10.0 % worst",
		"3 simulated, 2 measured, 0 not settled, 1 failed",
		"<b class=\"kind\">assumed</b> endpoint slow: 900ms; it stands for a single-board computer; none was at hand.",
		"<b class=\"kind\">unverified</b> link wired: from memory",
		"<b class=\"kind\">disturbed</b> slow wired PP2: device d0: firings waited",
		"<b class=\"kind\">failed</b> slow wired PP3: no agent",
		`aria-label="Figure: endpoint time"`, "<title>t</title>", "Cases", "cut or baseline",
		"endpoint time, stored prediction", "Whose figures",
		"<td dir=\"auto\">simulated</td><td dir=\"auto\">this box</td><td dir=\"auto\">loopback of this box</td>" +
			"<td dir=\"auto\">emulated</td><td dir=\"auto\" class=\"number\" data-value=\"3\">3</td>",
		"How to read the tables", "Errors of the predictions", "Machine: &lt;script&gt;box", "Command: edgeprune run x",
		"ONNX Runtime: 1.23", "Agent of slow: jetson, edgeprune 1<",
	} {
		i := strings.Index(html[at:], want)
		require.GreaterOrEqual(t, i, 0, want)
		at += i
	}
}

// A page of a testbed names it, and says that it is real.
func TestWriteReal(t *testing.T) {
	s := found()
	s.Emulated = false
	s.Testbed = &result.Testbed{Server: "tls://hub:4222", Devices: map[string]string{"slow": "jetson1"}}
	s.Rows[0].Measured.Origin = result.Origin{Profile: "the devices jetson1", Link: "between the agents", Real: true}
	p, err := OfSweep(s, nil)
	require.NoError(t, err)
	assert.Equal(t, "x (real)", p.Title)
	assert.Contains(t, p.Kicker, "Real: measured on devices of a testbed; none was slowed and no link shaped.")
	html := rendered(t, p)
	for _, want := range []string{
		"Testbed: slow on jetson1 at tls://hub:4222",
		"<td dir=\"auto\">measured</td><td dir=\"auto\">the devices jetson1</td>" +
			"<td dir=\"auto\">between the agents</td><td dir=\"auto\">real</td>",
	} {
		assert.Contains(t, html, want)
	}
}

// Without a measurement, the page says so and leads with the prediction.
func TestWriteSimulated(t *testing.T) {
	s := found()
	for i := range s.Rows {
		s.Rows[i].Measured = nil
	}
	p, err := OfSweep(s, nil)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(p.Kicker, "Simulated: nothing was measured."), p.Kicker)
	assert.Equal(t, "slow, wired: best without raw frames is PP2 by the stored prediction, 4.00 times faster than all "+
		"on the endpoint; nothing was measured.", p.Lead[0])
	assert.Contains(t, p.Lead[1], "is not known")
	assert.Contains(t, p.Facts, Fact{"Predicted best (slow, wired); nothing was measured", "PP2"})
	assert.Contains(t, p.Facts, Fact{"Speed-up over all on the endpoint, simulated", "4.00 ×"})
}

// Where no measured case is certain enough, the page leads with the prediction and says so.
func TestWriteNotSettled(t *testing.T) {
	s := found()
	for i := range s.Rows[:2] {
		s.Rows[i].Measured.EndpointTime.High *= 2
	}
	p, err := OfSweep(s, nil)
	require.NoError(t, err)
	assert.Equal(t, "slow, wired: best without raw frames is PP2 by the stored prediction, 4.00 times faster than all "+
		"on the endpoint; which is best as measured is not settled.", p.Lead[0])
}

// What counts comes first where there are several endpoints and links.
func TestLeadOfSeveral(t *testing.T) {
	s := found()
	for _, r := range s.Rows[:2] {
		r.Endpoint, r.Measured = "fast", nil
		s.Rows = append([]result.Row{r}, s.Rows...)
	}
	p, err := OfSweep(s, nil)
	require.NoError(t, err)
	assert.Contains(t, p.Lead[0], "slow, wired: best")
	assert.Contains(t, p.Lead[2], "is off by")
	assert.Contains(t, p.Lead[3], "fast, wired: best")
}

// A long answer and many notes stand behind a button.
func TestFurther(t *testing.T) {
	p := Page{}
	for i := range 30 {
		p.Lead = append(p.Lead, fmt.Sprint("line ", i))
		p.Notes = append(p.Notes, Note{"assumed", fmt.Sprint("note ", i)})
	}
	html := rendered(t, &p)
	assert.Contains(t, html, fmt.Sprintf("<summary>%d more</summary>\n<p dir=\"auto\">line %d</p>", 30-mostAnswer,
		mostAnswer))
	assert.Contains(t, html, fmt.Sprintf("<summary>%d more</summary>", 30-mostNotes))
	assert.Contains(t, html, "note 29")
}

func TestWritePlan(t *testing.T) {
	outcome := func(s float64) result.Outcome {
		return result.Outcome{EndpointTime: times(s), Latency: times(s),
			Throughput: result.Rate{Interval: stat.Interval{Value: 3}}}
	}
	runs := &result.PlanRuns{Plan: "p", Machine: "box", Runs: []result.PlanRun{
		{Driver: "sim", Instance: "a", Outcome: outcome(0.011), Assumed: []string{"FIFO x"}, Fitted: []string{"gamma"}},
		{Driver: "local", Instance: "a", Emulated: true, Outcome: outcome(0.01)},
	}}
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, WritePlan(path, runs, nil, nil))
	p := OfPlan(runs, nil)
	assert.Equal(t, "p (emulated)", p.Title)
	assert.Equal(t, "Emulated: slowed devices or shaped links. Assumed by the simulation, as not measured: 1 figure.",
		p.Kicker)
	assert.Equal(t, "The simulation is off by: endpoint time +10.0 %, latency +10.0 %, throughput +0.0 %.", p.Lead[0])
	assert.Equal(t, runs.Answer(), p.Lead[1:])
	assert.Contains(t, p.Facts, Fact{"Error of the simulation, latency", "+10.0 %"})
	assert.Contains(t, p.Facts, Fact{"Runs", "2 instances: sim, local (emulated)"})
	assert.Equal(t, []Note{{"fitted", "gamma"}, {"assumed by the simulation, as not measured", "FIFO x"}}, p.Notes)
	assert.False(t, p.Tables[0].Rows[0].Measured)
	assert.True(t, p.Tables[0].Rows[1].Measured)
	runs.Runs = append(runs.Runs, result.PlanRun{Driver: "sim", Instance: "b", Outcome: outcome(0.009)},
		result.PlanRun{Driver: "local", Instance: "b", Outcome: outcome(0.012)})
	assert.Contains(t, OfPlan(runs, nil).Lead[0],
		"endpoint time -25.0 %, latency -25.0 %, throughput +0.0 %; the worst of 2")
	runs.Runs = runs.Runs[:1]
	assert.Equal(t, runs.Answer(), OfPlan(runs, nil).Lead)
	assert.Contains(t, OfPlan(runs, nil).Kicker, "Simulated: nothing was measured.")
}

func TestWriteStudy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, WriteStudy(path, &Study{Name: "s", About: "what if", Kicker: "Simulated.", Answer: []string{"q: 7"},
		Notes: []string{"n"}, Assumed: []string{"a"}, Tables: []Table{{Name: "Cases"}}}, nil))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, want := range []string{"Simulated.", "q: 7", "<b class=\"kind\">note</b> n",
		"<b class=\"kind\">assumed</b> a", "Cases", "what if"} {
		assert.Contains(t, string(b), want)
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	require.ErrorIs(t, Write(path, found(), nil, []string{filepath.Join(dir, "none.svg")}), os.ErrNotExist)
	require.ErrorIs(t, Write(path, &result.Sweep{}, nil, nil), result.ErrEmpty)
	assert.NoFileExists(t, path)
}
