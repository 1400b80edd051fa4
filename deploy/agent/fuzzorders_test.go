package agent_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/require"
)

// Every request has an answer, whatever it is, and the agent lives on. Its limits are small, so
// that a load takes little.
func FuzzOrders(f *testing.F) {
	nc := testbedtest.Observe(f, testbedtest.Start(f, testbed.Config{Devices: []string{"d0"}, InProcess: true,
		Agent: agent.Config{Limits: agent.Limits{
			Lanes: 8, Threads: 8, Actors: 8, FIFOBytes: 1 << 20, MemoryBytes: 1 << 22,
		}}}).URL())
	b := enginetest.NewBuilder("p", 1, 1)
	b.Chain(1, 1, 0, 0)
	p, err := json.Marshal(b.Plan())
	require.NoError(f, err)
	for v := range wire.Verbs {
		f.Add(uint8(v), []byte("{}"))
		f.Add(uint8(v), []byte("null"))
		f.Add(uint8(v), []byte(`{"run":"r","device":0,"epoch":1,"plan":`+string(p)+`}`))
	}
	f.Fuzz(func(t *testing.T, verb uint8, data []byte) {
		if wire.IsPart(data) {
			return // which has no answer until it is whole: see FuzzRequestParts
		}
		v := wire.Verbs[int(verb)%len(wire.Verbs)]
		msg, err := nc.Request(wire.OrderSubject("c", "d0", v), data, time.Minute)
		require.NoError(t, err)
		var r wire.Reply
		require.NoError(t, json.Unmarshal(msg.Data, &r))
		require.NotContains(t, r.Error, agent.ErrPanic.Error())
		require.NotEmpty(t, r.Incarnation)
	})
}
