package node

import (
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
)

// bell is a timer of a peer.
type bell struct {
	peer int
	at   int64 // in ns of the run
	due  int64 // on package clock's clock
}

// bells are the timers of peers: few, and not exact.
type bells struct {
	changed chan struct{} // has one element when a bell was added

	mu    sync.Mutex
	armed []bell
	timer *time.Timer
}

func newBells() bells {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return bells{changed: make(chan struct{}, 1), timer: t}
}

func (b *bells) add(x bell) {
	b.mu.Lock()
	b.armed = append(b.armed, x)
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// next returns what tells when the next bell is due.
func (b *bells) next() <-chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer.Stop()
	if len(b.armed) > 0 {
		first := slices.MinFunc(b.armed, func(x, y bell) int { return int(x.due - y.due) })
		b.timer.Reset(time.Duration(first.due - clock.Now()))
	}
	return b.timer.C
}

// take returns the bells that are due, and forgets them.
func (b *bells) take(now int64) (due []bell) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = slices.DeleteFunc(b.armed, func(x bell) bool {
		if x.due > now {
			return false
		}
		due = append(due, x)
		return true
	})
	return due
}
