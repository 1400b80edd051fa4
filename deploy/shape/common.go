package shape

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/medium"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/share"
)

// ErrSending says that what another device claims to send can't be true.
var ErrSending = errors.New("no such sending")

// Sending says that a token of a direction waits, or is being sent.
type Sending struct {
	Link  int    // index in the plan's platform
	Token uint64 // of a direction's, each has another one
	Since int64  // when it was handed over, in ns since the run's start
}

// Direction is what one device sends over one link.
type Direction struct {
	Link        int     // index in the plan's platform
	From        int     // index of the device
	BytesPerSec float64 // of the link; 0: only the medium bounds it
	// Turns says that the link is half duplex: of its two directions, the token that was handed
	// over first goes on, and the other one waits.
	Turns bool
	// TokenBytes are those of its largest token, Tokens how many of its tokens can be under way.
	TokenBytes int64
	Tokens     int
}

// Band is what several devices send on: a medium, or a half-duplex link. Every device has one of
// its own, in which it keeps what all of them send. They tell each other by claims, so they
// disagree for as long as a message takes. How they share it is the same code as in simulations.
// Times are in ns on the device's clock. Its methods may be called from any goroutine.
type Band struct {
	own     int
	start   *Start
	clock   func() int64
	changed func()
	private bool // work is bytes

	mu         sync.Mutex
	medium     *medium.Medium
	now        int64 // of medium
	directions []*direction
}

// direction is the state of a Direction.
type direction struct {
	Direction
	claimed bool
	claim   Sending
	spent   bool    // by another device: it has had more time than its largest token takes
	passed  int     // of an own one: tokens of the other direction that went on before it
	most    float64 // work after which it is spent
	active  bool    // it has a flow
	flow    share.Flow

	// Of an own one.
	sender *Sender
	number uint64
	rates  []rate // since the last pause, rising in time
}

// rate is how many bytes of work pass in a ns from a time on, until the next one's.
type rate struct {
	at    int64
	perNs float64
}

// ahead is by how much a device's run may begin before another one's.
const ahead = time.Second

// spare is how much longer than needed another device may take.
const spare = time.Second

// NewBand returns the band of a medium with these directions, of device own's. rates is the
// medium's trace, nil for none; clock returns the time, and changed is called when there are other claims to tell.
func NewBand(of *plan.Medium, rates *profile.Rates, devices, own int, all []Direction, start *Start,
	clock func() int64, changed func(),
) *Band {
	b := &Band{private: of.PerMessage == 0 && of.Contention == plan.NoContention, own: own, start: start, clock: clock, changed: changed, medium: medium.New(of, rates, devices)}
	for _, d := range all {
		of := &direction{Direction: d, most: math.MaxInt64}
		if d.From != own {
			of.most = 2*b.work(d.TokenBytes) + b.medium.Alone()*spare.Seconds()
		}
		b.directions = append(b.directions, of)
	}
	return b
}

// Private returns the medium that a half-duplex link is to its two directions alone.
func Private(l *plan.Link) *plan.Medium {
	return &plan.Medium{Name: l.Name, CapacityBytesPerSec: l.BandwidthBytesPerSec, MessageBytes: plan.MessageBytes,
		Contention: plan.NoContention}
}

// Pace returns that of an own direction; nil: it isn't in the band.
func (b *Band) Pace(link int) *Share {
	if d := b.find(link, b.own); d != nil {
		return &Share{b, d}
	}
	return nil
}

func (b *Band) find(link, from int) *direction {
	for _, d := range b.directions {
		if d.Link == link && d.From == from {
			return d
		}
	}
	return nil
}

// Sends returns what the device sends.
func (b *Band) Sends() []Sending {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Sending
	for _, d := range b.directions {
		if d.From == b.own && d.claimed {
			all = append(all, d.claim)
		}
	}
	return all
}

// Check returns an error that wraps ErrSending if another device can't send what it claims.
func (b *Band) Check(from int, claims []Sending) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, c := range claims {
		d := b.find(c.Link, from)
		switch {
		case d == nil || from == b.own:
			return fmt.Errorf("%w: device %d does not send on link %d", ErrSending, from, c.Link)
		case c.Since > b.time()+int64(ahead):
			return fmt.Errorf("%w: device %d sends a token on link %d that it will have in %v", ErrSending, from, c.Link,
				time.Duration(c.Since-b.time()))
		case c.Since < d.claim.Since || c.Token == d.claim.Token && c.Since != d.claim.Since && d.claimed:
			return fmt.Errorf("%w: device %d sends a token on link %d that it had before the last one", ErrSending, from, c.Link)
		}
		for _, other := range claims[:i] {
			if other.Link == c.Link {
				return fmt.Errorf("%w: device %d sends two tokens at a time on link %d", ErrSending, from, c.Link)
			}
		}
	}
	return nil
}

