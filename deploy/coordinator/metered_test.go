package coordinator_test

import (
	"errors"
	"maps"
	"math"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
)

// metered runs a plan on two devices with meters of a tree, which loses files when they are found.
func metered(t *testing.T, lost ...string) *trace.Trace {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range map[string]string{
		"name": "ina3221", "in1_label": "VDD_IN", "in1_input": "5000", "curr1_input": "1400", // 7 W
		"update_interval": "1000", // so that a busy machine leaves no gaps
	} {
		root["sys/class/hwmon/hwmon1/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	meters, _ := power.Find(root, func() (power.Library, error) { return nil, errors.New("none") })
	require.Len(t, meters, 1)
	maps.DeleteFunc(root, func(name string, _ *fstest.MapFile) bool {
		return len(lost) > 0 && name == "sys/class/hwmon/hwmon1/"+lost[0]
	})
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	idle := 2.5
	tb := testbedtest.Start(t, testbed.Config{Devices: []string{"d0", "d1"}, InProcess: true, Agent: agent.Config{
		Kernels: kernels, Power: &agent.Power{Meters: meters, IdleWatts: &idle},
	}})
	before := time.Now().UnixNano()
	tr, err := tb.Driver().Run(t.Context(), chain("metered", 20, tensor(plan.ChunkBytes), plan.Link{}))
	require.NoError(t, err)
	require.Len(t, tr.Metered, 2)
	assert.Greater(t, tr.BeganUnixNs, before, "for meters beside the devices")
	assert.Less(t, tr.BeganUnixNs, time.Now().UnixNano())
	return tr
}

// What an agent's meters counted comes with the trace, on the clock of its events.
func TestAgentsReadTheirMeters(t *testing.T) {
	tr := metered(t)
	devices := map[string]bool{}
	for _, m := range tr.Metered {
		devices[m.Device] = true
		from, to := int64(math.MaxInt64), int64(0)
		for _, e := range tr.Events {
			if e.Kind == trace.Firing && e.Device == m.Device {
				from, to = min(from, e.Start), max(to, e.End)
			}
		}
		a, err := m.Between(from, to)
		require.NoError(t, err)
		assert.InEpsilon(t, 7*float64(to-from)*1e-9, a.Joules, 0.005)
		assert.InDelta(t, 2.5, *m.IdleWatts, 0)
		assert.Equal(t, "ina3221: the device: its rail VDD_IN", m.Of)
		assert.Equal(t, int64(1e9), m.MeterPeriodNs)
	}
	assert.Len(t, devices, 2)
}

// A meter that can't be read any more is missing, with its reason, and the run goes on.
func TestMeterFailsInARun(t *testing.T) {
	for _, m := range metered(t, "curr1_input").Metered {
		assert.Empty(t, m.Samples)
		assert.Contains(t, m.Missing, "energy is not known: ina3221, rail VDD_IN was read 0 times; "+
			"ina3221, VDD_IN: power: open ")
		_, err := m.Between(0, 1)
		require.ErrorIs(t, err, energy.ErrMissing)
	}
}
