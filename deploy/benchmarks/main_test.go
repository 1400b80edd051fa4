package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/stretchr/testify/require"
)

// What makes this test binary a child process.
const (
	childAgent = "EDGEPRUNE_BENCH_AGENT" // a device's name: an agent
	childBed   = "EDGEPRUNE_BENCH_BED"   // its testbed file
	childClock = "EDGEPRUNE_BENCH_CLOCK" // the name of an agent's clock; "": the machine's own
	childTCP   = "EDGEPRUNE_BENCH_TCP"   // a model's path: the rival's server
	childLarge = "EDGEPRUNE_BENCH_LARGE" // a folder: large models and plans are written there
)

func TestMain(m *testing.M) {
	var err error
	switch {
	case os.Getenv(childAgent) != "":
		err = runAgent(os.Getenv(childAgent), os.Getenv(childBed))
	case os.Getenv(childLarge) != "":
		err = writeLarge(os.Getenv(childLarge))
	case os.Getenv(childTCP) != "":
		err = serveTCP(os.Getenv(childTCP))
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runAgent is an agent that has this package's sources beside the built-in kernels.
func runAgent(device, testbed string) error {
	f, err := identity.ReadFile(testbed)
	if err != nil {
		return err
	}
	options, err := f.Access().Options()
	if err != nil {
		return err
	}
	r := builtin.Registry()
	if err := errors.Join(r.Register(sourceKernel, newTCPSource), r.Register(noiseKernel, newNoise)); err != nil {
		return err
	}
	cfg := agent.Config{Device: device, URL: f.Server, Options: options, Kernels: r}
	if name := os.Getenv(childClock); name != "" {
		cfg.Clock = namedClock{clock.Machine(), name}
	}
	return agent.Run(agent.UntilEOF(context.Background(), os.Stdin), cfg)
}

// children starts a testbed of agents in processes of their own.
func children(tb testing.TB, devices ...string) *testbed.Testbed {
	tb.Helper()
	return startTestbed(tb, testbed.Config{Devices: devices, Command: func(device, testbed, _ string) *exec.Cmd {
		return self(childAgent+"="+device, childBed+"="+testbed)
	}})
}

func startTestbed(tb testing.TB, cfg testbed.Config) *testbed.Testbed {
	tb.Helper()
	t, err := testbed.Start(tb.Context(), cfg)
	require.NoError(tb, err)
	tb.Cleanup(t.Close)
	return t
}

// self is this program as another process.
func self(env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// dataset returns the path of a data set in the cache.
func dataset(name string) (string, error) {
	dir, err := datasets.DefaultDir()
	if err != nil {
		return "", err
	}
	return (&datasets.Store{Dir: dir}).Path(name)
}

// loadLibrary opens ONNX Runtime for this process.
func loadLibrary() error {
	path, err := ort.Find("")
	if err != nil {
		return err
	}
	return ort.Load(path)
}
