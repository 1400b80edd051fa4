package transport

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
)

// Outgoing makes a connection to a NATS server, and tells what of its bytes has left the machine.
//
// When a message has been published, the kernel has taken its bytes, and not more: how many
// bytes it takes before a sender has to wait depends on what was sent before, and on the
// congestion control, up to several MB. That they have left is known from the server's machine,
// which acknowledges them (RFC 9293, 3.4).
type Outgoing struct {
	socket atomic.Pointer[socket] // the last one; nil: none was made
}

// socket is a connection that counts the bytes that the kernel has taken.
type socket struct {
	*net.TCPConn
	raw     syscall.RawConn
	written atomic.Uint64
}

func (s *socket) Write(b []byte) (int, error) {
	n, err := s.TCPConn.Write(b)
	s.written.Add(uint64(max(n, 0)))
	return n, err
}

// Dial implements nats.CustomDialer.
func (o *Outgoing) Dial(network, address string) (net.Conn, error) {
	o.socket.Store(nil)
	c, err := (&net.Dialer{Timeout: nats.DefaultTimeout}).Dial(network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok || within(c.LocalAddr(), c.RemoteAddr()) {
		return c, nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c, nil //nolint:nilerr // of such a connection nothing is told
	}
	s := &socket{TCPConn: tcp, raw: raw}
	o.socket.Store(s)
	return s, nil
}

// Outside reports whether the connection that was made last leaves the machine, as far as that is
// known.
func (o *Outgoing) Outside() bool { return o.socket.Load() != nil }

// within reports whether a connection stays on the machine: nothing leaves it.
func within(local, remote net.Addr) bool {
	a, ok := local.(*net.TCPAddr)
	b, also := remote.(*net.TCPAddr)
	return ok && also && (b.IP.IsLoopback() || b.IP.Equal(a.IP))
}

// Mark is a place in what a connection sends. The zero Mark has always left.
type Mark struct {
	socket *socket
	at     uint64
}

// Passed says how far a connection has come.
type Passed struct {
	Bytes uint64 // that have left, of all that it has ever sent
	// RoundTrip is the least time from the leaving of bytes to their acknowledgement.
	RoundTrip time.Duration
	// few are bytes that the other side may acknowledge later, as it waits for more.
	few uint64
}

// Mark returns the place behind all that has been published on a connection that o made.
func (o *Outgoing) Mark(nc *nats.Conn) Mark {
	s := o.socket.Load()
	for s != nil {
		written := s.written.Load()
		buffered, err := nc.Buffered()
		if err != nil {
			break
		}
		if s.written.Load() == written { // else some of what was buffered has been written
			return Mark{s, written + uint64(buffered)}
		}
	}
	return Mark{}
}

// Passed returns how far the connection has come; false: that can't be told, as it is closed, or
// stays on the machine, or the operating system doesn't say.
func (m Mark) Passed() (Passed, bool) {
	if m.socket == nil {
		return Passed{}, false
	}
	return passed(m.socket.raw)
}

// Before returns how many bytes have to have left for the mark to have done so.
func (m Mark) Before(p Passed) uint64 {
	if m.at <= p.few {
		return 0
	}
	return m.at - p.few
}
