package node

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// peerTimer is a timer of a peer that the engine has armed.
type peerTimer struct {
	peer int
	at   int64 // in ns of the run
	due  int64 // on the node's clock
}

// peerTimers are the timers of peers that the engine has armed: few, and not exact.
type peerTimers struct {
	changed chan struct{} // has one element when a timer was added

	mu    sync.Mutex
	armed []peerTimer
	timer *time.Timer
}

func newPeerTimers() peerTimers {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return peerTimers{changed: make(chan struct{}, 1), timer: timer}
}

func (t *peerTimers) add(x peerTimer) {
	t.mu.Lock()
	t.armed = append(t.armed, x)
	t.mu.Unlock()
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// next returns what tells when the next timer is due, at a time on the node's clock.
func (t *peerTimers) next(now int64) <-chan time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer.Stop()
	if len(t.armed) > 0 {
		first := slices.MinFunc(t.armed, func(a, b peerTimer) int { return cmp.Compare(a.due, b.due) })
		t.timer.Reset(time.Duration(first.due - now))
	}
	return t.timer.C
}

// take returns the timers that are due, and forgets them.
func (t *peerTimers) take(now int64) (due []peerTimer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.armed = slices.DeleteFunc(t.armed, func(x peerTimer) bool {
		if x.due > now {
			return false
		}
		due = append(due, x)
		return true
	})
	return due
}
