package sim_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A token under way waits while the link is out, and arrives when the rest of it has crossed.
// What has left the sender arrives; acknowledgements wait.
func TestOutage(t *testing.T) {
	p := four(t)
	l := &p.Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency = 1e9, 100 // a byte per ns
	l.Outages = []plan.Outage{{From: 12, For: 18}, {From: 220, For: 1000}}
	tr := simulate(t, &sim.Driver{Profile: costs(), Link: sim.Ideal{}}, p)
	sent, arrived := crossed(t, tr)
	assert.Equal(t, []span{{10, 36}, {36, 44}, {44, 52}, {52, 60}}, sent)
	assert.Equal(t, []int64{136, 144, 152, 160}, arrived)
	acks := of(tr, trace.Ack, 0)
	require.NotEmpty(t, acks)
	assert.EqualValues(t, 160+5+100, acks[0].End, "it left before the second outage")
	assert.Zero(t, tr.Restarts)
	l.Outages = []plan.Outage{{From: 146, For: 1000}}
	tr = simulate(t, &sim.Driver{Profile: costs(), Link: sim.Ideal{}}, p)
	assert.EqualValues(t, 1146+100, of(tr, trace.Ack, 0)[0].End, "it waited")
	// A fault of the link at that time loses what is on it.
	l.Outages, p.Faults = nil, []plan.Fault{{Device: -1, At: 12, For: 18, Detect: 5}}
	tr = simulate(t, &sim.Driver{Profile: costs(), Link: sim.Ideal{}}, p)
	assert.Positive(t, tr.Restarts)
	assert.Greater(t, len(of(tr, trace.Send, 0)), 1, "the token is sent again")
}

// A bandwidth of 0 for a time is an outage but for what is acknowledged.
func TestOutageByTrace(t *testing.T) {
	r, err := profile.NewRates([]profile.Rate{{At: 0, BytesPerSec: 1e9}, {At: 12}, {At: 30, BytesPerSec: 1e9}}, false,
		func(int) string { return "row" })
	require.NoError(t, err)
	p := four(t)
	sent, arrived := crossed(t, simulate(t, &sim.Driver{Profile: linked(p, profile.Direction{}, profile.Direction{},
		r)}, p))
	assert.Equal(t, []span{{10, 36}, {36, 44}, {44, 52}, {52, 60}}, sent)
	assert.Equal(t, []int64{36, 44, 52, 60}, arrived)
	// With an outage beside it, neither lets anything cross.
	p.Platform.Links[0].Outages = []plan.Outage{{From: 28, For: 12}}
	_, arrived = crossed(t, simulate(t, &sim.Driver{Profile: linked(p, profile.Direction{}, profile.Direction{}, r)}, p))
	assert.Equal(t, []int64{46, 54, 62, 70}, arrived)
}

// A latency over time counts from when a token has left its sender; tokens don't overtake.
func TestLatencyOverTime(t *testing.T) {
	l, err := profile.NewLatencies([]profile.Latency{{At: 0, Latency: 1000}, {At: 20, Latency: 7}, {At: 36,
		Latency: 50}}, false,
		func(int) string { return "row" })
	require.NoError(t, err)
	p := four(t)
	p.Platform.Links[0].BandwidthBytesPerSec = 1e9
	prof := costs()
	prof.Links = map[string]*profile.Link{"l01": {Between: [2]string{"d0", "d1"}, Latencies: l}}
	_, arrived := crossed(t, simulate(t, &sim.Driver{Profile: prof}, p))
	assert.Equal(t, []int64{1018, 1018, 1018, 1018}, arrived)
	l, err = profile.NewLatencies([]profile.Latency{{At: 0, Latency: 2}, {At: 20, Latency: 7}, {At: 36,
		Latency: 50}}, false, nil)
	require.NoError(t, err)
	prof.Links["l01"].Latencies = l
	tr := simulate(t, &sim.Driver{Profile: prof}, p)
	_, arrived = crossed(t, tr)
	assert.Equal(t, []int64{20, 33, 41, 92}, arrived)
	assert.EqualValues(t, 92+5+50, of(tr, trace.Ack, 0)[0].End)
}

