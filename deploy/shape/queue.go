package shape

import (
	"math"

	"github.com/edgeprune/edgeprune/core/boundary"
)

// Queue holds the tokens, or acknowledgements, that wait to leave, in the order in which
// they were handed over. Of every FIFO at most as many wait as it has slots: of a token
// whose slot has been given to another one, the peer has said that it is committed. It
// is not safe for concurrent use.
type Queue struct {
	capacity map[int]int // by FIFO
	room     int         // of all FIFOs
	waiting  []Queued
	head     int // of waiting: those before have been taken
	pushed   uint64
}

// Queued is a token, or an acknowledgement, that waits to be sent.
type Queued struct {
	boundary.TokenID
	at    int64  // when it was handed over, on the Sender's clock
	order uint64 // which of those that were pushed it is, from 1
}

// NewQueue returns an empty queue for FIFOs with the given capacities, in tokens.
func NewQueue(capacity map[int]int) *Queue {
	q := &Queue{capacity: capacity}
	for _, n := range capacity {
		q.room += n
	}
	return q
}

// Len returns how many tokens wait.
func (q *Queue) Len() int { return len(q.waiting) - q.head }

// Push hands a token over at a time. A token that is sent again takes the place of all
// of its FIFO that wait, as those after it are sent again too.
func (q *Queue) Push(t boundary.TokenID, at int64) {
	capacity := uint64(q.capacity[t.FIFO])
	switch {
	case q.again(t):
		q.drop(t.FIFO, math.MaxUint64)
	case t.Seq >= capacity:
		q.drop(t.FIFO, t.Seq-capacity+1)
	}
	if q.head > q.room {
		q.waiting = append(q.waiting[:0], q.waiting[q.head:]...)
		q.head = 0
	}
	q.pushed++
	q.waiting = append(q.waiting, Queued{t, at, q.pushed})
}

// again reports whether a token waits that comes after t in its FIFO, or t itself.
func (q *Queue) again(t boundary.TokenID) bool {
	for i := len(q.waiting) - 1; i >= q.head; i-- {
		if q.waiting[i].FIFO == t.FIFO {
			return q.waiting[i].Seq >= t.Seq
		}
	}
	return false
}

// drop takes the tokens of a FIFO before a number out of the queue.
func (q *Queue) drop(fifo int, before uint64) {
	kept := q.waiting[:q.head]
	for _, t := range q.waiting[q.head:] {
		if t.FIFO != fifo || t.Seq >= before {
			kept = append(kept, t)
		}
	}
	q.waiting = kept
}

// First returns which of the tokens that were pushed is the first one that waits; ok is false
// if none does. The first that is pushed is 1.
func (q *Queue) First() (order uint64, ok bool) {
	if q.Len() == 0 {
		return 0, false
	}
	return q.waiting[q.head].order, true
}

// Next takes the first token out of the queue; ok is false if none waits.
func (q *Queue) Next() (t Queued, ok bool) {
	if q.Len() == 0 {
		q.waiting, q.head = q.waiting[:0], 0
		return t, false
	}
	q.head++
	return q.waiting[q.head-1], true
}
