// Package shape emulates a link in user space: one direction of it, with its
// bandwidth and latency. It may not know what it carries nor how, nor read a clock
// other than the one that it is given.
package shape

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
)

// Burst is how much lost time a link with a bandwidth may catch up, as the depth of
// a token bucket does in units of time. Where the sender got a processor late or the
// carrier blocked, the bytes that follow leave ahead of their bandwidth until the
// lateness is made up for, but for no more than this. It is the least depth that
// tc-tbf(8) asks for on a kernel of 250 Hz: rate/HZ.
const Burst = 4 * time.Millisecond

// Carrier is what a Sender sends with. Its methods are called from the goroutine
// of Run only.
type Carrier interface {
	// Bytes returns the size of a token's payload.
	Bytes(t boundary.TokenID) int64
	// Publish sends n bytes from offset of a token of total bytes, and is done with
	// them when it returns. After the last ones the token may be gone.
	Publish(t boundary.TokenID, total, offset, n int64) error
	// Sent says when the token occupied the sender's side of the link, in ns on the
	// Sender's clock: from when it was handed over, or the token before it had left,
	// until Publish of its last bytes returned, less the latency that these were held
	// back for.
	Sent(t boundary.TokenID, total, start, end int64)
}

// Clock is a monotonic clock, in ns. clock.Sleeper is one.
type Clock interface {
	// Now returns the time.
	Now() int64
	// Until returns at a time, at once if it has passed, or with ctx's error when ctx ends.
	Until(ctx context.Context, at int64) error
}

// Sender is one direction of a link: tokens leave in the order of Push.
type Sender struct {
	link    *plan.Link
	chunk   int64
	carrier Carrier
	clock   Clock

	paced int64 // when the link can take the next byte; owned by Run
	left  int64 // when the last token really left; owned by Run

	mu      sync.Mutex
	queue   *Queue
	sending bool          // a token has been taken from the queue and has not left
	wake    chan struct{} // has one element when the queue is no more empty
	behind  func()        // to call when the first after of the tokens pushed have left; nil: none
	after   uint64
}

// NewSender returns a sender of FIFOs with the given capacities, in tokens, that
// publishes chunks of at most chunk bytes. A nil link is not shaped. The clock is
// the sender's from now on.
func NewSender(link *plan.Link, chunk int64, capacity map[int]int, c Carrier, clock Clock) *Sender {
	if link == nil {
		link = &plan.Link{}
	}
	return &Sender{link: link, chunk: chunk, carrier: c, clock: clock, queue: NewQueue(capacity),
		paced: math.MinInt64, left: math.MinInt64, wake: make(chan struct{}, 1)}
}

// Push hands a token over at a time on the Sender's clock: see Queue.Push. It never
// blocks. A token that is being sent goes on. It may be called from any goroutine.
func (s *Sender) Push(t boundary.TokenID, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.Push(t, at)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Behind calls f when all tokens that have been handed over have been published: at once,
// or from the goroutine of Run. f takes the place of one that has not been called.
func (s *Sender) Behind(f func()) {
	s.mu.Lock()
	idle := !s.sending && s.queue.Len() == 0
	if !idle {
		if s.behind == nil {
			s.after = s.queue.pushed
		}
		s.behind = f
	}
	s.mu.Unlock()
	if idle {
		f()
	}
}

// next takes the first token of the queue, once the one before has left.
func (s *Sender) next() (t boundary.TokenID, at int64, ok bool) {
	s.mu.Lock()
	t, at, s.sending = s.queue.Next()
	ok = s.sending
	var f func()
	if !ok || s.queue.taken > s.after {
		f, s.behind = s.behind, nil
	}
	s.mu.Unlock()
	if f != nil {
		f()
	}
	return t, at, ok
}

// Idle reports whether all tokens that were handed over have been published.
func (s *Sender) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.sending && s.queue.Len() == 0
}

// Run sends until ctx ends, then returns nil, or until the carrier fails, and
// returns its error. It may be called once.
func (s *Sender) Run(ctx context.Context) error {
	for {
		t, at, ok := s.next()
		if !ok {
			select {
			case <-ctx.Done():
				return nil
			case <-s.wake:
			}
			continue
		}
		err := s.send(ctx, t, at)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// send publishes a token in chunks, each when the link can have taken its last byte,
// and the latency later. The link takes the first byte when the token is handed over
// or when it has taken the token before, and n bytes in n/bandwidth from there; when a
// chunk really left later than that by more than Burst, the link goes on from Burst
// before it did.
func (s *Sender) send(ctx context.Context, t boundary.TokenID, at int64) error {
	var (
		total   = s.carrier.Bytes(t)
		latency = int64(s.link.Latency)
		start   = max(at, s.left)
	)
	s.paced = max(s.paced, at)
	for offset := int64(0); ; offset += s.chunk {
		n := min(s.chunk, total-offset)
		if s.link.Shaped() {
			s.paced += int64(s.link.Serialisation(n))
			if err := s.clock.Until(ctx, s.paced+latency); err != nil {
				return err
			}
		}
		if err := s.carrier.Publish(t, total, offset, n); err != nil {
			return err
		}
		s.left = s.clock.Now() - latency
		s.paced = max(s.paced, s.left-int64(Burst))
		if offset+n >= total {
			break
		}
	}
	s.left = max(s.left, start)
	s.carrier.Sent(t, total, start, s.left)
	return nil
}

// Delay returns the link of what is delayed by a link's latency alone, as
// acknowledgements are.
func Delay(link *plan.Link) *plan.Link {
	if link == nil {
		return nil
	}
	return &plan.Link{Name: link.Name, Latency: link.Latency}
}
