// Package admission decides what becomes of frames that a source captures at times of its own
// while the graph does not take them yet: which of them wait, which are dropped, and which one
// enters next. It is pure bookkeeping of numbers and times; it may hold no pixels, read no
// clock and wait for nothing.
package admission

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Policy says what becomes of a frame that is captured while as many wait as may.
type Policy string

// The policies.
const (
	Block  Policy = "block"  // the source waits before it captures another frame: none is dropped
	Newest Policy = "newest" // the frame that has waited longest is dropped; the new one waits
	Oldest Policy = "oldest" // the new frame is dropped; those that wait stay
)

// MaxQueue is the greatest number of frames that may wait.
const MaxQueue = 1024

// Rule is a policy and how many frames may wait. The zero Rule is that of Block with one.
type Rule struct {
	Policy Policy `json:"policy,omitempty"` // "": Block
	Queue  int    `json:"queue,omitempty"`  // frames that may wait; 0: 1
}

// Check returns an error that wraps ErrRule if there is no such policy, or no queue of that
// length.
func (r Rule) Check() error {
	switch r.Policy {
	case "", Block, Newest, Oldest:
	default:
		return fmt.Errorf("%w: policy %q; expected %s, %s or %s%s", ErrRule, r.Policy, Block, Newest, Oldest,
			nearest.Hint(r.Policy, []Policy{Block, Newest, Oldest}))
	}
	if r.Queue < 0 || r.Queue > MaxQueue {
		return fmt.Errorf("%w: a queue of %d frames; expected 1 to %d", ErrRule, r.Queue, MaxQueue)
	}
	return nil
}

// Drops reports whether frames may be dropped.
func (r Rule) Drops() bool { return r.Policy == Newest || r.Policy == Oldest }

// Length returns how many frames may wait.
func (r Rule) Length() int { return max(r.Queue, 1) }

// Frame is a captured frame.
type Frame struct {
	Number int64 // from 1, of all that the source has captured
	AtNs   int64 // when it was captured, in ns of the run
}

// Counts say what became of a source's frames: Captured = entered + Dropped + Waiting.
type Counts struct {
	Captured int64 `json:"captured"`
	Dropped  int64 `json:"dropped"`
	Waiting  int64 `json:"waiting"` // that neither entered nor were dropped
}

// Queue holds the frames of one source that wait to enter the graph. It allocates nothing
// after New.
type Queue struct {
	rule     Rule
	ring     []Frame
	first, n int
	counts   Counts
}

// New returns the queue of a rule, without frames. The error wraps ErrRule.
func New(rule Rule) (*Queue, error) {
	if err := rule.Check(); err != nil {
		return nil, err
	}
	return &Queue{rule: rule, ring: make([]Frame, rule.Length())}, nil
}

// Offer takes a frame that was captured at a time. If that made a frame one too many, it
// returns the one that is dropped, which may be the new one. Under Block it is ErrFull, and the
// frame is not captured: see Full.
func (q *Queue) Offer(atNs int64) (dropped Frame, drops bool, err error) {
	full := q.Full()
	if full && !q.rule.Drops() {
		return Frame{}, false, ErrFull
	}
	q.counts.Captured++
	f := Frame{Number: q.counts.Captured, AtNs: atNs}
	if full {
		q.counts.Dropped++
		if q.rule.Policy == Oldest {
			return f, true, nil
		}
		dropped = q.ring[q.first]
		q.pop()
	}
	q.ring[(q.first+q.n)%len(q.ring)] = f
	q.n++
	return dropped, full, nil
}

// Take has the frame enter that has waited longest; ok is false if none waits.
func (q *Queue) Take() (f Frame, ok bool) {
	if q.n == 0 {
		return Frame{}, false
	}
	f = q.ring[q.first]
	q.pop()
	return f, true
}

// Frames gives those that wait, the one that has waited longest first.
func (q *Queue) Frames(yield func(Frame) bool) {
	for i := range q.n {
		if !yield(q.ring[(q.first+i)%len(q.ring)]) {
			return
		}
	}
}

func (q *Queue) pop() {
	if q.first++; q.first == len(q.ring) {
		q.first = 0
	}
	q.n--
}

// Full reports whether as many frames wait as may.
func (q *Queue) Full() bool { return q.n == len(q.ring) }

// Empty reports whether no frame waits.
func (q *Queue) Empty() bool { return q.n == 0 }

// Counts returns what became of the frames so far.
func (q *Queue) Counts() Counts {
	c := q.counts
	c.Waiting = int64(q.n)
	return c
}
