package shape

import (
	"errors"
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
	b := &Band{own: own, start: start, clock: clock, changed: changed, medium: medium.New(of, rates, devices)}
	for _, d := range all {
		of := &direction{Direction: d, most: math.MaxInt64}
		if d.From != own {
			of.most = 2*b.medium.Work(d.TokenBytes) + b.medium.Alone()*spare.Seconds()
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
