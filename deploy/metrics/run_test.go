package metrics_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/metrics"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The counters of two agents are the totals of the traces of all runs: of one, and of two.
func TestCountersAreTheTotalsOfTraces(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{JetStream: true})
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	devices := map[string]*metrics.Agent{"d0": metrics.NewAgent(), "d1": metrics.NewAgent()}
	for device, m := range devices {
		b.Start(agent.Config{Device: device, Kernels: kernels, State: t.TempDir(), Metrics: m})
	}
	driver := b.Coordinate("d0", "d1")
	chain := enginetest.NewBuilder("metrics", 30, 1, 1)
	chain.Chain(1, 2, 0, 1, 1)
	var events []trace.Event
	runs := &metrics.Coordinator{}
	driver.Observer = runs
	for n := range 2 {
		tr, err := driver.Run(t.Context(), chain.Plan())
		require.NoError(t, err)
		events = append(events, tr.Events...)
		assert.NoError(t, testutil.CollectAndCompare(runs, strings.NewReader(fmt.Sprintf(`
# HELP edgeprune_frames_total Frames of all runs that all sinks have taken.
# TYPE edgeprune_frames_total counter
edgeprune_frames_total %d
# HELP edgeprune_runs_total Runs that are over.
# TYPE edgeprune_runs_total counter
edgeprune_runs_total{outcome="completed"} %d
edgeprune_runs_total{outcome="failed"} 0
`, 30*(n+1), n+1))))
		for device, m := range devices {
			want, got := totals(events, device), gathered(t, registry(t, m))
			assert.InEpsilon(t, want[kernelSum], got[kernelSum], 1e-9, "of floats, in any order")
			delete(want, kernelSum)
			delete(got, kernelSum)
			assert.Equal(t, want, got, device)
		}
	}
	for device, m := range devices {
		problems, err := testutil.GatherAndLint(registry(t, m))
		require.NoError(t, err)
		assert.Empty(t, problems, device)
		n, err := testutil.GatherAndCount(registry(t, m), "edgeprune_fifo_tokens")
		require.NoError(t, err)
		assert.Zero(t, n, "no run is loaded")
	}
}

const kernelSum = "edgeprune_kernel_seconds sum"

// totals are what the metrics of a device are to be, by events.
func totals(events []trace.Event, device string) map[string]float64 {
	sum := map[string]float64{}
	var ns, kernel, link int64
	for _, e := range events {
		if e.Device != device {
			continue
		}
		switch e.Kind {
		case trace.Firing:
			sum["edgeprune_firings_total"]++
			sum["edgeprune_kernel_seconds count"]++
			ns, kernel = ns+e.End-e.Start, kernel+e.Kernel
		case trace.Drop:
			sum["edgeprune_dropped_frames_total"]++
		case trace.Send:
			sum["edgeprune_sent_tokens_total"]++
			sum["edgeprune_sent_bytes_total"] += float64(e.Bytes)
			link += e.End - e.Start
		case trace.Recv:
			sum["edgeprune_received_tokens_total"]++
			sum["edgeprune_received_bytes_total"] += float64(e.Bytes)
		}
	}
	sum["edgeprune_unit_busy_seconds_total"] = float64(ns) / 1e9
	sum["edgeprune_link_busy_seconds_total"] = float64(link) / 1e9
	sum[kernelSum] = float64(kernel) / 1e9
	for _, name := range []string{"sent_tokens", "sent_bytes", "received_tokens", "received_bytes", "resent_tokens",
		"dropped_frames"} {
		sum["edgeprune_"+name+"_total"] += 0
	}
	return sum
}

// gathered are the same of what was gathered.
func gathered(t *testing.T, r *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	require.NoError(t, err)
	names := []string{"firings_total", "unit_busy_seconds_total", "sent_tokens_total", "sent_bytes_total",
		"received_tokens_total", "received_bytes_total", "resent_tokens_total", "link_busy_seconds_total",
		"dropped_frames_total"}
	sum := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			switch {
			case f.GetType() == dto.MetricType_HISTOGRAM:
				sum[f.GetName()+" count"] += float64(m.Histogram.GetSampleCount())
				sum[kernelSum] += m.Histogram.GetSampleSum()
			case slices.Contains(names, f.GetName()[len("edgeprune_"):]):
				sum[f.GetName()] += m.Counter.GetValue()
			}
		}
	}
	return sum
}

// What is told of a run that goes on.
func TestMetricsOfARun(t *testing.T) {
	c := &metrics.Coordinator{}
	now := coordinator.RunNow{Plan: "p", Frames: 12, Total: 50, Leased: 2, Every: 2 * time.Second,
		Agents: []coordinator.AgentNow{{Device: "a", Silent: 500 * time.Millisecond, Alive: true},
			{Device: "b", Silent: 4 * time.Second}}}
	c.Ended(coordinator.RunNow{Frames: 3}, errors.New("it failed"))
	c.Begun(func() coordinator.RunNow { return now })
	problems, err := testutil.GatherAndLint(registry(t, c))
	require.NoError(t, err)
	assert.Empty(t, problems)
	all := get(t, serve(t, c))
	for _, line := range []string{`run_info{plan="p"} 1`, "run_frames 12", "run_frames_limit 50", "leased_devices 2",
		"lease_renewal_interval_seconds 2", `agent_alive{device="a"} 1`, `agent_alive{device="b"} 0`,
		`agent_silence_seconds{device="a"} 0.5`, "frames_total 15", `runs_total{outcome="failed"} 1`} {
		assert.Contains(t, all, "\nedgeprune_"+line+"\n")
	}
}

// Frames that a slow graph's camera drops are counted as the trace shows them.
func TestDropsAreCounted(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{JetStream: true})
	kernels, err := kerneltest.Registry(map[string]kernel.New{"slow": func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(*kernel.Firing) error {
			time.Sleep(10 * time.Millisecond)
			return nil
		}), nil
	}})
	require.NoError(t, err)
	m := metrics.NewAgent()
	b.Start(agent.Config{Device: "d0", Kernels: kernels, State: t.TempDir(), Metrics: m})
	of := enginetest.NewBuilder("drops", 30, 1)
	of.Chain(1, 1, 0, 0)
	p := of.Plan()
	p.Graph.Actors[1].Kernel = "slow"
	p.Workload.Kind, p.Workload.Period = plan.Camera, time.Millisecond
	p.Workload.Drop, p.Workload.Queue = admission.Newest, 1
	tr, err := b.Coordinate("d0").Run(t.Context(), p)
	require.NoError(t, err)
	const dropped = "edgeprune_dropped_frames_total"
	want, got := totals(tr.Events, "d0"), gathered(t, registry(t, m))
	assert.Positive(t, want[dropped])
	assert.Equal(t, want[dropped], got[dropped])
	require.Len(t, tr.Captured, 1)
	assert.Contains(t, get(t, serve(t, m)), fmt.Sprintf("\nedgeprune_captured_frames_total %d\n", tr.Captured[0].Captured))
}
