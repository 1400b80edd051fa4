package delivery

import (
	"slices"
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

// Results are parted among batches by their values; a large one has a batch of its own.
func TestOutgoingPartsResultsByTheirSize(t *testing.T) {
	o := NewOutgoing(1, nil)
	sizes := []int32{0, 1, MaxValues - 1, 1, MaxValues, 10 * MaxValues, 0, 2}
	var all wire.Batch
	for frame, n := range sizes {
		all.Results = append(all.Results, wire.Result{Actor: 1, N: n, Frame: int64(frame)})
		for range n {
			all.Values = append(all.Values, float32(frame))
		}
	}
	var got [][]int64
	o.Add(all, 0, func(data []byte) {
		b, err := wire.DecodeBatch(data)
		require.NoError(t, err)
		var frames []int64
		values := b.Values
		for _, r := range b.Results {
			frames = append(frames, r.Frame)
			require.False(t, slices.ContainsFunc(values[:r.N], func(v float32) bool { return v != float32(r.Frame) }))
			values = values[r.N:]
		}
		require.Empty(t, values)
		got = append(got, frames)
	})
	assert.Equal(t, [][]int64{{0, 1, 2}, {3}, {4}, {5}, {6, 7}}, got)
}

// Results, however large, have no record forgotten.
func TestLargeResultsForgetNoRecords(t *testing.T) {
	o := NewOutgoing(1, nil)
	all := wire.Batch{
		Records: make([]wire.Record, 1), Results: []wire.Result{{Actor: 2, N: KeptBytes / 4}},
		Values: make([]float32, KeptBytes/4),
	}
	for range 3 {
		o.Add(all, 0, ignore)
	}
	for _, b := range o.kept {
		got, err := wire.DecodeBatch(b.data)
		require.NoError(t, err)
		require.Len(t, got.Records, 1)
		require.Zero(t, got.Dropped)
	}
	o.Received(wire.Received{Epoch: 1, Batches: 3})
	n, bytes := o.Kept()
	assert.Zero(t, n)
	assert.Zero(t, bytes)
	assert.Zero(t, o.records)
}
