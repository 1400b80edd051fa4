package agent

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/stretchr/testify/assert"
)

// scripted is a connection, and the clock that goes on with every look at it.
type scripted struct {
	clock.Clock
	now   int64
	every int64
	bytes []uint64 // that have left, look by look; beyond them nothing is known
	rtt   time.Duration
	looks int
}

func (s *scripted) Now() int64 { return s.now }

func (s *scripted) look() (transport.Passed, bool) {
	if s.looks == len(s.bytes) {
		return transport.Passed{}, false
	}
	s.now += s.every
	s.looks++
	return transport.Passed{Bytes: s.bytes[s.looks-1], RoundTrip: s.rtt}, true
}

type scriptedMark struct {
	*scripted
	at uint64
}

func (m scriptedMark) Passed() (transport.Passed, bool)       { return m.look() }
func (m scriptedMark) Before(transport.Passed) (bytes uint64) { return m.at }

func (s *scripted) leaving() *leaving { return &leaving{clock: s, timer: time.NewTimer(0)} }

func TestTokensLeave(t *testing.T) {
	ctx := t.Context()
	const published = 1000
	for name, c := range map[string]struct {
		bytes []uint64
		rtt   time.Duration
		want  int64
	}{
		"between two looks, evenly":       {[]uint64{500, 700, 1100}, 0, published + 100*2 + 75},
		"before its acknowledgement came": {[]uint64{500, 700, 1100}, 30, published + 100*2 + 45},
		"at once":                         {[]uint64{1000}, 0, published},
		"not before it was published":     {[]uint64{500, 1000}, 5000, published},
		"nothing is known":                {nil, 0, published},
		"the connection is lost":          {[]uint64{500, 700}, 0, published},
	} {
		s := &scripted{now: published, every: 100, bytes: c.bytes, rtt: c.rtt}
		got, left := s.leaving().left(ctx, &departure{end: published, mark: scriptedMark{s, 1000}})
		assert.True(t, left, name)
		assert.Equal(t, c.want, got, name)
	}
}

// Several tokens that leave between two looks leave one after the other; what was seen before a
// token was published says nothing of when it left.
func TestTokensLeaveOneAfterTheOther(t *testing.T) {
	s := &scripted{now: 1000, every: 100, bytes: []uint64{0, 1000, 1000, 1500}}
	l := s.leaving()
	left := func(published int64, at uint64) int64 {
		got, ok := l.left(t.Context(), &departure{end: published, mark: scriptedMark{s, at}})
		assert.True(t, ok)
		return got
	}
	assert.EqualValues(t, 1125, left(1000, 250))
	assert.EqualValues(t, 1150, left(1010, 500))
	assert.EqualValues(t, 1200, left(1020, 1000))
	s.now = 9000
	assert.EqualValues(t, 9150, left(9000, 1250))
	assert.Equal(t, 4, s.looks)
}

func TestNobodyWaitsForTokensToLeave(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &scripted{now: 1, every: 1, bytes: []uint64{0, 0, 0}}
	l := &leaving{clock: s, timer: time.NewTimer(time.Hour)}
	_, left := l.left(ctx, &departure{end: 1, mark: scriptedMark{s, 10}})
	assert.False(t, left)
}
