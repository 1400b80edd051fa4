package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// folder writes a run of so many days after the first, with a file of results; it returns its path.
func folder(t *testing.T, dir string, day int, name, content string, change func(*record.Run)) string {
	t.Helper()
	rec := &record.Run{
		Finished: true, Started: time.Date(2026, 1, 2+day, 12, 0, 0, 0, time.UTC), Governor: "performance", Go: "go1.26",
		Profiled: fmt.Sprintf("made at 2026-01-01 10:00 UTC, %dh0m0s ago, in 1 rounds", 26+24*day),
		Seed:     1, Command: []string{"edgeprune", "run", "x"}, Inputs: record.Inputs{
			Program: revision.Info{Revision: "v1"}, Machine: "box", Runtime: "1.27", Effort: "quick", Drivers: "both",
			Experiment: "0123456789abcdef", Models: map[string]string{"net": "fedcba9876543210"},
		},
	}
	if change != nil {
		change(rec)
	}
	out, err := record.New(dir, rec)
	require.NoError(t, err)
	if name != "" {
		require.NoError(t, os.WriteFile(filepath.Join(out, name), []byte(content), 0o644))
	}
	return out
}

func outcome(endpoint, latency float64) *result.Outcome {
	of := func(v float64) result.Stat {
		return result.Stat{Median: v, Low: 0.98 * v, High: 1.02 * v, Mean: v, N: 40}
	}
	return &result.Outcome{
		EndpointTime: of(endpoint), Latency: of(latency), BoundaryBytes: 1000,
		Throughput: result.Rate{Interval: stat.Interval{Value: 1 / latency, Low: 0.9 / latency, High: 1.2 / latency, N: 39}},
	}
}

// sweep is a run of an experiment of two cuts, the second only simulated.
func sweep(t *testing.T, measured float64, more ...result.Row) string {
	t.Helper()
	row := func(label string, m *result.Outcome) result.Row {
		of := result.Case{Endpoint: "slow", Link: "wired", Label: label}
		return result.Row{Case: of, Stored: outcome(0.1, 0.2), Measured: m}
	}
	s := result.Sweep{
		Experiment: "x", Kind: result.OfCuts, Machine: "box", Emulated: true,
		Rows: append([]result.Row{row("PP1", outcome(measured, 2*measured)), row("PP2", nil)}, more...),
	}
	s.Rows[0].Quality = map[string]float64{"accuracy": 0.98}
	joules := 0.5
	s.Rows[0].Measured.Energy = &result.Energy{Means: result.ByModel, Devices: []result.DeviceEnergy{
		{Device: "slow", Endpoint: true, Joules: &joules},
	}}
	b, err := json.Marshal(s)
	require.NoError(t, err)
	return string(b)
}

