package result

import (
	"bytes"
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
	b.Reset()
	require.NoError(t, WriteCSV(&b, tableSweep()))
	assert.NotContains(t, b.String(), "throttled")
}
