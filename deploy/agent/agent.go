// Package agent is a device of a testbed: it takes slices from a coordinator
// over NATS, runs them, and moves their tokens straight to and from the other
// agents. It may not decide anything that the engine or the plan decides.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/reference"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
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
	Limits  Limits                                     // what plans may use at most
	Library string                                     // of ONNX Runtime; "": where ort.Find finds it
	Version string                                     // of the program, for the record of a run
	Options []nats.Option                              // such as a key and TLS: see identity.Access
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
	// StopLimit is how long an agent that is told to stop waits for what is at work; then it
	// returns ErrBusy, and leaves that behind. 0: 4 s. Below 0: for as long as it takes.
	StopLimit time.Duration
	Log       *slog.Logger // of what the agent does; nil: nowhere
	// Power is how the device's energy is measured; nil: it isn't.
	Power *Power
	// Root is the machine's file system, from which the state of the device is told to who asks
	// for it; nil: it is not told.
	Root fs.FS
	// Metrics are told what the agent does; nil: nobody wants to know.
	Metrics Metrics
	// Wait is how long the NATS server may take to be there at first; 0: it must be there. One
	// that refuses the agent is not waited for.
	Wait time.Duration
}

// Agent is a running agent.
type Agent struct {
	cfg      Config
	nc       *nats.Conn         // orders, heartbeats, leases, probes: nothing that is large or many
	bulk     *nats.Conn         // tokens and what belongs to them, traces, sub-models: nothing else queues behind these
	outgoing transport.Outgoing // makes bulk
	svc      micro.Service
	library  atomic.Pointer[error] // why ONNX Runtime could not be loaded; nil: it was not tried, or is loaded

	incarnation string
	running     atomic.Pointer[session] // session, to be read without the mutex
	loading     atomic.Pointer[session] // session, or one that is being made
	closed      chan struct{}           // closed by close, when the agent can't go on
	close       func()
	started     time.Time
	host        string
	log         *slog.Logger
	twin        atomic.Pointer[wire.Process] // that the agent gives way to; nil: none
	stopping    chan struct{}                // closed when the agent begins to stop
	holder      holder
	sealing     sealing
	rejected    wire.Rejected
	totals      totals
	soon        chan struct{} // has a heartbeat sent at once

	mu      sync.Mutex   // one request about a run at a time
	session *session     // nil: none is loaded
	traces  *traceSender // of the last session, also after its end
	last    finished

	timing sync.Mutex        // of the reference computation
	kernel *reference.Kernel // nil: it was not asked for
}

// finished is the run that was finished last, and the answer to that.
type finished struct {
	run    string
	reply  *wire.Reply
	tokens uint64 // bytes that the connection had published before the run, and those of its tokens
}

// bulkBack says that there is again a connection for tokens: messages may have been lost.
func (a *Agent) bulkBack(*nats.Conn) {
	if s := a.running.Load(); s != nil {
		s.reconnected()
		s.traces.again()
	}
}

// sentBytes returns how many bytes the agent has published on its connections.
func (a *Agent) sentBytes() uint64 { return a.nc.Stats().OutBytes + a.bulk.Stats().OutBytes }

// connect connects to the NATS server, which may take Config.Wait to be there. back is called
// when the connection was lost and is there again.
func (a *Agent) connect(ctx context.Context, name string, back func(*nats.Conn), o ...nats.Option) (*nats.Conn,
	error,
) {
	opts := append([]nats.Option{
		nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait),
		nats.CustomInboxPrefix(wire.InboxPrefix(a.cfg.Device)),
		// What is sent without a connection is lost, as it may be in any case when a
		// connection breaks: the boundary protocol sees to that.
		nats.ReconnectBufSize(-1),
		nats.ErrorHandler(a.connectionError),
		nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
			if !nc.IsClosed() {
				a.log.Warn("disconnected", "connection", name, "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			a.log.Info("connected again", "connection", name, "server", transport.Redacted(nc.ConnectedUrl()))
			back(nc)
		}),
	}, append(o, a.cfg.Options...)...)
	deadline := time.Now().Add(a.cfg.Wait)
	for {
		nc, err := nats.Connect(a.cfg.URL, opts...)
		if err == nil {
			return nc, nil
		}
		err = identity.Explain(err)
		if errors.Is(err, identity.ErrRefused) || time.Now().After(deadline) {
			return nil, fmt.Errorf("%w at %s: %w", ErrConnect, transport.Redacted(a.cfg.URL), err)
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
// it can't be made. It returns why it can't be.
func (a *Agent) loadLibrary() error {
	path, err := ort.Find(a.cfg.Library)
	if err == nil {
		err = ort.Load(path)
	}
	if err != nil {
		a.library.Store(&err)
	} else {
		a.library.Store(nil)
	}
	return err
}

func (a *Agent) status() *wire.AgentStatus {
	s := &wire.AgentStatus{
		Device: a.cfg.Device, Version: a.cfg.Version, Wire: wire.Format, GoVersion: runtime.Version(), ORT: ort.Version(),
		Clock: a.cfg.Clock.ID(), Host: a.host, PID: os.Getpid(), Started: a.started,
		RSSBytes: residentBytes(), Go: goMemory(), AtNs: clock.Now(), State: wire.Free,
	}
	for _, nc := range []*nats.Conn{a.nc, a.bulk} {
		if nc != nil {
			n := nc.Stats()
			s.SentBytes, s.ReceivedBytes = s.SentBytes+n.OutBytes, s.ReceivedBytes+n.InBytes
			s.Reconnects += n.Reconnects
		}
	}
	if s.Held, _ = a.holder.tell(); s.Held != nil {
		s.State = wire.Claimed
	}
	s.Rejected = a.dropped()
	if r := a.running.Load(); r != nil {
		s.Run, s.Waits, s.Fallbacks, s.Failed = r.run, r.node.Waits(), r.node.Fallbacks(), r.failure()
		s.Frames, s.Total = r.node.Frames(), r.plan.Workload.Frames
		switch {
		case s.Failed != "":
			s.State = wire.Failed
		case r.began.Load() != nil:
			s.State = wire.Running
		default:
			s.State = wire.Loaded
		}
	} else if r := a.loading.Load(); r != nil {
		s.Run, s.State = r.run, wire.Loading
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
