package wire

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func batch() *Batch {
	return &Batch{
		Epoch: 1 << 40, Seq: 7, Dropped: 3,
		Records: []Record{
			{Kind: Firing, Index: 1, Frame: 2, Start: 3, End: 4, Value: 5, Rate: -6},
			{Kind: Acked, Index: 0, Frame: math.MaxInt64, Start: -1, End: math.MinInt64},
		},
		Results: []Result{{Actor: 2, N: 1, Frame: 9}, {Actor: 2, N: 0, Frame: 10}, {Actor: 2, N: 2, Frame: 11}},
		Values:  []float32{1.5, float32(math.Inf(1)), -0.25},
	}
}

func TestBatchRoundTrip(t *testing.T) {
	for _, b := range []*Batch{batch(), {Records: []Record{}, Results: []Result{}, Values: []float32{}}} {
		got, err := DecodeBatch(b.Append(nil))
		require.NoError(t, err)
		assert.Equal(t, b, got)
	}
}

func TestDecodeBatchRefuses(t *testing.T) {
	whole := batch().Append(nil)
	for n := range whole {
		_, err := DecodeBatch(whole[:n])
		require.ErrorIs(t, err, ErrBatch, "%d of %d bytes", n, len(whole))
	}
	for _, n := range []int32{4, -1, math.MaxInt32} {
		b := batch()
		b.Results[0].N = n
		_, err := DecodeBatch(b.Append(nil))
		assert.ErrorIs(t, err, ErrBatch, "a result of %d values", n)
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add(batch().Append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := DecodeBatch(data)
		if err != nil {
			require.ErrorIs(t, err, ErrBatch)
		}
		if err == nil {
			require.Len(t, b.Append(nil), len(data), "%d bytes are read as", len(data))
		}
	})
}

func TestRecordsBecomeEvents(t *testing.T) {
	b := enginetest.NewBuilder("p", 1, 1, 1)
	b.Chain(1, 2, 0, 1, 1)
	p := b.Plan()
	for _, tt := range []struct {
		record Record
		want   trace.Event
	}{
		{Record{Firing, 1, 2, 3, 4, 5, 6},
			trace.Event{Kind: trace.Firing, Device: "d1", Unit: "cpu", Name: "pass1", Actor: 1, FIFO: -1, Frame: 2, Start: 3,
				End: 4, Kernel: 5, Rate: 6}},
		{Record{Send, 0, 2, 3, 4, 8, 0},
			trace.Event{Kind: trace.Send, Device: "d1", Unit: "l01", Name: "count0.out0->pass1.in0", Actor: -1, FIFO: 0,
				Frame: 2, Start: 3, End: 4, Bytes: 8}},
		{Record{Recv, 0, 2, 4, 4, 8, 0},
			trace.Event{Kind: trace.Recv, Device: "d1", Unit: "l01", Name: "count0.out0->pass1.in0", Actor: -1, FIFO: 0,
				Frame: 2, Start: 4, End: 4, Bytes: 8}},
		{Record{Acked, 1, 2, 4, 4, 0, 0},
			trace.Event{Kind: trace.Ack, Device: "d1", Name: "pass1.out0->sink2.in0", Actor: -1, FIFO: 1, Frame: 2, Start: 4,
				End: 4}},
	} {
		got, err := tt.record.Event(p, "d1")
		require.NoError(t, err, "%+v:\n got %+v, %v\nwant", tt.record, got, err)
		assert.Equal(t, tt.want, got, "%+v:\n got %+v, %v\nwant", tt.record, got, err)
	}
	for _, r := range []Record{{Kind: Firing, Index: 3}, {Kind: Send, Index: 2}, {Kind: Recv, Index: -1}, {Kind: 4}} {
		_, err := r.Event(p, "d1")
		assert.ErrorIs(t, err, ErrBatch, r)
	}
}
