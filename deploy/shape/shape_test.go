package shape

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = int64(time.Millisecond)

// manual is a clock whose time passes in Until, and where a test says so.
type manual struct {
	now  int64
	late int64 // that Until returns
}

func (m *manual) Now() int64 { return m.now }

func (m *manual) Until(ctx context.Context, at int64) error {
	if at > m.now {
		m.now = at + m.late
	}
	return ctx.Err()
}

// log is a carrier that notes what it is asked; token seq has sizes[seq] bytes.
type log struct {
	clock *manual
	sizes []int64
	block map[string]int64 // how long Publish blocks, by what is said of the chunk; in ns
	said  []string
	at    []int64 // when Publish was called
	spans [][2]int64
	err   error
	done  func()
}

func (l *log) Bytes(t boundary.TokenID) int64 { return l.sizes[t.Seq] }

func (l *log) Publish(t boundary.TokenID, total, offset, n int64) error {
	chunk := fmt.Sprintf("%d: %d+%d/%d", t.Seq, offset, n, total)
	l.said = append(l.said, chunk)
	l.at = append(l.at, l.clock.now)
	l.clock.now += l.block[chunk]
	return l.err
}

func (l *log) Sent(t boundary.TokenID, total, start, end int64) {
	l.spans = append(l.spans, [2]int64{start, end})
	if len(l.spans) == len(l.sizes) {
		l.done()
	}
}

// begin is when a test's tokens are handed over.
const begin = 1000 * ms

func newLog(sizes ...int64) *log { return &log{clock: &manual{now: begin}, sizes: sizes} }

// send hands over all of the log's tokens at once and runs the sender until they
// have left. A chunk has 10 bytes.
func send(t *testing.T, link *plan.Link, l *log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	s := NewSender(link, nil, 10, map[int]int{0: len(l.sizes)}, l, l.clock)
	for seq := range l.sizes {
		s.Push(boundary.TokenID{Seq: uint64(seq)}, begin)
	}
	require.False(t, s.Idle(), "with tokens in the queue")
	require.NoError(t, s.Run(ctx))
}

func TestTokensLeaveInOrderAndInChunks(t *testing.T) {
	want := []string{"0: 0+10/25", "0: 10+10/25", "0: 20+5/25", "1: 0+0/0", "2: 0+10/10", "3: 0+10/11", "3: 10+1/11"}
	for _, link := range []*plan.Link{
		nil, {}, {BandwidthBytesPerSec: 1e5}, {Latency: time.Millisecond},
		{BandwidthBytesPerSec: 1e5, Latency: time.Millisecond},
	} {
		l := newLog(25, 0, 10, 11)
		send(t, link, l)
		assert.Equal(t, want, l.said, "%+v", link)
	}
}

func TestBandwidthGivesTheTimesOfTheLink(t *testing.T) {
	l := newLog(20, 10)
	send(t, &plan.Link{BandwidthBytesPerSec: 1e4, Latency: 3 * time.Millisecond}, l) // 100 µs per byte
	assert.Equal(t, [][2]int64{{begin, begin + 2*ms}, {begin + 2*ms, begin + 3*ms}}, l.spans)
	assert.Equal(t, []int64{begin + 4*ms, begin + 5*ms, begin + 6*ms}, l.at)
}

func TestLatencyDoesNotOccupyTheLink(t *testing.T) {
	l := newLog(1, 1, 1)
	send(t, &plan.Link{Latency: 2 * time.Millisecond}, l)
	assert.Equal(t, [][2]int64{{begin, begin}, {begin, begin}, {begin, begin}}, l.spans)
	assert.Equal(t, []int64{begin + 2*ms, begin + 2*ms, begin + 2*ms}, l.at)
}

func TestTimesAreThoseOfTheCarrier(t *testing.T) {
	for _, link := range []*plan.Link{nil, {Latency: 2 * time.Millisecond}} {
		l := newLog(10, 10)
		l.block = map[string]int64{"0: 0+10/10": 5 * ms, "1: 0+10/10": 7 * ms}
		send(t, link, l)
		assert.Equal(t, [][2]int64{{begin, begin + 5*ms}, {begin + 5*ms, begin + 12*ms}}, l.spans, "%+v", link)
	}
}

