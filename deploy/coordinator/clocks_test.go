package coordinator_test

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/clock/clocktest"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ppm = 1e-6

// apart are clocks a day apart, which drift by 200 ppm: of three devices and the coordinator.
func apart() map[string]*clocktest.Clock {
	return map[string]*clocktest.Clock{
		"d0": clocktest.New("clock of d0", 24*time.Hour, 200*ppm),
		"d1": clocktest.New("clock of d1", -24*time.Hour, -200*ppm),
		"d2": clocktest.New("clock of d2", 3*time.Hour, 100*ppm),
		"":   clocktest.New("clock of the coordinator", -time.Hour, -50*ppm),
	}
}

// startApart starts a testbed of devices with their own clocks, and its coordinator.
func startApart(
	t *testing.T, faces map[string]*clocktest.Clock, kernels map[string]kernel.New, devices ...string,
) *coordinator.Driver {
	t.Helper()
	registry, err := kerneltest.Registry(kernels)
	require.NoError(t, err)
	cfg := testbed.Config{Devices: devices, InProcess: true, Clocks: map[string]clock.Clock{}}
	cfg.Agent.Kernels = registry
	for _, d := range devices {
		cfg.Clocks[d] = faces[d]
	}
	d := testbedtest.Start(t, cfg).Driver()
	d.Clock = faces[""]
	return d
}

func TestConformanceOfDevicesWithTheirOwnClocks(t *testing.T) {
	d := startApart(t, apart(), nil, "d0", "d1", "d2")
	enginetest.Conformance(t, func(*testing.T) enginetest.Driver { return d },
		chain("own clocks, shaped link", 10, tensor(2*plan.ChunkBytes),
			plan.Link{BandwidthBytesPerSec: 50e6, Latency: 2 * time.Millisecond}))
}

// Every event's true time lies within its interval, wherever the coordinator runs.
func TestEventsOfSeveralClocks(t *testing.T) {
	for _, where := range []string{"of its own", "d0", "d1"} {
		t.Run("coordinator "+where, func(t *testing.T) {
			faces := apart()
			d := startApart(t, faces, map[string]kernel.New{"slow": slow}, "d0", "d1")
			if own, ok := faces[where]; ok {
				d.Clock = own
			}
			tr, err := d.Run(t.Context(), with(small(400), 0, "slow"))
			require.NoError(t, err)
			require.NotNil(t, tr.Clocks)
			assert.Equal(t, []string{"d0"}, tr.Clocks.List[0].Devices)
			line, err := trace.NewLine(tr)
			require.NoError(t, err)
			machine := func(device string, at int64) int64 {
				for _, c := range tr.Clocks.List {
					if len(c.Devices) > 0 && c.Devices[0] == device {
						return faces[device].Machine(c.Began + at)
					}
				}
				t.Fatalf("no clock of %s", device)
				return 0
			}
			shown := func(at int64) int64 { return faces["d0"].Shown(at) - tr.Clocks.List[0].Began }
			var widest int64
			for _, e := range tr.Events {
				got, want := line.At(e.Device, e.End), shown(machine(e.Device, e.End))
				require.True(t, got.Low-50 <= want && want <= got.High+50, "%s of %s, frame %d: %d is not in %+v", e.Kind, e.Device,
					e.Frame, want, got)
				widest = max(widest, got.High-got.Low)
			}
			assert.Positive(t, widest)
			assert.Less(t, widest, int64(50e6), "a round trip on this machine takes no such time")
			t.Logf("%d events, %d probes, widest interval %v", len(tr.Events), len(tr.Clocks.Probes), time.Duration(widest))
		})
	}
}

// What devices on one clock record needs no comparison, wherever the coordinator runs.
func TestOneClockIsProbedByNobody(t *testing.T) {
	one := clocktest.New("one", time.Hour, 0)
	for name, faces := range map[string]map[string]*clocktest.Clock{
		"all on one":             {"d0": one, "d1": one, "": one},
		"coordinator on another": {"d0": one, "d1": one, "": clocktest.New("two", 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			d := startApart(t, faces, nil, "d0", "d1")
			probes, err := testbedtest.Observe(t, d.Conn.ConnectedUrl()).SubscribeSync(wire.ProbeSubject(wire.Any, wire.Any))
			require.NoError(t, err)
			tr, err := d.Run(t.Context(), small(5))
			require.NoError(t, err)
			assert.Nil(t, tr.Clocks)
			n, _, err := probes.Pending()
			require.NoError(t, err)
			assert.Zero(t, n)
		})
	}
}

// The run would take an hour; it ends with what the next probes show.
func TestJumpOfAClockEndsTheRun(t *testing.T) {
	const by = 300 * time.Millisecond
	for name, happens := range map[string]func(*clocktest.Clock){
		"jumps": func(c *clocktest.Clock) { c.Jump(by) },
		"is suspended": func(c *clocktest.Clock) {
			time.Sleep(by)
			c.Jump(-by)
		},
	} {
		t.Run(name, func(t *testing.T) {
			faces := apart()
			jumps := func(s kernel.Spec) (kernel.Kernel, error) {
				k, err := slow(s)
				return kerneltest.Func(func(f *kernel.Firing) error {
					if f.Frame == 200 {
						happens(faces["d1"])
					}
					return k.Fire(f)
				}), err
			}
			d := startApart(t, faces, map[string]kernel.New{"jumps": jumps, "slow": slow}, "d0", "d1")
			_, err := d.Run(t.Context(), with(with(small(1e6), 0, "slow"), 1, "jumps"))
			require.ErrorIs(t, err, trace.ErrClocks)
			require.ErrorIs(t, err, clocks.ErrJump)
			assert.Contains(t, err.Error(), "that of device d1")
		})
	}
}

// An agent that is started again has the clock that it had; a machine that is has another
// one, with which its times can't be compared.
func TestRestartsOfDevicesWithTheirOwnClocks(t *testing.T) {
	kill := func(t *testing.T, b testbedtest.Behaviour) (*trace.Trace, error) {
		var cmds testbedtest.Commands
		tb, err := testbed.Start(t.Context(), cmds.Restarting(b, "d0", "d1"))
		require.NoError(t, err)
		t.Cleanup(tb.Close)
		devices := watch(t, tb, "d0", "d1")
		d := tb.Driver()
		d.Patience = 20 * time.Second
		p := thereAndBack()
		p.Workload.Frames, p.Workload.Precision = 2000, 0
		go func() {
			if devices[1].atWork(t.Context(), 0) == nil {
				_ = tb.Kill("d1")
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return d.Run(ctx, p)
	}
	t.Run("agent", func(t *testing.T) {
		tr, err := kill(t, testbedtest.Apart)
		require.NoError(t, err)
		assert.Positive(t, tr.Restarts)
		require.Len(t, tr.Results, 2000)
		require.NotNil(t, tr.Clocks)
		line, err := trace.NewLine(tr)
		require.NoError(t, err)
		last := tr.Events[len(tr.Events)-1]
		assert.Less(t, line.At("d1", last.End).Spread(), int64(100e6))
	})
	t.Run("machine", func(t *testing.T) {
		_, err := kill(t, testbedtest.Reboots)
		require.ErrorIs(t, err, trace.ErrClocks)
		assert.Contains(t, err.Error(), "device d1 was started again, with another clock")
	})
}
