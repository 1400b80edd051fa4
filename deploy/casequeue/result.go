package casequeue

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Case is a piece of work.
type Case struct {
	Hash   string // of its content, in hexadecimal
	Bundle string // name of what it is made of; see Upload
	Data   []byte // what it is in that
}

// bundleHeader names the bundle of a case in its message.
const bundleHeader = "Edgeprune-Bundle"

// recheck is how often the bucket and the queue are asked for a case of which nothing is heard.
const recheck = 20 * time.Second

// waiter is somebody who waits for a result. hint is told that it may be there.
type waiter struct{ hint chan struct{} }

// Result returns the result of a case, which workers compute if it is not there: the case is
// queued once, whoever waits for it. It waits for as long as it takes. Errors are as of Dial,
// or the cause of ctx; the case stays in the queue then.
func (q *Queue) Result(ctx context.Context, c Case) ([]byte, error) {
	key := wire.CaseKey(q.program, c.Hash)
	w, err := q.wait(key)
	if err != nil {
		return nil, err
	}
	defer q.unwait(key, w)
	queued := false
	soon := time.Duration(0) // after a hint: what was sent to the bucket may not be stored yet
	for {
		data, err := q.kept(ctx, wire.ResultBucket, key)
		if data != nil || err != nil {
			return data, err
		}
		if !queued {
			if err := q.queue(ctx, c); err != nil {
				return nil, err
			}
			queued = true
		}
		wait := recheck
		if soon > 0 {
			wait = soon
		}
		select {
		case <-w.hint:
			soon = time.Millisecond
		case <-time.After(wait):
			if soon *= 2; soon == 0 || soon > time.Second {
				soon, queued = 0, false // the queue may have lost it
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// kept returns what a bucket has; nil if it has nothing.
func (q *Queue) kept(ctx context.Context, bucket, key string) (data []byte, err error) {
	err = q.keepOn(ctx, func(ctx context.Context) error {
		s, err := q.bucketStream(ctx, bucket)
		if err != nil {
			return err
		}
		m, err := s.GetLastMsgForSubject(ctx, "$KV."+bucket+"."+key)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err == nil {
			data = m.Data
		}
		return err
	})
	return data, err
}

// bucketStream returns the stream of a bucket, which is asked for once.
func (q *Queue) bucketStream(ctx context.Context, bucket string) (jetstream.Stream, error) {
	q.mu.Lock()
	s := q.streams[bucket]
	q.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := q.js.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.streams[bucket] = s
	return s, nil
}

// queue queues a case, unless it is in the queue.
func (q *Queue) queue(ctx context.Context, c Case) error {
	msg := nats.NewMsg(wire.CaseSubject(q.program, c.Hash))
	msg.Header.Set(bundleHeader, c.Bundle)
	msg.Data = c.Data
	return q.keepOn(ctx, func(ctx context.Context) error {
		_, err := q.js.PublishMsg(ctx, msg)
		if isThere(err) {
			return nil
		}
		return err
	})
}

// isThere reports whether a stream refused a message as it has one of its subject.
func isThere(err error) bool {
	var e *jetstream.APIError
	return errors.As(err, &e) && strings.Contains(e.Description, "maximum messages per subject exceeded")
}

// wait notes who waits for a result.
func (q *Queue) wait(key string) (*waiter, error) {
	w := &waiter{hint: make(chan struct{}, 1)}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.results == nil {
		sub, err := q.nc.Subscribe(wire.ResultSubjects+wire.CaseKey(q.program, ">"), func(m *nats.Msg) {
			q.wake(strings.TrimPrefix(m.Subject, wire.ResultSubjects))
		})
		if err != nil {
			return nil, err
		}
		q.results = sub
	}
	if q.waiting[key] == nil {
		q.waiting[key] = map[*waiter]struct{}{}
	}
	q.waiting[key][w] = struct{}{}
	return w, nil
}

func (q *Queue) unwait(key string, w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if delete(q.waiting[key], w); len(q.waiting[key]) == 0 {
		delete(q.waiting, key)
	}
}

// wake tells who waits for a result that it may be there.
func (q *Queue) wake(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for w := range q.waiting[key] {
		w.wake()
	}
}

// wakeAll is wake for all, as hints were lost while there was no connection.
func (q *Queue) wakeAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, all := range q.waiting {
		for w := range all {
			w.wake()
		}
	}
}

func (w *waiter) wake() {
	select {
	case w.hint <- struct{}{}:
	default:
	}
}
