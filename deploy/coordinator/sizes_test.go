package coordinator_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// records is a sink whose results have sizes values, by frame.
func records(sizes ...int) kernel.New {
	return func(s kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			values := make([]float32, sizes[f.Frame])
			for i := range values {
				values[i] = float32(i + int(f.Frame))
			}
			s.Record(trace.Result{Instance: s.Instance, Frame: f.Frame, Values: values})
			return nil
		}), nil
	}
}

// limits are the max_payload of servers that runs are tried with.
var limits = []int{wire.LeastPayload, 64 << 10, 1 << 20}

// What a sink records, and tokens, of any size arrive through a server that takes small messages.
func TestResultsOfAnySize(t *testing.T) {
	for _, limit := range limits {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			sizes := []int{0, 1, limit/4 - 1, limit / 4, limit/4 + 1, 10 << 20 / 4, 2}
			b := testbedtest.NewBroker(t, server.Options{MaxPayload: int32(limit)})
			kernels := map[string]kernel.New{"records": records(sizes...)}
			b.Agent("d0", kernels)
			b.Agent("d1", kernels)
			d := b.Coordinate("d0", "d1")
			d.Server = b
			p := with(chain("sizes", int64(len(sizes)), tensor(200_000), plan.Link{}), 2, "records")
			tr, err := d.Run(t.Context(), p)
			require.NoError(t, err)
			assert.Empty(t, tr.Unchecked, "the bytes that the server carried are those of the trace")
			require.Len(t, tr.Results, len(sizes))
			for frame, r := range tr.Results {
				require.Len(t, r.Values, sizes[frame])
				if n := len(r.Values); n > 0 {
					assert.Equal(t, float32(n-1+frame), r.Values[n-1])
				}
			}
		})
	}
}

// Several results that are larger than what an agent keeps of its records arrive, and no
// record is forgotten for them.
func TestSeveralLargeResults(t *testing.T) {
	const frames = 5
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: 64 << 10})
	kernels := map[string]kernel.New{"records": records(slices.Repeat([]int{delivery.KeptBytes/4 + 1}, frames)...)}
	b.Agent("d0", kernels)
	b.Agent("d1", kernels)
	tr, err := b.Coordinate("d0", "d1").Run(t.Context(), with(small(frames), 2, "records"))
	require.NoError(t, err)
	assert.Zero(t, tr.Dropped)
	assert.Len(t, tr.Results, frames)
}

// A plan of many actors, whose slices, greetings, waits and records are all larger than
// a message, runs.
func TestPlanOfManyActors(t *testing.T) {
	const actors, frames = 500, 3
	devices := make([]int, actors)
	for i := range devices {
		devices[i] = i % 2 // so that every FIFO crosses
	}
	for _, limit := range limits {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			b := testbedtest.NewBroker(t, server.Options{MaxPayload: int32(limit)})
			b.Agent("d0", nil)
			b.Agent("d1", nil)
			built := enginetest.NewBuilder("many", frames, 1, 1)
			built.Chain(1, 2, devices...)
			tr, err := b.Coordinate("d0", "d1").Run(t.Context(), built.Plan())
			require.NoError(t, err)
			assert.Len(t, tr.Results, frames)
			firings := 0
			for _, e := range tr.Events {
				if e.Kind == trace.Firing {
					firings++
				}
			}
			assert.Equal(t, actors*frames, firings)
		})
	}
}

// A plan that is larger than a message loads, also where lost messages are sent again.
func TestLargePlan(t *testing.T) {
	for _, limit := range []int32{64 << 10, 1 << 20} {
		for _, patience := range []time.Duration{0, time.Minute} {
			b := testbedtest.NewBroker(t, server.Options{MaxPayload: limit})
			b.Agent("d0", nil)
			b.Agent("d1", nil)
			p := small(3)
			p.Graph.Actors[0].Params = map[string]any{"text": strings.Repeat("0123456789", 300_000)}
			d := b.Coordinate("d0", "d1")
			d.Patience = patience
			tr, err := d.Run(t.Context(), p)
			require.NoError(t, err)
			assert.Len(t, tr.Results, 3)
		}
	}
}

// What a run of many actors waits for is more than a message, and is told all the same.
func TestStalledRunOfManyActorsNamesWhoWaits(t *testing.T) {
	release, started := make(chan struct{}), make(chan struct{})
	kernels := map[string]kernel.New{"blocks": blocks(release, started)}
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: wire.LeastPayload})
	b.Agent("d0", kernels)
	built := enginetest.NewBuilder("many", 50, 1)
	built.Chain(1, 2, make([]int, 300)...)
	d := b.Coordinate("d0")
	d.Stall = time.Second
	_, err := d.Run(t.Context(), with(built.Plan(), 299, "blocks"))
	close(release)
	require.ErrorContains(t, err, "sink299 is in firing 5")
	require.ErrorContains(t, err, "device d0: pass150 waits")
}

// Errors of any length reach the user whole.
func TestLongErrors(t *testing.T) {
	text := strings.Repeat("0123456789", 2000)
	fails := func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(*kernel.Firing) error { panic(text) }), nil
	}
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: wire.LeastPayload})
	b.Agent("d0", map[string]kernel.New{"fails": fails})
	b.Agent("d1", nil)
	_, err := b.Coordinate("d0", "d1").Run(t.Context(), with(small(3), 0, "fails"))
	require.ErrorContains(t, err, text)
}

// A trace of a million records arrives, however fast they come: firings wait for a
// coordinator that takes them.
func TestLongTrace(t *testing.T) {
	const frames = 250_000
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: wire.LeastPayload})
	b.Agent("d0", nil)
	built := enginetest.NewBuilder("long", frames, 1)
	built.Chain(1, 2, 0, 0, 0, 0)
	tr, err := b.Coordinate("d0").Run(t.Context(), built.Plan())
	require.NoError(t, err)
	assert.Zero(t, tr.Dropped)
	assert.Len(t, tr.Events, 4*frames)
}
