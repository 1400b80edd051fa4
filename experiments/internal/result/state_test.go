package result

import (
	"bytes"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row in which the device throttled is named in the table, and all states are in summary.csv.
func TestThrottledRow(t *testing.T) {
	s := tableSweep()
	count := func(n int64) device.State {
		return device.State{
			PowerMode: "2 15W", Throttled: []device.Throttle{{Name: "oc1_event_cnt", Value: n}},
			Zones: []device.Zone{{Name: "gpu", Celsius: 71.5}},
			CPU:   &device.CPU{Busy: float64(2 * n), Own: float64(n), Up: float64(n)},
		}
	}
	s.Rows[0].State = &device.Span{Before: count(3), After: count(3)}
	s.Rows[2].State = &device.Span{Before: count(3), After: count(5)}
	assert.Equal(t, []string{"slow wired PP1 fp16: oc1_event_cnt rose by 2"}, s.Throttled())
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, s))
	assert.Contains(t, b.String(), "\nthrottled: slow wired PP1 fp16: oc1_event_cnt rose by 2\n")
	b.Reset()
	require.NoError(t, WriteCSV(&b, s))
	assert.Contains(t, b.String(), ",throttled,others_busy_processors,hottest_celsius,power_mode\n")
	assert.Contains(t, b.String(), ",,,71.5,2 15W\n", "nobody knows what others did in no time")
	assert.Contains(t, b.String(), ",oc1_event_cnt rose by 2,1,71.5,2 15W\n")

	s.Rows[0].State, s.Rows[2].State = nil, nil // devices that are other machines tell theirs
	s.Rows[2].States = []device.Of{
		{Device: "jetson", Span: device.Span{Before: count(3), After: count(5)}},
		{Device: "gpu", Span: device.Span{Before: count(5), After: count(5)}},
	}
	assert.Equal(t, []string{"slow wired PP1 fp16: jetson: oc1_event_cnt rose by 2"}, s.Throttled())
	b.Reset()
	require.NoError(t, WriteCSV(&b, s))
	assert.Contains(t, b.String(),
		",jetson: oc1_event_cnt rose by 2,jetson: 1,jetson: 71.5; gpu: 71.5,jetson: 2 15W; gpu: 2 15W\n")
	b.Reset()
	one := PlanRun{Driver: "deploy", Instance: "a", States: s.Rows[2].States}
	other := one
	other.Instance = "b"
	require.NoError(t, (&PlanRuns{Runs: []PlanRun{one, other}}).WriteTable(&b))
	assert.Equal(t, 1, strings.Count(b.String(), "\nthrottled: deploy: jetson: oc1_event_cnt rose by 2\n"), b.String())

	b.Reset()
	require.NoError(t, WriteCSV(&b, tableSweep()))
	assert.NotContains(t, b.String(), "throttled")
}
