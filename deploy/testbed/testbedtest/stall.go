package testbedtest

import (
	"bytes"
	"net"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/nats-io/nats.go"
)

// StallData makes an agent's connection block for a time d, before it takes the
// message, in the middle of every n messages with parts of tokens. These must have at
// least plan.ChunkBytes, so that each is a write of its own.
func StallData(cfg *agent.Config, n int, d time.Duration) {
	cfg.Options = append(cfg.Options, nats.SetCustomDialer(stallingDialer{n, d}))
}

type stallingDialer struct {
	n int
	d time.Duration
}

func (s stallingDialer) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	return &stallingConn{Conn: c, stallingDialer: s}, nil
}

// stallingConn is a connection of one agent, whose writes come one at a time.
type stallingConn struct {
	net.Conn
	stallingDialer
	written int // messages with parts of tokens
}

// dataMessage begins a message that carries a part of a token.
var dataMessage = []byte("PUB edgeprune.data.")

func (c *stallingConn) Write(b []byte) (int, error) {
	line, _, _ := bytes.Cut(b, []byte("\r\n"))
	if bytes.HasPrefix(line, dataMessage) {
		c.written++
		if c.written%c.n == c.n/2 {
			time.Sleep(c.d)
		}
	}
	return c.Conn.Write(b)
}
