package casequeue_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// broker is a NATS server that can be started again.
type broker struct {
	o   server.Options
	srv *server.Server
}

func newBroker(t *testing.T, change func(*server.Options)) *broker {
	t.Helper()
	b := &broker{o: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: t.TempDir()}}
	if change != nil {
		change(&b.o)
	}
	b.start(t)
	b.o.Port = b.srv.Addr().(*net.TCPAddr).Port
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start(t *testing.T) {
	t.Helper()
	o := b.o
	srv, err := server.NewServer(&o)
	require.NoError(t, err)
	srv.Start()
	require.True(t, srv.ReadyForConnections(20*time.Second), "no server")
	b.srv = srv
}

func (b *broker) stop() {
	b.srv.Shutdown()
	b.srv.WaitForShutdown()
}

// dial connects a client to the queue.
func (b *broker) dial(t *testing.T, name string, o casequeue.Options) *casequeue.Queue {
	t.Helper()
	if o.Program == "" {
		o.Program = "v1"
	}
	if o.AckWait == 0 {
		o.AckWait = 2 * time.Second
	}
	q, err := casequeue.Dial(t.Context(), &identity.Access{Name: name, URL: b.srv.ClientURL()}, o)
	require.NoError(t, err)
	t.Cleanup(q.Close)
	return q
}

// owner is a client that has opened the queue.
func (b *broker) owner(t *testing.T) *casequeue.Queue {
	t.Helper()
	q := b.dial(t, "owner", casequeue.Options{})
	require.NoError(t, q.Open(t.Context()))
	return q
}

// upper computes cases by writing them in capitals. It counts by case.
type upper struct {
	mu    sync.Mutex
	count map[string]int
	// before is called with each case before it is computed; nil: nothing is.
	before func(ctx context.Context, c casequeue.Case) error
}

func (u *upper) Compute(ctx context.Context, c casequeue.Case) ([]byte, error) {
	if u.before != nil {
		if err := u.before(ctx, c); err != nil {
			return nil, err
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.count == nil {
		u.count = map[string]int{}
	}
	u.count[c.Hash]++
	return []byte(strings.ToUpper(string(c.Data)) + " of " + c.Bundle), nil
}

// computed returns how often a case was computed.
func (u *upper) computed(i int) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.count[caseOf(i).Hash]
}

func (u *upper) GiveUp(_ casequeue.Case, why string) ([]byte, error) { return []byte(why), nil }

// works has a client work until the returned function is called, or the test ends.
func works(t *testing.T, q *casequeue.Queue, slots int, h casequeue.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Work(ctx, &casequeue.Worker{Slots: slots, Handler: h}) }()
	stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return stop
}

func caseOf(i int) casequeue.Case {
	return casequeue.Case{Hash: fmt.Sprintf("%04x", i), Bundle: "b", Data: fmt.Appendf(nil, "case %d", i)}
}

// asked asks for cases at once, and returns the results.
func asked(t *testing.T, q *casequeue.Queue, from, to int) []string {
	t.Helper()
	got := make([]string, to-from)
	var wg sync.WaitGroup
	for i := from; i < to; i++ {
		wg.Go(func() {
			r, err := q.Result(t.Context(), caseOf(i))
			assert.NoError(t, err)
			got[i-from] = string(r)
		})
	}
	wg.Wait()
	return got
}

func want(from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf("CASE %d of b", i))
	}
	return all
}

// Workers may come before the first study and after it; a case is computed once, whoever asks.
func TestResults(t *testing.T) {
	b := newBroker(t, nil)
	h := &upper{}
	works(t, b.dial(t, "early", casequeue.Options{}), 2, h)
	q := b.owner(t)
	assert.Equal(t, want(0, 50), asked(t, q, 0, 50))
	works(t, b.dial(t, "late", casequeue.Options{}), 3, h)
	again := b.owner(t)
	assert.Equal(t, want(0, 100), asked(t, again, 0, 100))
	for i := range 100 {
		assert.Equal(t, 1, h.computed(i))
	}
	require.Eventually(t, queued(t, q, 0), 20*time.Second, 10*time.Millisecond)
}

// queued returns what reports whether so many cases are queued.
func queued(t *testing.T, q *casequeue.Queue, n uint64) func() bool {
	return func() bool {
		s, err := q.Status(t.Context())
		return err == nil && s.Queued == n
	}
}

// A case that nobody waits for any more is computed, and is there for who asks later.
func TestOwnerLeaves(t *testing.T) {
	b := newBroker(t, nil)
	q := b.owner(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			_, err := q.Result(ctx, caseOf(i))
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
	require.Eventually(t, queued(t, q, 10), 20*time.Second, 10*time.Millisecond)
	cancel()
	wg.Wait()
	h := &upper{}
	works(t, b.dial(t, "w", casequeue.Options{}), 1, h)
	require.Eventually(t, queued(t, q, 0), 20*time.Second, 10*time.Millisecond)
	assert.Equal(t, want(0, 10), asked(t, q, 0, 10))
	for i := range 10 {
		assert.Equal(t, 1, h.computed(i))
	}
}
