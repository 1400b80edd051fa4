package cli

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMetricsThatCanNotBeServed(t *testing.T) {
	agent := func(address string) output {
		return edgeprune(t, "agent", "--name", "a", "--nats", "nats://127.0.0.1:1", "--state", t.TempDir(),
			"--metrics", address)
	}
	agent("everywhere").refused(t, exitInput, `--metrics: metrics can't be served at "everywhere": expected a port, as `+
		"9464, which is one of the loopback interface, or HOST:PORT, as 0.0.0.0:9464, which whoever reaches this machine can read")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	agent(l.Addr().String()).refused(t, exitInput, "--metrics: metrics can't be served at "+l.Addr().String()+
		": another program listens there; give another port, or 0 for a free one")
}