// A carrier that blocks in the middle of a token makes the token, and all that
// follow, so much later, but for the burst.
func TestBlockedCarrierShowsInTheTimes(t *testing.T) {
	const stall = 50 * ms
	for _, latency := range []time.Duration{0, 3 * time.Millisecond} {
		l := newLog(30, 30, 30)
		l.block = map[string]int64{"0: 10+10/30": stall}
		send(t, &plan.Link{BandwidthBytesPerSec: 1e3, Latency: latency}, l) // 10 ms per chunk
		burst := int64(Burst)
		assert.Equal(t, [][2]int64{
			{begin, begin + 30*ms + stall - burst},
			{begin + 30*ms + stall - burst, begin + 60*ms + stall - burst},
			{begin + 60*ms + stall - burst, begin + 90*ms + stall - burst},
		}, l.spans)
	}
}

// What is late by no more than the burst is made up for: the rate is that of the link.
func TestLatenessBelowTheBurstIsCaughtUp(t *testing.T) {
	l := newLog(30, 30, 30)
	l.clock.late = int64(Burst) / 2
	l.block = map[string]int64{}
	for _, chunk := range []string{"0: 0+10/30", "0: 20+10/30", "1: 10+10/30", "2: 0+10/30"} {
		l.block[chunk] = int64(Burst) / 4
	}
	send(t, &plan.Link{BandwidthBytesPerSec: 1e3}, l)
	last := l.spans[2][1]
	assert.Equal(t, begin+90*ms+l.clock.late, last, "only the last chunk's lateness is left")
}

// After a pause the link is no faster than its bandwidth.
func TestIdleTimeIsNotSaved(t *testing.T) {
	l := newLog(30, 30)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	s := NewSender(&plan.Link{BandwidthBytesPerSec: 1e3}, nil, 10, map[int]int{0: 2}, l, l.clock)
	s.Push(boundary.TokenID{Seq: 0}, begin)
	s.Push(boundary.TokenID{Seq: 1}, begin+100*ms)
	require.NoError(t, s.Run(ctx))
	assert.Equal(t, [][2]int64{{begin, begin + 30*ms}, {begin + 100*ms, begin + 130*ms}}, l.spans)
}

func TestDelayKeepsTheLatencyAlone(t *testing.T) {
	assert.Equal(t, &plan.Link{Name: "l", Latency: 5}, Delay(&plan.Link{Name: "l", BandwidthBytesPerSec: 1, Latency: 5}))
	assert.Nil(t, Delay(nil))
}

// What is to leave behind tokens leaves when they have, before those that were handed over
// later; it takes the place of what still waits.
func TestBehind(t *testing.T) {
	l := newLog(10, 10, 10)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	s := NewSender(nil, nil, 10, map[int]int{0: 3}, l, l.clock)
	note := func(what string) func() { return func() { l.said = append(l.said, what) } }
	s.Behind(note("at once"))
	s.Push(boundary.TokenID{Seq: 0}, begin)
	s.Behind(note("replaced"))
	s.Push(boundary.TokenID{Seq: 1}, begin)
	s.Behind(note("behind token 0"))
	s.Push(boundary.TokenID{Seq: 2}, begin)
	require.NoError(t, s.Run(ctx))
	assert.Equal(t, []string{"at once", "0: 0+10/10", "behind token 0", "1: 0+10/10", "2: 0+10/10"}, l.said)
}

func TestRunEnds(t *testing.T) {
	broken := errors.New("broken")
	l := newLog(1)
	l.err = broken
	s := NewSender(nil, nil, 10, map[int]int{0: 1}, l, l.clock)
	s.Push(boundary.TokenID{}, 0)
	require.ErrorIs(t, s.Run(t.Context()), broken)

	l = newLog(1)
	ctx, cancel := context.WithCancel(t.Context())
	slow := NewSender(&plan.Link{Latency: time.Hour}, nil, 10, map[int]int{0: 1}, l, stopping{l.clock, cancel})
	slow.Push(boundary.TokenID{}, begin)
	require.NoError(t, slow.Run(ctx))
	assert.Empty(t, l.said)
}

// stopping is a clock on which no time passes: waiting ends with the context.
type stopping struct {
	*manual
	cancel context.CancelFunc
}

func (s stopping) Until(ctx context.Context, _ int64) error {
	s.cancel()
	return ctx.Err()
}
