package source

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// stream is the source "stream": the frames of a video file, a camera or a stream from the
// network as they come, once each. A program ffmpeg decodes them, every coded frame once, whatever
// their times are. A frame's capture is when it has come out of ffmpeg, on the device's clock; its
// latency counts from there. What becomes of frames that come while the graph is busy, the
// workload says, by drop and queue: with drop: block, none is read before the last one has entered,
// so that the source waits; with newest or oldest, frames are dropped, and counted. Those that
// come before the run begins are none of the run's, except with drop: block. A file is then read
// as fast as it is taken, else at its own pace.
//
// A stream that ends or stalls is opened again, a file is not. When that is in vain, or a file is at
// its end, the run ends with an error, unless it has all its frames. After a restart of the
// device's agent, a file begins again.
//
// Parameters: source, a path of a video, /dev/video0, or an address http://, https://, rtsp:// or
// tcp://, of which what stands before @ and behind ? is never printed; reconnect, how often in a
// row a stream is opened again (default 3, 0 never); reconnect_wait, the time before each (default
// 1s); stall, for how long no frame may come (default 10s, 0s is for ever); transport of rtsp,
// tcp (the default) or udp; of a camera pixel_format, size and frame_rate, as its driver has
// them (default: the driver's); and those of picture.Options.Set. Out port: uint8[h,w,3], to which
// each frame is brought when it enters. An in port is taken as permission to fire and not read.
type stream struct {
	feed   *feed
	fitter *picture.Fitter
	drops  bool
	queue  int // frames that may wait

	mu      sync.Mutex
	changed *sync.Cond
	captor  kernel.Captor // nil: the run has not begun
	reading bool          // the goroutine runs, or has run
	waiting []captured    // that have not been fired for, in the order of their numbers
	free    []*picture.RGB
	taken   *picture.RGB // that the firing reads
	err     error        // why no more come
	over    bool         // the run takes no more
	closed  bool
	done    sync.WaitGroup
}

// captured is a frame; its number is 0 before the run has begun.
type captured struct {
	number int64
	frame  *picture.RGB
}

func newStream(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	in, refused := newInput(p, s.Files)
	attempts := p.Integer("reconnect", 3, 0, 1_000_000)
	wait, stall := p.Duration("reconnect_wait", time.Second), p.Duration("stall", 10*time.Second)
	o := pictureOptions(p)
	if err := p.Done(); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	if err := checkFrame(s); err != nil {
		return nil, err
	}
	program, err := find(in.shown)
	if err != nil {
		return nil, err
	}
	k := &stream{
		feed: &feed{
			ffmpeg: ffmpeg{program: program, input: in.args, o: o}, in: in,
			attempts: attempts, wait: wait, stall: stall, note: s.Notef, closed: make(chan struct{}),
		},
		fitter: picture.NewFitter(int(s.Out[0].Type.Shape[1]), int(s.Out[0].Type.Shape[0]), o),
		drops:  s.Rule.Drops(), queue: s.Rule.Length(),
	}
	k.changed = sync.NewCond(&k.mu)
	first := &picture.RGB{}
	if s.Context != nil {
		defer context.AfterFunc(s.Context, k.feed.stop)()
	}
	if err := k.feed.read(first); err != nil { // what can't be opened is told before the run
		return nil, err
	}
	if !in.file {
		s.Notef("%s gives %d x %d pixels%s", in.shown, first.Width, first.Height, in.asked)
	}
	if in.file && k.drops {
		// From its first frame on, at its own pace, when the run begins.
		k.feed.reset()
		k.feed.total, k.feed.input = 0, append([]string{"-re"}, in.args...)
		k.free = append(k.free, first)
		return k, nil
	}
	k.waiting = append(k.waiting, captured{frame: first})
	k.mu.Lock()
	k.read()
	k.mu.Unlock()
	return k, nil
}

// read has the goroutine read frames, which runs until there are no more. The mutex is held.
func (k *stream) read() {
	if !k.reading && !k.closed {
		k.reading = true
		k.done.Go(k.run)
	}
}

