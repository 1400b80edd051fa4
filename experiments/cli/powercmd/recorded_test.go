package powercmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/states"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const thePlan = `plan: lights
application:
  name: lights
  actors:
    - {name: camera, kernel: count, out: [{port: out, type: "uint8[8]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: camera.out, to: sink.in}]
platform:
  devices:
    - {name: jetson, role: endpoint, units: [{name: cpu, lanes: 2}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links: [{name: link, between: [jetson, server]}]
instances:
  - mapping: [{unit: jetson.cpu, through: camera}, {unit: server.cpu}]
workload: {kind: offline, frames: 100}
`

const (
	ms     = int64(time.Millisecond)
	frames = 100
	began  = 1_772_355_600 * int64(time.Second) // 2026-03-01T09:00:00Z
)

// lights is a run in which the jetson takes 2 W, 5 W while one of two lanes computes, for 20 to
// 60 ms of every 100, and 3 W while it sends, for 10 to 30 ms behind that.
func lights() *trace.Trace {
	t := &trace.Trace{Plan: "lights", Driver: "deploy", BeganUnixNs: began}
	for i := range int64(frames) {
		at, computes, sends := i*100*ms, compute(i), send(i)
		t.Events = append(t.Events,
			trace.Event{Kind: trace.Firing, Device: "jetson", Unit: "cpu", Name: "camera", FIFO: -1, Frame: i,
				Start: at, End: at + computes},
			trace.Event{Kind: trace.Send, Device: "jetson", Unit: "link", Actor: -1, Frame: i,
				Start: at + computes, End: at + computes + sends})
	}
	return t
}

func compute(i int64) int64 { return (20 + 10*(i/7%5)) * ms }
func send(i int64) int64    { return (10 + 10*(i/11%3)) * ms }

func watts(at int64) float64 {
	i, in := at/(100*ms), at%(100*ms)
	switch {
	case at < 0 || i >= frames:
		return 2
	case in < compute(i):
		return 5
	case in < compute(i)+send(i):
		return 3
	}
	return 2
}

// kept writes the run as it is kept, and returns its folder, the trace, and the recording of a
// meter with a column of times.
func kept(t *testing.T, of *trace.Trace, column string, when func(at int64) string) (dir, path, meter string) {
	t.Helper()
	dir = t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	put("plan.yaml", []byte(thePlan))
	var b, csv bytes.Buffer
	require.NoError(t, trace.Write(&b, of))
	fmt.Fprintf(&csv, "%s,supply_w\n", column)
	for at := -1000 * ms; at <= (frames*100+1000)*ms; at += ms {
		fmt.Fprintf(&csv, "%s,%g\n", when(at), watts(at))
	}
	put("traces/deploy/lights-results.jsonl", nil)
	return dir, put("traces/deploy/lights.jsonl", b.Bytes()), put("supply.csv", csv.Bytes())
}

// onItsClock is a time of a meter that was switched on 12.5 s before the run.
func onItsClock(at int64) string { return fmt.Sprintf("%.3f", 12.5+float64(at)*1e-9) }

// The integrals are known: 2 W, and 3 W and 1 W more for as long as the trace says.
func TestJoin(t *testing.T) {
	want, computes, sends := 0.0, int64(0), int64(0)
	for i := range int64(frames) {
		computes, sends = computes+compute(i), sends+send(i)
	}
	last := (frames-1)*100*ms + compute(frames-1) + send(frames-1)
	want = (2*float64(last) + 3*float64(computes) + float64(sends)) * 1e-9

	_, path, meter := kept(t, lights(), "time_s", onItsClock)
	_, dayPath, day := kept(t, lights(), "time", func(at int64) string { // by a clock that is 2 s behind
		return time.Unix(0, began+at-2000*ms).UTC().Format(time.RFC3339Nano)
	})
	for _, args := range [][]string{
		{"--offset", "-12.5s", path, meter}, {"--offset", "2s", dayPath, day},
		{"--rail", "supply", "--offset", "2s", dayPath, day},
	} {
		out, err := run(t, nil, append([]string{"join", "--device", "jetson", "--json"}, args...)...)
		require.NoError(t, err)
		var got struct {
			Frames   int64
			Run      energy.Amount
			PerFrame float64 `json:"joules_per_frame"`
			States   []struct {
				State   string
				Seconds float64
				Energy  energy.Amount
			}
		}
		require.NoError(t, json.Unmarshal([]byte(out), &got))
		assert.EqualValues(t, frames, got.Frames)
		assert.InEpsilon(t, want, got.Run.Joules, 0.005)
		assert.InEpsilon(t, want/frames, got.PerFrame, 0.005)
		require.Len(t, got.States, 3)
		assert.Equal(t, "units.cpu", got.States[0].State)
		assert.InEpsilon(t, float64(computes)*1e-9, got.States[0].Seconds, 1e-9)
		whole := 5 * float64(computes) * 1e-9
		assert.InDelta(t, whole, got.States[0].Energy.Joules, 0.005*whole+got.States[0].Energy.BoundJoules)
		assert.Equal(t, "send", got.States[1].State)
		assert.Equal(t, "idle", got.States[2].State)
	}
	out, err := run(t, nil, "join", "--device", "jetson", "--offset", "-12.5s", path, meter)
	require.NoError(t, err)
	assert.Regexp(t, `^device jetson +\d+\.\d{3} s +\d.\d+ W +\d+\.\d+ J ± \S+ J +100\.0 % covered\n`+
		`per frame +100 frames +0\.\d+ J ± \S+ J\nwhile units\.cpu +\d\.\d{3} s .*\nwhile send .*\nwhile idle `, out)
}

// What is fitted to a run and the recording that was joined to it are the figures that the
// recording was made from; they can stand in a plan.
func TestFit(t *testing.T) {
	dir, path, meter := kept(t, lights(), "time_s", onItsClock)
	joined := filepath.Join(dir, "traces", "deploy", "joined.jsonl")
	_, err := run(t, nil, "join", "--device", "jetson", "--offset", "-12.5s", "-o", joined, path, meter)
	require.NoError(t, err)
	_, err = run(t, nil, "join", "--device", "jetson", "--offset", "-12.5s", "-o", joined, path, meter)
	require.ErrorIs(t, err, yamlfile.ErrInput)
	require.ErrorIs(t, err, output.ErrExists)

	counted := []energy.Metered{{Device: "jetson", Samples: []energy.Sample{{AtNs: 0}, {AtNs: 100 * ms, Value: 1}}}}
	short, idle := lights(), &trace.Trace{Plan: "lights", Driver: "deploy", Metered: counted}
	short.Events, short.Metered = short.Events[:2], counted
	for name, of := range map[string]*trace.Trace{"short": short, "idle": idle} {
		var b bytes.Buffer
		require.NoError(t, trace.Write(&b, of))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "traces", "deploy", name+".jsonl"), b.Bytes(), 0o600))
	}

	// Of the folder all runs but this one say nothing: one has no meter, one is too short, and in
	// one the device does nothing.
	out, err := run(t, nil, "fit", "--device", "jetson", "--window", "300ms", dir)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(out, "# device jetson, in watts: fitted, residual "), out)
	var got struct{ Power energy.Figures }
	require.NoError(t, yaml.UnmarshalWithOptions([]byte(out), &got, yaml.Strict()))
	require.NoError(t, got.Power.Check([]string{"cpu"}))
	assert.Equal(t, energy.Fitted, got.Power.Basis)
	assert.InEpsilon(t, 2, float64(*got.Power.Idle), 0.005)
	assert.InEpsilon(t, 6, float64(got.Power.Units["cpu"]), 0.005, "both lanes")
	assert.InEpsilon(t, 1, float64(*got.Power.Send), 0.02)
	assert.Nil(t, got.Power.Receive)
	assert.Less(t, got.Power.Residual, 0.01)
	assert.Regexp(t, `^\d\d windows of 300ms or more, of 1 runs$`, got.Power.From)
	_, err = run(t, nil, "fit", "--device", "jetson", "--window", "300ms",
		filepath.Join(dir, "traces", "deploy", "short.jsonl"))
	require.ErrorIs(t, err, states.ErrShort)
}

func TestBadRuns(t *testing.T) {
	dir, path, meter := kept(t, lights(), "time_s", onItsClock)
	simulated := lights()
	simulated.Driver = "sim"
	_, simulatedPath, _ := kept(t, simulated, "time_s", onItsClock)
	other := lights()
	other.Plan = "lamps"
	otherDir, otherPath, _ := kept(t, other, "time_s", onItsClock)
	alone := filepath.Join(t.TempDir(), "lights.jsonl")
	require.NoError(t, os.Link(path, alone))
	for _, c := range []struct {
		want string
		args []string
	}{
		{"none of its 12001 samples cover the time asked for; the recording goes from 99.000 s to 111.000 s since the " +
			"run's start, the device worked from 0.000 s to 9.970 s: correct --offset",
			[]string{"join", "--device", "jetson", "--offset", "87.5s", path, meter}},
		{`nano did nothing in the run; the devices that did are ["jetson"]`,
			[]string{"join", "--device", "nano", path, meter}},
		{meter + ` has no column of a rail gpu; it has ["supply"]`,
			[]string{"join", "--device", "jetson", "--rail", "gpu", path, meter}},
		{simulatedPath + ` is of the driver "sim"; a meter measures deployed runs`,
			[]string{"join", "--device", "jetson", simulatedPath, meter}},
		{otherPath + ` is of the plan "lamps", and ` + filepath.Join(otherDir, "plan.yaml") + ` is the plan "lights"`,
			[]string{"join", "--device", "jetson", otherPath, meter}},
		{"the plan of " + alone + " is not kept with it; give it by --plan", []string{"fit", "--device", "jetson", alone}},
		{"no meter of device jetson was read; start its agent with --power, or see power join",
			[]string{"fit", "--device", "jetson", path}},
		{"--window 0s: expected more than 0", []string{"fit", "--device", "jetson", "--window", "0s", dir}},
		{"expected traces, or a folder such as results/NAME/RUN", []string{"fit", "--device", "jetson"}},
		{"expected a trace and the recording of a meter; got 1 arguments", []string{"join", "--device", "jetson", path}},
	} {
		_, err := run(t, nil, c.args...)
		require.ErrorIs(t, err, yamlfile.ErrInput, c.want)
		assert.ErrorContains(t, err, c.want)
	}
	empty := t.TempDir()
	_, err := run(t, nil, "fit", "--device", "jetson", empty)
	require.EqualError(t, err, "bad input: "+empty+" has no traces/deploy/*.jsonl; expected a folder such as "+
		"results/NAME/RUN of a run that was deployed")
}
