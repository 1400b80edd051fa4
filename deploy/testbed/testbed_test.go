package testbed_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testbedtest.Main(m, nil) }

// small returns a plan of three actors over two devices.
func small(frames int64) *plan.Plan {
	b := enginetest.NewBuilder("small", frames, 1, 1)
	b.Chain(1, 2, 0, 1, 1)
	return b.Plan()
}

func TestChildAgents(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
	require.NoError(t, err)
	defer tb.Close()
	tr, err := tb.Driver().Run(t.Context(), small(20))
	require.NoError(t, err, "run")
	assert.Len(t, tr.Results, 20, "run")
	tb.Close()
	cmds.CheckGone(t)
	assert.NoError(t, tb.Err(), "after a close")
}

func TestTestbedThatCanNotBe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	var cmds testbedtest.Commands
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	missing := cmds.Children(testbedtest.Works, "d0")
	missing.Command = func(string, string, string) *exec.Cmd { return exec.Command("/does/not/exist") }
	for _, tt := range []struct {
		name string
		ctx  context.Context
		cfg  testbed.Config
		want error
		text string
	}{
		{"a port in use", t.Context(), testbed.Config{Port: port}, testbed.ErrSetup, strconv.Itoa(port)},
		{"an agent that exits", t.Context(), cmds.Children(testbedtest.Fails, "d0"), coordinator.ErrAgentLost,
			"no such camera"},
		{"a program that is not there", t.Context(), missing, testbed.ErrSetup, "/does/not/exist"},
		{"a bad device name", t.Context(), testbed.Config{InProcess: true, Devices: []string{"a.b"}}, testbed.ErrSetup,
			"a.b"},
		{"a context that has ended", ended, cmds.Children(testbedtest.Works, "d0"), context.Canceled, "d0"},
	} {
		_, err := testbed.Start(tt.ctx, tt.cfg)
		require.ErrorIs(t, err, tt.want, "%s: got %v, want %v that says", tt.name, err, tt.want)
		assert.Contains(t, err.Error(), tt.text, "%s: got %v, want %v that says", tt.name, err, tt.want)
	}
	cmds.CheckGone(t)
}

func TestCloseKillsStragglers(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.NeverEnds, "d0"))
	require.NoError(t, err)
	tb.Close()
	cmds.CheckGone(t)
}

func TestClosedTestbedLeavesNoFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	tb := testbedtest.Local(t, nil, "d0")
	require.NoError(t, tb.Conn().Publish("x", nil))
	tb.Close()
	left, err := os.ReadDir(dir)
	require.NoError(t, err, "left behind")
	assert.Empty(t, left, "left behind")
}
