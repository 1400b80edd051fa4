//go:build hosts

package hosts

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/stretchr/testify/require"
)

// leaves is a testbed whose devices have a NATS server each, as a leaf node of hub's.
func leaves(t *testing.T, devices ...string) *testbed {
	t.Helper()
	b := &testbed{site: newSite(t, map[string]hoststest.Spec{"hub": {}, "endpoint": {}, "server": {}, "laptop": {}})}
	b.nats = b.serveLeaves(t)
	leaf := map[string]bool{}
	for _, d := range devices {
		leaf[d] = true
		config := filepath.Join(b.dir, d+".conf")
		text := fmt.Sprintf("leafnodes {reconnect: 1s, remotes: [{url: \"nats-leaf://%s:7422\"}]}\n", b.Address("hub"))
		require.NoError(t, os.WriteFile(config, []byte(text), 0o644))
		b.ready(t, d, broker, "-a", "127.0.0.1", "-p", port, "-m", monitor, "-c", config)
	}
	start := func(device string) *hoststest.Process {
		url := b.url
		if leaf[device] {
			url = "nats://127.0.0.1:" + port
		}
		return b.Start(t, device, program, "agent", "--name", device, "--nats", url, "--wait", "60s", "--state",
			b.state(device))
	}
	b.endpoint, b.server = start("endpoint"), start("server")
	for _, d := range []string{"endpoint", "server"} {
		at := "hub"
		if leaf[d] {
			at = d
		}
		b.present(t, at, d)
	}
	return b
}

func (b *testbed) serveLeaves(t *testing.T) *hoststest.Process {
	t.Helper()
	config := filepath.Join(b.dir, "hub.conf")
	require.NoError(t, os.WriteFile(config, []byte("leafnodes {port: 7422}\n"), 0o644))
	return b.serve(t, "-c", config)
}

// begunBehind waits until the endpoint has sent a few tokens to its own server.
func (b *testbed) begunBehind(t *testing.T, k *task, run *hoststest.Process) {
	t.Helper()
	require.True(t, b.until(t, run, func() bool { return b.sent("endpoint", "endpoint") > 5*k.token }), run.Output())
}

// The endpoint's link fails for 15 s while no client loses its connection.
func TestLeafLinkDown(t *testing.T) {
	slowly(t)
	k := countedTask(t)
	b := leaves(t, "endpoint")
	run := b.coordinate(t, "laptop", k.path, "leaf", "--driver", "deploy", "--patience", "60s")
	b.begunBehind(t, k, run)
	b.Unplug(t, "endpoint")
	time.Sleep(15 * time.Second)
	b.Plug(t, "endpoint")
	k.check(t, run)
}

// The server between two leaves is killed, and there again after 2 s.
func TestHubBetweenLeavesKilled(t *testing.T) {
	slowly(t)
	k := countedTask(t)
	b := leaves(t, "endpoint", "server")
	run := b.coordinate(t, "laptop", k.path, "hub", "--driver", "deploy", "--patience", "60s")
	b.begunBehind(t, k, run)
	b.nats.Kill()
	time.Sleep(2 * time.Second)
	b.nats = b.serveLeaves(t)
	k.check(t, run)
}
