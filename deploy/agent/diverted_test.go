package agent_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No request has a device publish where it may not by itself: its answer goes to who has asked,
// else it is dropped.
func TestAnswersGoNowhereElse(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0")
	nc := testbedtest.Observe(t, tb.URL())
	aim := wire.DataSubject("d0", "d1", "r", 0)
	heard, err := nc.SubscribeSync(aim)
	require.NoError(t, err)
	others, err := nc.SubscribeSync(wire.InboxPrefix("other") + ".>")
	require.NoError(t, err)
	require.NoError(t, nc.Flush())
	want := map[string]uint64{"probe" + wire.Diverting: 3}
	for _, reply := range []string{aim, wire.InboxPrefix("other") + ".x"} {
		require.NoError(t, nc.PublishRequest(wire.ProbeSubject("c", "d0"), reply, nil))
		for _, v := range wire.Verbs {
			require.NoError(t, nc.PublishRequest(wire.OrderSubject("c", "d0", v), reply, []byte("{}")))
			want[string(v)+wire.Diverting]++
		}
	}
	joining := []byte(`{"incarnation": "x", "joining": true}`)
	require.NoError(t, nc.PublishRequest(wire.MeetSubject("d0"), aim, joining))
	require.Eventually(t, func() bool {
		return assert.ObjectsAreEqual(want, ask(t, nc, wire.Status, "").Status.Rejected)
	}, 20*time.Second, 20*time.Millisecond, "every one is counted")
	n, _, err := heard.Pending()
	require.NoError(t, err)
	assert.Zero(t, n)
	n, _, err = others.Pending()
	require.NoError(t, err)
	assert.Zero(t, n)
}
