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
	pace    Pace
	common  Common // pace, if it is one; else nil
	shaped  bool
	latency int64
	chunk   int64
	carrier Carrier
	clock   Clock

	// Owned by Run.
	token leaving // the token of which a chunk leaves next
	line  []chunk // that have left and are held back for the latency
	busy  bool    // as common was told last
	paced int64   // when the link can take the next byte
	start int64   // when the token that is being published began to occupy the sender
	left  int64   // when the last chunk that was published really left

	mu      sync.Mutex
	queue   *Queue
	sending int           // tokens that have been taken from the queue and not been published
	wake    chan struct{} // has one element when the queue is no more empty
	changes uint64        // how often Changed was called, or Push
	stop    func()        // ends the wait for a time; nil: there is none that changes end
	behind  func()        // to call when the first after of the tokens pushed have been published; nil: none
	after   uint64
}

// leaving is a token of which the bytes before offset have left.
type leaving struct {
	Queued
	total, offset int64
	ok            bool // there is one
}

// NewSender returns a sender of FIFOs with the given capacities, in tokens, that
// publishes chunks of at most size bytes. A nil link is not shaped; a nil pace is that of the
// link's bandwidth. The clock is the sender's from now on.
func NewSender(link *plan.Link, pace Pace, size int64, capacity map[int]int, c Carrier, clock Clock) *Sender {
	if link == nil {
		link = &plan.Link{}
	}
	if pace == nil {
		pace = Constant(link)
	}
	common, _ := pace.(Common)
	return &Sender{pace: pace, common: common, shaped: link.Shaped(), latency: int64(link.Latency), chunk: size,
		carrier: c, clock: clock, queue: NewQueue(capacity), paced: math.MinInt64, left: math.MinInt64,
		wake: make(chan struct{}, 1)}
}

// Push hands a token over at a time on the Sender's clock: see Queue.Push. It never
// blocks. A token that is being sent goes on. It may be called from any goroutine.
func (s *Sender) Push(t boundary.TokenID, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.Push(t, at)
	s.changed()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Changed says that the pace's After may return something else than before. It may be called
// from any goroutine.
func (s *Sender) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed()
}

func (s *Sender) changed() {
	s.changes++
	if s.stop != nil {
		s.stop()
	}
}

// Behind calls f when all tokens that have been handed over have been published: at once,
// or from the goroutine of Run. f takes the place of one that has not been called.
func (s *Sender) Behind(f func()) {
	s.mu.Lock()
	idle := s.sending == 0 && s.queue.Len() == 0
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

// Idle reports whether all tokens that were handed over have been published.
func (s *Sender) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sending == 0 && s.queue.Len() == 0
}

// Run sends until ctx ends, then returns nil, or until the carrier fails, and
// returns its error. It may be called once.
func (s *Sender) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		changes := s.next()
		leaves, publish := s.due()
		if !s.token.ok && len(s.line) == 0 {
			select {
			case <-ctx.Done():
			case <-s.wake:
			}
			continue
		}
		if s.shaped {
			at := leaves
			if publish {
				at = s.line[0].leaves + s.latency
			}
			if !s.until(ctx, at, changes) {
				continue
			}
		}
		if !publish {
			s.leave(leaves)
		}
		if publish || s.latency == 0 {
			if err := s.publish(); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return nil
}

// next takes the next token of the queue when the one before has left, and calls what is to be
// called behind what has been published. It returns how often there were changes.
func (s *Sender) next() uint64 {
	taken := false
	s.mu.Lock()
	if !s.token.ok {
		if s.token.Queued, taken = s.queue.Next(); taken {
			s.sending++
		}
		s.token.ok, s.token.offset = taken, 0
	}
	changes := s.changes
	var f func()
	if first, ok := s.first(); !ok || first > s.after {
		f, s.behind = s.behind, nil
	}
	s.mu.Unlock()
	if f != nil {
		f()
	}
	if taken {
		s.token.total = s.carrier.Bytes(s.token.TokenID)
		s.paced = max(s.paced, s.token.at)
	}
	if s.common != nil {
		switch {
		case taken:
			s.common.Busy(s.token.at)
		case s.busy && !s.token.ok:
			s.common.Idle()
		}
		s.busy = s.token.ok
	}
	return changes
}

// first returns which of the tokens that were pushed is the first one that has not been
// published, if there is any.
func (s *Sender) first() (order uint64, ok bool) {
	switch {
	case len(s.line) > 0:
		return s.line[0].order, true
	case s.token.ok:
		return s.token.order, true
	}
	return s.queue.First()
}

// due returns when the next chunk will have left, math.MaxInt64 if there is none, and whether
// the first one of the line is to be published before that.
func (s *Sender) due() (leaves int64, publish bool) {
	leaves = math.MaxInt64
	if s.token.ok {
		leaves = s.pace.After(s.paced, s.token.offset, min(s.chunk, s.token.total-s.token.offset))
	}
	return leaves, len(s.line) > 0 && s.line[0].leaves+s.latency <= leaves
}

// longest is how long a Sender waits for what is not known to come.
const longest = time.Minute

// until waits for a time. It returns false if it need not have come: ctx has ended, or there
// are changes beyond those.
func (s *Sender) until(ctx context.Context, at int64, changes uint64) bool {
	if s.common == nil {
		return s.clock.Until(ctx, at) == nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	same := s.changes == changes
	s.stop = cancel
	s.mu.Unlock()
	due := min(at, s.common.Next(), s.clock.Now()+int64(longest))
	came := same && s.clock.Until(ctx, due) == nil && due == at
	s.mu.Lock()
	s.stop = nil
	s.mu.Unlock()
	return came
}
