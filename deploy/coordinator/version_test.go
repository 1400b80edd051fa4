package coordinator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Agents that speak another version, or don't say which, are named, and let go, with patience
// too. One may be asked how it is.
func TestAgentsOfOtherVersions(t *testing.T) {
	for answer, theirs := range map[string]string{
		`{}`:                                     "unknown with wire version 1",
		`{"wire":9,"program":"v3"}`:              "v3 with wire version 9",
		`{"wire":9,"program":"v3","error":"no"}`: "v3 with wire version 9",
	} {
		tb := testbedtest.Local(t, nil, "d1")
		nc := testbedtest.Observe(t, tb.URL())
		released := make(chan string, 10)
		for _, v := range wire.Verbs {
			_, err := nc.Subscribe(wire.OrderSubject(wire.Any, "d0", v), func(msg *nats.Msg) {
				text := answer
				if v == wire.Status {
					text = `{"incarnation":"i","status":{"device":"d0"}}`
				}
				if strings.Contains(string(msg.Data), `"release":true`) {
					released <- string(msg.Data)
				}
				_ = msg.Respond([]byte(text))
			})
			require.NoError(t, err)
		}
		require.NoError(t, nc.Flush())
		for _, patience := range []time.Duration{0, time.Minute} {
			d := tb.Driver()
			d.Version, d.Patience = "v2", patience
			_, err := d.Run(t.Context(), small(3))
			require.ErrorIs(t, err, wire.ErrVersion)
			require.ErrorContains(t, err, "different versions: device d0 runs edgeprune "+theirs+
				", this is edgeprune v2 with wire version 4; install the same version on both")
			select {
			case <-released:
			case <-time.After(10 * time.Second):
				require.Fail(t, "it is held")
			}
		}
		s, err := (&coordinator.Driver{Conn: nc}).Status(t.Context(), "d0")
		require.NoError(t, err)
		assert.Zero(t, s.Wire)
	}
}
