package agent_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An agent asks for what the store lacks, says in heartbeats how much of its sub-models has
// arrived, and fetches them once.
func TestSubModelsAreFetchedOnce(t *testing.T) {
	data := make([]byte, 4*wire.ModelPartBytes+1)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data) // it never fails
	m := models.Describe(data)
	b := testbedtest.NewBroker(t, server.Options{JetStream: true})
	proxy := testbedtest.NewProxy(t, b.Server().Addr().String(), int64(len(data)/3)) // three seconds
	r, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	b.Start(agent.Config{Device: "d0", URL: proxy.URL(), Kernels: r, State: t.TempDir()})
	nc := b.Coordinate("d0").Conn
	load := func(run string) (reply wire.Reply) {
		t.Helper()
		request, err := json.Marshal(wire.LoadRequest{Build: wire.Build{Wire: wire.Format},
			Run: run, Plan: json.RawMessage(onDevice(t, "d0")), Epoch: 1 << 20,
			Models: map[int]wire.Model{0: m, 1: m}})
		require.NoError(t, err)
		msg, err := nc.Request(wire.OrderSubject("c", "d0", wire.Load), request, time.Minute)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(msg.Data, &reply))
		return reply
	}
	lacks := load("a")
	assert.Len(t, lacks.Lacking, 5)
	assert.Contains(t, lacks.Error, "parts of the sub-model are missing or damaged in the object store edgeprune-models")
	require.NoError(t, models.NewStore(nc, models.Options{}).Upload(t.Context(), [][]byte{data}, lacks.Lacking, nil))

	heard, err := nc.SubscribeSync(wire.AliveSubject("d0"))
	require.NoError(t, err)
	assert.Empty(t, load("a").Error)
	assert.Positive(t, between(t, heard, int64(len(data))), "of the heartbeats say that it is being fetched")

	_, err = nc.Request(wire.OrderSubject("c", "d0", wire.Finish), []byte(`{"run":"a"}`), time.Minute)
	require.NoError(t, err)
	proxied := proxy.ToClient()
	assert.Empty(t, load("b").Error)
	assert.Less(t, proxy.ToClient()-proxied, int64(wire.ModelPartBytes), "fetched again")
}

// between returns how many of the heartbeats that have come say that some of so many bytes have.
func between(t *testing.T, heard *nats.Subscription, total int64) (n int) {
	t.Helper()
	for {
		waiting, _, err := heard.Pending()
		require.NoError(t, err)
		if waiting == 0 {
			return n
		}
		msg, err := heard.NextMsg(time.Second)
		require.NoError(t, err)
		var alive wire.Alive
		require.NoError(t, json.Unmarshal(msg.Data, &alive))
		if alive.Fetching > 0 {
			n++
			assert.Equal(t, total, alive.Fetching)
			assert.LessOrEqual(t, alive.Fetched, total)
		}
	}
}
