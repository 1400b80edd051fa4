package testbedtest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy stands between clients and a server on the loopback interface, as a slow network does,
// or one that breaks.
type Proxy struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup
	up, down pace
	toServer atomic.Int64
	toClient atomic.Int64

	mu    sync.Mutex
	conns []net.Conn
	held  chan struct{} // closed when bytes go on; nil: they do
}

// NewProxy starts a proxy of the server at an address as 127.0.0.1:4222, which ends with the
// test. It takes at most bytesPerSec in each direction, all connections together; 0 is no limit.
func NewProxy(t testing.TB, target string, bytesPerSec int64) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{listener: l, target: target, up: pace{rate: bytesPerSec}, down: pace{rate: bytesPerSec}}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close() // accept ends
		p.Release()
		p.Cut()
		p.wg.Wait()
	})
	return p
}

// URL returns where a NATS client finds the server behind the proxy.
func (p *Proxy) URL() string { return "nats://" + p.listener.Addr().String() }

// ToServer returns how many bytes the server was sent.
func (p *Proxy) ToServer() int64 { return p.toServer.Load() }

// ToClient returns how many bytes clients were sent.
func (p *Proxy) ToClient() int64 { return p.toClient.Load() }

// Cut ends all connections; new ones are taken.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close() // it may be closed already
	}
	p.conns = nil
}

// Hold lets no byte through until Release is called.
func (p *Proxy) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = make(chan struct{})
	}
}

// Release ends Hold.
func (p *Proxy) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		srv, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, srv)
		p.mu.Unlock()
		p.wg.Go(func() { p.copy(srv, client, &p.up, &p.toServer) })
		p.wg.Go(func() { p.copy(client, srv, &p.down, &p.toClient) })
	}
}

// copy copies until a connection ends, and ends the other one too.
func (p *Proxy) copy(to, from net.Conn, by *pace, sent *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		held := p.held
		p.mu.Unlock()
		if held != nil {
			<-held
		}
		by.wait(n)
		if _, failed := to.Write(buf[:n]); err != nil || failed != nil {
			return
		}
		sent.Add(int64(n))
	}
}

// burst is for how long bytes that did not come, or waited for this process to run, may go later at
// once.
const burst = 50 * time.Millisecond

// pace is when the next bytes may go.
type pace struct {
	rate int64 // in bytes per second; 0: no limit
	mu   sync.Mutex
	next time.Time
}

// wait waits until n bytes have gone.
func (p *pace) wait(n int) {
	if p.rate == 0 {
		return
	}
	p.mu.Lock()
	if earliest := time.Now().Add(-burst); p.next.Before(earliest) {
		p.next = earliest
	}
	p.next = p.next.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	until := p.next
	p.mu.Unlock()
	time.Sleep(time.Until(until))
}
