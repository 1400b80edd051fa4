package planfile_test

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cameraAndSink begins the plans of tests that are about another part of a file.
const cameraAndSink = `plan: p
application:
  name: a
  actors:
    - {name: cam, kernel: stream, out: [{port: f, type: "uint8[4,4,3]"}]}
    - {name: sink, kernel: sink, in: [{port: f}]}
  fifos: [{from: cam.f, to: sink.f}]
`

const cameraPlan = cameraAndSink + `platform: {devices: [{name: d, role: endpoint, units: [{name: cpu}]}]}
instances: [{mapping: [{unit: d.cpu}]}]
workload: WORKLOAD
`

func TestDropPolicies(t *testing.T) {
	parse := func(workload string) (*planfile.File, error) {
		f, err := planfile.Parse("p.yaml", []byte(strings.Replace(cameraPlan, "WORKLOAD", workload, 1)))
		if err == nil {
			err = f.Check()
		}
		return f, err
	}
	f, err := parse("{kind: camera, period: 40ms, frames: 9, drop: newest, queue: 2}")
	require.NoError(t, err)
	assert.Equal(t, admission.Rule{Policy: admission.Newest, Queue: 2}, f.Workload.Rule())
	const at = "bad input: p.yaml:10:12: bad workload: "
	for workload, says := range map[string]string{
		"{kind: camera, period: 40ms, frames: 9, drop: latest}": at +
			`bad drop policy: policy "latest"; expected block, newest or oldest`,
		"{kind: camera, period: 40ms, frames: 9, drop: newest, queue: 2000}": at +
			"bad drop policy: a queue of 2000 frames; expected 1 to 1024",
		"{kind: poisson, frames: 9}": at +
			"rate 0 of Poisson arrivals; expected frames per second from 1e-06 to 1e+09, such as rate: 30",
		"{kind: poisson, frames: 9, rate: -1}": at +
			"rate -1 of Poisson arrivals; expected frames per second from 1e-06 to 1e+09, such as rate: 30",
		"{kind: poisson, frames: 9, rate: 3, period: 40ms}": "bad input: p.yaml:10:55: bad workload: " +
			"only camera workloads have period; this one is poisson: remove the key",
		"{kind: camera, period: 40ms, frames: 9, rate: 30}": "bad input: p.yaml:10:57: bad workload: " +
			"only poisson and server workloads have rate; this one is camera: remove the key",
		"{kind: offline, frames: 9, drop: newest}": "bad input: p.yaml:10:44: bad workload: " +
			"only camera, poisson and recorded workloads have drop; this one is offline: remove the key",
		"{kind: offline, frames: 9, deadline: -1s}": "bad input: p.yaml:10:48: bad workload: " +
			"deadline -1s; expected a latency such as 100ms, or nothing for none",
	} {
		_, err := parse(workload)
		require.ErrorIs(t, err, planfile.ErrWorkload)
		assert.EqualError(t, err, says)
	}
}
