package testbedcmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/testbedcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/linktrace"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

// prober returns what runs commands on agents of devices; it also returns what they tell meanwhile.
func prober(t *testing.T, names ...string) (d *coordinator.Driver,
	run func(args ...string) (out, told string, err error),
) {
	t.Helper()
	tb := testbedtest.Local(t, nil, names...)
	d = tb.Driver()
	d.Conn, d.Name = testbedtest.Observe(t, tb.URL()), "lab"
	return d, func(args ...string) (string, string, error) {
		var out, told bytes.Buffer
		o := &testbedcmd.Operator{
			Stdout: &out, JSON: func(v any) error { return json.NewEncoder(&out).Encode(v) },
			Access: func() []cli.Flag { return nil },
			Dial: func(*cli.Context) (*coordinator.Driver, func(), error) {
				return &coordinator.Driver{Conn: d.Conn, Name: "operator", Version: "abc"}, func() {}, nil
			},
			Now:  func() time.Time { return time.Date(2026, 11, 28, 13, 0, 0, 0, time.UTC) },
			Logf: func(format string, args ...any) { told.WriteString(strings.TrimSpace(format) + "\n") },
			Step: func(what string, _, _ int, _ time.Duration) { told.WriteString(what + "\n") },
			Done: func() { told.WriteString("done\n") },
		}
		app := &cli.App{Name: "testbed", Commands: o.Commands(), ExitErrHandler: func(*cli.Context, error) {},
			Writer: &out, ErrWriter: &out}
		err := app.RunContext(t.Context(), append([]string{"testbed", "probe"}, args...))
		return out.String(), told.String(), err
	}
}

func TestProbe(t *testing.T) {
	_, run := prober(t, "d0", "d1")
	path := filepath.Join(t.TempDir(), "lab.json")
	out, told, err := run("--largest", "64", "-o", path)
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^d0 to d1: 28 tokens of 64 bytes$`, told)
	assert.Regexp(t, `(?m)^d1 to d0: \d+ tokens of 64 bytes$`, told)
	assert.True(t, strings.HasSuffix(told, "done\n"))
	assert.Regexp(t, `(?m)^link d0-d1, as measured by tokens; medians \(5th to 95th percentile\)$`, out)
	assert.Regexp(t, `(?m)^d0 to d1 +[\d.]+ \([\d.]+ to [\d.]+\) +`, out)
	assert.Regexp(t, `(?m)^64 +[\d.]+ +[\d.]+ +0\.000 +25 +[\d.]+ +[\d.]+ +0\.000 +25$`, out,
		"one clock leaves nothing open")
	assert.Contains(t, out, "Written to "+path+". A link of a platform takes it by\n  profile: "+path+"\n")
	f, err := profiles.ReadLink(path)
	require.NoError(t, err)
	assert.Equal(t, "abc", f.Program)
	assert.Zero(t, f.Lost)
	for i, from := range []string{"d0", "d1"} {
		d := f.Direction(from)
		require.NotNil(t, d)
		assert.Equal(t, from, f.Between[i])
		assert.Len(t, d.Sizes[0].OneWay, 25)
		assert.Positive(t, d.BytesPerSec.Median)
		assert.Positive(t, d.RoundTripNs.Median)
		assert.LessOrEqual(t, d.BytesPerSec.Low, d.BytesPerSec.High)
	}
	_, _, err = run("--largest", "64", "-o", path)
	require.ErrorContains(t, err, path+"; name another, or replace it by --force")
}

func TestRecordedBandwidth(t *testing.T) {
	_, run := prober(t, "d0", "d1")
	path := filepath.Join(t.TempDir(), "link.csv")
	out, _, err := run("--between", "d1,d0", "--for", "1s", "--every", "250ms", "-o", path, "--largest", "4096", "--json")
	require.NoError(t, err)
	var r struct {
		From, To string
		Every    float64   `json:"every_seconds"`
		Rates    []float64 `json:"bytes_per_sec"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	assert.Equal(t, "d1 to d0", r.From+" to "+r.To)
	assert.Equal(t, 0.25, r.Every)
	assert.Len(t, r.Rates, 4)
	recorded, err := linktrace.Read(path, true)
	require.NoError(t, err)
	for i, x := range recorded.Rates.List() {
		assert.Equal(t, time.Duration(i)*250*time.Millisecond, x.At)
		assert.InEpsilon(t, r.Rates[i], x.BytesPerSec, 1e-6)
	}
}

func TestProbeOfDevicesInUse(t *testing.T) {
	d, run := prober(t, "d0", "d1")
	b := enginetest.NewBuilder("endless", 1<<30, 1, 1)
	b.Chain(1, 1, 0, 1)
	p := b.Plan()
	p.Workload.Kind, p.Workload.Period = plan.Camera, 5*time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = d.Run(ctx, p) // it is ended
	}()
	defer func() {
		cancel()
		<-done
	}()
	require.Eventually(t, func() bool {
		s, err := (&coordinator.Driver{Conn: d.Conn, Name: "test"}).Status(t.Context(), "d1")
		return err == nil && s.State == wire.Running
	}, 20*time.Second, 10*time.Millisecond)
	_, _, err := run("--largest", "64")
	require.ErrorIs(t, err, coordinator.ErrHeld)
	assert.Regexp(t, `^probe the link from d0 to d1 with tokens of 64 bytes: plan .*: .*device d[01] is held by `+
		`coordinator lab \(user .*\) for run \w+ since 20`, err.Error())
}

func TestProbesThatCanNotWork(t *testing.T) {
	_, run := prober(t, "d0", "d1", "d2")
	none := filepath.Join(t.TempDir(), "none.yaml")
	bare := filepath.Join(t.TempDir(), "plan.yaml")
	require.NoError(t, os.WriteFile(bare, []byte("platform: {devices: [{name: d0}]}\n"), 0o644))
	odd := filepath.Join(t.TempDir(), "odd.yaml")
	require.NoError(t, os.WriteFile(odd, []byte("platform: {links: [{name: l, between: [d0]}]}\n"), 0o644))
	for _, tt := range []struct {
		args []string
		says string
	}{
		{nil, "the testbed has the devices d0, d1, d2; say which two by --between A,B"},
		{[]string{"--between", "d0"}, `--between "d0": expected two devices, such as jetson1,server`},
		{[]string{"--between", "d0,d0"}, `--between "d0,d0": expected two devices, such as jetson1,server`},
		{[]string{"--between", "d0,nobody"}, "no agent for the device nobody"},
		{[]string{"--limit", "0s"}, "--limit 0s: expected more than 0"},
		{[]string{"--largest", "0"}, "--largest 0: expected 1 to 268435456 bytes"},
		{[]string{"--for", "1s", "--every", "1ms"}, "--for 1s --every 1ms: expected parts of at least 10ms, and at " +
			"least one"},
		{[]string{"--every", "1s"}, "--every goes with --for"},
		{[]string{"--for", "2s", "--between", "d0,d1", "--between", "d0,d2"},
			"--for records one link; there are 2: say which one by --between A,B"},
		{[]string{bare}, bare + ": its platform has no links"},
		{[]string{odd}, odd + `:1:21: link "l": expected a name that a file can have, and two devices`},
		{[]string{none}, none},
		{[]string{"a", "b"}, "expected at most one plan; got 2 arguments"},
	} {
		_, _, err := run(tt.args...)
		require.ErrorContains(t, err, tt.says)
	}
}
