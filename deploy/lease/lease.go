// Package lease decides who may use a device, and for how long. It may not know how
// devices are reached, and reads no clock: time is an argument.
//
// A device is held for one run of one owner, a coordinator. The owner renews its lease
// several times in Base, by messages of their own, by every order and by every receipt of
// records. When the owner has been silent for longer than its lease, the device ends the
// run, frees what it took and is there for others. Two rules keep a run alive that is only
// cut off:
//
//   - A device without a connection can't tell a dead owner from a cut link, and nobody
//     could use it anyway. The time of a lease passes only while the device is connected,
//     and begins again with every connection. So does the time in which the device itself
//     did not run, as when its process is stopped.
//   - A server of the broker's on the device's own host (a leaf node) hides such a cut: the
//     device is connected to that and hears nothing. An owner with patience therefore has
//     a longer lease: Base and its patience. When the owner gives up because its patience
//     with the device is over, the lease still runs, for at most Base and what lies between
//     two renewals; before that it never ends.
//
// The price of the second rule is that a device waits for the patience, too, when its owner
// was killed. Another coordinator need not: it may take the device.
package lease

import (
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Base is the lease of an owner without patience, if nothing else is said.
const Base = 10 * time.Second

// Renewals is how often a lease is renewed in its base time: some may be lost.
const Renewals = 5

// Verdict is what becomes of a claim.
type Verdict int

// The verdicts.
const (
	Granted  Verdict = iota // nobody held the device
	Kept                    // the claimer holds it already for this run
	Replaced                // the claimer held it for another run, which is over
	Taken                   // another owner's run is ended for it
	Refused                 // another owner holds the device
)

// Decide says what becomes of a claim of a device that is held so; nil: it is free. Any
// owner may take a device that another one holds: who may send orders at all is for the
// permissions of the broker to say.
func Decide(held *wire.Held, claim *wire.ClaimRequest) Verdict {
	switch {
	case held == nil:
		return Granted
	case held.Owner.Same(claim.Owner) && held.Run == claim.Run:
		return Kept
	case held.Owner.Same(claim.Owner):
		return Replaced
	case claim.Take:
		return Taken
	}
	return Refused
}

// Clock tells when a lease is over. Times are in ns, on any clock that goes on steadily. The
// zero Clock never ends.
type Clock struct {
	limit int64 // of silence; 0: none
	every int64 // Look is called so often
	heard int64 // when the owner was heard last, or what counts as that
	last  int64 // when Look was called last
	links uint64
}

// NewClock returns the clock of a lease that begins now. A base of 0 is Base. links counts
// the device's connections up to now. Look is to be called every Every.
func NewClock(base, patience time.Duration, now int64, links uint64) Clock {
	if base <= 0 {
		base = Base
	}
	return Clock{limit: int64(base + max(patience, 0)), every: int64(Every(base)), heard: now, last: now, links: links}
}

// Every returns how often to look at the clock of a lease of a base time; 0 is Base.
func Every(base time.Duration) time.Duration {
	if base <= 0 {
		base = Base
	}
	return base / 20
}

// Renew notes that the owner was heard.
func (c *Clock) Renew(now int64) { c.heard = max(c.heard, now) }

// Limit returns how long the owner may be silent; 0: for ever.
func (c *Clock) Limit() time.Duration { return time.Duration(c.limit) }

// Look reports whether the lease is over. links counts the device's connections up to now.
func (c *Clock) Look(now int64, connected bool, links uint64) bool {
	if late := now - c.last - 2*c.every; late > 0 { // the process did not run
		c.heard += late
	}
	c.last = now
	if !connected || links != c.links {
		c.heard, c.links = now, links
	}
	return c.limit > 0 && now-c.heard > c.limit
}
