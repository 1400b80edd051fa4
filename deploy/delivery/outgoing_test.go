package delivery

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

func ignore([]byte) {}

// Beyond its bound it forgets the oldest records, and no result.
func TestOutgoingIsBounded(t *testing.T) {
	o := NewOutgoing(3, nil)
	all := wire.Batch{
		Records: make([]wire.Record, MaxRecords), Results: []wire.Result{{Actor: 2, N: 1}}, Values: []float32{7},
	}
	for range 40 {
		o.Add(all, 0, ignore)
	}
	n, kept := o.Kept()
	assert.Equal(t, 40, n)
	assert.LessOrEqual(t, kept, KeptBytes)
	bytes, forgot := 0, 0
	var last *wire.Batch
	for i, b := range o.kept {
		var err error
		last, err = wire.DecodeBatch(b.data)
		require.NoError(t, err)
		require.Len(t, last.Results, 1, "batch %d", i)
		require.Equal(t, []float32{7}, last.Values, "batch %d", i)
		bytes += len(b.data)
		if len(last.Records) == 0 {
			assert.Equal(t, forgot, i, "the oldest are forgotten first")
			forgot++
		}
	}
	assert.Positive(t, forgot)
	assert.Equal(t, uint64(forgot*MaxRecords), last.Dropped)
	assert.Equal(t, kept, bytes)
}

func TestOutgoingTellsWhichResultsAreReceived(t *testing.T) {
	told := map[int]int64{}
	o := NewOutgoing(3, func(actor int, frame int64) { told[actor] = frame })
	o.Add(wire.Batch{Results: []wire.Result{{Actor: 2, Frame: 6}, {Actor: 3, Frame: 1}, {Actor: 2, Frame: 7}}}, 0, ignore)
	o.Add(wire.Batch{Results: []wire.Result{{Actor: 2, Frame: 8}}}, 0, ignore)
	o.Received(wire.Received{Epoch: 2, Batches: 2})
	assert.Empty(t, told, "that was of another incarnation")
	o.Received(wire.Received{Epoch: 3, Batches: 1})
	assert.Equal(t, map[int]int64{2: 8, 3: 2}, told)
}

// Batches are sent again when the oldest one is late, and no sooner.
func TestOutgoingRepeats(t *testing.T) {
	o := NewOutgoing(1, nil)
	assert.False(t, o.Late(RepeatNs), "there is nothing")
	o.Add(wire.Batch{Records: make([]wire.Record, 1)}, 5, ignore)
	o.Add(wire.Batch{Records: make([]wire.Record, 2)}, 6, ignore)
	assert.False(t, o.Late(RepeatNs+4))
	require.True(t, o.Late(RepeatNs+5))
	var again []int
	o.Again(RepeatNs+5, func(data []byte) {
		b, err := wire.DecodeBatch(data)
		require.NoError(t, err)
		again = append(again, len(b.Records))
	})
	assert.Equal(t, []int{1, 2}, again)
	assert.False(t, o.Late(RepeatNs+5))
}