// Told takes all that another device sends now, after Check; none: nothing. It returns an error
// that wraps ErrSending if the device lets this one wait for more tokens than can have been handed
// over before: then it waits no longer.
func (b *Band) Told(from int, claims []Sending) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(b.time())
	for _, d := range b.directions {
		if d.From != from {
			continue
		}
		claimed := false
		for _, c := range claims {
			if c.Link == d.Link {
				claimed = true
				if !d.claimed || c.Token != d.claim.Token {
					b.begin(d, c)
				}
				if back := b.back(d); back != nil && back.passed > d.Tokens {
					err = fmt.Errorf("%w: device %d has sent %d tokens on link %d that it had before one that waits here, and can "+
						"have %d", ErrSending, from, back.passed, d.Link, d.Tokens)
				}
			}
		}
		if !claimed {
			b.end(d)
			d.claimed, d.claim = false, Sending{}
		}
	}
	b.settle()
	return err
}

// begin lets another token of a direction be claimed.
func (b *Band) begin(d *direction, c Sending) {
	b.end(d)
	d.claimed, d.claim, d.spent, d.passed = true, c, false, 0
	if back := b.back(d); back != nil && back.From == b.own && back.claimed && before(d, back) {
		back.passed++
	}
}

// end takes the flow of a direction away.
func (b *Band) end(d *direction) {
	if d.active {
		b.medium.Remove(b.now, d.flow)
	}
	d.active = false
}

// back returns the other direction of a half-duplex link; nil: there is none.
func (b *Band) back(d *direction) *direction {
	if !d.Turns {
		return nil
	}
	for _, other := range b.directions {
		if other.Link == d.Link && other != d {
			return other
		}
	}
	return nil
}

// before reports whether a direction's token goes on before that of another one.
func before(d, other *direction) bool {
	return d.claim.Since < other.claim.Since || d.claim.Since == other.claim.Since && d.From < other.From
}

// goes reports whether a direction's token is being sent, as far as is known.
func (b *Band) goes(d *direction) bool {
	if !d.claimed || d.spent {
		return false
	}
	back := b.back(d)
	switch {
	case back == nil || !back.claimed || back.spent:
		return true
	case d.From == b.own && d.passed > back.Tokens:
		return true // no more of the other's can have been handed over before
	case back.From == b.own && back.passed > d.Tokens:
		return false
	}
	return before(d, back)
}

// settle has those directions have flows whose tokens are being sent, and notes the rates.
func (b *Band) settle() {
	for _, d := range b.directions {
		if d.active && !b.goes(d) {
			b.end(d)
		}
	}
	for _, d := range b.directions {
		if !d.active && b.goes(d) {
			d.active = true
			d.flow = b.medium.Add(b.now, int32(d.From), b.medium.Class(d.BytesPerSec), d.most, int32(b.index(d)))
		}
	}
	b.note()
}

func (b *Band) index(d *direction) int {
	for i, other := range b.directions {
		if other == d {
			return i
		}
	}
	return -1
}

// note keeps the rates of own directions that have changed.
func (b *Band) note() {
	for _, d := range b.directions {
		if d.From != b.own || !d.claimed {
			continue
		}
		perNs := 0.0
		if d.active {
			perNs = b.medium.Rate(d.flow) / 1e9
		}
		if n := len(d.rates); n > 0 && d.rates[n-1].perNs == perNs {
			continue
		}
		d.rates = append(d.rates, rate{b.now, perNs})
		if d.sender != nil {
			d.sender.Changed()
		}
	}
}

// work returns what n bytes of a token take.
func (b *Band) work(n int64) float64 {
	if b.private {
		return float64(n)
	}
	return b.medium.Work(n)
}

// time returns the run's, in ns.
func (b *Band) time() int64 { return b.start.since(b.clock()) }

// advance lets time pass, with what changes by itself: the capacity, and claims that are spent.
func (b *Band) advance(now int64) {
	for {
		at, ok := b.medium.Next()
		if !ok || at > now {
			break
		}
		b.now = max(b.now, at)
		for tag, ok := b.medium.Take(b.now); ok; tag, ok = b.medium.Take(b.now) {
			d := b.directions[tag]
			d.active, d.spent = false, true
		}
		b.settle()
	}
	b.now = max(b.now, now)
}

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

// tolerance is by how many ns more than a whole number a time is rounded down: sums of times are
// not exact.
const tolerance = 1e-3

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
	work := b.work(offset+n) - b.work(offset)
	t := float64(since)
	for i, r := range d.rates {
		until := math.Inf(1)
		if i+1 < len(d.rates) {
			until = float64(d.rates[i+1].at)
		}
		if r.perNs > 0 && r.perNs*(until-t) >= work {
			return at + int64(math.Ceil(t+work/r.perNs-tolerance)) - since
		}
		work -= r.perNs * (until - t)
		t = until
	}
	return math.MaxInt64
}
