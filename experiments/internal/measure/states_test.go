package measure

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where the devices are other machines, every measured row has their states, from before its
// first run to after its last one.
func TestStatesOfDevices(t *testing.T) {
	r, d := toy(t)
	read := int64(0)
	state := func(power string) device.State {
		read++
		return device.State{PowerMode: power, Throttled: []device.Throttle{{Name: "oc1_event_cnt", Value: read}}}
	}
	d.Spoil = func(_ *plan.Plan, tr *trace.Trace) {
		tr.States = []device.Of{
			{Device: "slow", Span: device.Span{Before: state("1 5W"), After: state("1 5W")}},
			{Device: "server", Span: device.Span{After: device.State{PowerMode: "0 MAXN"}}},
		}
	}
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	measured := 0
	for _, row := range s.Rows {
		if row.Measured == nil {
			assert.Empty(t, row.States)
			continue
		}
		measured++
		require.Len(t, row.States, 2, row.Title())
		of := row.States[0]
		assert.Equal(t, "slow", of.Device)
		assert.GreaterOrEqual(t, of.After.Throttled[0].Value-of.Before.Throttled[0].Value, int64(3), "two runs at least")
		assert.Equal(t, "0 MAXN", row.States[1].After.PowerMode)
	}
	require.Positive(t, measured)
	require.NotEmpty(t, s.TwoEndpoints)
	assert.Len(t, s.TwoEndpoints[0].States, 2)
	require.NotEmpty(t, s.Throttled())
	for _, text := range s.Throttled() {
		assert.Contains(t, text, ": slow: oc1_event_cnt rose by ")
	}
}
