package transport_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a server on the loopback interface that ends with the test.
func serve(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Host, o.NoLog, o.NoSigs = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	srv, err := server.NewServer(&o)
	require.NoError(t, err)
	srv.Start()
	require.True(t, srv.ReadyForConnections(10*time.Second))
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return srv
}

// quiet keeps nats.go from writing errors to the standard error.
func quiet(*nats.Conn, *nats.Subscription, error) {}

func connect(t *testing.T, srv *server.Server, o ...nats.Option) *nats.Conn {
	t.Helper()
	all := []nats.Option{nats.ErrorHandler(quiet), nats.ReconnectWait(20 * time.Millisecond), nats.MaxReconnects(-1)}
	nc, err := nats.Connect(srv.ClientURL(), append(all, o...)...)
	require.NoError(t, err)
	t.Cleanup(func() { transport.Close(nc) })
	return nc
}

func filled(n int) []byte { return bytes.Repeat([]byte("0123456789abcde"), n/15+1)[:n] }

// echo answers requests with what they hold.
func echo(t *testing.T, nc *nats.Conn, subject string) {
	t.Helper()
	requests := map[string]*delivery.Gatherer{}
	_, err := nc.Subscribe(subject, func(msg *nats.Msg) {
		if requests[msg.Reply] == nil {
			requests[msg.Reply] = &delivery.Gatherer{}
		}
		if whole, ok, err := requests[msg.Reply].Add(msg.Data); assert.NoError(t, err) && ok {
			assert.NoError(t, transport.Publish(nc, msg.Reply, whole))
		}
	})
	require.NoError(t, err)
	require.NoError(t, nc.Flush())
}

func TestRequestsOfAnySize(t *testing.T) {
	for _, limit := range []int{wire.LeastPayload, 64 << 10, 1 << 20} {
		srv := serve(t, server.Options{MaxPayload: int32(limit)})
		nc := connect(t, srv)
		echo(t, connect(t, srv), "echo")
		for _, n := range []int{0, 1, limit - 1, limit, limit + 1, 10 << 20} {
			got, err := transport.Request(t.Context(), nc, "echo", filled(n))
			require.NoError(t, err, "%d bytes by %d", n, limit)
			require.True(t, bytes.Equal(filled(n), got), "%d bytes by %d came as %d", n, limit, len(got))
		}
		_, err := transport.Request(t.Context(), nc, "nobody", filled(3*limit))
		require.ErrorIs(t, err, nats.ErrNoResponders)
	}
}

func TestRequestsThatFail(t *testing.T) {
	nc := connect(t, serve(t, server.Options{}))
	_, err := nc.Subscribe("silent", func(*nats.Msg) {})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = transport.Request(ctx, nc, "silent", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	err = transport.Publish(nc, "a subject", nil)
	require.ErrorContains(t, err, "a subject")
	assert.Error(t, transport.Passing(nc, err))
	failed := make(chan error)
	go func() {
		_, err := transport.Request(t.Context(), nc, "silent", nil)
		failed <- err
	}()
	for nc.NumSubscriptions() < 2 {
		time.Sleep(time.Millisecond)
	}
	nc.Close()
	require.ErrorIs(t, <-failed, nats.ErrConnectionClosed, "while it waits")
	_, err = transport.Request(t.Context(), nc, "silent", nil)
	require.ErrorIs(t, err, nats.ErrConnectionClosed)
	require.ErrorIs(t, transport.Passing(nc, err), transport.ErrClosed)
}

func TestServerWithTooSmallMessages(t *testing.T) {
	nc := connect(t, serve(t, server.Options{MaxPayload: wire.LeastPayload - 1}))
	err := transport.Publish(nc, "s", []byte("x"))
	require.ErrorIs(t, err, transport.ErrPayload)
	assert.ErrorContains(t, err, "raise max_payload")
	assert.ErrorIs(t, transport.Passing(nc, err), transport.ErrPayload)
	h := wire.Header{Kind: wire.Data, Total: 5, Length: 5}
	assert.ErrorIs(t, transport.Cut(nc, &h, 0, nil), transport.ErrPayload)
}

// A server that comes back with a smaller max_payload gets smaller messages.
func TestMaxPayloadThatBecomesLess(t *testing.T) {
	old := serve(t, server.Options{MaxPayload: 1 << 20})
	nc := connect(t, old)
	port := strings.TrimPrefix(old.ClientURL(), "nats://127.0.0.1:")
	old.Shutdown()
	old.WaitForShutdown()
	for nc.IsConnected() {
		time.Sleep(time.Millisecond)
	}
	err := transport.Publish(nc, "s", filled(100_000))
	require.ErrorIs(t, err, nats.ErrReconnectBufExceeded, "nothing waits for a server that takes less")
	require.NoError(t, transport.Passing(nc, err), "what is lost meanwhile comes again")
	waiting := make(chan error)
	go func() {
		_, err := transport.Request(t.Context(), nc, "nobody", filled(100_000))
		waiting <- err
	}()
	srv := serve(t, server.Options{MaxPayload: wire.LeastPayload, Port: number(t, port)})
	require.ErrorIs(t, <-waiting, nats.ErrNoResponders, "a request waits")
	echo(t, connect(t, srv), "echo")
	got, err := transport.Request(t.Context(), nc, "echo", filled(1<<20))
	require.NoError(t, err)
	require.Len(t, got, 1<<20)

	h := wire.Header{Kind: wire.Data, Total: 3 * wire.LeastPayload, Length: 3 * wire.LeastPayload}
	sum, refused := uint32(0), 1
	require.NoError(t, transport.Cut(nc, &h, 0, func(part *wire.Header) error {
		require.Equal(t, uint64(sum), part.Offset)
		sum += part.Length
		return nil
	}))
	assert.EqualValues(t, 3*wire.LeastPayload, sum)
	failure := errors.New("failure")
	h = wire.Header{Kind: wire.Data, Total: 9, Length: 9}
	require.ErrorIs(t, transport.Cut(nc, &h, 0, func(*wire.Header) error { refused++; return failure }), failure)
	assert.Equal(t, 2, refused, "it is not tried again")
}
