package shape

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/boundary"
)

// waiting empties a queue and returns the numbers of its tokens.
func waiting(q *Queue) []uint64 {
	var seqs []uint64
	for t, ok := q.Next(); ok; t, ok = q.Next() {
		seqs = append(seqs, t.Seq)
	}
	return seqs
}

// What is sent again takes the place of what waits of its FIFO, and of no other.
func TestSentAgain(t *testing.T) {
	q := NewQueue(map[int]int{1: 4, 2: 1})
	for _, id := range []boundary.TokenID{{FIFO: 1, Seq: 3}, {FIFO: 2, Seq: 30}, {FIFO: 1, Seq: 4}, {FIFO: 1, Seq: 5}} {
		q.Push(id, 0)
	}
	_, ok := q.Next() // token 3 is being sent
	require.True(t, ok)
	for seq := uint64(4); seq < 7; seq++ {
		q.Push(boundary.TokenID{FIFO: 1, Seq: seq}, 0)
	}
	assert.Equal(t, []uint64{30, 4, 5, 6}, waiting(q))
}

// Two tokens were sent again although the peer had them: before they have left, it
// acknowledges them, and their slots go to the next ones.
func TestGivenSlotsNeedNotLeave(t *testing.T) {
	q := NewQueue(map[int]int{0: 2, 1: 1})
	q.Push(boundary.TokenID{FIFO: 1, Seq: 9}, 0)
	for seq := range uint64(4) {
		q.Push(boundary.TokenID{Seq: seq}, 0)
	}
	assert.Equal(t, 3, q.Len())
	assert.Equal(t, []uint64{9, 2, 3}, waiting(q))
}

// A queue that never runs empty takes no more memory.
func TestQueueReusesItsMemory(t *testing.T) {
	q := NewQueue(map[int]int{0: 4})
	q.Push(boundary.TokenID{}, 0)
	for seq := uint64(1); seq < 1000; seq++ {
		q.Push(boundary.TokenID{Seq: seq}, 0)
		_, ok := q.Next()
		require.True(t, ok)
	}
	assert.Equal(t, 1, q.Len())
	assert.LessOrEqual(t, cap(q.waiting), 16)
}
