package agent_test

import (
	"crypto/sha256"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who takes no records hears at the end how long firings waited for that.
func TestFinishSaysHowLongFiringsWaited(t *testing.T) {
	b := enginetest.NewBuilder("p", 1<<20, 1)
	b.Chain(1, 1, 0, 0)
	p, err := json.Marshal(b.Plan())
	require.NoError(t, err)
	registry, err := kerneltest.Registry(map[string]kernel.New{})
	require.NoError(t, err)
	tb := testbedtest.Start(t, testbed.Config{
		Devices: []string{"d0"}, InProcess: true, Agent: agent.Config{Version: "v1", Kernels: registry},
	})
	nc := testbedtest.Observe(t, tb.URL())
	var bytes, last atomic.Int64 // of batches, each of which counts once; when the last one came
	var parts delivery.Gatherer
	seen := map[[sha256.Size]byte]bool{}
	_, err = nc.Subscribe(wire.TraceSubject("d0", "c", "r"), func(msg *nats.Msg) {
		whole, ok, err := parts.Add(msg.Data)
		if !assert.NoError(t, err) || !ok || seen[sha256.Sum256(whole)] {
			return
		}
		seen[sha256.Sum256(whole)] = true
		bytes.Add(int64(len(whole)))
		last.Store(clock.Now())
	})
	require.NoError(t, err)
	require.Empty(t, ask(t, nc, wire.Load, `{"run":"r","device":0,"plan":`+string(p)+`}`).Error)
	require.Empty(t, ask(t, nc, wire.Start, `{"run":"r"}`).Error)
	// A coordinator that says nothing is not waited for on a slow machine: this one says, again
	// and again, that it has received nothing.
	nothing, err := json.Marshal(wire.Received{})
	require.NoError(t, err)
	// Batches end to come where firings wait: at the latest one more take of records is sent.
	require.Eventually(t, func() bool {
		assert.NoError(t, nc.Publish(wire.ReceivedSubject("c", "d0", "r"), nothing))
		return bytes.Load() > delivery.KeptBytes/2 && clock.Now()-last.Load() > int64(700*time.Millisecond)
	}, 60*time.Second, 20*time.Millisecond)
	r := ask(t, nc, wire.Finish, `{"run":"r"}`)
	require.Empty(t, r.Error)
	assert.Positive(t, r.WaitedNs)
}
