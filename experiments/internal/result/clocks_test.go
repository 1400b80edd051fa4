package result

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// overTwoClocks is a sweep whose second cut has a latency of 400 ms, simulated as 420 ms, by
// clocks that leave so much open, in s.
func overTwoClocks(clock float64) *Sweep {
	s := tableSweep()
	o := s.Rows[2].Measured
	o.Latency.Clock = clock
	back := statOf(0.45, 0.001)
	o.RoundTrip = &back
	return s
}

func TestTablesOfSeveralClocks(t *testing.T) {
	s := overTwoClocks(0.0005)
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, s))
	assert.Contains(t, b.String(), "400 ± 4.00 ± 0.500 clocks")
	assert.Contains(t, b.String(), "leave a latency open by up to ± 0.500 ms, beside its interval")
	assert.Contains(t, b.String(), "round trip")
	assert.Contains(t, b.String(), "450 ± 1.00")
	b.Reset()
	require.NoError(t, WriteCSV(&b, s))
	lines := strings.Split(b.String(), "\n")
	assert.Contains(t, lines[0], ",latency_measured_clock_s,throughput_measured_clock_fps,round_trip_measured_s")
	assert.True(t, strings.HasSuffix(lines[3], ",0.0005,0,0.45"), lines[3])
	assert.True(t, strings.HasSuffix(lines[2], ",0,0,"), lines[2])
	assert.Empty(t, tableSweep().Clocks(), "on one clock there is nothing to say")
}

func TestWhatClocksLeaveOpenUnsettles(t *testing.T) {
	r := &overTwoClocks(0).Rows[2]
	_, noise, ok := r.ErrorOf(Latency, Stored)
	require.True(t, ok)
	assert.False(t, noise)
	assert.True(t, r.Settled(Latency))
	r = &overTwoClocks(0.1).Rows[2]
	_, noise, _ = r.ErrorOf(Latency, Stored)
	assert.True(t, noise, "an error of 60 ms, by clocks known to 100 ms")
	assert.False(t, r.Settled(Latency))
	assert.True(t, r.Settled(EndpointTime))
}

func TestPlanRunsOfSeveralClocks(t *testing.T) {
	one := PlanRuns{Plan: "p", Runs: []PlanRun{{Driver: "deploy", Outcome: *outcome(0.1, 0.2)}}}
	two := PlanRuns{Plan: "p", Runs: []PlanRun{{Driver: "deploy", Outcome: *overTwoClocks(0.0005).Rows[2].Measured}}}
	var b bytes.Buffer
	require.NoError(t, one.WriteTable(&b))
	require.NoError(t, one.WriteCSV(&b))
	assert.NotContains(t, b.String(), "clock")
	b.Reset()
	require.NoError(t, two.WriteTable(&b))
	assert.Contains(t, b.String(), "400ms ± 4ms ± 500µs clocks")
	assert.Contains(t, b.String(), "deploy: there and back, on the endpoint's clock alone: 450ms ± 1ms")
	assert.Contains(t, two.Answer()[0], "latency 400ms ± 4ms ± 500µs clocks")
	b.Reset()
	require.NoError(t, two.WriteCSV(&b))
	lines := strings.Split(b.String(), "\n")
	assert.True(t, strings.HasSuffix(lines[0], ",latency_clock_s,frames_per_s_clock,round_trip_s"))
	assert.True(t, strings.HasSuffix(lines[1], ",0.0005,0,0.45"), lines[1])
}
