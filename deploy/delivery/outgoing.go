package delivery

import (
	"encoding/binary"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Bounds of a batch, so that none is sent again for long; a result larger than MaxValues
// has one of its own. A batch may still be larger than a message: see Messages.
const (
	MaxRecords = 16384
	MaxResults = 128
	MaxValues  = 1 << 18 // of all results of a batch
)

const (
	// KeptBytes bounds the records that are kept until they have been received. Beyond
	// it the oldest are forgotten, but no result.
	KeptBytes = 16 << 20
	// RepeatNs is when what was not received is to be sent again.
	RepeatNs = 1_000_000_000
	// RepeatBytes is about how much of it is sent at a time.
	RepeatBytes = 1 << 20
)

// Outgoing keeps the trace batches of one incarnation of a device until they have been
// received. It is not safe for concurrent use. Times are in ns on any one clock.
type Outgoing struct {
	epoch    uint64
	kept     []*batch // in the order of their numbers
	bytes    int      // of those
	records  int      // bytes of their records
	next     uint64   // number of the next batch
	dropped  uint64   // records that were forgotten
	received func(actor int, frame int64)
}

// batch is an encoded wire.Batch.
type batch struct {
	seq     uint64
	data    []byte
	results []wire.Result
	records int // bytes of its records; 0: it has none, or they have been forgotten
	sentNs  int64
}

// NewOutgoing returns an incarnation's batches, of which there are none yet. received
// is told which results have been received: all of an actor's frames before the given
// one. It may be nil.
func NewOutgoing(epoch uint64, received func(actor int, frame int64)) *Outgoing {
	return &Outgoing{epoch: epoch, received: received}
}

// Add makes batches of what was recorded, which it copies, and publishes them. publish
// may not keep what it gets.
func (o *Outgoing) Add(all wire.Batch, nowNs int64, publish func([]byte)) {
	for len(all.Records)+len(all.Results) > 0 {
		b := wire.Batch{Epoch: o.epoch, Seq: o.next}
		b.Records, all.Records = split(all.Records, MaxRecords)
		n, values := fitting(all.Results)
		b.Results, all.Results = split(all.Results, n)
		b.Values, all.Values = split(all.Values, values)
		kept := &batch{seq: o.next, data: b.Append(nil), results: append([]wire.Result(nil), b.Results...),
			records: b.RecordBytes()}
		o.next++
		o.kept = append(o.kept, kept)
		o.bytes += len(kept.data)
		o.records += kept.records
		o.shrink()
		o.publish(kept, nowNs, publish)
	}
}

// fitting returns how many of the results make a batch, and how many values they have.
func fitting(results []wire.Result) (n, values int) {
	for n < min(len(results), MaxResults) {
		more := int(results[n].N)
		if n > 0 && values+more > MaxValues {
			break
		}
		n, values = n+1, values+more
	}
	return n, values
}

func split[T any](s []T, n int) (head, tail []T) {
	n = min(n, len(s))
	return s[:n], s[n:]
}

// shrink forgets the oldest records beyond the bound.
func (o *Outgoing) shrink() {
	for _, kept := range o.kept {
		if o.records <= KeptBytes {
			return
		}
		if kept.records == 0 {
			continue
		}
		b, err := wire.DecodeBatch(kept.data)
		if err != nil {
			continue // it is our own
		}
		o.dropped += uint64(len(b.Records))
		o.bytes -= kept.records
		o.records -= kept.records
		b.Records = nil
		kept.data, kept.records = b.Append(nil), 0
	}
}

func (o *Outgoing) publish(b *batch, nowNs int64, publish func([]byte)) {
	binary.LittleEndian.PutUint64(b.data[wire.DroppedOffset:], o.dropped)
	publish(b.data)
	b.sentNs = nowNs
}

// Late reports whether the oldest batch has not been received RepeatNs after it was
// last published.
func (o *Outgoing) Late(nowNs int64) bool {
	return len(o.kept) > 0 && nowNs-o.kept[0].sentNs >= RepeatNs
}

// Again publishes the oldest of what has not been received, up to about RepeatBytes.
func (o *Outgoing) Again(nowNs int64, publish func([]byte)) {
	for n, i := 0, 0; i < len(o.kept) && n < RepeatBytes; i++ {
		o.publish(o.kept[i], nowNs, publish)
		n += len(o.kept[i].data)
	}
}

// Received forgets what has been received. What is said of another incarnation's
// batches has no effect.
func (o *Outgoing) Received(r wire.Received) {
	if r.Epoch != o.epoch {
		return
	}
	for len(o.kept) > 0 && o.kept[0].seq < r.Batches {
		b := o.kept[0]
		o.bytes -= len(b.data)
		o.records -= b.records
		o.kept[0] = nil
		o.kept = o.kept[1:]
		if o.received == nil {
			continue
		}
		for _, res := range b.results {
			o.received(int(res.Actor), res.Frame+1)
		}
	}
}

// Batches returns how many there have been.
func (o *Outgoing) Batches() uint64 { return o.next }

// Kept returns how many batches have not been received, and their bytes.
func (o *Outgoing) Kept() (batches, bytes int) { return len(o.kept), o.bytes }

// KeptRecords returns how many of the bytes kept are those of records; the rest is results.
func (o *Outgoing) KeptRecords() int { return o.records }
