// Package agent is a device of a testbed: it takes slices from a coordinator
// over NATS, runs them, and moves their tokens straight to and from the other
// agents. It may not decide anything that the engine or the plan decides.
package agent

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/nats-io/nuid"
)

const (
	aliveEvery    = 500 * time.Millisecond
	traceEvery    = 200 * time.Millisecond
	drainLimit    = 30 * time.Second
	reconnectWait = 200 * time.Millisecond
)

// Config says what an agent is.
type Config struct {
	Device  string                                     // its name in the platform graph
	URL     string                                     // of the NATS server
	Kernels *kernel.Registry                           // nil: builtin.Registry
	Data    func(name string) (path string, err error) // where data sets are; may be nil if no source needs one
	Files   *files.Allowed                             // that kernels may read; nil: none
	Library string                                     // of ONNX Runtime; "": where ort.Find finds it
	Version string                                     // of the program, for the record of a run
	Options []nats.Option                              // such as credentials and TLS
	Clock   clock.Clock                                // that its records are on; nil: the machine's

	// State is the folder of the journals that let a run survive the end of the
	// agent's process; "": runs that ask for one can't be loaded.
	State string
	// Lease is how long the owner of a run without patience may be silent before the agent
	// ends the run: see package lease. 0: lease.Base.
	Lease time.Duration
	// Store says how sub-models are fetched, and CacheBytes how many of them are kept below
	// State; 0: models.DefaultCacheBytes.
	Store      models.Options
	CacheBytes int64
	// Wait is how long the NATS server may take to be there at first; 0: it must be there.
	Wait time.Duration
}

// Agent is a running agent.
type Agent struct {
	cfg     Config
	nc      *nats.Conn
	svc     micro.Service
	library error // why ONNX Runtime could not be loaded

	incarnation string
	running     atomic.Pointer[session] // session, to be read without the mutex
	loading     atomic.Pointer[session] // session, or one that is being made
	closed      chan struct{}           // closed by close, when the connection is and doesn't come back
	close       func()
	holder      holder
	soon        chan struct{} // has a heartbeat sent at once

	mu      sync.Mutex   // one request about a run at a time
	session *session     // nil: none is loaded
	traces  *traceSender // of the last session, also after its end
	last    finished
}

// finished is the run that was finished last, and the answer to that.
type finished struct {
	run    string
	reply  *wire.Reply
	tokens uint64 // bytes that the connection had published before the run, and those of its tokens
}

// Run connects, serves requests until ctx ends, and stops cleanly. It returns nil
// when ctx has ended, and an error if it can't connect at first or may not do what an
// agent does; after that it reconnects for as long as it takes. An error wraps
// ErrConnect, transport.ErrClosed among them, if the connection doesn't come back.
func Run(ctx context.Context, cfg Config) error {
	if err := wire.CheckName("device", cfg.Device); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if cfg.Kernels == nil {
		cfg.Kernels = builtin.Registry()
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Machine()
	}
	if cfg.Files == nil {
		cfg.Files = &files.Allowed{}
	}
	a := &Agent{cfg: cfg, incarnation: nuid.Next(), closed: make(chan struct{}), holder: holder{base: cfg.Lease},
		soon: make(chan struct{}, 1)}
	a.close = sync.OnceFunc(func() { close(a.closed) })
	nc, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer transport.Close(nc)
	a.nc = nc
	defer transport.Watch(nc, a.fault)()
	if err = a.register(); err != nil {
		err = fmt.Errorf("agent: register %s: %w", cfg.Device, err)
	} else {
		done := make(chan struct{})
		var leases sync.WaitGroup
		leases.Go(func() { a.endLeases(done) })
		err = a.beat(ctx)
		close(done)
		leases.Wait()
	}
	if a.svc != nil {
		_ = a.svc.Stop() // it fails only on a closed connection
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unload(false)
	a.traces.close()
	return err
}

// connect connects to the NATS server, which may take Config.Wait to be there.
func (a *Agent) connect(ctx context.Context) (*nats.Conn, error) {
	opts := append([]nats.Option{
		nats.Name(wire.ConnectionName(a.cfg.Device)), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait),
		nats.CustomInboxPrefix(wire.InboxPrefix(a.cfg.Device)),
		// What is sent without a connection is lost, as it may be in any case when a
		// connection breaks: the boundary protocol sees to that.
		nats.ReconnectBufSize(-1),
		nats.ReconnectHandler(func(*nats.Conn) {
			if s := a.running.Load(); s != nil {
				s.reconnected()
				s.traces.again()
			}
		}),
	}, a.cfg.Options...)
	deadline := time.Now().Add(a.cfg.Wait)
	for {
		nc, err := nats.Connect(a.cfg.URL, opts...)
		if err == nil || time.Now().After(deadline) {
			if err != nil {
				err = fmt.Errorf("%w at %s: %w", ErrConnect, transport.Redacted(a.cfg.URL), err)
			}
			return nc, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w at %s: %w", ErrConnect, transport.Redacted(a.cfg.URL), err)
		case <-time.After(reconnectWait):
		}
	}
}

// UntilEOF returns a context that ends with ctx or when r does: a child agent
// watches its standard input, which its parent holds open for as long as it lives.
func UntilEOF(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, r)
	}()
	return ctx
}

// loadLibrary opens ONNX Runtime for the process; without it, kernels that need
// it can't be made.
func (a *Agent) loadLibrary() {
	path, err := ort.Find(a.cfg.Library)
	if err == nil {
		err = ort.Load(path)
	}
	a.library = err
}

func (a *Agent) status() *wire.AgentStatus {
	s := &wire.AgentStatus{
		Device: a.cfg.Device, Version: a.cfg.Version, GoVersion: runtime.Version(), ORT: ort.Version(),
		Clock: a.cfg.Clock.ID(), PID: os.Getpid(), RSSBytes: residentBytes(), Go: goMemory(),
	}
	s.Held, _ = a.holder.tell()
	if r := a.running.Load(); r != nil {
		s.Run, s.Waits, s.Fallbacks, s.Failed = r.run, r.node.Waits(), r.node.Fallbacks(), r.failure()
	}
	return s
}

// residentBytes returns the process's resident memory, or -1 if it is not known.
func residentBytes() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	var size, resident int64
	if n, _ := fmt.Sscan(string(b), &size, &resident); err != nil || n != 2 {
		return -1
	}
	return resident * int64(os.Getpagesize())
}
