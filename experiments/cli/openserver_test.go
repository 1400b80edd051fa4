package cli

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openServer starts a NATS server that asks nobody for a key, with agents, and returns its URL.
// They end with the test.
func openServer(t *testing.T, devices ...string) string {
	t.Helper()
	address := freeAddress(t)
	config := write(t, filepath.Join(t.TempDir(), "nats-server.conf"),
		fmt.Sprintf("listen: %q\njetstream { store_dir: %q }\n", address, t.TempDir()))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	wg.Go(func() { assert.NoError(t, testbed.Serve(ctx, config)) })
	url := "nats://" + address
	for _, d := range devices {
		wg.Go(func() {
			assert.NoError(t, agent.Run(ctx, agent.Config{Device: d, URL: url, Kernels: builtin.Registry(),
				Wait: 20 * time.Second}))
		})
	}
	var d *coordinator.Driver
	require.Eventually(t, func() bool {
		var err error
		d, err = coordinator.Dial(&identity.Access{URL: url})
		return err == nil
	}, 20*time.Second, 20*time.Millisecond, "the server")
	defer d.Conn.Close()
	require.Eventually(t, func() bool {
		present, err := coordinator.Discover(t.Context(), d.Conn, 100*time.Millisecond)
		return err == nil && len(present) == len(devices)
	}, 20*time.Second, 20*time.Millisecond, "the agents")
	return url
}

// freeAddress returns one of the loopback interface that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
