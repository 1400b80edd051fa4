package transport

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Bytes have left when the other side has acknowledged them, whether it has read them or not.
func TestBytesPass(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	accepted := make(chan net.Conn)
	go func() {
		c, _ := l.Accept()
		accepted <- c
	}()
	c, err := net.Dial("tcp4", l.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	other := <-accepted
	defer other.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	require.NoError(t, err)
	s := &socket{TCPConn: c.(*net.TCPConn), raw: raw}
	const n = 1 << 20
	go func() { _, _ = io.CopyN(io.Discard, other, n) }()
	_, err = s.Write(make([]byte, n))
	require.NoError(t, err)
	m := Mark{s, s.written.Load()}
	assert.EqualValues(t, n, m.at)
	var p Passed
	require.Eventually(t, func() bool {
		var known bool
		p, known = m.Passed()
		return known && p.Bytes == n
	}, 10*time.Second, time.Millisecond, "%+v", &p)
	assert.Less(t, m.Before(p), m.at)
	assert.Positive(t, p.RoundTrip)
	assert.Zero(t, Mark{s, 1}.Before(p), "so few may be acknowledged later")
	require.NoError(t, c.Close())
	_, known := m.Passed()
	assert.False(t, known, "it is closed")
}

// Of a connection within the machine nothing is told.
func TestNothingLeavesTheMachine(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	require.NoError(t, err)
	srv.Start()
	defer srv.WaitForShutdown()
	defer srv.Shutdown()
	require.True(t, srv.ReadyForConnections(10*time.Second))
	var o Outgoing
	nc, err := nats.Connect(srv.ClientURL(), nats.SetCustomDialer(&o))
	require.NoError(t, err)
	defer Close(nc)
	assert.False(t, o.Outside())
	require.NoError(t, nc.Publish("s", []byte("x")))
	_, known := o.Mark(nc).Passed()
	assert.False(t, known)
	ip := func(s string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(s)} }
	assert.True(t, within(ip("10.0.0.1"), ip("10.0.0.1")))
	assert.False(t, within(ip("10.0.0.1"), ip("10.0.0.2")))
}