func (k *stream) run() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		// A source that drops nothing waits before it reads.
		for !k.closed && !k.over && !k.drops && len(k.waiting) >= k.queue {
			k.changed.Wait()
		}
		if k.closed || k.over {
			return
		}
		frame := k.buffer()
		k.mu.Unlock()
		err := k.feed.read(frame)
		k.mu.Lock()
		if k.closed {
			return
		}
		if err != nil {
			k.err = err
			k.changed.Broadcast()
			if k.captor != nil {
				k.captor.Ended(err)
			}
			return
		}
		k.come(frame)
	}
}

// buffer returns one that nobody uses. The mutex is held.
func (k *stream) buffer() *picture.RGB {
	if n := len(k.free); n > 0 {
		b := k.free[n-1]
		k.free = k.free[:n-1]
		return b
	}
	return &picture.RGB{}
}

// come takes a frame that is there. The mutex is held.
func (k *stream) come(frame *picture.RGB) {
	if k.captor == nil {
		if k.drops && len(k.waiting) > 0 { // only the last one is kept
			k.drop(0)
		}
		k.waiting = append(k.waiting, captured{frame: frame})
		k.changed.Broadcast()
		return
	}
	number, dropped := k.captor.Captured()
	if number == 0 {
		k.over = true
		k.free = append(k.free, frame)
		return
	}
	k.waiting = append(k.waiting, captured{number, frame})
	for i := range k.waiting {
		if dropped > 0 && k.waiting[i].number == dropped {
			k.drop(i)
			break
		}
	}
	k.changed.Broadcast()
}

// drop forgets a frame that waits. The mutex is held.
func (k *stream) drop(i int) {
	k.free = append(k.free, k.waiting[i].frame)
	k.waiting = append(k.waiting[:i], k.waiting[i+1:]...)
}

// Begin implements kernel.Live.
func (k *stream) Begin(c kernel.Captor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.waiting
	k.captor, k.waiting = c, nil
	for _, w := range before {
		if k.drops || k.over {
			k.free = append(k.free, w.frame)
		} else {
			k.come(w.frame)
		}
	}
	k.read()
	if k.err != nil {
		c.Ended(k.err)
	}
}

// Await implements kernel.Live.
func (k *stream) Await() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.await(0)
}

// await waits until the frame of a number is there; 0 is any. The mutex is held.
func (k *stream) await(number int64) error {
	k.read()
	for !k.closed {
		if len(k.waiting) > 0 && (number == 0 || k.waiting[len(k.waiting)-1].number >= number) {
			return nil
		}
		if k.err != nil {
			return k.err
		}
		k.changed.Wait()
	}
	return kernel.ErrSource
}

// Fire brings the frame that enters to the out port's size.
func (k *stream) Fire(f *kernel.Firing) error {
	frame, err := k.take(f.Capture)
	if err != nil {
		return err
	}
	if err := k.fitter.Into(f.Out[0][0].Data, frame); err != nil {
		return fmt.Errorf("%w: %s: %w", kernel.ErrSource, k.feed.in.shown, err)
	}
	return nil
}

// take returns the frame of a number, which is valid until the next call; before Begin the
// next one.
func (k *stream) take(number int64) (*picture.RGB, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.captor == nil {
		number = 0
	}
	if err := k.await(number); err != nil {
		return nil, err
	}
	if k.taken != nil {
		k.free = append(k.free, k.taken)
		k.taken = nil
	}
	for i := range k.waiting {
		if w := k.waiting[i]; number == 0 || w.number == number {
			k.taken = w.frame
			k.waiting = append(k.waiting[:i], k.waiting[i+1:]...)
			k.changed.Broadcast()
			return w.frame, nil
		}
	}
	return nil, fmt.Errorf("%w: %s: frame %d is not there", kernel.ErrSource, k.feed.in.shown, number)
}

// Close ends the ffmpeg process and waits for it.
func (k *stream) Close() error {
	k.mu.Lock()
	k.closed = true
	k.feed.close()
	k.changed.Broadcast()
	k.mu.Unlock()
	k.done.Wait()
	k.feed.reset()
	return nil
}
