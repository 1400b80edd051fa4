package transport_test

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// watched returns what Watch tells of a connection.
func watched(t *testing.T, nc *nats.Conn) <-chan error {
	t.Helper()
	told := make(chan error, 100)
	stop := transport.Watch(nc, func(err error) { told <- err })
	t.Cleanup(stop)
	return told
}

func next(t *testing.T, told <-chan error) error {
	t.Helper()
	select {
	case err := <-told:
		return err
	case <-time.After(10 * time.Second):
		require.Fail(t, "nothing is told")
		return nil
	}
}

func TestMissingPermissionsAreTold(t *testing.T) {
	limited := &server.User{Username: "u", Password: "u", Permissions: &server.Permissions{
		Publish:   &server.SubjectPermission{Deny: []string{"edgeprune.secret.>"}},
		Subscribe: &server.SubjectPermission{Deny: []string{"hidden"}},
	}}
	nc := connect(t, serve(t, server.Options{Users: []*server.User{limited}}), nats.UserInfo("u", "u"))
	told := watched(t, nc)
	require.NoError(t, transport.Publish(nc, "edgeprune.secret.x", nil))
	err := next(t, told)
	require.ErrorIs(t, err, nats.ErrPermissionViolation)
	require.ErrorContains(t, err, "edgeprune.secret.x")
	_, err = nc.Subscribe("hidden", func(*nats.Msg) {})
	require.NoError(t, err)
	err = next(t, told)
	require.ErrorIs(t, err, nats.ErrPermissionViolation)
	require.ErrorContains(t, err, "hidden")
}

// Where an answer goes, the one who asks has chosen.
func TestAnswersThatAreNotAllowedAreNotTold(t *testing.T) {
	own := make(chan error, 10)
	limited := &server.User{Username: "u", Password: "u", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Deny: []string{"_private.>", "$JS.>", "$O.>"}},
	}}
	nc := connect(t, serve(t, server.Options{Users: []*server.User{limited}}), nats.UserInfo("u", "u"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { own <- err }))
	told := watched(t, nc)
	require.NoError(t, transport.Publish(nc, "_private.edgeprune.x", nil))
	require.ErrorIs(t, next(t, own), nats.ErrPermissionViolation)
	assert.Empty(t, told)
	for _, subject := range []string{"$JS.API.INFO", "$O.x"} {
		require.NoError(t, transport.Publish(nc, subject, nil))
		require.ErrorContains(t, next(t, told), subject)
	}
}

func TestDroppedMessagesAreTold(t *testing.T) {
	nc := connect(t, serve(t, server.Options{}))
	told := watched(t, nc)
	release := make(chan struct{})
	sub, err := nc.Subscribe("busy", func(*nats.Msg) { <-release })
	require.NoError(t, err)
	require.NoError(t, sub.SetPendingLimits(2, -1))
	for range 10 {
		require.NoError(t, transport.Publish(nc, "busy", nil))
	}
	err = next(t, told)
	close(release)
	require.ErrorIs(t, err, transport.ErrDropped)
	require.ErrorIs(t, err, nats.ErrSlowConsumer)
	assert.ErrorContains(t, err, "subject busy")
}

func TestClosedConnectionsAreTold(t *testing.T) {
	srv := serve(t, server.Options{MaxPayload: 8 << 10})
	nc := connect(t, srv)
	told := watched(t, nc)
	nc.Close()
	require.ErrorIs(t, next(t, told), transport.ErrClosed)
	require.ErrorIs(t, next(t, watched(t, nc)), transport.ErrClosed, "before it is watched")
	transport.Close(nc)
}

// A server that refuses credentials closes the connection in the end, which says why.
func TestRefusedCredentialsAreTold(t *testing.T) {
	old := serve(t, server.Options{})
	nc := connect(t, old)
	told := watched(t, nc)
	port := number(t, strings.TrimPrefix(old.ClientURL(), "nats://127.0.0.1:"))
	old.Shutdown()
	old.WaitForShutdown()
	serve(t, server.Options{Port: port, Users: []*server.User{{Username: "u", Password: "u"}}})
	err := next(t, told)
	require.ErrorIs(t, err, transport.ErrClosed)
	require.ErrorIs(t, err, nats.ErrAuthorization)
}

// A server is named also while there is no connection, without a password, and what
// keeps it from being reached.
func TestServersAreNamed(t *testing.T) {
	o := server.Options{Users: []*server.User{{Username: "u", Password: "hush"}}}
	srv := serve(t, o)
	address := strings.TrimPrefix(srv.ClientURL(), "nats://")
	nc, err := nats.Connect("nats://u:hush@"+address, nats.ReconnectWait(time.Hour), nats.MaxReconnects(-1))
	require.NoError(t, err)
	defer transport.Close(nc)
	assert.Contains(t, transport.Server(nc), address)
	assert.ErrorContains(t, transport.Unreachable(nc), "takes connections")
	srv.Shutdown()
	srv.WaitForShutdown()
	for !nc.IsReconnecting() {
		time.Sleep(time.Millisecond)
	}
	assert.Contains(t, transport.Server(nc), address)
	assert.NotContains(t, transport.Server(nc), "hush")
	assert.ErrorContains(t, transport.Unreachable(nc), "connection refused")
}

// Connections that come back are not told.
func TestReconnectsAreNotTold(t *testing.T) {
	srv := serve(t, server.Options{})
	nc := connect(t, srv)
	told := watched(t, nc)
	for range 3 {
		before := nc.Stats().Reconnects
		require.NoError(t, nc.ForceReconnect())
		for nc.Stats().Reconnects == before || !nc.IsConnected() {
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, nc.Flush())
	}
	nc.ErrorHandler()(nc, nil, &net.OpError{Op: "write", Err: errors.New("broken pipe")}) // as nats.go does
	assert.Empty(t, told)
}

// Who watches no longer is told nothing; the connection's own handler always is.
func TestWatchEnds(t *testing.T) {
	own := make(chan error, 10)
	limited := &server.User{Username: "u", Password: "u", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Deny: []string{"edgeprune.secret"}},
	}}
	nc := connect(t, serve(t, server.Options{Users: []*server.User{limited}}), nats.UserInfo("u", "u"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { own <- err }))
	told := make(chan error, 10)
	stop := transport.Watch(nc, func(err error) { told <- err })
	require.NoError(t, transport.Publish(nc, "edgeprune.secret", nil))
	require.Error(t, next(t, told))
	require.Error(t, next(t, own))
	stop()
	stop()
	require.NoError(t, transport.Publish(nc, "edgeprune.secret", nil))
	require.Error(t, next(t, own))
	assert.Empty(t, told)
}
