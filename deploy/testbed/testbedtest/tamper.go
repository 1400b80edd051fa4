package testbedtest

import (
	"bytes"
	"net"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// TamperData changes a byte behind the header in every n-th message with parts of tokens, as
// who operates the server could, and counts them. The messages must be as those of StallData.
func TamperData(cfg *agent.Config, n int) *atomic.Int64 {
	d := &tamperingDialer{n: n}
	cfg.Options = append(cfg.Options, nats.SetCustomDialer(d))
	return &d.changed
}

type tamperingDialer struct {
	n       int
	changed atomic.Int64
}

func (d *tamperingDialer) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	return &tamperingConn{Conn: c, dialer: d}, nil
}

// tamperingConn is a connection of one agent, whose writes come one at a time.
type tamperingConn struct {
	net.Conn
	dialer  *tamperingDialer
	written int // messages with parts of tokens
}

func (c *tamperingConn) Write(b []byte) (int, error) {
	line, rest, _ := bytes.Cut(b, []byte("\r\n"))
	if at := len(b) - len(rest) + 2*wire.HeaderBytes; bytes.HasPrefix(line, dataMessage) && at < len(b) {
		c.written++
		if c.written%c.dialer.n == 0 {
			b = bytes.Clone(b)
			b[at] ^= 1
			c.dialer.changed.Add(1)
		}
	}
	return c.Conn.Write(b)
}
