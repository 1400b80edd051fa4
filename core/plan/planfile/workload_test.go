package planfile_test

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// workload returns a plan file with a workload.
func workload(t *testing.T, text string) *planfile.File {
	t.Helper()
	f, err := planfile.Parse("p.yaml", []byte(strings.Replace(cameraPlan, "WORKLOAD", text, 1)))
	require.NoError(t, err)
	return f
}

func TestGoodWorkloads(t *testing.T) {
	for _, text := range []string{
		"{kind: multi-stream, frames: 16}",
		"{kind: multi-stream, frames: 9, warmup: 3, samples_per_query: 3}",
		"{kind: server, frames: 9, rate: 30, latency_bound: 100ms}",
		"{kind: server, frames: 9, rate: 30, latency_bound: 100ms, percentile: 97}",
		"{kind: camera, frames: 9, period: 40ms, phase: random}",
		"{kind: recorded, arrivals: a.csv}",
		"{kind: recorded, arrivals: a.csv, column: at, loop: true, frames: 90, phase: spread, drop: newest, queue: 2}",
	} {
		assert.NoError(t, workload(t, text).Check(), text)
	}
}

func TestBadWorkloads(t *testing.T) {
	for text, says := range map[string]string{
		"{kind: multi-stream, frames: 9}": "10:40: bad workload: 9 frames make no whole number of queries of 8; expected a " +
			"multiple of it",
		"{kind: multi-stream, frames: 8, warmup: 4}": "10:51: bad workload: 4 warm-up frames make no whole number of " +
			"queries " +
			"of 8; expected a multiple of it",
		"{kind: multi-stream, frames: 8, samples_per_query: -1}": "10:62: bad workload: queries of -1 frames; expected 1 " +
			"to " +
			"4096",
		"{kind: multi-stream, frames: 8, samples_per_query: 5000}": "10:62: bad workload: queries of 5000 frames; " +
			"expected 1 " +
			"to 4096",
		"{kind: offline, frames: 8, samples_per_query: 8}": "10:57: bad workload: only multi-stream workloads have " +
			"samples_per_query; this one is offline: remove the key",
		"{kind: server, frames: 8, rate: 30}": "10:12: bad workload: latency bound 0s; expected more than 0 and at most " +
			"24h0m0s, such as latency_bound: 100ms",
		"{kind: server, frames: 8, rate: 30, latency_bound: -1ms}": "10:12: bad workload: latency bound -1ms; expected " +
			"more " +
			"than 0 and at most 24h0m0s, such as latency_bound: 100ms",
		"{kind: server, frames: 8, latency_bound: 1ms}": "10:12: bad workload: rate 0 of Poisson arrivals; expected frames " +
			"per second from 1e-06 to 1e+09, such as rate: 30",
		"{kind: server, frames: 8, rate: 30, latency_bound: 1ms, percentile: 100}": "10:79: bad workload: percentile 100; " +
			"expected more than 0 and less than 100, such as 99",
		"{kind: server, frames: 8, rate: 30, latency_bound: 1ms, drop: newest}": "10:73: bad workload: only camera, " +
			"poisson " +
			"and recorded workloads have drop; this one is server: remove the key",
		"{kind: poisson, frames: 8, rate: 30, phase: spread}": "10:55: bad workload: only camera and recorded workloads " +
			"have " +
			"phase; this one is poisson: remove the key",
		"{kind: camera, frames: 8, period: 1s, phase: even}": `10:56: bad workload: phase "even"; expected same, spread or ` +
			"random",
		"{kind: recorded, frames: 8}": "10:12: bad workload: recorded arrivals need the file that has them, such as " +
			"arrivals: times.csv",
		"{kind: recorded, frames: -8, arrivals: a.csv}": "10:36: bad workload: -8 frames; expected at least 1",
		"{kind: recorded, arrivals: a.csv, drop: newest}": "10:51: bad workload: of a record that ends, dropped frames " +
			"would " +
			"be missing at its end; add loop: true, or leave drop out",
		"{kind: recorded, arrivals: a.csv, phase: spread}": "10:52: bad workload: phase spread of a record that ends would " +
			"leave out its first frames; add loop: true",
	} {
		err := workload(t, text).Check()
		require.ErrorIs(t, err, planfile.ErrWorkload, text)
		assert.EqualError(t, err, "bad input: p.yaml:"+says, text)
	}
}

func TestArrivals(t *testing.T) {
	f := workload(t, "{kind: recorded, arrivals: a.csv}")
	require.NoError(t, f.TakeArrivals([]byte("0\n1\n2.5\n")))
	assert.EqualValues(t, 3, f.Workload.Frames, "as many as there are times")
	require.NoError(t, f.Check())
	f = workload(t, "{kind: recorded, frames: 4, arrivals: a.csv}")
	require.NoError(t, f.TakeArrivals([]byte("0\n1\n2.5\n")))
	assert.EqualError(t, f.Check(), "bad input: p.yaml:10:36: bad workload: 4 frames, and a.csv has 3 times; ask for "+
		"at most "+
		"that many, or add loop: true")
	f = workload(t, "{kind: recorded, frames: 4, arrivals: a.csv, loop: true}")
	require.NoError(t, f.TakeArrivals([]byte("0\n1\n2.5\n")))
	require.NoError(t, f.Check())
	assert.EqualValues(t, 3_750_000_000, f.Workload.Record.LoopNs)
	err := f.TakeArrivals([]byte("1\n"))
	require.ErrorIs(t, err, arrival.ErrRecord)
	assert.EqualError(t, err, "bad input: p.yaml:10:62: bad workload: a.csv: bad record of arrivals: its frames all "+
		"come at "+
		"one time, so it can't be looped")
	assert.EqualError(t, f.TakeArrivals([]byte("1\n0\n")), "bad input: p.yaml:10:49: bad workload: a.csv:2: bad record "+
		"of "+
		"arrivals: 0 s comes before the time before it, 1 s; sort the times")
}
