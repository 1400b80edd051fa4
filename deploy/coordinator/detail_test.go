package coordinator_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/micro"
)

// What an agent says in detail of a run that stands still is what the trace shows in the end, and
// so are the statistics of its micro service.
func TestDetailIsWhatTheTraceShows(t *testing.T) {
	t.Run("shaped", func(t *testing.T) {
		showDetail(t, plan.Link{BandwidthBytesPerSec: 100e6}, map[string]float64{"d0": 100e6, "d1": 100e6})
	})
	t.Run("measured", func(t *testing.T) {
		showDetail(t, plan.Link{BandwidthBytesPerSec: 1, Profile: "lab.json"}, map[string]float64{"d0": 7e6, "d1": 0})
	})
}

// showDetail does that with a link of two devices, over which tokens from each pass at a rate.
func showDetail(t *testing.T, link plan.Link, rates map[string]float64) {
	const frames, held, bytes = 20, 12, 2 * plan.ChunkBytes
	standing, release := make(chan struct{}), make(chan struct{})
	stands := func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			if f.Frame == held {
				close(standing)
				<-release
			}
			for _, port := range f.Out {
				kerneltest.Fill(port[0], f.Frame)
			}
			return nil
		}), nil
	}
	kernels, err := kerneltest.Registry(map[string]kernel.New{"stands": stands})
	require.NoError(t, err)
	tb := testbedtest.Start(t, testbed.Config{Devices: []string{"d0", "d1"}, InProcess: true, Agent: agent.Config{
		Kernels: kernels, Root: fstest.MapFS{
			"sys/class/thermal/thermal_zone0/type": &fstest.MapFile{Data: []byte("cpu-thermal\n")},
			"sys/class/thermal/thermal_zone0/temp": &fstest.MapFile{Data: []byte("51500\n")},
		},
	}})
	p := chain("detail", frames, tensor(bytes), link)
	p.Platform.Links[0].Profile = link.Profile
	p.Graph.Actors[0].Kernel = "stands"
	observer := &coordinator.Driver{Conn: testbedtest.Observe(t, tb.URL()), Name: "observer"}

	idle, err := observer.Detail(t.Context(), "d0")
	require.NoError(t, err)
	assert.Nil(t, idle.Detail.Work, "no run is loaded")
	require.Len(t, idle.Detail.State.Zones, 1)
	assert.InDelta(t, 51.5, idle.Detail.State.Zones[0].Celsius, 1e-9)

	done := make(chan *trace.Trace, 1)
	go func() {
		d := tb.Driver()
		d.Measured = func(_, from string) float64 { return rates[from] }
		tr, err := d.Run(t.Context(), p)
		assert.NoError(t, err)
		done <- tr
	}()
	<-standing
	work := map[string]*wire.Work{}
	require.Eventually(t, func() bool { // until all that was sent has been committed
		for _, device := range []string{"d0", "d1"} {
			s, err := observer.Detail(t.Context(), device)
			require.NoError(t, err)
			work[device] = s.Detail.Work
		}
		return work["d0"].FIFOs[0].Tokens == 1 && work["d1"].Links[0].ReceivedTokens == held
	}, 20*time.Second, 5*time.Millisecond)
	stats := microStats(t, observer, "d0")
	close(release)
	tr := <-done

	for device, w := range work {
		firings, busy, link := map[string]int64{}, map[string]int64{}, wire.LinkWork{
			Name: p.Platform.Links[0].Name, Peer: map[string]string{"d0": "d1", "d1": "d0"}[device],
			BytesPerSec: rates[device], Shaped: link.Shaped(),
		}
		for _, e := range tr.Events {
			switch {
			case e.Device != device || e.Frame >= held:
			case e.Kind == trace.Firing:
				firings[e.Unit]++
				busy[e.Unit] += e.End - e.Start
			case e.Kind == trace.Send:
				link.SentTokens, link.SentBytes = link.SentTokens+1, link.SentBytes+e.Bytes
				link.BusyNs += e.End - e.Start
			case e.Kind == trace.Recv:
				link.ReceivedTokens, link.ReceivedBytes = link.ReceivedTokens+1, link.ReceivedBytes+e.Bytes
			}
		}
		for _, u := range w.Units {
			assert.Equal(t, firings[u.Name], u.Firings, device)
			assert.Equal(t, busy[u.Name], u.BusyNs, device)
			assert.Equal(t, "cpu", u.Provider)
		}
		assert.Equal(t, []wire.LinkWork{link}, w.Links, device)
		assert.Equal(t, string(p.Platform.Devices[p.Platform.Device(device)].Role), w.Role)
		assert.Nil(t, w.Energy, "there is no meter")
		assert.Empty(t, w.EnergyMissing)
	}
	assert.EqualValues(t, held*bytes, stats["token_bytes_sent"])
	assert.EqualValues(t, held, stats["firings"])
	assert.EqualValues(t, held, stats["frames"])
	assert.Equal(t, "running", stats["state"])
	assert.NotEmpty(t, stats["run"])
}

// microStats returns the statistics that the micro service of a device tells of its own.
func microStats(t *testing.T, d *coordinator.Driver, device string) (own map[string]any) {
	t.Helper()
	sub, err := d.Conn.SubscribeSync(d.Conn.NewInbox())
	require.NoError(t, err)
	require.NoError(t, d.Conn.PublishRequest("$SRV.STATS."+wire.Service, sub.Subject, nil))
	for {
		msg, err := sub.NextMsg(10 * time.Second)
		require.NoError(t, err)
		var stats micro.Stats
		require.NoError(t, json.Unmarshal(msg.Data, &stats))
		if stats.Metadata[wire.Device] != device {
			continue
		}
		for _, e := range stats.Endpoints {
			if e.Name == string(wire.Status) {
				require.NoError(t, json.Unmarshal(e.Data, &own))
			}
		}
		return own
	}
}
