package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"go.uber.org/goleak"
)

// What makes this test binary a child agent.
const (
	childDevice = "EDGEPRUNE_TEST_AGENT"
	childURL    = "EDGEPRUNE_TEST_URL"
	childMood   = "EDGEPRUNE_TEST_MOOD"
	childState  = "EDGEPRUNE_TEST_STATE"
	childPort   = "EDGEPRUNE_TEST_PORT" // of a NATS server instead of an agent
)

func TestMain(m *testing.M) {
	if device := os.Getenv(childDevice); device != "" {
		os.Exit(child(device))
	}
	if port, err := strconv.Atoi(os.Getenv(childPort)); err == nil {
		if err := deploy.Serve(agent.UntilEOF(context.Background(), os.Stdin), port, os.Getenv(childState)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// A client of JetStream that is closed before this goroutine of it has begun leaves
	// it behind, waiting for a nil channel: nats.go 1.55.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

func child(device string) int {
	switch os.Getenv(childMood) {
	case "broken":
		fmt.Fprintln(os.Stderr, "no such camera")
		return 3
	case "deaf": // registers, but does not stop
		signal.Ignore(syscall.SIGTERM)
		go agent.Run(context.Background(), agent.Config{Device: device, URL: os.Getenv(childURL)}) //nolint:errcheck // killed
		select {}
	}
	r := kernel.NewRegistry()
	for name, k := range map[string]kernel.New{"count": count, "pass": pass, "sink": sink, "slow": slow, "sum": newSum, "tell": tell} {
		if err := r.Register(name, k); err != nil {
			return 4
		}
	}
	ctx := agent.UntilEOF(context.Background(), os.Stdin)
	cfg := agent.Config{Device: device, URL: os.Getenv(childURL), Kernels: r, State: os.Getenv(childState), Wait: 20 * time.Second}
	if err := agent.Run(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// startedMu guards the lists of started commands: supervisors are concurrent.
var startedMu sync.Mutex

// children returns a configuration of child agents; started gets their commands.
func children(mood string, started *[]*exec.Cmd, devices ...string) deploy.TestbedConfig {
	return deploy.TestbedConfig{Devices: devices, Command: func(device, url, state string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDevice+"="+device, childURL+"="+url, childMood+"="+mood, childState+"="+state)
		startedMu.Lock()
		defer startedMu.Unlock()
		*started = append(*started, cmd)
		return cmd
	}}
}

// gone fails the test if a child still runs.
func gone(t *testing.T, cmds []*exec.Cmd) {
	t.Helper()
	for _, cmd := range cmds {
		if err := syscall.Kill(cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", cmd.Process.Pid, err)
		}
	}
}

func TestChildAgents(t *testing.T) {
	var cmds []*exec.Cmd
	tb, err := deploy.NewTestbed(t.Context(), children("", &cmds, "d0", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	tr, err := tb.Driver().Run(t.Context(), small(20))
	if err != nil || len(tr.Results) != 20 {
		t.Errorf("run: %v", err)
	}
	tb.Close()
	gone(t, cmds)
	if err := tb.Err(); err != nil {
		t.Errorf("after a close: %v", err)
	}
}

func TestKilledAgentEndsTheRun(t *testing.T) {
	var cmds []*exec.Cmd
	tb, err := deploy.NewTestbed(t.Context(), children("", &cmds, "d0", "d1"))
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
		_ = cmds[1].Process.Kill()
	}()
	tr, err := tb.Driver().Run(t.Context(), with(small(1e6), 0, "slow"))
	if !errors.Is(err, deploy.ErrAgentLost) || !strings.Contains(err.Error(), "device d1: signal: killed") {
		t.Fatalf("got %v", err)
	}
	if len(tr.Events) == 0 || !strings.Contains(tr.Partial, "d1") {
		t.Errorf("%d events, partial %q", len(tr.Events), tr.Partial)
	}
	tb.Close()
	gone(t, cmds)
}

func TestSilentAgentEndsTheRun(t *testing.T) {
	var cmds []*exec.Cmd
	tb, err := deploy.NewTestbed(t.Context(), children("", &cmds, "d0", "d1"))
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
		_ = cmds[0].Process.Signal(syscall.SIGSTOP)
	}()
	// Without its testbed the driver has the heartbeats alone, as with remote agents.
	d := &deploy.Driver{Conn: tb.Conn()}
	_, err = d.Run(t.Context(), with(small(1e6), 0, "slow"))
	if !errors.Is(err, deploy.ErrAgentLost) || !strings.Contains(err.Error(), "device d0 has been silent") {
		t.Errorf("got %v", err)
	}
	_ = cmds[0].Process.Signal(syscall.SIGCONT)
}

func TestTestbedThatCanNotBe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	var cmds []*exec.Cmd
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	missing := children("", &cmds, "d0")
	missing.Command = func(string, string, string) *exec.Cmd { return exec.Command("/does/not/exist") }
	for _, tt := range []struct {
		name string
		ctx  context.Context
		cfg  deploy.TestbedConfig
		want error
		text string
	}{
		{"a port in use", t.Context(), deploy.TestbedConfig{Port: port}, deploy.ErrTestbed, strconv.Itoa(port)},
		{"an agent that exits", t.Context(), children("broken", &cmds, "d0"), deploy.ErrAgentLost, "no such camera"},
		{"a program that is not there", t.Context(), missing, deploy.ErrTestbed, "/does/not/exist"},
		{"a bad device name", t.Context(), deploy.TestbedConfig{InProcess: true, Devices: []string{"a.b"}}, agent.ErrConfig, "a.b"},
		{"a context that has ended", ended, children("", &cmds, "d0"), context.Canceled, "d0"},
	} {
		if _, err := deploy.NewTestbed(tt.ctx, tt.cfg); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: got %v, want %v that says %q", tt.name, err, tt.want, tt.text)
		}
	}
	gone(t, cmds)
}

func TestCloseKillsStragglers(t *testing.T) {
	var cmds []*exec.Cmd
	tb, err := deploy.NewTestbed(t.Context(), children("deaf", &cmds, "d0"))
	if err != nil {
		t.Fatal(err)
	}
	tb.Close()
	gone(t, cmds)
}

func TestClosedTestbedLeavesNoFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	tb := local(t, nil, "d0")
	if err := tb.Conn().Publish("x", nil); err != nil {
		t.Fatal(err)
	}
	tb.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDiscover(t *testing.T) {
	tb := local(t, nil, "d0", "d1")
	got, err := deploy.Discover(t.Context(), tb.Conn(), 200*time.Millisecond)
	if err != nil || len(got) != 2 || !got["d0"] || !got["d1"] {
		t.Errorf("got %v, %v", got, err)
	}
}
