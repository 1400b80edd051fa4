package planfile_test

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const radioPlan = `plan: p
application: {name: app, actors: [{name: camera, kernel: count}]}
platform:
  devices:
    - {name: near, role: endpoint, units: [{name: cpu}]}
    - {name: far, role: server, units: [{name: cpu}]}
  links:
    - {name: radio, between: [near, far], LINK}
instances: [{mapping: [{unit: near.cpu}]}]
workload: {kind: offline, frames: 4}
`

// Numbers with which times would overflow, or a run would never end, are refused at their places.
func TestAbsurdLinks(t *testing.T) {
	for link, says := range map[string]string{
		"latency: 2562047h": "8:52: bad platform: link radio: latency of 2562047h0m0s; expected at most 8784h0m0s",
		"bandwidth_bytes_per_sec: 1e-9": "8:68: bad platform: link radio: bandwidth of 1e-09 bytes/s; expected 0, which is " +
			"unshaped, or at least 1, such as 100Mbit/s",
	} {
		f, err := planfile.Parse("p.yaml", []byte(strings.Replace(radioPlan, "LINK", link, 1)))
		require.NoError(t, err)
		assert.EqualError(t, f.Check(), "bad input: p.yaml:"+says, link)
	}
	f, err := planfile.Parse("p.yaml", []byte(strings.Replace(radioPlan, "{name: radio, between: [near, far], LINK}",
		"{name: radio, between: [near, far], medium: air}\n  media: [{name: air, capacity_bytes_per_sec: 1e-9}]", 1)))
	require.NoError(t, err)
	assert.EqualError(t, f.Check(), "bad input: p.yaml:9:47: bad platform: medium air: capacity of 1e-09 bytes/s; "+
		"expected at least 1, such as 54Mbit/s")
}
