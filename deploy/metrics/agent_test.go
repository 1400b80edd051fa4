package metrics_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/deploy/metrics"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// status is one that has a bit of everything.
func status() *wire.AgentStatus {
	return &wire.AgentStatus{
		Device: "jetson1", Version: "v1", Host: "lab", GoVersion: "go1", ORT: "1.27.0", State: wire.Running, Run: "r",
		Frames: 12, Total: 100, SentBytes: 5000, ReceivedBytes: 300, Reconnects: 1,
		Rejected: map[string]uint64{"data malformed": 2, "ack refused": 1},
		Detail: &wire.Detail{
			Work: &wire.Work{
				Units: []wire.UnitWork{{Name: "gpu", Provider: "tensorrt", Lanes: 2, Firings: 24, BusyNs: 1.5e9}},
				Links: []wire.LinkWork{{Name: "wifi", Peer: "server", SentTokens: 12, SentBytes: 4800, ResentTokens: 1,
					ReceivedTokens: 3, ReceivedBytes: 30, BusyNs: 2.25e9, BytesPerSec: 1e6}},
				FIFOs: []wire.FIFOWork{{Name: "a->b", Peer: "server", Sends: true, Tokens: 3, Capacity: 4},
					{Name: "c->d", Tokens: 1, Capacity: 2}},
				FIFOsLeftOut: 1, WaitedNs: 5e8, Fallbacks: 1, Captured: 30, Dropped: 6,
				Energy: &energy.Amount{Joules: 7.5, CoveredNs: 3e9},
			},
			State: &device.State{
				PowerMode: "0 MAXN", Zones: []device.Zone{{Name: "cpu", Celsius: 51.5}, {Name: "cpu", Celsius: 60}},
				Clocks:    []device.Clock{{Of: "cpu 0-3", Governor: "schedutil", Hz: 1.5e9}, {Of: "gpu"}},
				Throttled: []device.Throttle{{Name: "oc1_event_cnt", Value: 4}, {Name: "under-voltage", Flag: true, Value: 1}},
				Memory:    &device.Memory{Available: 1 << 30},
			},
		},
	}
}

func registry(t *testing.T, c prometheus.Collector) *prometheus.Registry {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	require.NoError(t, r.Register(c))
	return r
}