// instanced returns a plan with an instance of the application for each of the names, on an
// endpoint and a link of its own.
func instanced(t *testing.T, keys, workload string, bytes int, names ...string) *plan.Plan {
	t.Helper()
	var devices, links, instances strings.Builder
	for _, n := range names {
		fmt.Fprintf(&devices, "    - {name: %s, role: endpoint, units: [{name: cpu}]}\n", n)
		fmt.Fprintf(&links, "    - {name: l-%s, between: [%[1]s, server], bandwidth_bytes_per_sec: 10MB/s, latency: "+
			"2ms, %s}\n", n,
			keys)
		fmt.Fprintf(&instances, "  - {name: %s, mapping: [{unit: %[1]s.cpu, actors: [cam]}, {unit: server.cpu, actors: "+
			"[detect]}, "+
			"{unit: %[1]s.cpu}]}\n", n)
	}
	text := fmt.Sprintf(`plan: p
seed: 5
application:
  name: a
  actors:
    - {name: cam, kernel: random, out: [{port: f, type: "uint8[%d]"}]}
    - {name: detect, kernel: first, in: [{port: f}], out: [{port: g, type: "uint8[1000]"}]}
    - {name: sink, kernel: sink, in: [{port: g}]}
  fifos: [{from: cam.f, to: detect.f}, {from: detect.g, to: sink.g}]
platform:
  devices:
    - {name: server, role: server, units: [{name: cpu, lanes: 64}]}
%s  links:
%sinstances:
%sworkload: %s
`, bytes, &devices, &links, &instances, workload)
	f, err := planfile.Parse("p.yaml", []byte(text))
	require.NoError(t, err)
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	return p
}

// crossings returns how long the tokens of a FIFO were on their way, by its name.
func crossings(tr *trace.Trace) map[string][]int64 {
	all := map[string][]int64{}
	for _, e := range tr.Events {
		switch e.Kind {
		case trace.Send:
			all[e.Name] = append(all[e.Name], -e.Start)
		case trace.Recv:
			all[e.Name][e.Frame] += e.End
		}
	}
	return all
}

const impairedKeys = "jitter: {kind: gamma, mean: 3ms, stddev: 2ms}, loss: {rate: 0.05, timeout: 30ms}"

// constantCosts is a driver whose firings take a ms.
func constantCosts(t *testing.T) *sim.Driver {
	t.Helper()
	m, err := sim.NewCostModel("constant=1ms")
	require.NoError(t, err)
	return &sim.Driver{Cost: m}
}

// What one instance's tokens meet does not depend on the others, nor on the processors: the same
// seed gives the same trace, another one another.
func TestDrawsOfInstances(t *testing.T) {
	run := func(seed uint64, names ...string) *trace.Trace {
		p := instanced(t, impairedKeys, "{kind: camera, period: 500ms, frames: 50}", 200_000, names...)
		p.Seed = seed
		return simulate(t, constantCosts(t), p)
	}
	alone, beside := crossings(run(5, "b")), crossings(run(5, "a", "b", "c"))
	require.Len(t, alone, 2)
	for name, want := range alone {
		require.Len(t, want, 50)
		assert.Equal(t, want, beside[name], name)
		assert.NotEqual(t, want, beside[strings.ReplaceAll(name, "b/", "a/")], "others have draws of their own")
	}
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	one := run(5, "a", "b")
	runtime.GOMAXPROCS(4)
	assert.Equal(t, one, run(5, "a", "b"))
	assert.NotEqual(t, one.Events, run(6, "a", "b").Events)
}

// The mean time of tokens over a link that loses segments and has little else to do is that of
// its bytes at what TCP sustains, RFC 3649's window of 38 segments in a round trip at one loss in
// 1000, and of the losses themselves.
func TestTCPOverALongPath(t *testing.T) {
	p := instanced(t, "loss: {rate: 0.001, model: tcp}", "{kind: single-stream, frames: 300}", 1<<20, "a")
	p.Platform.Links[0].BandwidthBytesPerSec, p.Platform.Links[0].Latency = 1e9, 50*time.Millisecond
	times := crossings(simulate(t, constantCosts(t), p))["a/cam.f->a/detect.f"]
	require.Len(t, times, 300)
	sum := 0.0
	for _, ns := range times {
		sum += float64(ns) / 1e9
	}
	window := 38.7 * plan.SegmentBytes / 0.1 // bytes/s
	least := (1<<20)/window + 0.05
	assert.InEpsilon(t, least, sum/300, 0.05, "losses themselves add little: they are found while others are sent")
	assert.Greater(t, sum/300, least)
}

