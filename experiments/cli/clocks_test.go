package cli

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/clock/clocktest"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crossing is a plan of tokens that cross a link, one under way at a time.
func crossing(t *testing.T) *plan.Plan {
	t.Helper()
	unit := []plan.Unit{{Name: "cpu"}}
	p, err := compile.Compile(&planfile.File{
		Plan: "crossing",
		Application: planfile.Application{Name: "crossing",
			Actors: []planfile.ActorSpec{
				{Name: "source", Kernel: "count", Out: []planfile.PortSpec{{Port: "out", Type: "uint8[20000]"}}},
				{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "in"}}},
			},
			FIFOs: []planfile.FIFOSpec{{From: "source.out", To: "sink.in"}},
		},
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: "board", Role: plan.Endpoint, Units: unit},
				{Name: "server", Role: plan.Server, Units: unit}},
			Links: []plan.Link{{Name: "wired", Between: []string{"board", "server"}, BandwidthBytesPerSec: 20e6,
				Latency: 2 * time.Millisecond}},
		},
		Instances: []planfile.Instance{
			{Mapping: []planfile.Assign{{Unit: "board.cpu", Through: "source"}, {Unit: "server.cpu"}}},
		},
		Workload: plan.Workload{Kind: plan.SingleStream, Frames: 150, Warmup: 5},
	}, nil)
	require.NoError(t, err)
	return p
}

// Devices a day apart that drift give the endpoint time, latency and throughput that one clock
// gives of the very same events, wherever the coordinator runs.
func TestFiguresOfDevicesWithTheirOwnClocks(t *testing.T) {
	const drift = 200e-6
	p := crossing(t)
	for _, where := range []string{"third host", "board", "server"} {
		t.Run("coordinator on "+where, func(t *testing.T) {
			faces := map[string]*clocktest.Clock{
				"board": clocktest.New("board", 24*time.Hour, drift), "server": clocktest.New("server", -24*time.Hour, -drift),
				"third host": clocktest.New("third host", time.Hour, 0),
			}
			cfg := testbed.Config{Devices: []string{"board", "server"}, InProcess: true,
				Clocks: map[string]clock.Clock{"board": faces["board"], "server": faces["server"]}}
			cfg.Agent.Kernels = builtin.Registry()
			tb, err := testbed.Start(t.Context(), cfg)
			require.NoError(t, err)
			defer tb.Close()
			d := tb.Driver()
			d.Clock = faces[where]
			tr, err := d.Run(t.Context(), p)
			require.NoError(t, err)
			got, err := metrics.Measure(p, tr, "")
			require.NoError(t, err)

			began := map[string]int64{}
			for _, c := range tr.Clocks.List {
				for _, device := range c.Devices {
					began[device] = c.Began
				}
			}
			one := *tr
			one.Clocks, one.Events = nil, append([]trace.Event(nil), tr.Events...)
			for i := range one.Events {
				e := &one.Events[i]
				face, zero := faces[e.Device], faces["board"].Machine(began["board"])
				e.Start = face.Machine(began[e.Device]+e.Start) - zero
				e.End = face.Machine(began[e.Device]+e.End) - zero
			}
			want, err := metrics.Measure(p, &one, "")
			require.NoError(t, err)

			assert.InEpsilon(t, want.EndpointTime.Median, got.EndpointTime.Median, 2*drift)
			assert.InEpsilon(t, want.Throughput.Value, got.Throughput.Value, 2*drift)
			assert.Zero(t, got.Throughput.Clock)
			assert.Zero(t, got.EndpointTime.Clock)
			assert.Positive(t, got.Latency.Clock)
			assert.InDelta(t, want.Latency.Median, got.Latency.Median, got.Latency.Clock+2*drift*want.Latency.Median)
			require.NotNil(t, got.RoundTrip)
			assert.Greater(t, got.RoundTrip.Median, got.Latency.Median-got.Latency.Clock)
			t.Logf("latency %.3f ms by one clock, %.3f ± %.3f ms by two; round trip %.3f ms", 1e3*want.Latency.Median,
				1e3*got.Latency.Median, 1e3*got.Latency.Clock, 1e3*got.RoundTrip.Median)
		})
	}
}
