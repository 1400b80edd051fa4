package agent

import (
	"context"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/nats-io/nats.go"
)

// How long it takes at least and at most to look again how far a connection has come.
const (
	leastLook = 500 * time.Microsecond
	mostLook  = 10 * time.Millisecond
)

// leaving records sends over links that are not shaped: of a token that has been published, when
// its last byte has left the device. The sender does not wait for that.
type leaving struct {
	out   *transport.Outgoing
	nc    *nats.Conn
	clock clock.Clock
	wake  chan struct{} // has one element when the queue is no more empty
	end   context.CancelFunc
	wg    sync.WaitGroup

	mu     sync.Mutex
	queue  []departure
	closed bool

	before, last look // owned by run, as timer is
	timer        *time.Timer
}

// departure is a token that has been published.
type departure struct {
	o          *outbox
	token      boundary.TokenID
	total      int64
	start, end int64 // of its sending, as the sender knows; end: it was published
	mark       mark
}

// mark is a place in what a connection sends, as transport.Mark is.
type mark interface {
	Passed() (p transport.Passed, known bool)
	Before(p transport.Passed) (bytes uint64)
}

// look is how far a connection had come at a time.
type look struct {
	at     int64
	passed transport.Passed
}

func newLeaving(out *transport.Outgoing, nc *nats.Conn, c clock.Clock) *leaving {
	l := &leaving{out: out, nc: nc, clock: c, wake: make(chan struct{}, 1), timer: time.NewTimer(0)}
	ctx, end := context.WithCancel(context.Background())
	l.end = end
	l.wg.Go(func() { l.run(ctx) })
	return l
}

// add takes a token that has just been published.
func (l *leaving) add(o *outbox, t boundary.TokenID, total, start, end int64) {
	d := departure{o, t, total, start, end, l.out.Mark(l.nc)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		o.record(t, total, start, end)
		return
	}
	l.queue = append(l.queue, d)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// first returns the token that was published first of those that are not recorded.
func (l *leaving) first() (departure, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return departure{}, false
	}
	return l.queue[0], true
}

// idle reports whether all is recorded.
func (l *leaving) idle() bool {
	_, some := l.first()
	return !some
}

// run records tokens in their order until ctx ends.
func (l *leaving) run(ctx context.Context) {
	for {
		d, some := l.first()
		if !some {
			select {
			case <-ctx.Done():
				return
			case <-l.wake:
			}
			continue
		}
		end, left := l.left(ctx, &d)
		if !left {
			return
		}
		l.mu.Lock()
		d.o.record(d.token, d.total, d.start, end)
		l.queue = l.queue[1:]
		l.mu.Unlock()
	}
}

// left waits until a token's last byte has left, and returns when it did: its acknowledgement
// came, less the least round trip. Between two looks bytes are taken to leave evenly. Where that
// can't be told it is when the token was published. False: ctx has ended.
func (l *leaving) left(ctx context.Context, d *departure) (int64, bool) {
	if l.last.at < d.end { // what was seen before tells nothing of this one
		p, ok := d.mark.Passed()
		if !ok {
			return d.end, true
		}
		l.before, l.last = look{}, look{l.clock.Now(), p}
		if l.last.passed.Bytes >= d.mark.Before(p) {
			return d.end, true
		}
	}
	for wait := leastLook; ; {
		target := d.mark.Before(l.last.passed)
		if l.last.passed.Bytes >= target {
			return max(d.end, l.crossed(target)-int64(l.last.passed.RoundTrip)), true
		}
		l.timer.Reset(wait)
		select {
		case <-ctx.Done():
			return 0, false
		case <-l.timer.C:
		}
		p, ok := d.mark.Passed()
		if !ok {
			return d.end, true
		}
		l.before, l.last = l.last, look{l.clock.Now(), p}
		wait = l.next(target, wait)
	}
}

// crossed returns when the connection had come so far, which it had at the last look.
func (l *leaving) crossed(target uint64) int64 {
	from, to := l.before.passed.Bytes, l.last.passed.Bytes
	if l.before.at == 0 || target <= from {
		return l.before.at
	}
	return l.before.at + int64(float64(l.last.at-l.before.at)*float64(target-from)/float64(to-from))
}

// next returns how long to wait for the next look: half of what is left at the present rate.
func (l *leaving) next(target uint64, wait time.Duration) time.Duration {
	came := l.last.passed.Bytes - l.before.passed.Bytes
	if l.last.passed.Bytes >= target {
		return leastLook
	}
	if came == 0 {
		return min(2*wait, mostLook)
	}
	left := float64(target-l.last.passed.Bytes) / float64(came) * float64(l.last.at-l.before.at)
	return min(max(time.Duration(left/2), leastLook), mostLook)
}

// close ends the wait for tokens to leave. What has not left was published; that is recorded.
func (l *leaving) close() {
	l.end()
	l.wg.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range l.queue {
		d.o.record(d.token, d.total, d.start, d.end)
	}
	l.queue, l.closed = nil, true
}
