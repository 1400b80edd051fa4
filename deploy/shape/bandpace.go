package shape

import (
	"math"

	"github.com/edgeprune/edgeprune/core/share"
)

// Share is the Pace of one direction in a Band.
type Share struct {
	band *Band
	of   *direction
}

// Bind says who sends at that pace, before it does.
func (s *Share) Bind(sender *Sender) {
	s.band.mu.Lock()
	defer s.band.mu.Unlock()
	s.of.sender = sender
}

// Busy implements Common.
func (s *Share) Busy(at int64) {
	b, d := s.band, s.of
	b.mu.Lock()
	b.advance(b.time())
	if !d.claimed {
		d.rates = d.rates[:0]
	}
	d.number++
	b.begin(d, Sending{d.Link, d.number, max(d.claim.Since, b.start.since(at))})
	b.settle()
	b.mu.Unlock()
	b.changed()
}

// Idle implements Common.
func (s *Share) Idle() {
	b, d := s.band, s.of
	b.mu.Lock()
	b.advance(b.time())
	b.end(d)
	d.claimed = false
	b.settle()
	b.mu.Unlock()
	b.changed()
}

// Next implements Common.
func (s *Share) Next() int64 {
	b := s.band
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	b.advance(b.start.since(now))
	at, ok := b.medium.Next()
	if !ok {
		return math.MaxInt64
	}
	return now + at - b.now
}

// After implements Pace.
func (s *Share) After(at, offset, n int64) int64 {
	b, d := s.band, s.of
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(b.time())
	since := b.start.since(at)
	for len(d.rates) > 1 && d.rates[1].at <= since {
		d.rates = append(d.rates[:0], d.rates[1:]...) // nobody asks for what was before
	}
	work := b.medium.Work(offset+n) - b.medium.Work(offset)
	t := float64(since)
	for i, r := range d.rates {
		until := math.Inf(1)
		if i+1 < len(d.rates) {
			until = float64(d.rates[i+1].at)
		}
		if r.perNs > 0 && r.perNs*(until-t) >= work {
			return at + share.Whole(t+work/r.perNs) - since
		}
		work -= r.perNs * (until - t)
		t = until
	}
	return math.MaxInt64
}
