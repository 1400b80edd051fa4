package testbedtest

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// observer is a client without limits, of testbeds that Start starts.
var observer = func() (o struct {
	key  *identity.Key
	user *server.NkeyUser
}) {
	key, err := identity.NewKey()
	if err != nil {
		panic(err)
	}
	o.key, o.user = key, &server.NkeyUser{Nkey: key.Public()}
	return o
}()

// Observer lets a client without limits connect to the testbeds that Start starts.
func Observer() nats.Option { return observer.key.Option() }

// Observe returns a connection, which ends with the test, of a client that may read and send
// all in the testbed at the URL, which Start has started.
func Observe(t testing.TB, url string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, Observer(), nats.MaxReconnects(-1))
	require.NoError(t, err)
	t.Cleanup(func() { transport.Close(nc) })
	return nc
}
