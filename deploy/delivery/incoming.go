package delivery

import (
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Source is an incarnation of a device.
type Source struct {
	Device string
	Epoch  uint64
}

// Incoming knows which trace batches of a run have been received. It is not safe for
// concurrent use.
type Incoming struct {
	batches map[Source]uint64
	dropped map[Source]uint64 // records that devices had to forget
}

// NewIncoming returns an Incoming that has received nothing.
func NewIncoming() *Incoming {
	return &Incoming{batches: map[Source]uint64{}, dropped: map[Source]uint64{}}
}

// Due reports whether a batch is the next one of its source. One that came before is
// not, and one after a lost one neither: it will come again.
func (in *Incoming) Due(from Source, b *wire.Batch) bool {
	in.dropped[from] = max(in.dropped[from], b.Dropped)
	return b.Seq == in.batches[from]
}

// Took says that the batch that was due has been taken.
func (in *Incoming) Took(from Source) { in.batches[from]++ }

// Received returns what a source may forget.
func (in *Incoming) Received(from Source) wire.Received {
	return wire.Received{Epoch: from.Epoch, Batches: in.batches[from]}
}

// Complete reports whether all batches that sources have sent have been received.
func (in *Incoming) Complete(sent map[Source]uint64) bool {
	for from, n := range sent {
		if in.batches[from] < n {
			return false
		}
	}
	return true
}

// Dropped returns how many records devices had to forget.
func (in *Incoming) Dropped() (n int64) {
	for _, d := range in.dropped {
		n += int64(d)
	}
	return n
}

// Results holds, by actor, how many results have been received: those of frames 0, 1, ...
type Results []int64

// Take reports whether a result of an actor is new, and counts it: a restarted device
// gives again those that it doesn't know to have been received. Errors wrap ErrResult.
func (r Results) Take(actor int32, frame int64) (bool, error) {
	if actor < 0 || int(actor) >= len(r) {
		return false, fmt.Errorf("%w: of actor %d", ErrResult, actor)
	}
	due := r[actor]
	if frame > due {
		return false, fmt.Errorf("%w: of frame %d where frame %d is due", ErrResult, frame, due)
	}
	if frame < due {
		return false, nil
	}
	r[actor]++
	return true, nil
}
