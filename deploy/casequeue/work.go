package casequeue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Handler computes cases. Several goroutines use it.
type Handler interface {
	// Compute returns the result of a case. An error is none of the case, but of this worker, which
	// gives the case back; a case that can't be computed has that as its result.
	Compute(ctx context.Context, c Case) ([]byte, error)
	// GiveUp returns the result of a case that is given up, and why.
	GiveUp(c Case, why string) ([]byte, error)
}

// fetchWait is for how long a worker waits for a case before it asks again. A server that was
// started again has forgotten who waits.
const fetchWait = 3 * time.Second

// Worker takes cases and computes them.
type Worker struct {
	Slots   int // cases at a time
	Handler Handler
	// IdleExit ends the work after so long without a case; 0: never.
	IdleExit time.Duration
	// Done is called with how many results this worker has stored. It may be nil.
	Done func(n int64)
}

// work is a worker that works.
type work struct {
	*Worker
	q        *Queue
	presence Presence
	consumer jetstream.Consumer
	done     atomic.Int64
	running  atomic.Int64
	last     atomic.Int64 // when there was a case, in ns since the epoch
	// alone is held by a case that was delivered before, which may be the one that ends workers: it
	// ends no others with it, and is not given up for their sake.
	alone sync.RWMutex
}

// Work takes cases until ctx ends; then what is being computed is completed, stored and
// acknowledged, and the rest left to others. It waits for a queue that is not there yet. Errors
// wrap ErrProgram where all studies under way are of other programs, or are as of Dial.
func (q *Queue) Work(ctx context.Context, o *Worker) error {
	w := &work{Worker: o, q: q, presence: newPresence(q, o.Slots)}
	if err := w.find(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	w.last.Store(time.Now().UnixNano())
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var wg sync.WaitGroup
	over := make(chan struct{}) // after the last case
	wg.Go(func() { w.present(over) })
	var slots sync.WaitGroup
	for range o.Slots {
		slots.Go(func() {
			if err := w.slot(ctx, end); err != nil {
				end(err)
			}
		})
	}
	slots.Wait()
	close(over)
	wg.Wait()
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, errIdle) {
		return nil
	}
	return err
}

var errIdle = errors.New("there was no case for long")

