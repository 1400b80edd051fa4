//go:build hosts

package hosts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/experiments/internal/linktrace"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bandwidths of a board's link to the switch, in bytes/s, as the kernel's tbf limits them.
const boardUp, boardDown = 11.2e6, 4e6

// linkPlan sends tokens of 300 kB over a measured link. Shaped, it would have a 40th of its
// bandwidth; the deployment takes the link as it is.
const linkPlan = `plan: measured-link
application:
  name: measured-link
  actors:
    - {name: source, kernel: count, out: [{port: out, type: "uint8[300000]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: source.out, to: sink.in}]
platform:
  devices:
    - {name: board, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links: [{name: wired, between: [board, server], bandwidth_bytes_per_sec: 280e3, profile: lab.json}]
instances:
  - mapping: [{unit: board.cpu, through: source}, {unit: server.cpu}]
workload: {kind: single-stream, frames: 40, warmup: 5}
`

// probe measures links from laptop and returns what the command printed.
func (s *site) probe(t *testing.T, args ...string) *hoststest.Process {
	t.Helper()
	command := append([]string{program, "testbed", "probe"}, s.access("coordinator-at-laptop")...)
	p := s.Start(t, "laptop", append(command, args...)...)
	<-p.Done()
	require.Zero(t, p.Code(), p.Output())
	return p
}

// A link that the kernel limits is found to be what it is; a plan over it is predicted from
// that, and a deployment does not shape it.
func TestProbedLink(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: it measures a link for half a minute")
	}
	board := hoststest.Link{
		Up: hoststest.Direction{BytesPerSec: boardUp}, Down: hoststest.Direction{BytesPerSec: boardDown},
	}
	s := newSite(t, map[string]hoststest.Spec{
		"hub": {Ahead: time.Hour}, "board": {Ahead: 2 * day, Link: board}, "server": {Ahead: day}, "laptop": {},
	})
	s.provide(t, "board", "server")
	s.serve(t)
	s.agent(t, "board")
	s.agent(t, "server")
	s.present(t, "hub", "board", "server")

	lab := filepath.Join(s.dir, "lab.json")
	p := s.probe(t, "--between", "board,server", "-o", lab, "--largest", "524288", "--limit", "15s")
	t.Logf("\n%s", p.Output())
	f, err := profiles.ReadLink(lab)
	require.NoError(t, err)
	assert.Zero(t, f.Lost)
	for i, bandwidth := range []float64{boardUp, boardDown} {
		d := f.Directions[i]
		// TCP/IP takes 4 % of an Ethernet packet, and NATS a few bytes of a message.
		assert.InDelta(t, 0.955*bandwidth, d.BytesPerSec.Median, 0.05*bandwidth, f.Between[i])
		assert.LessOrEqual(t, d.BytesPerSec.High, 1.1*bandwidth)
		// tbf's bucket holds 10 ms; what a size saves says that roughly.
		assert.InDelta(t, bandwidth/100, d.BurstBytes, 0.5*bandwidth/100, f.Between[i])
		assert.Less(t, d.RoundTripNs.Median, 20e6, "there is no latency")
		for _, size := range d.Sizes {
			assert.Less(t, size.Clocks, 20*time.Millisecond, "clocks days apart")
			assert.Positive(t, size.OneWay[0])
		}
	}
	// A token has been sent when its last byte has left, not when the kernel has taken it.
	up := f.Directions[0]
	largest := up.Sizes[len(up.Sizes)-1]
	passes := float64(largest.Bytes-up.BurstBytes) / up.BytesPerSec.Median
	assert.InEpsilon(t, passes, quantile.Median(largest.Send).Seconds(), 0.15)

	plan := filepath.Join(s.dir, "plan.yaml")
	require.NoError(t, os.WriteFile(plan, []byte(linkPlan), 0o644))
	found, err := runs(s.coordinate(t, "laptop", plan, "measured", "--driver", "both"))
	require.NoError(t, err)
	outcomes := map[string]result.Outcome{}
	for _, r := range found {
		assert.False(t, r.Emulated, r.Driver)
		outcomes[r.Driver] = r.Outcome
	}
	simulated, measured := outcomes["sim"].Throughput.Value, outcomes["deploy"].Throughput.Value
	t.Logf("throughput: simulated %.2f, measured %.2f frames/s; shaped, it could be 0.93", simulated, measured)
	assert.InEpsilon(t, measured, simulated, 0.1)
	assert.Greater(t, measured, 10.0)
}

// A recording of a link has the bandwidths that the kernel limited it to at the time.
func TestRecordedLink(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: it records a link for a quarter of a minute")
	}
	const fast, slow = 8e6, 2e6
	s := newSite(t, map[string]hoststest.Spec{
		"hub": {}, "board": {Link: hoststest.Both(hoststest.Direction{BytesPerSec: fast})}, "server": {}, "laptop": {},
	})
	s.provide(t, "board", "server")
	s.serve(t)
	s.agent(t, "board")
	s.agent(t, "server")
	s.present(t, "hub", "board", "server")
	path := filepath.Join(s.dir, "wifi.csv")
	command := append([]string{program, "testbed", "probe"}, s.access("coordinator-at-laptop")...)
	p := s.Start(t, "laptop", append(command, "--between", "board,server", "--for", "8s", "--every", "500ms", "-o", path,
		"--json")...)
	require.Eventually(t, func() bool { return strings.Contains(p.Output(), "will be sent") || p.Ended() }, soon,
		20*time.Millisecond)
	time.Sleep(5 * time.Second) // the middle of the recording, more or less
	s.Shape(t, "board", hoststest.Both(hoststest.Direction{BytesPerSec: slow}))
	<-p.Done()
	require.Zero(t, p.Code(), p.Output())
	var r struct {
		Rates []float64 `json:"bytes_per_sec"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.Answer()), &r))
	t.Logf("MB/s: %.3g", r.Rates)
	require.Len(t, r.Rates, 16)
	assert.InDelta(t, 0.955*fast, r.Rates[2], 0.1*fast)
	assert.InDelta(t, 0.955*slow, r.Rates[15], 0.1*slow)
	recorded, err := linktrace.Read(path, true)
	require.NoError(t, err)
	assert.Len(t, recorded.Rates.List(), 16)
}
