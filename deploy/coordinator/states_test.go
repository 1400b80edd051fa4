package coordinator_test

import (
	"io/fs"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hot is the file system of a device whose over-current events rise with every reading.
type hot struct {
	fstest.MapFS
	events *atomic.Int64
}

func (h hot) Open(name string) (fs.File, error) {
	if name == "sys/class/hwmon/hwmon1/oc1_event_cnt" {
		return fstest.MapFS{name: {Data: strconv.AppendInt(nil, h.events.Add(1), 10)}}.Open(name)
	}
	return h.MapFS.Open(name)
}

// Every device's state before and after a run comes with the trace, and says if it throttled.
func TestStatesOfDevices(t *testing.T) {
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	root := hot{events: &atomic.Int64{}, MapFS: fstest.MapFS{
		"sys/class/hwmon/hwmon1/oc1_event_cnt": {Data: []byte("0")},
		"sys/class/hwmon/hwmon1/name":          {Data: []byte("soctherm_oc")},
		"var/lib/nvpmodel/status":              {Data: []byte("pmode:0002")},
		"sys/class/thermal/thermal_zone0/type": {Data: []byte("gpu\x1b[31m-thermal")},
		"sys/class/thermal/thermal_zone0/temp": {Data: []byte("61000")},
	}}
	b := testbedtest.NewBroker(t, server.Options{JetStream: true})
	b.Start(agent.Config{Device: "d0", Kernels: kernels, State: t.TempDir(), Root: root})
	b.Start(agent.Config{Device: "d1", Kernels: kernels, State: t.TempDir()})
	tr, err := b.Coordinate("d0", "d1").Run(t.Context(), chain("states", 5, tensor(plan.ChunkBytes), plan.Link{}))
	require.NoError(t, err)
	require.Len(t, tr.States, 1, "d1 was not told where to read its state")
	s := tr.States[0]
	assert.Equal(t, "d0", s.Device)
	assert.Equal(t, "2", s.After.PowerMode)
	z, ok := s.Hottest()
	require.True(t, ok)
	assert.InDelta(t, 61, z.Celsius, 1e-9)
	assert.NotContains(t, z.Name, "\x1b", "texts of agents are cleaned")
	require.Len(t, s.Throttling(), 1)
	assert.Regexp(t, `^oc1_event_cnt rose by \d$`, s.Throttling()[0])
}
