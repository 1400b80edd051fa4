package node

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
			assert.Same(t, n.Slot(0, 4), s, "another slot")
			close(inside)
			<-leave
			sent.Store(true)
			return nil
		})
	}()
	<-inside
	r.give(6) // up to token 5: another slot
	require.False(t, sent.Load(), "it waited for nothing")
	go func() {
		time.Sleep(time.Millisecond)
		close(leave)
	}()
	r.give(7) // token 6 takes token 4's slot
	assert.True(t, sent.Load(), "the slot was given away while its token was sent")
	called := false
	mark := func(*Slot) error { called = true; return nil }
	err := n.Hold(0, 4, mark)
	require.NoError(t, err, "a token that is gone: sent")
	assert.False(t, called, "a token that is gone: sent")
	err = n.Hold(0, 5, mark)
	require.NoError(t, err, "a token that is there: sent")
	assert.True(t, called, "a token that is there: sent")
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
	require.NoError(t, n.Start(clock.Now()))
	for seq := range uint64(frames) {
		out.wait(t, int(seq)+1)
		require.True(t, n.Acked(ours(0, seq+1)))
	}
	close(stop)
	<-done
}

func TestBells(t *testing.T) {
	b := newPeerTimers()
	due := b.take(clock.Now())
	assert.Empty(t, due, "%v is due", due)
	now := clock.Now()
	for i, after := range []time.Duration{time.Hour, time.Millisecond, -time.Second, time.Minute} {
		b.add(peerTimer{peer: i, due: now + int64(after)})
	}
	<-b.changed
	<-b.next(clock.Now())
	due = b.take(clock.Now())
	for len(due) < 2 {
		<-b.next(clock.Now())
		due = append(due, b.take(clock.Now())...)
	}
	assert.Equal(t, 3, due[0].peer+due[1].peer, "due %v, armed", due)
	assert.Len(t, b.armed, 2, "due %v, armed", due)
}

// Questions that are not answered are asked again, before the run begins and
// after.
func TestPeersAreAskedAgain(t *testing.T) {
	out := &fakeOutbox{}
	n, err := New(cut(1), 0, all(nothing), out, Options{})
	require.NoError(t, err)
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
	require.NoError(t, n.Reconnected(0))
	asked(2)
	require.NoError(t, n.Start(clock.Now()))
	asked(4)
}
