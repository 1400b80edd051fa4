package admission_test

import (
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// offer captures n frames, one every 10 ns from a time on, and returns the numbers of those that are dropped.
func offer(t *testing.T, q *admission.Queue, n int) (dropped []int64) {
	t.Helper()
	for range n {
		f, drops, err := q.Offer(10 * (q.Counts().Captured + 1))
		require.NoError(t, err)
		if drops {
			assert.Equal(t, 10*f.Number, f.AtNs)
			dropped = append(dropped, f.Number)
		}
	}
	return dropped
}

func take(q *admission.Queue) (entered []int64) {
	for f, ok := q.Take(); ok; f, ok = q.Take() {
		entered = append(entered, f.Number)
	}
	return entered
}

func TestNewestKeepsTheNewest(t *testing.T) {
	q, err := admission.New(admission.Rule{Policy: admission.Newest, Queue: 2})
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 2, 3}, offer(t, q, 5))
	assert.Equal(t, admission.Counts{Captured: 5, Dropped: 3, Waiting: 2}, q.Counts())
	assert.Equal(t, []int64{4, 5}, take(q))
	assert.Equal(t, admission.Counts{Captured: 5, Dropped: 3}, q.Counts())
}

func TestOldestKeepsWhatWaits(t *testing.T) {
	q, err := admission.New(admission.Rule{Policy: admission.Oldest, Queue: 2})
	require.NoError(t, err)
	assert.Equal(t, []int64{3, 4, 5}, offer(t, q, 5))
	assert.Equal(t, []int64{1, 2}, take(q))
	assert.Empty(t, offer(t, q, 1))
	assert.Equal(t, []int64{6}, take(q))
}

func TestBlockDropsNothing(t *testing.T) {
	q, err := admission.New(admission.Rule{})
	require.NoError(t, err)
	assert.Empty(t, offer(t, q, 1))
	require.True(t, q.Full())
	_, _, err = q.Offer(20)
	require.ErrorIs(t, err, admission.ErrFull)
	assert.Equal(t, admission.Counts{Captured: 1, Waiting: 1}, q.Counts(), "what was refused was not captured")
	assert.Equal(t, []int64{1}, take(q))
	assert.True(t, q.Empty())
}

// Whatever comes, every frame enters, is dropped or waits, once; they enter in order; and under
// Newest the one that enters is among the last that were captured, as many as may wait.
func TestEveryFrameOnce(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		rule := admission.Rule{Policy: admission.Newest, Queue: 1 + r.IntN(4)}
		if seed%2 == 0 {
			rule.Policy = admission.Oldest
		}
		q, err := admission.New(rule)
		require.NoError(t, err)
		seen, last, entered := map[int64]bool{}, int64(0), int64(0)
		for range 300 {
			if r.IntN(3) > 0 {
				for _, n := range offer(t, q, 1) {
					require.False(t, seen[n])
					seen[n] = true
				}
				continue
			}
			f, ok := q.Take()
			require.Equal(t, q.Counts().Captured > int64(len(seen)), ok, "a frame that waits is taken")
			if !ok {
				continue
			}
			require.False(t, seen[f.Number])
			require.Greater(t, f.Number, last)
			if rule.Policy == admission.Newest {
				require.Greater(t, f.Number, q.Counts().Captured-int64(rule.Queue))
			}
			seen[f.Number], last = true, f.Number
			entered++
		}
		c := q.Counts()
		require.Equal(t, c.Captured, entered+c.Dropped+c.Waiting)
		require.Len(t, seen, int(entered+c.Dropped))
	}
}

func TestRules(t *testing.T) {
	for text, rule := range map[string]admission.Rule{
		`bad drop policy: policy "latest"; expected block, newest or oldest`: {Policy: "latest"},
		"bad drop policy: a queue of -1 frames; expected 1 to 1024":          {Queue: -1},
		"bad drop policy: a queue of 1025 frames; expected 1 to 1024":        {Policy: admission.Newest, Queue: 1025},
	} {
		_, err := admission.New(rule)
		require.ErrorIs(t, err, admission.ErrRule)
		assert.EqualError(t, err, text)
	}
}

func TestQueueAllocatesNothing(t *testing.T) {
	q, err := admission.New(admission.Rule{Policy: admission.Newest, Queue: 3})
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _, _ = q.Offer(1)
		_, _, _ = q.Offer(2)
		_, _ = q.Take()
	}))
}

// The frames that wait are given in the order in which they were captured.
func TestFramesThatWait(t *testing.T) {
	q, err := admission.New(admission.Rule{Policy: admission.Newest, Queue: 2})
	require.NoError(t, err)
	for at := range int64(3) {
		_, _, err := q.Offer(10 * at)
		require.NoError(t, err)
	}
	var at []int64
	for f := range q.Frames {
		at = append(at, f.AtNs)
	}
	assert.Equal(t, []int64{10, 20}, at)
	for f := range q.Frames {
		assert.EqualValues(t, 10, f.AtNs)
		break
	}
}
