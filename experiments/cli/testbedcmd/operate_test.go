package testbedcmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/testbedcmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

// operator returns what runs a command as another coordinator, on agents of d0 and d1, one of
// which is slow, and the driver of a first one.
func operator(t *testing.T) (d *coordinator.Driver, run func(args ...string) (string, error)) {
	t.Helper()
	slow := func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			time.Sleep(2 * time.Millisecond)
			for _, port := range f.Out {
				kerneltest.Fill(port[0], f.Frame)
			}
			return nil
		}), nil
	}
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	d = tb.Driver()
	d.Conn, d.Name = testbedtest.Observe(t, tb.URL()), "lab"
	return d, func(args ...string) (string, error) {
		var out bytes.Buffer
		o := &testbedcmd.Operator{
			Stdout: &out, JSON: func(v any) error { return json.NewEncoder(&out).Encode(v) },
			Access: func() []cli.Flag { return nil },
			Dial: func(*cli.Context) (*coordinator.Driver, func(), error) {
				return &coordinator.Driver{Conn: d.Conn, Name: "operator"}, func() {}, nil
			},
		}
		app := &cli.App{Name: "testbed", Commands: o.Commands(), ExitErrHandler: func(*cli.Context, error) {},
			Writer: &out, ErrWriter: &out}
		err := app.RunContext(t.Context(), append([]string{"testbed"}, args...))
		return out.String(), err
	}
}

// begin runs an endless plan; what it ends with comes from the channel.
func begin(t *testing.T, d *coordinator.Driver) <-chan error {
	t.Helper()
	b := enginetest.NewBuilder("p", 1<<30, 1, 1)
	b.Chain(1, 1, 0, 1)
	p := b.Plan()
	p.Graph.Actors[0].Kernel = "slow"
	ctx, cancel := context.WithCancel(t.Context())
	ended, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		_, err := d.Run(ctx, p)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	require.Eventually(t, func() bool {
		s, err := (&coordinator.Driver{Conn: d.Conn, Name: "test"}).Status(t.Context(), "d1")
		return err == nil && s.State == wire.Running && s.Frames > 0
	}, 20*time.Second, 10*time.Millisecond)
	return ended
}

type shown struct {
	Device string
	Status *wire.AgentStatus
	Rates  struct {
		FramesPerSec    float64 `json:"frames_per_sec"`
		SentBytesPerSec float64 `json:"sent_bytes_per_sec"`
	}
}

func TestStatus(t *testing.T) {
	d, run := operator(t)
	begin(t, d)
	out, err := run("status", "--json", "--interval", "1s")
	require.NoError(t, err)
	var list []shown
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 2)
	for i, device := range []string{"d0", "d1"} {
		s := list[i].Status
		assert.Equal(t, device, list[i].Device)
		assert.Equal(t, wire.Running, s.State)
		assert.Equal(t, "lab", s.Held.Owner.Coordinator)
		assert.Equal(t, s.Run, s.Held.Run)
		assert.EqualValues(t, 1<<30, s.Total)
		assert.Positive(t, list[i].Rates.FramesPerSec)
		assert.LessOrEqual(t, list[i].Rates.FramesPerSec, 1e3, "a firing takes 2 ms")
		assert.Positive(t, list[i].Rates.SentBytesPerSec)
	}
	out, err = run("status", "--interval", "10ms")
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^device +state +run +frame +frames/s +sent kB/s +received kB/s +owner +host +pid +version$`, out)
	assert.Regexp(t, `(?m)^d1 +running +\w+ +\d+ of 1073741824 +[\d.]+ +[\d.]+ +[\d.]+ +coordinator lab \(user `, out)
	assert.Regexp(t, `(?m)^  d0: held by coordinator lab \(user .* for run \w+ since 20`, out)
}

func TestStop(t *testing.T) {
	d, run := operator(t)
	out, err := run("stop", "--device", "d0")
	require.NoError(t, err)
	assert.Equal(t, "device d0 is free already\n", out)
	ended := begin(t, d)
	out, err = run("stop", "--device", "d0")
	require.NoError(t, err)
	assert.Regexp(t, `^device d0 is free; it was held by coordinator lab \(user .* for run \w+ since 20.* UTC\n$`, out)
	err = <-ended
	require.ErrorIs(t, err, coordinator.ErrTaken)
	require.ErrorContains(t, err, "device d0 was taken by coordinator operator (user ")

	ended = begin(t, d)
	s, err := (&coordinator.Driver{Conn: d.Conn, Name: "test"}).Status(t.Context(), "d0")
	require.NoError(t, err)
	out, err = run("stop", "--run", s.Run)
	require.NoError(t, err)
	assert.Contains(t, out, "device d0 is free; it was held by coordinator lab")
	require.ErrorIs(t, <-ended, coordinator.ErrTaken)
}

func TestCommandsThatCanNotWork(t *testing.T) {
	_, run := operator(t)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"stop"}, "expected --run ID or --device NAME, and no arguments"},
		{[]string{"stop", "--run", "a", "--device", "b"}, "expected --run ID or --device NAME, and no arguments"},
		{[]string{"stop", "--run", "nix"}, `no device is held for run "nix"; edgeprune testbed status shows what there is`},
		{[]string{"stop", "--device", "none"}, "no agent for the device none"},
		{[]string{"status", "--interval", "0s"}, "--interval 0s: expected more than 0"},
		{[]string{"status", "x"}, "and no arguments"},
	} {
		_, err := run(tt.args...)
		require.ErrorContains(t, err, tt.says)
	}
}

func TestNobodyThere(t *testing.T) {
	d := testbedtest.Local(t, nil).Driver()
	var out bytes.Buffer
	o := &testbedcmd.Operator{Stdout: &out, Access: func() []cli.Flag { return nil },
		Dial: func(*cli.Context) (*coordinator.Driver, func(), error) { return d, func() {}, nil }}
	app := &cli.App{Name: "testbed", Commands: o.Commands(), ExitErrHandler: func(*cli.Context, error) {}}
	err := app.RunContext(t.Context(), []string{"testbed", "status"})
	assert.EqualError(t, err, "testbed: no agent answers at the NATS server; start them with edgeprune agent")
}
