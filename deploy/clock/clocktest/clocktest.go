// Package clocktest makes clocks that read as those of other machines do: apart by days,
// faster or slower, and with jumps. It may only be imported by tests.
package clocktest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
)

// Clock is a clock of a machine that is none.
type Clock struct {
	id     string
	start  int64 // of the machine's clock
	offset atomic.Int64
	drift  float64
}

// New returns a clock with an ID that is ahead of the machine's by an offset and gains drift
// seconds in a second.
func New(id string, offset time.Duration, drift float64) *Clock {
	c := &Clock{id: id, start: clock.Now(), drift: drift}
	c.offset.Store(int64(offset))
	return c
}

// Jump sets the clock forward, or back as if its machine had been suspended.
func (c *Clock) Jump(d time.Duration) { c.offset.Add(int64(d)) }

// ID implements clock.Clock.
func (c *Clock) ID() string { return c.id }

// Now implements clock.Clock.
func (c *Clock) Now() int64 { return c.Shown(clock.Now()) }

// Shown returns what the clock shows, with today's offset, when the machine's shows a time.
func (c *Clock) Shown(machine int64) int64 {
	return machine + c.offset.Load() + int64(c.drift*float64(machine-c.start))
}

// Machine returns what the machine's clock shows when this one shows a time, with today's
// offset: to a few ns.
func (c *Clock) Machine(shown int64) int64 {
	since := shown - c.offset.Load() - c.start
	return c.start + since - int64(float64(since)*c.drift/(1+c.drift))
}

// Waiter implements clock.Clock.
func (c *Clock) Waiter() clock.Waiter { return &waiter{c, clock.NewSleeper()} }

type waiter struct {
	*Clock
	sleeper *clock.Sleeper
}

// Until implements clock.Waiter.
func (w *waiter) Until(ctx context.Context, at int64) error {
	for {
		left := at - w.Now()
		if left <= 0 {
			return ctx.Err()
		}
		// Rounded up, as the clock may be the slower one.
		if err := w.sleeper.Until(ctx, clock.Now()+int64(float64(left)/(1+w.drift))+1); err != nil {
			return err
		}
	}
}