// Bytes sent are bytes received and bytes lost, and frames captured are frames entered, dropped and
// left, in random plans, whether a trace is kept or what happens is added up. The two agree.
func TestConservation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	one := func(list ...string) string { return list[rng.IntN(len(list))] }
	lossy, dropping := 0, 0
	for i := range 200 {
		var keys []string
		for _, k := range []string{
			one("", "jitter: {kind: normal, mean: 1ms, stddev: 3ms}", "jitter: {kind: gamma, mean: 3ms, stddev: 5ms}",
				"jitter: {kind: constant, mean: 1ms}"),
			one("", "loss: {rate: 0.3, timeout: 20ms}", "loss: {rate: 0.02, timeout: 5ms, window: 64KiB}",
				"loss: {rate: 0.01, model: tcp}", "loss: {rate: 0.15, model: tcp, window: 20kB}"),
			one("", "duplex: half"),
			one("", "outages: [{from: 10ms, for: 30ms}]", "outages: [{from: 0s, for: 3ms, every: 11ms}, {from: 20ms, "+
				"for: 50ms}]"),
		} {
			if k != "" {
				keys = append(keys, k)
			}
		}
		workload := one("{kind: offline, frames: 12}", "{kind: single-stream, frames: 8}",
			"{kind: camera, period: 7ms, frames: 15, drop: newest, queue: 2}",
			"{kind: poisson, rate: 200, frames: 15, drop: oldest}")
		p := instanced(t, strings.Join(append(keys, "seal: false"), ", "), workload, 1+rng.IntN(400_000),
			[]string{"a", "b", "c"}[:1+rng.IntN(3)]...)
		p.Seed = uint64(i)
		d := constantCosts(t)
		tr, err := d.Run(t.Context(), p)
		require.NoError(t, err, "plan %d: %s, %s", i, keys, workload)
		lost := map[string]int64{}
		for _, x := range tr.Crossed {
			lost[x.Link] += x.LostBytes
		}
		for _, c := range tr.Captured {
			assert.Equal(t, c.Captured, p.Workload.Frames+c.Dropped+c.Waiting)
			if c.Dropped > 0 {
				dropping++
			}
		}
		sum, err := d.Summarize(t.Context(), p)
		require.NoError(t, err, "plan %d: %s, %s", i, keys, workload)
		repeated := map[string]int64{}
		for _, l := range sum.Links {
			if l.RepeatedBytes > 0 {
				repeated[l.Link] += l.RepeatedBytes
			}
		}
		for link, n := range lost {
			if n == 0 {
				delete(lost, link)
			}
		}
		assert.Equal(t, lost, repeated)
		if len(lost) > 0 {
			lossy++
		}
	}
	assert.Greater(t, lossy, 70)
	assert.Greater(t, dropping, 35)
}

// A law that is broken is told.
func TestBytesThatAreMissing(t *testing.T) {
	p := instanced(t, "loss: {rate: 0.3, timeout: 20ms}", "{kind: offline, frames: 20}", 100_000, "a")
	tr := simulate(t, constantCosts(t), p)
	require.NotEmpty(t, tr.Crossed)
	assert.Positive(t, tr.Crossed[0].LostBytes)
	tr.Crossed[0].LostBytes--
	err := trace.Check(tr, trace.Laws{Lanes: map[trace.Unit]int{{Device: "a", Name: "cpu"}: 1, {Device: "server",
		Name: "cpu"}: 64},
		Rates: []int{1, 1}})
	require.ErrorIs(t, err, trace.ErrConservation)
	assert.ErrorContains(t, err, fmt.Sprintf("%d bytes sent over link l-a, %d received and %d lost",
		tr.Crossed[0].Bytes, 20*100_000,
		tr.Crossed[0].LostBytes))
}

// Impairments that factors of a study have made wrong are refused, and not drawn from.
func TestImpairmentsThatCanNotBe(t *testing.T) {
	p := instanced(t, impairedKeys, "{kind: offline, frames: 1}", 10, "a")
	p.Platform.Links[0].Jitter.Mean = 0
	_, err := constantCosts(t).Run(t.Context(), p)
	require.ErrorIs(t, err, sim.ErrPlan)
	assert.ErrorContains(t, err, "link l-a: gamma jitter of mean 0 and stddev 2ms; give a mean above 0")
}
