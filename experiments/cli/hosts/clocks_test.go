//go:build hosts

package hosts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const hostsPlan = `plan: hosts
application:
  name: hosts
  actors:
    - {name: source, kernel: count, out: [{port: out, type: "uint8[295000]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: source.out, to: sink.in}]
platform:
  devices:
    - {name: board, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links: [{name: wired, between: [board, server], bandwidth_bytes_per_sec: 100e6, latency: 1ms}]
instances:
  - mapping: [{unit: board.cpu, through: source}, {unit: server.cpu}]
workload: {kind: single-stream, frames: 300, warmup: 10}
`

// places are where the coordinator runs.
var places = []string{"hub", "board", "server", "laptop", "laptop, both drivers", oneHost}

// oneHost is the plan run by agents of one host, on one clock. They are clients of the same
// server: what they send takes the same way as between hosts.
const oneHost = "laptop, as both agents"

// Four hosts with their own boot IDs and clocks a day apart give what one clock gives of the
// very same events, whichever runs the coordinator. Several runs of each, in turns, give the
// same as each other, and as one host with one clock.
func TestClocks(t *testing.T) {
	s := newSite(t, map[string]hoststest.Spec{
		"hub": {Ahead: time.Hour}, "board": {Ahead: 2 * day}, "server": {Ahead: day}, "laptop": {Ahead: 3 * day},
	})
	s.provide(t, "board", "server", "board-too", "server-too")
	s.serve(t)
	for device, host := range map[string]string{
		"board": "board", "server": "server", "board-too": "laptop", "server-too": "laptop",
	} {
		s.agentOn(t, host, device)
		s.present(t, "hub", device)
	}
	plan, together := filepath.Join(s.dir, "plan.yaml"), filepath.Join(s.dir, "together.yaml")
	require.NoError(t, os.WriteFile(plan, []byte(hostsPlan), 0o644))
	text := strings.NewReplacer("name: board", "name: board-too", "board.cpu", "board-too.cpu", "name: server",
		"name: server-too", "server.cpu", "server-too.cpu", "[board, server]", "[board-too, server-too]").Replace(hostsPlan)
	require.NoError(t, os.WriteFile(together, []byte(text), 0o644))
	rounds := stat.MinSamples
	if testing.Short() {
		rounds = 1
	}
	all := map[string]*placement{}
	for _, where := range places {
		all[where] = &placement{}
	}
	for range rounds {
		for _, where := range places {
			if where == oneHost {
				all[where].add(t, s, where, together)
			} else {
				all[where].add(t, s, where, plan)
			}
		}
	}
	t.Logf("%d runs of each, in turns\n%s", rounds, placementTable(t, all))
	if testing.Short() {
		t.Log("left out: comparing them with each other takes several runs of each; just hosts does it")
		return
	}
	for _, q := range result.Quantities() {
		for i, a := range places {
			for _, b := range places[:i] {
				assert.True(t, all[a].agrees(all[b], q), "%s: coordinator on %s: %v, on %s: %v", q, a, all[a].of(q), b,
					all[b].of(q))
			}
		}
	}
}

// add runs the plan once more, and compares it with what one clock gives of the same events.
func (p *placement) add(t *testing.T, s *site, where, plan string) {
	t.Helper()
	host, what, _ := strings.Cut(where, ", ")
	driver := "deploy"
	if what == "both drivers" {
		driver = "both"
	}
	run := s.coordinate(t, host, plan, where, "--driver", driver)
	found, err := runs(run)
	require.NoError(t, err)
	last := found[len(found)-1]
	o := &last.Outcome
	p.found = append(p.found, o)
	if where == oneHost {
		assert.Zero(t, o.Latency.Clock)
		assert.Nil(t, o.RoundTrip)
		return
	}
	want := byOneClock(t, s.Hosts, plan, last.Trace)
	p.truth = append(p.truth, want.Latency.Median)
	assert.InDelta(t, want.EndpointTime.Median, o.EndpointTime.Median, 1e-6)
	assert.InDelta(t, want.Throughput.Value, o.Throughput.Value, 1e-3*want.Throughput.Value)
	assert.InDelta(t, want.Latency.Median, o.Latency.Median, o.Latency.Clock)
	assert.Positive(t, o.Latency.Clock)
	require.NotNil(t, o.RoundTrip)
	p.back = append(p.back, o.RoundTrip.Median)
}

// byOneClock measures the run of a plan that left a trace by this machine's clock, whose
// distance from every host's is known here.
func byOneClock(t *testing.T, hosts *hoststest.Hosts, path, traced string) result.Outcome {
	t.Helper()
	file, err := os.Open(traced)
	require.NoError(t, err)
	defer file.Close()
	tr, err := trace.Read(file)
	require.NoError(t, err)
	require.NotNil(t, tr.Clocks)
	zero := map[string]int64{}
	for _, c := range tr.Clocks.List {
		for _, d := range c.Devices {
			zero[d] = c.Began - int64(hosts.Ahead(d))
		}
	}
	for i := range tr.Events {
		e := &tr.Events[i]
		e.Start, e.End = e.Start+zero[e.Device]-zero["board"], e.End+zero[e.Device]-zero["board"]
	}
	tr.Clocks = nil
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	parsed, err := planfile.Parse(path, data)
	require.NoError(t, err)
	p, err := compile.Compile(parsed, nil)
	require.NoError(t, err)
	out, err := metrics.Measure(p, tr, "")
	require.NoError(t, err)
	return out
}
