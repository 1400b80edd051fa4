package testbedtest

import (
	"net"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/nats-io/nats.go"
)

// Slow makes each connection of an agent to the NATS server one that takes what is written at
// once, as buffers of the operating system do, and lets it through at a rate in bytes per
// second, in order.
func Slow(cfg *agent.Config, bytesPerSec int) {
	cfg.Options = append(cfg.Options, nats.SetCustomDialer(slowDialer(bytesPerSec)))
}

type slowDialer int

func (bytesPerSec slowDialer) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	s := &slowConn{Conn: c, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	go s.pass(int(bytesPerSec))
	return s, nil
}

// slowConn is a connection with a buffer of any size.
type slowConn struct {
	net.Conn
	wake   chan struct{} // has one element when there is something to pass on
	once   sync.Once
	closed chan struct{}

	mu      sync.Mutex
	waiting []byte
}

func (c *slowConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.waiting = append(c.waiting, b...)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return len(b), nil
}

// pass passes on what was written, in steps of 10 ms.
func (c *slowConn) pass(bytesPerSec int) {
	for {
		select {
		case <-c.wake:
		case <-c.closed:
			return
		}
		for {
			c.mu.Lock()
			n := min(len(c.waiting), bytesPerSec/100)
			b := c.waiting[:n:n]
			c.waiting = c.waiting[n:]
			c.mu.Unlock()
			if n == 0 {
				break
			}
			_, err := c.Conn.Write(b)
			if err != nil {
				return // reading fails, too
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (c *slowConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
