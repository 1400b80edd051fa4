package coordinator_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
)

func TestMain(m *testing.M) {
	testbedtest.Main(m, map[string]kernel.New{"slow": slow, "sum": newSum, "tell": tell})
}

func TestKilledAgentEndsTheRun(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	sub, err := tb.Conn().SubscribeSync("edgeprune.run.*.trace.d1")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 2 { // by the second batch the coordinator has the first
			_, _ = sub.NextMsg(10 * time.Second)
		}
		_ = cmds.Started()[1].Process.Kill()
	}()
	tr, err := tb.Driver().Run(t.Context(), with(small(1e6), 0, "slow"))
	if !errors.Is(err, coordinator.ErrAgentLost) || !strings.Contains(err.Error(), "device d1: signal: killed") {
		t.Fatalf("got %v", err)
	}
	if len(tr.Events) == 0 || !strings.Contains(tr.Partial, "d1") {
		t.Errorf("%d events, partial %q", len(tr.Events), tr.Partial)
	}
	tb.Close()
	cmds.CheckGone(t)
}

func TestSilentAgentEndsTheRun(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Children(testbedtest.Works, "d0", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	sub, err := tb.Conn().SubscribeSync("edgeprune.run.*.trace.d0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = sub.NextMsg(10 * time.Second)
		_ = cmds.Started()[0].Process.Signal(syscall.SIGSTOP)
	}()
	// Without its testbed the driver has the heartbeats alone, as with remote agents.
	d := &coordinator.Driver{Conn: tb.Conn()}
	_, err = d.Run(t.Context(), with(small(1e6), 0, "slow"))
	if !errors.Is(err, coordinator.ErrAgentLost) || !strings.Contains(err.Error(), "device d0 has been silent") {
		t.Errorf("got %v", err)
	}
	_ = cmds.Started()[0].Process.Signal(syscall.SIGCONT)
}

func TestDiscover(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	got, err := coordinator.Discover(t.Context(), tb.Conn(), 200*time.Millisecond)
	if err != nil || len(got) != 2 || !got["d0"] || !got["d1"] {
		t.Errorf("got %v, %v", got, err)
	}
}
