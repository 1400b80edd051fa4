package cli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/shape"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/sim"
)

const chunks = 4 // of a token

// twoDevices returns a plan of a source and a sink with a shaped link between them.
func twoDevices() *plan.Plan {
	b := enginetest.NewBuilder("stalled", 6, 1, 1)
	b.Chain(1, 1, 0, 1)
	p := b.Plan()
	p.Workload.Kind = plan.SingleStream
	token := graph.TokenType{Elem: "uint8", Shape: []int64{chunks * plan.ChunkBytes}}
	for _, a := range p.Graph.Actors {
		for _, ports := range [][]graph.Port{a.In, a.Out} {
			for i := range ports {
				ports[i].Type = token
			}
		}
	}
	link := &p.Platform.Links[0]
	link.BandwidthBytesPerSec, link.Latency = 50e6, time.Millisecond // 5.24 ms per token
	return p
}

// A carrier that blocks in the middle of every token shows in the link's time and in
// its error, in endpoint time and in throughput; the nominal time stands beside it.
func TestBlockedCarrierIsMeasured(t *testing.T) {
	const blocked = 50 * time.Millisecond
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	cfg := agent.Config{Kernels: kernels}
	testbedtest.StallData(&cfg, chunks, blocked)
	tb := testbedtest.Start(t, testbed.Config{Devices: []string{"d0", "d1"}, InProcess: true, Agent: cfg})

	p := twoDevices()
	measured, err := tb.Driver().Run(t.Context(), p)
	require.NoError(t, err)
	simulated, err := (&sim.Driver{Profile: enginetest.Profile()}).Run(t.Context(), p)
	require.NoError(t, err)
	for _, tr := range []*trace.Trace{measured, simulated} {
		for _, e := range tr.Events {
			if e.Kind == trace.Send {
				assert.Equal(t, int64(p.Platform.Links[0].Serialisation(chunks*plan.ChunkBytes)), e.Nominal)
			}
		}
	}

	var row result.Row
	for _, o := range []struct {
		to **result.Outcome
		of *trace.Trace
	}{{&row.Measured, measured}, {&row.Stored, simulated}} {
		out, err := metrics.Measure(p, o.of, "")
		require.NoError(t, err)
		*o.to = &out
	}
	least := (blocked - shape.Burst).Seconds()
	assert.GreaterOrEqual(t, row.Measured.EndpointTime.Median, least, "endpoint time, s")
	assert.Less(t, row.Measured.Throughput.Value, 1/least, "frames per second")
	found := false
	for _, e := range row.PartErrors() {
		if e.Part.Kind == result.Link {
			found = true
			assert.GreaterOrEqual(t, e.Part.Time.Median, least, "time of the link, s")
			assert.Less(t, e.Error, -0.5, "the simulator predicts a carrier that doesn't block")
		}
	}
	assert.True(t, found, "no error of a link")
}
