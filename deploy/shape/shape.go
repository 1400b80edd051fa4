// Package shape emulates a link in user space: one direction of it, with its
// bandwidth and latency. It may not know what it carries nor how.
package shape

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/clock"
)

// ErrFull says that more was handed over than the FIFOs' credits allow.
var ErrFull = errors.New("shape: the sender's queue is full")

// Carrier is what a Sender sends with. Its methods are called from the goroutine
// of Run only.
type Carrier interface {
	// Bytes returns the size of a token's payload.
	Bytes(t boundary.TokenID) int64
	// Publish sends n bytes from offset of a token of total bytes, and is done with
	// them when it returns. After the last ones the token may be gone.
	Publish(t boundary.TokenID, total, offset, n int64) error
	// Sent says when the token occupied the sender's side of the link.
	Sent(t boundary.TokenID, total, start, end int64)
}

// queued is a token, or an acknowledgement, that waits to be sent.
type queued struct {
	boundary.TokenID
	at int64 // when it was handed over, on package clock's clock
}

// Sender is one direction of a link: tokens leave in the order of Push.
type Sender struct {
	link    *plan.Link
	chunk   int64
	carrier Carrier
	room    int
	pending atomic.Int64

	mu    sync.Mutex
	queue []queued
	head  int           // of queue: those before have been taken
	wake  chan struct{} // has one element when the queue is no more empty
}

// NewSender returns a sender whose queue holds up to room tokens and that
// publishes chunks of at most chunk bytes. A nil link is not shaped.
func NewSender(link *plan.Link, chunk int64, room int, c Carrier) *Sender {
	if link == nil {
		link = &plan.Link{}
	}
	return &Sender{link: link, chunk: chunk, carrier: c, room: max(room, 1), wake: make(chan struct{}, 1)}
}

// Push hands a token over at a time on package clock's clock. It never blocks; a full
// queue is ErrFull. It may be called from any goroutine.
func (s *Sender) Push(t boundary.TokenID, at int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue)-s.head >= s.room {
		return ErrFull
	}
	if s.head > s.room {
		s.queue = append(s.queue[:0], s.queue[s.head:]...)
		s.head = 0
	}
	s.queue = append(s.queue, queued{t, at})
	s.pending.Add(1)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Drop takes the tokens of a FIFO out of the queue: they will be handed over again.
// The one that is being sent goes on.
func (s *Sender) Drop(fifo int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.queue[:s.head]
	for _, t := range s.queue[s.head:] {
		if t.FIFO != fifo {
			kept = append(kept, t)
		}
	}
	s.pending.Add(int64(len(kept) - len(s.queue)))
	s.queue = kept
}

// next takes the first token of the queue.
func (s *Sender) next() (t queued, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == len(s.queue) {
		s.queue, s.head = s.queue[:0], 0
		return t, false
	}
	t = s.queue[s.head]
	s.head++
	return t, true
}

// Idle reports whether all tokens that were handed over have been published.
func (s *Sender) Idle() bool { return s.pending.Load() == 0 }

// Run sends until ctx ends, then returns nil, or until the carrier fails, and
// returns its error.
//
// On a link with a bandwidth a token of n bytes occupies the sender for
// n/bandwidth, beginning when it is handed over or when the token before it has
// left. A chunk is published when its last byte has left, and the latency later.
func (s *Sender) Run(ctx context.Context) error {
	sleeper := clock.NewSleeper()
	var free int64 // when the last token has left
	for {
		t, ok := s.next()
		if !ok {
			select {
			case <-ctx.Done():
				return nil
			case <-s.wake:
			}
			continue
		}
		end, err := s.send(ctx, sleeper, t.TokenID, max(t.at, free))
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		free = end
		s.pending.Add(-1)
	}
}

func (s *Sender) send(ctx context.Context, sleeper *clock.Sleeper, t boundary.TokenID, start int64) (end int64, err error) {
	var (
		total   = s.carrier.Bytes(t)
		latency = int64(s.link.Latency)
		begun   int64
	)
	for offset := int64(0); ; offset += s.chunk {
		n := min(s.chunk, total-offset)
		if s.link.Shaped() {
			due := start + int64(s.link.Serialisation(offset+n)) + latency
			if err := sleeper.Until(ctx, due); err != nil {
				return 0, err
			}
		}
		if offset == 0 {
			begun = clock.Now()
		}
		if err := s.carrier.Publish(t, total, offset, n); err != nil {
			return 0, err
		}
		if offset+n >= total {
			break
		}
	}
	if s.link.BandwidthBytesPerSec > 0 {
		end = start + int64(s.link.Serialisation(total))
	} else {
		start, end = begun-latency, clock.Now()-latency
	}
	s.carrier.Sent(t, total, start, end)
	return end, nil
}

// Delay returns the link of what is delayed by a link's latency alone, as
// acknowledgements are.
func Delay(link *plan.Link) *plan.Link {
	if link == nil {
		return nil
	}
	return &plan.Link{Name: link.Name, Latency: link.Latency}
}
