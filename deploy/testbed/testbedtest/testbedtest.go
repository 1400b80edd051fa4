// Package testbedtest starts testbeds for tests: in the test's process, or with the
// test binary as its child processes. It may only be imported by tests.
package testbedtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/clock/clocktest"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// What makes a test binary a child process.
const (
	childDevice    = "EDGEPRUNE_TEST_AGENT"
	childTestbed   = "EDGEPRUNE_TEST_TESTBED"
	childBehaviour = "EDGEPRUNE_TEST_BEHAVIOUR"
	childState     = "EDGEPRUNE_TEST_STATE"
	childConfig    = "EDGEPRUNE_TEST_CONFIG" // of a NATS server instead of an agent
)

// Behaviour is what a child agent does.
type Behaviour string

// How child agents behave.
const (
	Works     Behaviour = ""
	Fails     Behaviour = "fails"      // says "no such camera" and exits
	NeverEnds Behaviour = "never ends" // registers, and stops only when it is killed
	Full      Behaviour = "full"       // has no room for files of more than FullBytes
	Apart     Behaviour = "apart"      // has a clock of its own, days from the machine's
	Reboots   Behaviour = "reboots"    // has another clock every time it is started
)

// FullBytes is the greatest file of an agent that is Full.
const FullBytes = 16 << 10

// Main is for TestMain: it runs the tests and fails if they leave goroutines behind. In a
// child process it runs an agent, with kernels beside those of the conformance suite,
// or a NATS server.
func Main(m *testing.M, kernels map[string]kernel.New) {
	if device := os.Getenv(childDevice); device != "" {
		os.Exit(child(device, kernels))
	}
	if config := os.Getenv(childConfig); config != "" {
		err := testbed.Serve(agent.UntilEOF(context.Background(), os.Stdin), config)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// A client of JetStream that is closed before this goroutine of it has begun leaves
	// it behind, waiting for a nil channel: nats.go 1.55.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction(
		"github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

func child(device string, kernels map[string]kernel.New) int {
	access, options, err := childAccess()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 6
	}
	url := access.URL
	switch Behaviour(os.Getenv(childBehaviour)) {
	case Fails:
		fmt.Fprintln(os.Stderr, "no such camera")
		return 3
	case NeverEnds:
		signal.Ignore(syscall.SIGTERM)
		cfg := agent.Config{Device: device, URL: url, Options: options}
		go agent.Run(context.Background(), cfg) //nolint:errcheck // killed
		select {}
	case Full:
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: FullBytes, Max: FullBytes}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 5
		}
	}
	r, err := kerneltest.Registry(kernels)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 4
	}
	ctx := agent.UntilEOF(context.Background(), os.Stdin)
	cfg := agent.Config{Device: device, URL: url, Options: options, Kernels: r, State: os.Getenv(childState),
		Wait:  20 * time.Second,
		Clock: ownClock(device, Behaviour(os.Getenv(childBehaviour)))}
	if err := agent.Run(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// childAccess says how a child agent connects.
func childAccess() (*identity.Access, []nats.Option, error) {
	f, err := identity.ReadFile(os.Getenv(childTestbed))
	if err != nil {
		return nil, nil, err
	}
	options, err := f.Access().Options()
	return f.Access(), options, err
}

// ownClock returns the clock of a device that has one of its own; nil: it has the machine's.
func ownClock(device string, b Behaviour) clock.Clock {
	days := time.Duration(len(device)+int(device[len(device)-1])) * 24 * time.Hour
	switch b {
	case Apart:
		return clocktest.New("clock of "+device, days, 0)
	case Reboots:
		return clocktest.New(fmt.Sprintf("clock of %s, process %d", device, os.Getpid()), days, 0)
	}
	return nil
}

// Local starts a testbed of agents in this process, with kernels beside those of the
// conformance suite. It ends with the test.
func Local(t testing.TB, kernels map[string]kernel.New, devices ...string) *testbed.Testbed {
	t.Helper()
	r, err := kerneltest.Registry(kernels)
	require.NoError(t, err)
	return Start(t, testbed.Config{Devices: devices, InProcess: true, Agent: agent.Config{Kernels: r}})
}

// Start starts a testbed that ends with the test.
func Start(t testing.TB, cfg testbed.Config) *testbed.Testbed {
	t.Helper()
	cfg.Users = append(cfg.Users, observer.user)
	tb, err := testbed.Start(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(tb.Close)
	return tb
}

// Commands are those of the child agents that were started, in that order. The zero
// value has none. It is safe for concurrent use.
type Commands struct {
	mu   sync.Mutex
	list []*exec.Cmd
}

// Started returns the commands.
func (c *Commands) Started() []*exec.Cmd {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list[:len(c.list):len(c.list)]
}

// States returns the folders of the state of the agents that were started, in that order.
func (c *Commands) States() (dirs []string) {
	for _, cmd := range c.Started() {
		for _, e := range cmd.Env {
			if dir, ok := strings.CutPrefix(e, childState+"="); ok {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// CheckGone fails the test if one still runs.
func (c *Commands) CheckGone(t *testing.T) {
	t.Helper()
	for _, cmd := range c.Started() {
		err := syscall.Kill(cmd.Process.Pid, 0)
		assert.ErrorIs(t, err, syscall.ESRCH, "process %d is still there", cmd.Process.Pid)
	}
}

// Children returns a configuration of child agents, whose commands are added to c.
// The test binary must use Main.
func (c *Commands) Children(b Behaviour, devices ...string) testbed.Config {
	return testbed.Config{Devices: devices, Command: func(device, testbed, state string) *exec.Cmd {
		cmd := self(childDevice+"="+device, childTestbed+"="+testbed, childBehaviour+"="+string(b), childState+"="+state)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.list = append(c.list, cmd)
		return cmd
	}}
}

// Restarting returns a configuration of child agents and a NATS server in a child
// process, which are started again when they end. The agents' commands are added to c.
func (c *Commands) Restarting(b Behaviour, devices ...string) testbed.Config {
	cfg := c.Children(b, devices...)
	cfg.Restarts = 20
	cfg.Broker = func(config string) *exec.Cmd { return self(childConfig + "=" + config) }
	return cfg
}

// self is this program as another process.
func self(env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	return cmd
}
