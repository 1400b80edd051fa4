package casequeue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a worker had that is gone goes to another one; results of programs are kept apart.
func TestWorkerIsGone(t *testing.T) {
	b := newBroker(t, nil)
	q := b.owner(t)
	took := make(chan struct{}, 8)
	gone := b.dial(t, "gone", casequeue.Options{})
	stuck := &upper{before: func(ctx context.Context, _ casequeue.Case) error {
		took <- struct{}{}
		<-t.Context().Done()
		return errors.New("it is over")
	}}
	go func() {
		_ = gone.Work(t.Context(), &casequeue.Worker{Slots: 2, Handler: stuck})
	}()
	got := make(chan []string)
	go func() { got <- asked(t, q, 0, 6) }()
	<-took
	<-took
	gone.Close() // as if it were killed
	works(t, b.dial(t, "w", casequeue.Options{}), 1, &upper{})
	assert.Equal(t, want(0, 6), <-got)

	other := b.dial(t, "other", casequeue.Options{Program: "v2"})
	require.NoError(t, other.Open(t.Context()))
	h := &upper{}
	works(t, other, 1, h)
	assert.Equal(t, want(0, 3), asked(t, other, 0, 3))
	assert.Equal(t, 1, h.computed(2), "results of another program are none")
}

// A case whose workers end is given up, and those that ran beside it are not.
func TestPoison(t *testing.T) {
	b := newBroker(t, nil)
	q := b.dial(t, "owner", casequeue.Options{AckWait: time.Second})
	require.NoError(t, q.Open(t.Context()))
	poison := caseOf(3).Hash
	var workers sync.WaitGroup
	var ended atomic.Int64
	start := func(n int) {
		w := b.dial(t, fmt.Sprint("w", n), casequeue.Options{MostAttempts: 2})
		h := &upper{before: func(ctx context.Context, c casequeue.Case) error {
			if c.Hash == poison {
				ended.Add(1)
				w.Close()
				return errors.New("the process is gone")
			}
			return nil
		}}
		workers.Go(func() { _ = w.Work(t.Context(), &casequeue.Worker{Slots: 2, Handler: h}) })
	}
	for n := range 5 {
		start(n)
	}
	got := asked(t, q, 0, 20)
	expected := want(0, 20)
	expected[3] = "given up: 2 workers, each alone with it, ended or fell silent before they were done"
	assert.Equal(t, expected, got)
	assert.EqualValues(t, 3, ended.Load())
}

// A worker that can't compute gives a case back; where none can, the reason is the result.
func TestGivenBack(t *testing.T) {
	b := newBroker(t, nil)
	q := b.owner(t)
	var tries atomic.Int64
	h := &upper{before: func(_ context.Context, c casequeue.Case) error {
		if c.Hash == caseOf(1).Hash && tries.Add(1) < 2 || c.Hash == caseOf(2).Hash {
			return errors.New("no memory")
		}
		return nil
	}}
	works(t, b.dial(t, "w", casequeue.Options{MostAttempts: 2}), 1, h)
	expected := want(0, 4)
	expected[2] = "given up after 2 attempts; the last: no memory"
	assert.Equal(t, expected, asked(t, q, 0, 4))
}

// A server that is started again has all, and who waits goes on.
func TestServerRestarts(t *testing.T) {
	b := newBroker(t, nil)
	q := b.owner(t)
	h := &upper{}
	halfway, restarted := make(chan struct{}), make(chan struct{})
	var n atomic.Int64
	h.before = func(context.Context, casequeue.Case) error {
		if n.Add(1) == 100 {
			close(halfway)
			<-restarted
		}
		return nil
	}
	for i := range 2 {
		works(t, b.dial(t, fmt.Sprint("w", i), casequeue.Options{}), 2, h)
	}
	got := make(chan []string)
	go func() { got <- asked(t, q, 0, 200) }()
	<-halfway
	b.stop()
	b.start(t)
	close(restarted)
	assert.Equal(t, want(0, 200), <-got)
	s, err := q.Status(t.Context())
	require.NoError(t, err)
	assert.Len(t, s.Workers, 2)
}

// A worker that is to end completes what it computes.
func TestDrains(t *testing.T) {
	b := newBroker(t, nil)
	q := b.owner(t)
	began, proceed := make(chan struct{}), make(chan struct{})
	h := &upper{before: func(context.Context, casequeue.Case) error {
		close(began)
		<-proceed
		return nil
	}}
	stop := works(t, b.dial(t, "w", casequeue.Options{}), 1, h)
	got := make(chan []string)
	go func() { got <- asked(t, q, 0, 1) }()
	<-began
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	close(proceed)
	<-stopped
	assert.Equal(t, want(0, 1), <-got)
	require.Eventually(t, func() bool {
		s, err := q.Status(t.Context())
		return err == nil && len(s.Workers) == 0 && s.Queued == 0
	}, 20*time.Second, 10*time.Millisecond, "it says good bye")
}

func TestIdleExit(t *testing.T) {
	b := newBroker(t, nil)
	w := &casequeue.Worker{Slots: 1, Handler: &upper{}, IdleExit: time.Millisecond}
	require.NoError(t, b.dial(t, "w", casequeue.Options{}).Work(t.Context(), w), "no study was ever run")
	q := b.owner(t)
	require.NoError(t, b.dial(t, "w", casequeue.Options{}).Work(t.Context(), w))
	w.IdleExit = 2 * time.Second
	got := make(chan []string)
	go func() { got <- asked(t, q, 0, 20) }()
	require.NoError(t, b.dial(t, "w", casequeue.Options{}).Work(t.Context(), w))
	assert.Equal(t, want(0, 20), <-got)
}

// Two workers that were given one case store one result.
func TestDoubledDelivery(t *testing.T) {
	b := newBroker(t, nil)
	q := b.dial(t, "owner", casequeue.Options{AckWait: 200 * time.Millisecond}) // less than workers say something in
	require.NoError(t, q.Open(t.Context()))
	var began atomic.Int64
	both := make(chan struct{})
	h := &upper{before: func(context.Context, casequeue.Case) error {
		if began.Add(1) == 2 {
			close(both)
		}
		<-both
		return nil
	}}
	var stored atomic.Int64
	var ended []chan error
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 2 {
		w, end := b.dial(t, fmt.Sprint("w", i), casequeue.Options{}), make(chan error, 1)
		go func() {
			end <- w.Work(ctx, &casequeue.Worker{Slots: 1, Handler: h, Done: func(int64) { stored.Add(1) }})
		}()
		ended = append(ended, end)
	}
	assert.Equal(t, want(0, 1), asked(t, q, 0, 1))
	cancel()
	for _, end := range ended {
		require.NoError(t, <-end)
	}
	assert.GreaterOrEqual(t, h.computed(0), 2)
	assert.EqualValues(t, 1, stored.Load())
}