// find waits for the consumer.
func (w *work) find(ctx context.Context) error {
	begun := time.Now()
	for told := false; ; {
		if err := w.q.checkProgram(ctx); err != nil {
			return err
		}
		err := w.q.keepOn(ctx, func(ctx context.Context) (err error) {
			w.consumer, err = w.q.js.Consumer(ctx, wire.CaseStream, wire.CaseConsumer(w.q.program))
			if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) ||
				errors.Is(err, jetstream.ErrConsumerDoesNotExist) {
				w.consumer = nil
				return nil
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case w.consumer != nil:
			return nil
		case w.IdleExit > 0 && time.Since(begun) > w.IdleExit:
			return nil
		case !told:
			told = true
			w.q.o.Logf("no study of this program has been run at the %s yet; wait for one", w.q.Server())
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}

// slot computes one case after another.
func (w *work) slot(ctx context.Context, end context.CancelCauseFunc) error {
	ask := fetchWait
	if w.IdleExit > 0 {
		ask = min(ask, max(w.IdleExit, 100*time.Millisecond))
	}
	for wait := 10 * time.Millisecond; ctx.Err() == nil; {
		if w.consumer == nil { // IdleExit passed before there was a queue
			return errIdle
		}
		limited, cancel := context.WithTimeout(ctx, ask)
		batch, err := w.consumer.Fetch(1, jetstream.FetchContext(limited))
		if err == nil {
			for msg := range batch.Messages() {
				wait = 10 * time.Millisecond
				if ctx.Err() != nil {
					_ = msg.Nak() // else it waits for AckWait
					continue
				}
				w.last.Store(time.Now().UnixNano())
				if err := w.take(ctx, msg); err != nil {
					cancel()
					return err
				}
				w.last.Store(time.Now().UnixNano())
			}
			err = batch.Error()
		}
		cancel()
		idle := time.Since(time.Unix(0, w.last.Load()))
		if w.IdleExit > 0 && idle > w.IdleExit && w.running.Load() == 0 {
			end(errIdle)
			return nil
		}
		if quiet(err) || ctx.Err() != nil {
			continue
		}
		if errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) {
			if err := w.find(ctx); err != nil {
				return err
			}
			continue
		}
		if !w.q.passes(err) {
			return w.q.failed(err)
		}
		if wait = min(2*wait, time.Second); wait == time.Second {
			w.q.tell("the %s does not answer (%v); it is asked again", w.q.Server(), err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// quiet reports whether there was no case, and nothing wrong.
func quiet(err error) bool {
	return err == nil || errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, jetstream.ErrNoMessages)
}

// take computes the case of a message, stores its result and acknowledges it. It does so also
// when ctx ends meanwhile.
func (w *work) take(ctx context.Context, msg jetstream.Msg) error {
	ended := ctx
	ctx = context.WithoutCancel(ctx)
	stop := beat(msg)
	defer stop()
	meta, err := msg.Metadata()
	if err != nil {
		return w.q.failed(err)
	}
	_, hash, _ := strings.Cut(strings.TrimPrefix(msg.Subject(), "edgeprune.case."), ".")
	c := Case{Hash: hash, Bundle: msg.Headers().Get(bundleHeader), Data: msg.Data()}
	var result []byte
	if most := w.q.o.MostDeliveries; meta.NumDelivered > uint64(most) {
		result, err = w.Handler.GiveUp(c, fmt.Sprintf("given up: %d workers that took it ended, or fell silent, before "+
			"they were done with it", most))
	} else {
		if meta.NumDelivered > 1 {
			w.alone.Lock()
		} else {
			w.alone.RLock()
		}
		w.running.Add(1)
		result, err = w.Handler.Compute(ctx, c)
		w.running.Add(-1)
		if meta.NumDelivered > 1 {
			w.alone.Unlock()
		} else {
			w.alone.RUnlock()
		}
		if limit := w.q.nc.MaxPayload() - headerRoom; err == nil && int64(len(result)) > limit {
			result, err = w.Handler.GiveUp(c, fmt.Sprintf("its result has %d bytes, of at most %d that the NATS server takes",
				len(result), limit))
		}
	}
	if err != nil && meta.NumDelivered >= uint64(w.q.o.MostDeliveries) {
		result, err = w.Handler.GiveUp(c, fmt.Sprintf("given up by %d workers; the last: %v", meta.NumDelivered, err))
	}
	if err != nil {
		w.q.tell("a case is given back: %v", err)
		return ignoring(msg.NakWithDelay(time.Second))
	}
	// Who is to end does not wait for a server that is gone; the case goes to another worker.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ended, func() { time.AfterFunc(drainLimit, cancel) })()
	return w.store(ctx, msg, wire.CaseKey(w.q.program, hash), result)
}

// drainLimit is for how long a worker that is to end tries to store what it has computed.
const drainLimit = 10 * time.Second

const headerRoom = 1 << 10 // for the headers of a message

// ignoring leaves an acknowledgement that is lost to the server, which delivers again.
func ignoring(error) error { return nil }

// beat tells the server that a case is computed, until stop is called.
func beat(msg jetstream.Msg) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(beatInterval)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				_ = msg.InProgress() // without a connection: the next one
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// store stores a result, unless there is one, and acknowledges its case after that.
func (w *work) store(ctx context.Context, msg jetstream.Msg, key string, result []byte) error {
	err := w.q.keepOn(ctx, func(ctx context.Context) error {
		_, err := w.q.js.Publish(ctx, wire.ResultSubjects+key, result, jetstream.WithExpectLastSequencePerSubject(0))
		var e *jetstream.APIError
		if errors.As(err, &e) && (e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
			e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
			return errExists
		}
		return err
	})
	switch {
	case errors.Is(err, errExists): // another worker was given the case too
	case err != nil && ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	default:
		if n := w.done.Add(1); w.Done != nil {
			w.Done(n)
		}
	}
	return ignoring(msg.DoubleAck(ctx))
}