// Every name, unit and value; two zones of one name stay apart.
func TestMetricsOfAnAgent(t *testing.T) {
	a := metrics.NewAgent()
	r := registry(t, a)
	n, err := testutil.GatherAndCount(r)
	require.NoError(t, err)
	assert.Zero(t, n, "it has not started")
	a.Reads(status)
	a.Fired("gpu", "head", 2e6)
	a.Fired("gpu", "head", 4e6)
	problems, err := testutil.GatherAndLint(r)
	require.NoError(t, err)
	assert.Empty(t, problems)
	var lines []string
	for line := range strings.Lines(get(t, serve(t, a))) {
		if strings.HasPrefix(line, "edgeprune_") {
			lines = append(lines, line)
		}
	}
	assert.Equal(t, `edgeprune_agent_info{device="jetson1",go="go1",host="lab",onnxruntime="1.27.0",version="v1"} 1
edgeprune_agent_state{state="claimed"} 0
edgeprune_agent_state{state="failed"} 0
edgeprune_agent_state{state="free"} 0
edgeprune_agent_state{state="loaded"} 0
edgeprune_agent_state{state="loading"} 0
edgeprune_agent_state{state="running"} 1
edgeprune_captured_frames_total 30
edgeprune_clock_hertz{governor="schedutil",of="cpu 0-3"} 1.5e+09
edgeprune_connection_received_bytes_total 300
edgeprune_connection_sent_bytes_total 5000
edgeprune_dropped_frames_total 6
edgeprune_energy_joules_total 7.5
edgeprune_energy_measured_seconds_total 3
edgeprune_fallbacks_total 1
edgeprune_fifo_capacity_tokens{fifo="a->b",peer="server"} 4
edgeprune_fifo_capacity_tokens{fifo="c->d",peer=""} 2
edgeprune_fifo_credit_tokens{fifo="a->b",peer="server"} 1
edgeprune_fifo_tokens{fifo="a->b",peer="server"} 3
edgeprune_fifo_tokens{fifo="c->d",peer=""} 1
edgeprune_firings_total{provider="tensorrt",unit="gpu"} 24
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="1e-05"} 0
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="3e-05"} 0
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.0001"} 0
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.0003"} 0
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.001"} 0
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.003"} 1
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.01"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.03"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.1"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="0.3"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="1"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="3"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="10"} 2
edgeprune_kernel_seconds_bucket{actor="head",unit="gpu",le="+Inf"} 2
edgeprune_kernel_seconds_sum{actor="head",unit="gpu"} 0.006
edgeprune_kernel_seconds_count{actor="head",unit="gpu"} 2
edgeprune_link_bandwidth_bytes_per_second{link="wifi",peer="server"} 1e+06
edgeprune_link_busy_seconds_total{link="wifi",peer="server"} 2.25
edgeprune_memory_available_bytes 1.073741824e+09
edgeprune_power_mode_info{mode="0 MAXN"} 1
edgeprune_received_bytes_total{link="wifi",peer="server"} 30
edgeprune_received_tokens_total{link="wifi",peer="server"} 3
edgeprune_reconnects_total 1
edgeprune_record_wait_seconds_total 0.5
edgeprune_rejected_messages_total{kind="ack refused"} 1
edgeprune_rejected_messages_total{kind="data malformed"} 2
edgeprune_resent_tokens_total{link="wifi",peer="server"} 1
edgeprune_run_frames 12
edgeprune_run_frames_limit 100
edgeprune_sent_bytes_total{link="wifi",peer="server"} 4800
edgeprune_sent_tokens_total{link="wifi",peer="server"} 12
edgeprune_temperature_celsius{zone="cpu"} 51.5
edgeprune_temperature_celsius{zone="cpu 2"} 60
edgeprune_throttle_events_total{counter="oc1_event_cnt"} 4
edgeprune_throttled{reason="under-voltage"} 1
edgeprune_unit_busy_seconds_total{provider="tensorrt",unit="gpu"} 1.5
edgeprune_unit_lanes{provider="tensorrt",unit="gpu"} 2
`, strings.Join(lines, ""))
}

func serve(t *testing.T, c prometheus.Collector) string {
	t.Helper()
	s, err := metrics.Listen("0", c)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s.URL()
}

// What is not known has no value.
func TestWhatIsNotKnownHasNoValue(t *testing.T) {
	a := metrics.NewAgent()
	a.Reads(func() *wire.AgentStatus { return &wire.AgentStatus{State: wire.Free, Detail: &wire.Detail{}} })
	all := get(t, serve(t, a))
	for _, name := range []string{"energy", "temperature", "firings", "run_frames", "kernel", "rejected", "link"} {
		assert.NotContains(t, all, "edgeprune_"+name)
	}
}

// Names of plans don't make the number of metrics grow for ever, nor break them.
func TestLabelsAreBounded(t *testing.T) {
	a := metrics.NewAgent()
	for i := range 10 * metrics.MostActors {
		a.Fired("u", fmt.Sprint("actor", i, strings.Repeat("x", 500)), 1e6)
	}
	a.Fired("u\xff\x1b[2J", "a", 1e6)
	n, err := testutil.GatherAndCount(registry(t, a), "edgeprune_kernel_seconds")
	require.NoError(t, err)
	assert.Equal(t, metrics.MostActors+1, n)
	all := get(t, serve(t, a))
	assert.Contains(t, all, fmt.Sprintf(`edgeprune_kernel_seconds_count{actor="other",unit="other"} %d`,
		9*metrics.MostActors+1))
	assert.NotContains(t, all, strings.Repeat("x", 200))
	assert.NotContains(t, all, "\x1b")
}
