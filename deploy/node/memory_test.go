package node

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
)

// A slot is not written while a token in it is being sent, and a token whose slot
// was given away is not sent.
func TestHoldKeepsASlot(t *testing.T) {
	n := newNode(t, cut(3), 0, all(nothing), &fakeOutbox{})
	r := n.fifos[0] // of two slots
	inside, leave := make(chan struct{}), make(chan struct{})
	var sent atomic.Bool
	go func() {
		_ = n.Hold(0, 4, func(s *Slot) error {
			if s != n.Slot(0, 4) {
				t.Error("another slot")
			}
			close(inside)
			<-leave
			sent.Store(true)
			return nil
		})
	}()
	<-inside
	r.give(6) // up to token 5: another slot
	if sent.Load() {
		t.Fatal("it waited for nothing")
	}
	go func() {
		time.Sleep(time.Millisecond)
		close(leave)
	}()
	r.give(7) // token 6 takes token 4's slot
	if !sent.Load() {
		t.Error("the slot was given away while its token was sent")
	}
	called := false
	mark := func(*Slot) error { called = true; return nil }
	if err := n.Hold(0, 4, mark); err != nil || called {
		t.Errorf("a token that is gone: sent %v, %v", called, err)
	}
	if err := n.Hold(0, 5, mark); err != nil || !called {
		t.Errorf("a token that is there: sent %v, %v", called, err)
	}
}

// Tokens may be sent again and again while firings write the next ones.
func TestHoldAgainstFirings(t *testing.T) {
	const frames = 2000
	out := &fakeOutbox{}
	n := newNode(t, cut(frames), 0, all(nothing), out)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for seq := uint64(0); ; seq = (seq + 1) % frames {
			select {
			case <-stop:
				return
			default:
			}
			_ = n.Hold(0, seq, func(s *Slot) error {
				s.Buffer[0]++ // as the header does
				return nil
			})
		}
	}()
	if err := n.Start(clock.Now()); err != nil {
		t.Fatal(err)
	}
	for seq := range uint64(frames) {
		out.wait(t, int(seq)+1)
		if err := n.Acked(ours(0, seq+1)); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	<-done
}

func TestBells(t *testing.T) {
	b := newPeerTimers()
	if due := b.take(clock.Now()); len(due) != 0 {
		t.Errorf("%v is due", due)
	}
	now := clock.Now()
	for i, after := range []time.Duration{time.Hour, time.Millisecond, -time.Second, time.Minute} {
		b.add(peerTimer{peer: i, due: now + int64(after)})
	}
	<-b.changed
	<-b.next()
	due := b.take(clock.Now())
	for len(due) < 2 {
		<-b.next()
		due = append(due, b.take(clock.Now())...)
	}
	if due[0].peer+due[1].peer != 3 || len(b.armed) != 2 {
		t.Errorf("due %v, armed %v", due, b.armed)
	}
}

// Questions that are not answered are asked again, before the run begins and
// after.
func TestPeersAreAskedAgain(t *testing.T) {
	out := &fakeOutbox{}
	n, err := New(cut(1), 0, all(nothing), out, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	asked := func(n uint32) {
		t.Helper()
		for range 5000 {
			out.mu.Lock()
			have := out.hello.Ask
			out.mu.Unlock()
			if have >= n {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatalf("not asked %d times", n)
	}
	if err := n.Reconnected(0); err != nil {
		t.Fatal(err)
	}
	asked(2)
	if err := n.Start(clock.Now()); err != nil {
		t.Fatal(err)
	}
	asked(4)
}
