package source

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// reader gives frames one after the other, over and over.
type reader interface {
	// read writes the next frame to dst. After the last it returns io.EOF once, and goes on
	// with the first.
	read(dst []byte) error
	// seek makes frame the next one that is read, or the frame with that number modulo
	// theirs, and ends what an earlier read has begun. It is not called beside read.
	seek(frame int64)
	// stop makes a read that waits return an error, also while it is under way.
	stop()
}

// Bounds of ahead, in frames.
const (
	maxAhead    = 1024 // that are kept
	beforeStart = 256  // that are decoded before the first is asked for
)

// ahead decodes the frames of a reader ahead of their use, in a goroutine that ends with
// close. It keeps as many as there is room for: where that is all of them, every frame is
// decoded once and the goroutine ends with the last.
type ahead struct {
	reader reader
	size   int // bytes of a frame
	room   int // frames that are kept

	mu      sync.Mutex
	changed *sync.Cond
	slots   [][]byte // frame n is in slot n modulo room
	first   int64    // the first that was read since the last seek
	next    int64    // the one that is read next
	want    int64    // those before are not needed
	ended   int64    // the number that the next frame had when the reader was last at its end
	whole   bool     // the slots hold all frames: 0 to next
	stopped bool
	err     error // why none is read any more
	done    chan struct{}
}

// newAhead decodes the first frames of a reader, of that size, and goes on with the others in
// its goroutine. Frames take half of the memory, but at least two are kept; decoding leaves
// about as much behind until it is collected.
func newAhead(r reader, size int, memory int64) (*ahead, error) {
	a := &ahead{reader: r, size: size, room: int(min(max(memory/2/int64(size), 2), maxAhead))}
	a.changed = sync.NewCond(&a.mu)
	a.begin(0)
	a.mu.Lock()
	first := int64(min(a.room, beforeStart))
	for a.next < first && a.err == nil && !a.whole {
		a.changed.Wait()
	}
	err := a.err
	failed := err != nil && a.next < first // else the frames before are shown
	a.mu.Unlock()
	if failed {
		_ = a.close()
		return nil, err
	}
	return a, nil
}

// begin reads frames from that number on. The goroutine isn't running.
func (a *ahead) begin(frame int64) {
	a.first, a.next, a.want, a.ended = frame, frame, frame, frame
	a.stopped, a.err, a.done = false, nil, make(chan struct{})
	a.reader.seek(frame)
	go a.run(a.done)
}

func (a *ahead) run(done chan struct{}) {
	defer close(done)
	a.mu.Lock()
	defer a.mu.Unlock()
	spare := make([]byte, a.size) // what is read next; it takes the place of a frame that isn't needed
	for {
		a.mu.Unlock()
		err := a.reader.read(spare)
		a.mu.Lock()
		for err == nil && a.next-a.want >= int64(a.room) && !a.stopped {
			a.changed.Wait()
		}
		if a.stopped {
			return
		}
		switch {
		case err == nil:
			slot := int(a.next % int64(a.room))
			for len(a.slots) <= slot {
				a.slots = append(a.slots, nil)
			}
			if a.slots[slot], spare = spare, a.slots[slot]; spare == nil {
				spare = make([]byte, a.size)
			}
			a.next++
		case !errors.Is(err, io.EOF):
			a.err = err
		case a.next == a.ended:
			a.err = fmt.Errorf("%w: the end came before the first", kernel.ErrSource)
		default:
			// At the first end, from the first frame on.
			a.whole = a.first == 0 && a.ended == 0 && a.next <= int64(a.room)
			a.ended = a.next
		}
		a.changed.Broadcast()
		if a.err != nil || a.whole {
			return
		}
	}
}

// frame returns a frame, which is valid until the next call. It waits for one that isn't
// decoded yet.
func (a *ahead) frame(n int64) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.whole && (n < max(a.first, a.next-int64(a.room)) || n > a.next+int64(a.room)) {
		a.halt()
		a.begin(n)
	}
	a.want = n
	a.changed.Broadcast()
	for n >= a.next && a.err == nil && !a.whole {
		a.changed.Wait()
	}
	switch {
	case a.whole:
		return a.slots[n%a.next], nil
	case n >= a.next:
		return nil, a.err
	}
	return a.slots[n%int64(a.room)], nil
}

// halt ends the goroutine. It holds the lock before and after.
func (a *ahead) halt() {
	a.stopped = true
	a.changed.Broadcast()
	a.mu.Unlock()
	a.reader.stop()
	<-a.done
	a.mu.Lock()
}

// close ends the goroutine and the reader.
func (a *ahead) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halt()
	a.reader.seek(0)
	return nil
}
