package shape

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// log is a carrier that notes what it is asked; token seq has sizes[seq] bytes.
type log struct {
	sizes []int64
	said  []string
	at    []int64 // of Publish
	spans [][2]int64
	err   error
	done  func()
}

func (l *log) Bytes(t boundary.TokenID) int64 { return l.sizes[t.Seq] }

func (l *log) Publish(t boundary.TokenID, total, offset, n int64) error {
	l.said = append(l.said, fmt.Sprintf("%d: %d+%d/%d", t.Seq, offset, n, total))
	l.at = append(l.at, clock.Now())
	return l.err
}

func (l *log) Sent(t boundary.TokenID, total, start, end int64) {
	l.spans = append(l.spans, [2]int64{start, end})
	if len(l.spans) == len(l.sizes) {
		l.done()
	}
}

// send hands over all of the log's tokens at once and runs the sender until they have left.
func send(t *testing.T, link *plan.Link, l *log) (at int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	s := NewSender(link, 10, len(l.sizes), l)
	at = clock.Now()
	for seq := range l.sizes {
		if err := s.Push(boundary.TokenID{Seq: uint64(seq)}, at); err != nil {
			t.Fatal(err)
		}
	}
	if s.Idle() && len(l.sizes) > 0 {
		t.Error("idle with tokens in the queue")
	}
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTokensLeaveInOrderAndInChunks(t *testing.T) {
	want := []string{"0: 0+10/25", "0: 10+10/25", "0: 20+5/25", "1: 0+0/0", "2: 0+10/10", "3: 0+10/11", "3: 10+1/11"}
	for _, link := range []*plan.Link{
		nil, {}, {BandwidthBytesPerSec: 1e5}, {Latency: time.Millisecond}, {BandwidthBytesPerSec: 1e5, Latency: time.Millisecond},
	} {
		l := &log{sizes: []int64{25, 0, 10, 11}}
		send(t, link, l)
		if !slices.Equal(l.said, want) {
			t.Errorf("%+v: %v", link, l.said)
		}
	}
}

func TestBandwidthGivesTheTimesOfTheLink(t *testing.T) {
	link := &plan.Link{BandwidthBytesPerSec: 1e4, Latency: 3 * time.Millisecond} // 100 µs per byte
	l := &log{sizes: []int64{20, 10}}
	at := send(t, link, l)
	ms := int64(time.Millisecond)
	if want := [][2]int64{{at, at + 2*ms}, {at + 2*ms, at + 3*ms}}; !slices.Equal(l.spans, want) {
		t.Errorf("the link was taken in %v, want %v", l.spans, want)
	}
	for i, due := range []int64{at + 4*ms, at + 5*ms, at + 6*ms} {
		if l.at[i] < due {
			t.Errorf("chunk %d left %d ns too early", i, due-l.at[i])
		}
	}
}

func TestLatencyDoesNotOccupyTheLink(t *testing.T) {
	l := &log{sizes: []int64{1, 1, 1}}
	at := send(t, &plan.Link{Latency: 2 * time.Millisecond}, l)
	for i, s := range l.spans {
		if s[0] < at || s[1] < s[0] || i > 0 && s[0] < l.spans[i-1][1] {
			t.Errorf("spans %v since %d", l.spans, at)
		}
		if l.at[i] < at+int64(2*time.Millisecond) {
			t.Errorf("token %d left before the latency", i)
		}
	}
}

func TestDelayKeepsTheLatencyAlone(t *testing.T) {
	if d := Delay(&plan.Link{Name: "l", BandwidthBytesPerSec: 1, Latency: 5}); d.BandwidthBytesPerSec != 0 || d.Latency != 5 {
		t.Errorf("got %+v", d)
	}
	if Delay(nil) != nil {
		t.Error("no link has no delay")
	}
}

func TestPushNeverBlocks(t *testing.T) {
	s := NewSender(nil, 10, 1, &log{})
	if err := s.Push(boundary.TokenID{}, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Push(boundary.TokenID{}, 0); !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want %v", err, ErrFull)
	}
}

func TestRunEnds(t *testing.T) {
	broken := errors.New("broken")
	s := NewSender(nil, 10, 1, &log{sizes: []int64{1}, err: broken})
	if err := s.Push(boundary.TokenID{}, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("with a broken carrier: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	slow := NewSender(&plan.Link{Latency: time.Hour}, 10, 1, &log{sizes: []int64{1}})
	if err := slow.Push(boundary.TokenID{}, clock.Now()); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(time.Millisecond, cancel)
	if err := slow.Run(ctx); err != nil {
		t.Errorf("when its context ends: %v", err)
	}
}

func TestDropTakesOneFIFOsTokens(t *testing.T) {
	l := &log{sizes: []int64{1, 1, 1, 1, 1, 1}}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	s := NewSender(nil, 10, 4, l)
	push := func(fifo int, seqs ...uint64) {
		for _, seq := range seqs {
			if err := s.Push(boundary.TokenID{FIFO: fifo, Seq: seq}, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 20 { // the room is there again
		s.Drop(1)
		push(1, 0, 1)
		if _, ok := s.next(); !ok {
			t.Fatal("nothing to send")
		}
		s.pending.Add(-1)
	}
	s.Drop(1)
	if !s.Idle() {
		t.Error("not idle with an empty queue")
	}
	push(1, 0, 1)
	push(2, 2)
	s.Drop(1)
	push(1, 3)
	push(2, 4)
	l.sizes = l.sizes[:5]
	l.spans = make([][2]int64, 2)
	l.done = cancel
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(l.said); got != "[2: 0+1/1 3: 0+1/1 4: 0+1/1]" {
		t.Errorf("sent %s", got)
	}
}
