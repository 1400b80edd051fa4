package casequeue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Defaults of Options.
const (
	// DefaultAckWait is for how long a worker may say nothing of a case before another one
	// gets it. Workers say something every second.
	DefaultAckWait = 5 * time.Second
	// DefaultMostAttempts is how many workers compute a case alone, after one that did beside others
	// was not done with it, before it is given up.
	DefaultMostAttempts = 3

	beatInterval  = time.Second            // of workers, about a case
	reconnectWait = 250 * time.Millisecond // between attempts
	answerLimit   = 10 * time.Second       // for the server to answer a request
	keepCases     = 30 * 24 * time.Hour    // that nobody takes
	keepBundles   = 90 * 24 * time.Hour
	keepConsumer  = 7 * 24 * time.Hour // that nobody uses
)

// Options say whose queue it is.
type Options struct {
	// Program says which program computes, as its revision and architecture: results of
	// programs that differ in it are kept apart.
	Program string
	// AckWait is that of the consumer; 0: DefaultAckWait. A queue that is opened again takes it.
	AckWait time.Duration
	// MostAttempts bounds how often a case is begun again; 0: DefaultMostAttempts.
	MostAttempts int
	// Logf tells of what passes by itself, such as a server that does not answer. It may be nil.
	Logf func(format string, args ...any)
}

// Queue is the case queue at a NATS server, for one program. It is safe for concurrent use.
type Queue struct {
	o       Options
	name    string // of this client
	program string // key of Options.Program
	nc      *nats.Conn
	js      jetstream.JetStream
	stop    func() // ends the watch of the connection's errors

	alive   context.Context // ends when a permission is missing
	end     context.CancelFunc
	mu      sync.Mutex
	epoch   context.Context // of the connection: it ends with alive, and when there is a new one
	renew   context.CancelFunc
	denied  error                           // a permission that is missing; nil: none
	waiting map[string]map[*waiter]struct{} // by key
	told    map[string]time.Time            // what Logf was told, and when
	results *nats.Subscription              // hints of results; nil: nobody has waited yet
	streams map[string]jetstream.Stream     // of buckets that were asked for
}

// Dial connects to the server. name is that of this client, which its key may act for. Errors
// wrap ErrServer, or identity.ErrRefused and others of who this client is.
func Dial(ctx context.Context, access *identity.Access, o Options) (*Queue, error) {
	if o.AckWait == 0 {
		o.AckWait = DefaultAckWait
	}
	if o.MostAttempts == 0 {
		o.MostAttempts = DefaultMostAttempts
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if err := wire.CheckName("client", access.Name); err != nil {
		return nil, err
	}
	options, err := access.Options()
	if err != nil {
		return nil, err
	}
	q := &Queue{o: o, name: access.Name, program: programKey(o.Program), waiting: map[string]map[*waiter]struct{}{},
		told: map[string]time.Time{}, streams: map[string]jetstream.Stream{}}
	q.alive, q.end = context.WithCancel(context.Background())
	q.epoch, q.renew = context.WithCancel(q.alive)
	options = append(options, nats.Name("edgeprune "+string(access.Role)+" "+access.Name), nats.MaxReconnects(-1),
		nats.CustomInboxPrefix(wire.InboxPrefix(access.Name)), nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1), // what is lost meanwhile is sent again
		nats.ReconnectHandler(func(*nats.Conn) { q.reconnected() }))
	url := transport.Redacted(access.URL)
	q.nc, err = nats.Connect(access.URL, options...)
	if err = identity.Explain(err); errors.Is(err, identity.ErrRefused) {
		return nil, fmt.Errorf("NATS server at %s: %w", url, err)
	} else if err != nil {
		return nil, fmt.Errorf("%w: no NATS server at %s: %w; start one there with nats-server -js", ErrServer, url, err)
	}
	q.stop = transport.Watch(q.nc, func(err error) {
		if transport.Denied(err) {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.denied = fmt.Errorf("%w: %w: the key of %s may not do this; use the testbed file that is meant for it",
				identity.ErrRefused, err, q.name)
			q.end()
		}
	})
	if q.js, err = jetstream.New(q.nc, jetstream.WithDefaultTimeout(answerLimit)); err == nil {
		_, err = transport.Limit(q.nc)
	}
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, answerLimit)
		defer cancel()
		_, err = q.js.AccountInfo(limited)
	}
	if err != nil {
		err = q.failed(err)
		q.Close()
		return nil, err
	}
	return q, nil
}

// reconnected ends what waits for answers that were lost with the connection.
func (q *Queue) reconnected() {
	q.mu.Lock()
	q.renew()
	q.epoch, q.renew = context.WithCancel(q.alive)
	q.mu.Unlock()
	q.wakeAll()
}

// programKey is what stands for a program in subjects and keys.
func programKey(program string) string {
	sum := sha256.Sum256([]byte(program))
	return hex.EncodeToString(sum[:8])
}

// Close ends the connection.
func (q *Queue) Close() {
	q.stop()
	q.end()
	transport.Close(q.nc)
}

// Server names the server.
func (q *Queue) Server() string { return transport.Server(q.nc) }

// failed says what an error is about.
func (q *Queue) failed(err error) error {
	q.mu.Lock()
	denied := q.denied
	q.mu.Unlock()
	switch {
	case err == nil || errors.Is(err, ErrServer) || errors.Is(err, identity.ErrRefused):
		return err
	case denied != nil:
		return denied
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount),
		errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w: the %s has no JetStream, which keeps cases and results: start it with nats-server -js, or "+
			"with jetstream { store_dir: FOLDER } in its configuration", ErrServer, q.Server())
	}
	return fmt.Errorf("%w: %s: %w", ErrServer, q.Server(), err)
}

// passes reports whether an error may pass by itself: the server restarts, or is slow.
func (q *Queue) passes(err error) bool {
	q.mu.Lock()
	denied := q.denied
	q.mu.Unlock()
	return denied == nil && !q.nc.IsClosed() && (errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, nats.ErrDisconnected) || errors.Is(err, nats.ErrReconnectBufExceeded) ||
		errors.Is(err, nats.ErrConnectionReconnecting) || errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled)) // by the end of a connection
}

// tell tells of something that repeats, at most every so often.
func (q *Queue) tell(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	q.mu.Lock()
	last, before := q.told[text]
	now := time.Now()
	quiet := before && now.Sub(last) < 10*time.Second
	if !quiet {
		q.told[text] = now
	}
	q.mu.Unlock()
	if !quiet {
		q.o.Logf("%s", text)
	}
}

// keepOn calls try until it succeeds, fails for good or ctx ends.
func (q *Queue) keepOn(ctx context.Context, try func(ctx context.Context) error) error {
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		limited, cancel := context.WithTimeout(ctx, answerLimit)
		q.mu.Lock()
		epoch := q.epoch
		q.mu.Unlock()
		stop := context.AfterFunc(epoch, cancel)
		err := try(limited)
		stop()
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !q.passes(err):
			return q.failed(err)
		}
		if wait >= time.Second {
			q.tell("the %s does not answer (%v); it is asked again", q.Server(), err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}
