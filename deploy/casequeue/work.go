package casequeue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/wire"
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

// look is how often a worker without cases looks whether it is to end.
const look = 3 * time.Second

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
	for ctx.Err() == nil {
		if w.consumer == nil { // IdleExit passed before there was a queue
			return errIdle
		}
		// One message at a time is asked for, when the slot is free: none waits here for another.
		cases, err := w.consumer.Messages(jetstream.PullMaxMessages(1))
		if err != nil {
			return w.q.failed(err)
		}
		err = w.each(ctx, cases, end)
		leave(cases)
		if err != nil {
			return err
		}
		if err := w.find(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// each computes cases until ctx ends, or the consumer is gone.
func (w *work) each(ctx context.Context, cases jetstream.MessagesContext, end context.CancelCauseFunc) error {
	ask := look
	if w.IdleExit > 0 {
		ask = min(ask, max(w.IdleExit, 10*time.Millisecond))
	}
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, ask)
		msg, err := cases.Next(jetstream.NextContext(limited))
		cancel()
		switch {
		case err == nil && ctx.Err() != nil:
			_ = msg.Nak() // else it waits for AckWait
		case err == nil:
			w.last.Store(time.Now().UnixNano())
			if err := w.take(ctx, msg); err != nil {
				return err
			}
			w.last.Store(time.Now().UnixNano())
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			idle := time.Since(time.Unix(0, w.last.Load()))
			if w.IdleExit > 0 && idle > w.IdleExit && w.running.Load() == 0 {
				end(errIdle)
			}
		case errors.Is(err, jetstream.ErrNoHeartbeat):
			w.q.tell("the %s does not answer; it is asked again", w.q.Server())
		case errors.Is(err, jetstream.ErrConsumerDeleted):
			return nil
		default:
			return w.q.failed(err)
		}
	}
	return nil
}

// leave gives back what has come and was not begun.
func leave(cases jetstream.MessagesContext) {
	cases.Drain()
	for {
		msg, err := cases.Next()
		if err != nil {
			return
		}
		_ = msg.Nak() // else it waits for AckWait
	}
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
	result, err := w.result(ctx, c, meta.NumDelivered > 1)
	switch {
	case errors.Is(err, errExists):
		return ignoring(msg.Ack())
	case errors.Is(err, ErrServer), errors.Is(err, identity.ErrRefused):
		return err
	case err != nil:
		w.q.tell("a case is given back: %v", err)
		return ignoring(msg.NakWithDelay(time.Second))
	}
	// Who is to end does not wait for a server that is gone; the case goes to another worker.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ended, func() { time.AfterFunc(drainLimit, cancel) })()
	return w.store(ctx, msg, wire.CaseKey(w.q.program, hash), result)
}

// result computes a case. One that was delivered before is computed alone.
func (w *work) result(ctx context.Context, c Case, again bool) (result []byte, err error) {
	attempt := 0
	if again {
		w.alone.Lock()
		defer w.alone.Unlock()
		if attempt, err = w.attempt(ctx, c); err != nil {
			return nil, err
		}
		if most := w.q.o.MostAttempts; attempt > most {
			return w.Handler.GiveUp(c, fmt.Sprintf("given up: %d workers, each alone with it, ended or fell silent before "+
				"they were done", most))
		}
	} else {
		w.alone.RLock()
		defer w.alone.RUnlock()
	}
	w.running.Add(1)
	defer w.running.Add(-1)
	result, err = w.Handler.Compute(ctx, c)
	if err != nil && attempt >= w.q.o.MostAttempts {
		return w.Handler.GiveUp(c, fmt.Sprintf("given up after %d attempts; the last: %v", attempt, err))
	}
	if limit := w.q.nc.MaxPayload() - headerRoom; err == nil && int64(len(result)) > limit {
		return w.Handler.GiveUp(c, fmt.Sprintf("its result has %d bytes, of at most %d that the NATS server takes",
			len(result), limit))
	}
	return result, err
}

// attempt notes that a worker is alone with a case that was delivered before, and returns the
// how manieth it is. Deliveries don't tell: a case may have waited in a worker that another case
// ended. An error is errExists where the case has a result by now.
func (w *work) attempt(ctx context.Context, c Case) (int, error) {
	key := wire.CaseKey(w.q.program, c.Hash)
	data, err := w.q.kept(ctx, wire.ResultBucket, key)
	if err == nil && data != nil {
		return 0, errExists
	}
	if err == nil {
		data, err = w.q.kept(ctx, wire.AttemptBucket, key)
	}
	n, _ := strconv.Atoi(string(data)) // none: it is the first
	n++
	if err == nil && n <= w.q.o.MostAttempts {
		err = w.q.keepOn(ctx, func(ctx context.Context) error {
			_, err := w.q.js.Publish(ctx, "$KV."+wire.AttemptBucket+"."+key, strconv.AppendInt(nil, int64(n), 10))
			return err
		})
	}
	return n, err
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
	return ignoring(msg.Ack()) // one that is lost has the case delivered again, to no effect
}
