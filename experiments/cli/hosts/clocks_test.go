//go:build hosts

package hosts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
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

// Four hosts with their own boot IDs and clocks a day apart give what one clock gives of the
// very same events, whichever runs the coordinator.
func TestClocks(t *testing.T) {
	s := newSite(t, map[string]hoststest.Spec{
		"hub": {Ahead: time.Hour}, "board": {Ahead: 2 * day}, "server": {Ahead: day}, "laptop": {Ahead: 3 * day},
	})
	s.serve(t)
	for _, device := range []string{"board", "server"} {
		s.agent(t, device)
	}
	s.present(t, "hub", "board", "server")
	plan := filepath.Join(s.dir, "plan.yaml")
	require.NoError(t, os.WriteFile(plan, []byte(hostsPlan), 0o644))

	var table strings.Builder
	tw := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "COORDINATOR ON\tENDPOINT TIME ms\tLATENCY ms\tBY ONE CLOCK ms\tTHERE AND BACK ms\tFRAMES/S")
	for _, where := range []string{"hub", "board", "server", "laptop", "laptop, both drivers", "one host"} {
		host, both := strings.CutSuffix(where, ", both drivers")
		var run *hoststest.Process
		switch {
		case where == "one host":
			run = s.Start(t, "laptop", program, "run", plan, "--json", "--driver", "deploy", "--results",
				filepath.Join(s.dir, "results", where))
		case both:
			run = s.coordinate(t, host, plan, where, "--driver", "both")
		default:
			run = s.coordinate(t, host, plan, where, "--driver", "deploy")
		}
		found, err := runs(run)
		require.NoError(t, err)
		o := found[len(found)-1].Outcome
		truth := "-"
		if where != "one host" {
			want := byOneClock(t, s.Hosts, plan, found[len(found)-1].Trace)
			assert.InDelta(t, want.EndpointTime.Median, o.EndpointTime.Median, 1e-6)
			assert.InDelta(t, want.Throughput.Value, o.Throughput.Value, 1e-3*want.Throughput.Value)
			assert.InDelta(t, want.Latency.Median, o.Latency.Median, o.Latency.Clock)
			assert.Positive(t, o.Latency.Clock)
			require.NotNil(t, o.RoundTrip)
			truth = fmt.Sprintf("%.3f", 1e3*want.Latency.Median)
		} else {
			assert.Zero(t, o.Latency.Clock)
			assert.Nil(t, o.RoundTrip)
		}
		back := "-"
		if o.RoundTrip != nil {
			back = fmt.Sprintf("%.3f ± %.3f", 1e3*o.RoundTrip.Median, 1e3*o.RoundTrip.Spread())
		}
		fmt.Fprintf(tw, "%s\t%.3f ± %.3f\t%.3f ± %.3f ± %.3f clocks\t%s\t%s\t%.2f\n", where, 1e3*o.EndpointTime.Median,
			1e3*o.EndpointTime.Spread(), 1e3*o.Latency.Median, 1e3*o.Latency.Spread(), 1e3*o.Latency.Clock, truth, back,
			o.Throughput.Value)
	}
	require.NoError(t, tw.Flush())
	t.Logf("\n%s", table.String())
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
