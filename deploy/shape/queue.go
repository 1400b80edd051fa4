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
	waiting  []queued
	head     int // of waiting: those before have been taken
	pushed   uint64
	taken    uint64 // which of those that were pushed was taken last
}

// queued is a token, or an acknowledgement, that waits to be sent.
type queued struct {
	boundary.TokenID
	at    int64 // when it was handed over, on the Sender's clock
	order uint64
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
	q.waiting = append(q.waiting, queued{t, at, q.pushed})
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

// Next takes the first token out of the queue, and returns when it was handed over; ok
// is false if none waits.
func (q *Queue) Next() (t boundary.TokenID, at int64, ok bool) {
	if q.Len() == 0 {
		q.waiting, q.head = q.waiting[:0], 0
		return t, 0, false
	}
	first := q.waiting[q.head]
	q.head++
	q.taken = first.order
	return first.TokenID, first.at, true
}
