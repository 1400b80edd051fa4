package models

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Moved is told how many bytes of how many a transfer has moved. Calls come one at a time,
// from any goroutine.
type Moved func(done, total int64)

// transfer moves many parts, for as long as something moves. It is safe for concurrent use.
type transfer struct {
	store *Store
	total int64
	moved Moved // may be nil

	freeing sync.Mutex // held while room is made: one at a time sees what there is

	mu   sync.Mutex // guards what follows
	done int64
	last time.Time     // when something moved, or the transfer began
	wait time.Duration // for an answer: longer after one that came too late
}

func (s *Store) newTransfer(total int64, moved Moved) *transfer {
	t := &transfer{store: s, total: total, moved: moved, last: time.Now(), wait: s.o.Still / retries}
	t.add(0)
	return t
}

// add says that bytes have moved.
func (t *transfer) add(bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += bytes
	t.last = time.Now()
	if t.moved != nil {
		t.moved(t.done, t.total)
	}
}

// still returns for how long nothing has moved, and how many bytes have.
func (t *transfer) still() (time.Duration, int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.last), t.done
}

// patience returns how long to wait for an answer.
func (t *transfer) patience() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wait
}

// late says that an answer did not come within wait: the link may be slower than that.
func (t *transfer) late(wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wait = max(t.wait, min(2*wait, t.store.o.Still))
}

// keepOn calls try until it succeeds or fails for good, or nothing has moved for
// Options.Still. Errors wrap ErrStore, or are the cause of ctx.
func (t *transfer) keepOn(ctx context.Context, try func(context.Context) error) error {
	s := t.store
	for {
		wait := t.patience()
		attempt, cancel := context.WithTimeout(ctx, wait)
		err := try(attempt)
		if attempt.Err() != nil {
			t.late(wait)
		}
		cancel()
		still, done := t.still()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, ErrLacking):
			return err
		case s.refused(err):
			return s.wrap(err)
		case still >= s.o.Still:
			return s.wrap(fmt.Errorf("%w for %v, with %d of %d bytes moved: %w", ErrStill, still.Round(time.Millisecond), done,
				t.total, err))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(again, s.o.Still/retries)):
		}
	}
}
