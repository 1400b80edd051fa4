//go:build qemu

package arm64

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/datasets/cachedir"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	frames = 4
	// most is how far a result on one processor may be from that on another.
	most = 1e-5
	// soon is what an emulated agent may take to come up on a loaded machine.
	soon = 2 * time.Minute
)

// The programs as `just build` and `just build-arm64` make them.
var native, foreign = absolute("edgeprune"), absolute("edgeprune-linux-arm64")

func absolute(name string) string {
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "bin", name))
	if err != nil {
		panic(err)
	}
	return path
}

// onNative and onArm are the command lines of the program.
func onNative(*testing.T) []string { return []string{native} }

func onArm(t *testing.T) []string {
	t.Helper()
	cache, err := cachedir.Default()
	require.NoError(t, err)
	lib := filepath.Join(cache, "npm-packages", "node_modules", "onnxruntime-node", "bin", "napi-v6", "linux", "arm64",
		"libonnxruntime.so.1")
	require.FileExists(t, lib, "the package onnxruntime-node; run: edgeprune datasets get onnxruntime")
	return []string{"qemu-aarch64-static", "-cpu", "cortex-a72", "-L", "/usr/aarch64-linux-gnu", foreign, "--ort", lib}
}

// output keeps what a process writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// agent starts that of a device, which ends with the test.
func agent(t *testing.T, program []string, device, url string) {
	t.Helper()
	args := append(slices.Clone(program[1:]), "agent", "--name", device, "--nats", url, "--state", t.TempDir())
	cmd := exec.Command(program[0], args...)
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the test looks at the results
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s\n%s", device, out)
		}
	})
	over := func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
	d, err := coordinator.Dial(&identity.Access{URL: url})
	require.NoError(t, err)
	defer d.Conn.Close()
	require.Eventually(t, func() bool {
		present, err := coordinator.Discover(t.Context(), d.Conn, time.Second)
		return over() || err == nil && present[device]
	}, soon, 50*time.Millisecond, "%s", out)
	require.False(t, over(), "%s", out)
}

// results runs the plan with agents of the programs, over a NATS server of their own, and
// returns what came to the sink.
func results(t *testing.T, endpoint, srv []string) []trace.Result {
	t.Helper()
	url := testbedtest.Serve(t)
	agent(t, endpoint, "endpoint", url)
	agent(t, srv, "server", url)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, native, "run", "--driver", "deploy", "--nats", url, "--results", t.TempDir(), "--json",
		filepath.Join("testdata", "vehicles.yaml"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s\n%s", &stdout, &stderr)
	var runs []struct {
		Results string `json:"results"`
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &runs), "%s", &stdout)
	require.Len(t, runs, 1)
	file, err := os.Open(runs[0].Results)
	require.NoError(t, err)
	defer file.Close()
	all, err := trace.ReadResults(file)
	require.NoError(t, err)
	require.Len(t, all, frames)
	return all
}

// apart is the largest difference of values, as a fraction of the largest of them.
func apart(t *testing.T, want, got []trace.Result) float64 {
	t.Helper()
	scale, off := 0.0, 0.0
	for i, w := range want {
		require.Equal(t, w.Frame, got[i].Frame)
		require.Len(t, w.Values, 4, "bus, car, truck, van")
		require.Len(t, got[i].Values, len(w.Values))
		for k, v := range w.Values {
			scale = math.Max(scale, math.Abs(float64(v)))
			d := math.Abs(float64(v) - float64(got[i].Values[k]))
			require.False(t, math.IsNaN(d), "frame %d: %v and %v", i, w.Values, got[i].Values)
			off = math.Max(off, d)
		}
	}
	require.Positive(t, scale)
	return off / scale
}

// A network that is cut between two devices gives the same on Arm as here, whichever part runs
// there: decoding of pictures, ONNX Runtime, the codec of tokens, traces and clocks.
func TestAgents(t *testing.T) {
	program, err := elf.Open(foreign)
	require.NoError(t, err, "run: just build-arm64")
	require.NoError(t, program.Close())
	require.Equal(t, elf.EM_AARCH64, program.Machine)
	want := results(t, onNative(t), onNative(t))
	for _, c := range []struct {
		name             string
		endpoint, server []string
	}{
		{"endpoint on arm64", onArm(t), onNative(t)},
		{"server on arm64", onNative(t), onArm(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := results(t, c.endpoint, c.server)
			off := apart(t, want, got)
			for i := range want {
				t.Logf("frame %d: native %v, %s %v", i, want[i].Values, c.name, got[i].Values)
			}
			t.Logf("%s: %d frames, the largest difference is %.2g of the largest value", c.name, frames, off)
			assert.LessOrEqual(t, off, most)
		})
	}
}
