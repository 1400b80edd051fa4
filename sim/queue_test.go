package sim

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQueueOrder(t *testing.T) {
	q := newQueue()
	for i, at := range []int64{5, 3, 5, 1, 3, 1, 9, 1} {
		q.push(&pending{at: at, index: int32(i)})
	}
	for i, w := range []int32{3, 5, 7, 1, 4, 0, 2, 6} { // by time, then by order of pushing
		require.Equal(t, w, q.peek().index, "event %d", i)
		p := q.pop()
		assert.Equal(t, w, p.index, "event %d, at %d", i, p.at)
	}
	assert.Zero(t, q.len())
}

// TestQueueAgainstSorting pushes and pops at random, with times apart by all orders of
// magnitude, many at one time and few far ahead, more and fewer of them: what comes out is what
// a sorted list holds.
func TestQueueAgainstSorting(t *testing.T) {
	buckets := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 3))
		q := newQueue()
		var sorted []pending
		now, order := int64(0), uint64(0)
		span := int64(1) << rng.IntN(40)
		most := 1 << rng.IntN(13)
		for range 20_000 {
			if len(sorted) == 0 || len(sorted) < most && rng.IntN(3) > 0 {
				ahead := rng.Int64N(span)
				switch rng.IntN(10) {
				case 0:
					ahead = 0
				case 1:
					ahead *= 1 << rng.IntN(10)
				}
				p := pending{at: now + ahead, index: rng.Int32()}
				q.push(&p)
				p.order = order
				order++
				i, _ := slices.BinarySearchFunc(sorted, p, func(a, b pending) int {
					if before(&a, &b) {
						return -1
					}
					return 1
				})
				sorted = slices.Insert(sorted, i, p)
				continue
			}
			want := sorted[0]
			sorted = sorted[1:]
			require.Equal(t, want.order, q.peek().order, "seed %d", seed)
			got := q.pop()
			require.Equal(t, [3]int64{want.at, int64(want.order), int64(want.index)},
				[3]int64{got.at, int64(got.order), int64(got.index)}, "seed %d", seed)
			require.Equal(t, len(sorted), q.len(), "seed %d", seed)
			now = got.at
			if q.in > 0 {
				buckets++
			}
			if rng.IntN(5000) == 0 { // other times
				span = int64(1) << rng.IntN(40)
			}
		}
		n := 0
		q.each(func(*pending) { n++ })
		require.Equal(t, len(sorted), n, "seed %d", seed)
	}
	assert.Greater(t, buckets, 100_000, "buckets were hardly used")
}
