package agent_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A coordinator that speaks another version, or doesn't say which, gets no device, even if
// what it sends can't be read here.
func TestCoordinatorsOfOtherVersions(t *testing.T) {
	nc := testbedtest.Observe(t, testbedtest.Start(t, testbed.Config{Devices: []string{"d0"}, InProcess: true,
		Agent: agent.Config{Version: "v2"}}).URL())
	for request, theirs := range map[string]string{
		`{"run":"r"}`:                           "unknown with wire version 1",
		`{"wire":9,"program":"v3","run":"r"}`:   "v3 with wire version 9",
		`{"wire":9,"program":"v3","run":["r"]}`: "v3 with wire version 9",
	} {
		for _, v := range []wire.Verb{wire.Claim, wire.Load} {
			msg, err := nc.Request(wire.OrderSubject("c", "d0", v), []byte(request), 10*time.Second)
			require.NoError(t, err)
			assert.Contains(t, string(msg.Data), fmt.Sprintf("device d0: different versions: coordinator c runs edgeprune %s, "+
				"this is edgeprune v2 with wire version 4; install the same version on both", theirs), "%s %s", v, request)
		}
	}
	s := ask(t, nc, wire.Status, "")
	assert.Equal(t, wire.Build{Wire: wire.Format, Program: "v2"}, s.Build)
	assert.Equal(t, wire.Format, s.Status.Wire)
	assert.Equal(t, wire.Free, s.Status.State)
}
