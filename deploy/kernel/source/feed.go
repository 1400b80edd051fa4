package source

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// feed reads the pictures of a stream one after the other. It opens one that has ended again,
// but no file.
type feed struct {
	ffmpeg
	in       *input
	attempts int           // to open it again, in a row
	wait     time.Duration // before each
	stall    time.Duration // without a picture, after which it counts as ended; 0: none
	note     func(format string, args ...any)

	failed int   // attempts since the last picture
	total  int64 // pictures of all processes
	hung   atomic.Bool
	closed chan struct{}
}

// read reads the next picture. At the end of a file, and of a stream that can't be opened again,
// the error says so; it is kernel.ErrSource.
func (f *feed) read(p *picture.RGB) error {
	for {
		if f.process == nil {
			if err := f.open(); err != nil {
				return err
			}
		}
		lift := f.limit()
		err := f.decode(p)
		if err == nil {
			lift()
			f.failed = 0
			f.total++
			return nil
		}
		e := f.end(err)
		lift()
		e.said = f.in.clean(e.said)
		switch {
		case e.again && !e.stopped:
			continue
		case e.stopped && !f.hung.Load():
			return kernel.ErrSource // it is closed
		}
		why := f.why(err, e)
		if f.in.file || f.total == 0 || errors.Is(err, picture.ErrLimit) {
			return fmt.Errorf("%w: %w", kernel.ErrSource, why)
		}
		if f.failed++; f.failed > f.attempts {
			if f.attempts > 0 {
				why = fmt.Errorf("%w; opened again %d times in vain", why, f.attempts)
			}
			return fmt.Errorf("%w: %w", kernel.ErrSource, why)
		}
		f.note("%v; it is opened again in %v, attempt %d of %d", why, f.wait, f.failed, f.attempts)
		select {
		case <-time.After(f.wait):
		case <-f.closed:
			return kernel.ErrSource
		}
		f.reopen()
	}
}

// limit ends the process when it gives no picture for too long, unless what it returns is called
// before. A file takes the time that it takes.
func (f *feed) limit() (lift func()) {
	if f.stall == 0 || f.in.file {
		return func() {}
	}
	t := time.AfterFunc(f.stall, func() {
		f.hung.Store(true)
		f.stop()
	})
	return func() { t.Stop() }
}

// reopen lets the next process begin, unless the feed is closed meanwhile.
func (f *feed) reopen() {
	f.reset()
	f.hung.Store(false)
	select {
	case <-f.closed:
		f.stop()
	default:
	}
}

// why says why there are no more pictures.
func (f *feed) why(err error, e ending) error {
	of := f.in.shown
	switch {
	case errors.Is(err, picture.ErrLimit):
		return fmt.Errorf("%s: %w", of, err)
	case f.hung.Load() && f.total == 0:
		return fmt.Errorf("%s: no frame has come within %v%s", of, f.stall, saidBy(e))
	case f.hung.Load():
		return fmt.Errorf("%s has stalled: no frame has come for %v, after %d frames%s", of, f.stall, f.total, saidBy(e))
	case e.noVideo():
		return fmt.Errorf("%s has no video, or none that ffmpeg knows", of)
	case f.total == 0:
		return fmt.Errorf("%s: not a frame could be decoded; ffmpeg: %s", of, e.why())
	case e.said == "" && e.exit == nil && f.in.file:
		return fmt.Errorf("%s has ended after %d frames; the kernel video would begin again", of, f.total)
	case e.said == "" && e.exit == nil:
		return fmt.Errorf("%s has ended after %d frames", of, f.total)
	}
	return fmt.Errorf("%s has ended after %d frames; ffmpeg: %s", of, f.total, e.why())
}

// saidBy quotes ffmpeg, if it has said anything.
func saidBy(e ending) string {
	if e.said == "" {
		return ""
	}
	return "; ffmpeg: " + why(e.said, nil)
}

// close ends the process and a read that waits.
func (f *feed) close() {
	close(f.closed)
	f.stop()
}