func loaded(t *testing.T, dirs ...string) []*Run {
	t.Helper()
	var all []*Run
	for _, dir := range dirs {
		r, err := Load(dir)
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

// anonymous gives runs paths that don't depend on where the test runs.
func anonymous(all []*Run) []*Run {
	for i, r := range all {
		r.Path = fmt.Sprintf("results/x/%d", i+1)
	}
	return all
}

func TestExperiments(t *testing.T) {
	dir := t.TempDir()
	a := folder(t, dir, 0, "sweep.json", sweep(t, 0.1), nil)
	b := folder(t, dir, 1, "sweep.json", sweep(t, 0.11, result.Row{
		Case: result.Case{Endpoint: "slow", Link: "wired", Label: "PP3"}, Stored: outcome(1, 1),
	}), func(r *record.Run) { r.Inputs.Program.Revision, r.Seed = "v2", 7 })
	c, err := Of(anonymous(loaded(t, a, b)))
	require.NoError(t, err)
	var text, all, table bytes.Buffer
	require.NoError(t, c.WriteText(&text, false))
	golden.Check(t, filepath.Join("testdata", "experiments.txt"), text.String())
	require.NoError(t, c.WriteText(&all, true))
	assert.Contains(t, all.String(), "slow wired PP2")
	assert.NotContains(t, text.String(), "slow wired PP2")
	require.NoError(t, c.WriteCSV(&table))
	golden.Check(t, filepath.Join("testdata", "experiments.csv"), table.String())
	_, err = json.Marshal(c)
	require.NoError(t, err)
}

// Each run has a letter, and is compared with the first.
func TestSeveralRuns(t *testing.T) {
	dir := t.TempDir()
	var dirs []string
	for i, v := range []float64{0.1, 0.12, 0.08} {
		dirs = append(dirs, folder(t, dir, i, "sweep.json", sweep(t, v), nil))
	}
	c, err := Of(loaded(t, dirs...))
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, c.WriteText(&text, false))
	assert.Contains(t, text.String(), "C vs A")
	assert.Contains(t, text.String(),
		"latency, measured, C against A: changed in 1 of 1 case, most slow wired PP1 (-20.00 %)")
	assert.Contains(t, text.String(), "As far as their records say, the runs were made from equal inputs")
}

// What was measured for real and what was emulated is told apart.
func TestRealAgainstEmulated(t *testing.T) {
	dir := t.TempDir()
	emulated := folder(t, dir, 0, "sweep.json", sweep(t, 0.1), nil)
	text := strings.Replace(sweep(t, 0.1), `"emulated":true,"rows"`, `"emulated":false,"rows"`, 1)
	real := folder(t, dir, 1, "sweep.json", text, func(r *record.Run) {
		r.Real, r.Testbed = true, &result.Testbed{Server: "nats://lab:4222", Devices: map[string]string{"slow": "jetson1"}}
		r.Agents = map[string]record.Agent{"jetson1": {Version: "v1", Host: "j1", Runtime: "1.27"}}
	})
	c, err := Of(loaded(t, emulated, real))
	require.NoError(t, err)
	differs := map[string][]string{}
	for _, d := range c.Differs {
		differs[d.What] = d.Values
	}
	assert.Equal(t, []string{"emulated", "real"}, differs["values"])
	assert.Equal(t, []string{"", "slow on jetson1 at nats://lab:4222"}, differs["testbed"])
	assert.Equal(t, []string{"", "program v1; host j1; ONNX Runtime 1.27"}, differs["agent jetson1"])
}

func TestPlans(t *testing.T) {
	runs := func(v float64) string {
		b, err := json.Marshal([]result.PlanRun{
			{Driver: "sim", Instance: "cam", Outcome: *outcome(0.1, 0.2), Emulated: true},
			{Driver: "deploy", Instance: "cam", Outcome: *outcome(v, 2*v), Emulated: true},
			{Driver: "sim", Instance: "cam-2", Outcome: *outcome(0.3, 0.4), Emulated: true},
		})
		require.NoError(t, err)
		return string(b)
	}
	dir := filepath.Join(t.TempDir(), "my-plan")
	a, b := folder(t, dir, 0, "runs.json", runs(0.1), nil), folder(t, dir, 1, "runs.json", runs(0.2), nil)
	c, err := Of(loaded(t, a, b))
	require.NoError(t, err)
	assert.Equal(t, "my-plan", c.Runs[0].Name)
	assert.Equal(t, []string{"emulated"}, c.Runs[0].Marks)
	first := c.Tables[0]
	assert.Equal(t, "latency, measured (ms; less is better)", first.Title())
	require.Len(t, first.Lines, 1)
	assert.Equal(t, "cam", first.Lines[0].Case)
	assert.InDelta(t, 2, first.Lines[0].Change[0].Ratio.Value, 1e-12)
}

func TestStudies(t *testing.T) {
	csv := func(v string) string {
		return "case,cut,bandwidth,simulations,settled,latency_p50_s,latency_p50_s_low,latency_p50_s_high,dropped," +
			"dropped_low,dropped_high,failed\n0123,a,1000,1,,0.5,0.5,0.5,0,,,\n" +
			"4567,b,1000,8,true," + v + ",0.55,0.65,0.1,0.05,0.15,\n" +
			"89ab,c,1000,0,,,,,,,,broken\n"
	}
	dir := t.TempDir()
	a, b := folder(t, dir, 0, "cases.csv", csv("0.6"), nil), folder(t, dir, 1, "cases.csv", csv("0.61"), nil)
	c, err := Of(loaded(t, a, b))
	require.NoError(t, err)
	require.Len(t, c.Tables, 2)
	assert.Equal(t, "latency_p50", c.Tables[0].Metric.Name)
	assert.Equal(t, "cut a, bandwidth 1000", c.Tables[0].Lines[0].Case)
	assert.Equal(t, "=", c.Tables[0].Lines[0].Change[0].Delta(c.Tables[0].Metric))
	assert.Equal(t, "~", c.Tables[0].Lines[1].Change[0].Delta(c.Tables[0].Metric))
	assert.Equal(t, "dropped", c.Tables[1].Metric.Name)
	assert.True(t, c.Tables[1].Metric.Points)
	assert.Nil(t, c.Tables[1].Geomean)
}

func TestExplorations(t *testing.T) {
	csv := func(v, chosen string) string {
		return "platform,mapping,codec,baseline,chosen,front,raw_frame,breaks,latency_s,throughput_frames_per_s," +
			"energy_slow_j,traffic_bytes,leakage\nslow,PP1,int8,," + chosen + ",true,false,," + v + ",10,0.5,1000,0.4\n" +
			"slow,PP2,none,,false,true,false,,0.5,20,,5000,\n"
	}
	dir := t.TempDir()
	a := folder(t, dir, 0, "front.csv", csv("0.1", "true"), nil)
	b := folder(t, dir, 1, "front.csv", csv("0.2", "false"), nil)
	c, err := Of(loaded(t, a, b))
	require.NoError(t, err)
	var metrics []string
	for _, table := range c.Tables {
		metrics = append(metrics, table.Title())
	}
	assert.Equal(t, []string{
		"latency, simulated (ms; less is better)", "throughput, simulated (frames/s; more is better)",
		"energy_slow, simulated (mJ; less is better)", "traffic, simulated (kB; less is better)",
		"leakage, simulated (%; less is better)",
	}, metrics)
	assert.Contains(t, c.Differs, Difference{"chosen slow", []string{"PP1 int8", ""}})
	assert.Equal(t, "+100.00 %", c.Tables[0].Lines[0].Change[0].Delta(latency))
	assert.Equal(t, "latency, simulated, B against A: changed in 1 of 2 cases, most slow PP1 int8 (+100.00 %); geomean "+
		"+41.42 % of 2.", c.Lead()[0])
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	only := func(measured bool) string {
		r := result.PlanRun{Driver: "sim", Instance: "cam", Outcome: *outcome(0.1, 0.2)}
		if measured {
			r.Driver = "deploy"
		}
		b, err := json.Marshal([]result.PlanRun{r})
		require.NoError(t, err)
		return string(b)
	}
	plan := filepath.Join(dir, "plan")
	predicted := folder(t, plan, 0, "runs.json", only(false), nil)
	measured := folder(t, plan, 1, "runs.json", only(true), nil)
	experiment := folder(t, filepath.Join(dir, "x"), 2, "sweep.json", sweep(t, 1), nil)
	_, err := Of(loaded(t, predicted, measured))
	require.ErrorIs(t, err, ErrNothing)
	assert.EqualError(t, err, "compare: nothing to compare: "+predicted+" (plan) has simulated values; "+measured+
		" (plan) has measured values. A prediction is never compared with a measurement as if they were alike: how far they "+
		"are apart stands in a run's own table")
	_, err = Of(loaded(t, predicted, experiment))
	require.ErrorIs(t, err, ErrKinds)
	assert.EqualError(t, err, "compare: runs of several kinds: "+predicted+" is a run of a plan, "+experiment+
		" of an experiment; name runs of one kind")
	_, err = Of(loaded(t, predicted))
	assert.EqualError(t, err, "compare: nothing to compare: give two runs or more")
	many := make([]*Run, Most+1)
	_, err = Of(many)
	assert.EqualError(t, err, "compare: nothing to compare: 27 runs; give 26 at most")
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	begun := folder(t, dir, 0, "", "", func(r *record.Run) { r.Finished = false })
	stopped := folder(t, dir, 1, "", "", func(r *record.Run) { r.Finished, r.Incomplete = false, "it was interrupted" })
	other := folder(t, dir, 2, "up.json", "{}", nil)
	half := folder(t, dir, 3, "sweep.json", `{"experiment": "x", "rows": [{`, nil)
	notes := folder(t, dir, 4, "cases.csv", "name,value\n", nil)
	torn := folder(t, dir, 5, "cases.csv", "case,cut,simulations,settled\na,b,many,\n", nil)
	unread := filepath.Join(dir, "unread")
	require.NoError(t, os.MkdirAll(unread, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(unread, "run.json"), []byte(`{"inputs":`), 0o644))
	const no, yet = "compare: not the folder of a run: ", "compare: the run has no results yet: "
	const writing = "; is a program writing it?"
	for path, want := range map[string]struct {
		kind error
		text string
	}{
		filepath.Join(dir, "none"): {ErrNoRun, no + "there is no " + filepath.Join(dir, "none")},

		file:   {ErrNoRun, no + file + " is a file; name the folder that it lies in"},
		dir:    {ErrNoRun, no + dir + " has no run.json; name a folder such as results/NAME/RUN"},
		unread: {ErrNoRun, no + unread + ": its run.json can't be read: unexpected end of JSON input"},
		begun: {ErrUnfinished, yet + begun + " is not finished; let it end, or give its command again: " +
			"edgeprune run x"},
		stopped: {ErrUnfinished, yet + stopped + " is not finished, as it was interrupted; let it end, or give its " +
			"command again: edgeprune run x"},
		other: {ErrNoRun, no + other + " holds none of sweep.json, runs.json, cases.csv, front.csv, which runs of " +
			"experiments, plans, studies and explore leave"},
		half: {ErrUnfinished, yet + half + ": its sweep.json can't be read: unexpected end of JSON input" + writing},
		notes: {ErrUnfinished, yet + notes + ": its cases.csv can't be read: it has other columns than those of such " +
			"a run" + writing},
		torn: {ErrUnfinished, yet + torn + ": its cases.csv can't be read: simulations of cut b: strconv.Atoi: " +
			`parsing "many": invalid syntax` + writing},
	} {
		_, err := Load(path)
		require.ErrorIs(t, err, want.kind, path)
		assert.EqualError(t, err, want.text)
	}
	_, err := Before(begun)
	require.ErrorIs(t, err, ErrNoRun)
	assert.EqualError(t, err, "compare: not the folder of a run: before "+begun+" no run in "+dir+
		" has left results; name the one to compare with")
}

// The run before is the last one that has left results.
func TestBefore(t *testing.T) {
	dir := t.TempDir()
	first := folder(t, dir, 0, "sweep.json", sweep(t, 1), nil)
	folder(t, dir, 1, "", "", func(r *record.Run) { r.Finished = false })
	last := folder(t, dir, 2, "sweep.json", sweep(t, 1), nil)
	folder(t, dir, 3, "sweep.json", sweep(t, 1), nil)
	before, err := Before(last)
	require.NoError(t, err)
	assert.Equal(t, first, before)
	before, err = Before(last + string(filepath.Separator))
	require.NoError(t, err)
	assert.Equal(t, first, before)
	runs, err := Runs(dir)
	require.NoError(t, err)
	assert.Len(t, runs, 4)
	assert.True(t, strings.HasSuffix(last, runs[2]))
	t.Chdir(filepath.Dir(last))
	before, err = Before(filepath.Base(last))
	require.NoError(t, err)
	assert.Equal(t, filepath.Base(first), before)
	t.Chdir(filepath.Base(last))
	before, err = Before(".")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join("..", filepath.Base(first)), before)
}
