package shape

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// cell is what devices of one clock send on. What one of them says reaches the others at once.
type cell struct {
	*manual
	bands []*Band
}

// cellOf returns the bands of all devices; link l joins device l and the last one, which sends too.
func cellOf(t *testing.T, of *plan.Medium, rates *profile.Rates, turns bool, perMs ...float64) *cell {
	t.Helper()
	c := &cell{manual: &manual{now: begin}}
	start := &Start{}
	start.Set(begin)
	devices := len(perMs) + 1
	var all []Direction
	for l, rate := range perMs {
		for _, from := range []int{l, devices - 1} {
			all = append(all, Direction{Link: l, From: from, BytesPerSec: rate * 1e3, Turns: turns, TokenBytes: 100, Tokens: 2})
		}
	}
	for own := range devices {
		c.bands = append(c.bands, NewBand(of, rates, devices, own, all, start, c.Now, func() { c.say(t, own) }))
	}
	return c
}

// say tells the others what a device sends.
func (c *cell) say(t *testing.T, own int) {
	t.Helper()
	all := c.bands[own].Sends()
	for other, b := range c.bands {
		if other != own {
			require.NoError(t, b.Check(own, all))
			require.NoError(t, b.Told(own, all))
		}
	}
}

// tenPerMs is a medium that passes 10 bytes in a ms.
func tenPerMs() *plan.Medium {
	return &plan.Medium{CapacityBytesPerSec: 1e4, MessageBytes: 1500, Contention: plan.NoContention}
}

func TestFlowsShareAMedium(t *testing.T) {
	c := cellOf(t, tenPerMs(), nil, false, 0, 0, 2)
	one, two, slow := c.bands[0].Pace(0), c.bands[1].Pace(1), c.bands[2].Pace(2)
	down := c.bands[3].Pace(1)
	one.Busy(begin)
	assert.Equal(t, begin+10*ms, one.After(begin, 0, 100))
	c.now = begin + 4*ms // 40 bytes of 100 have left
	two.Busy(c.now)
	assert.Equal(t, begin+16*ms, one.After(begin, 0, 100))
	assert.Equal(t, begin+24*ms, two.After(c.now, 0, 100))
	c.now = begin + 6*ms // 50 have left, and 10 of the second one's
	slow.Busy(c.now)
	assert.Equal(t, begin+6*ms+12500_000, one.After(begin, 0, 100), "the slow link leaves 8 to the others")
	down.Busy(c.now)
	assert.InDelta(t, begin+6*ms+50*ms*3/8, one.After(begin, 0, 100), 1, "both directions of a link send")
	two.Idle()
	slow.Idle()
	down.Idle()
	assert.Equal(t, begin+11*ms, one.After(begin, 0, 100))
	for _, b := range c.bands {
		assert.LessOrEqual(t, len(b.Sends()), 1)
	}
}

// What a station costs the others, and a message beside its bytes, is as in simulations: see package medium.
func TestContentionAndMessages(t *testing.T) {
	of := &plan.Medium{CapacityBytesPerSec: 15e5, MessageBytes: 1500, PerMessage: time.Millisecond,
		Contention: plan.Linear, PerStation: 0.5}
	c := cellOf(t, of, nil, false, 0, 0)
	one, two := c.bands[0].Pace(0), c.bands[1].Pace(1)
	one.Busy(begin)
	assert.Equal(t, begin+4*ms, one.After(begin, 0, 3000), "two messages of 1 ms and 1 ms")
	assert.InDelta(t, begin+4*ms, one.After(one.After(begin, 0, 2000), 2000, 1000), 2, "in parts, too, up to rounding")
	two.Busy(begin)
	assert.Equal(t, begin+12*ms, one.After(begin, 0, 3000), "half of what two stations pass")
}

func TestCapacityOverTime(t *testing.T) {
	c := cellOf(t, &plan.Medium{Trace: "cell.csv", MessageBytes: 1500, Contention: plan.NoContention},
		ratesOf(t, false, 10, 0, 20), false, 0, 0)
	one, two := c.bands[0].Pace(0), c.bands[1].Pace(1)
	one.Busy(begin)
	two.Busy(begin)
	assert.Equal(t, begin+10*ms, one.Next())
	c.now = begin + 10*ms
	assert.EqualValues(t, math.MaxInt64, one.After(begin, 0, 100))
	assert.Equal(t, begin+20*ms, one.Next())
	c.now = begin + 25*ms
	assert.Equal(t, begin+25*ms, one.After(begin, 0, 100))
	two.Idle()
	assert.Equal(t, begin+26*ms, one.After(begin, 0, 120))
}

// On a half-duplex link a token goes when all have left that were handed over before.
func TestTurns(t *testing.T) {
	c := cellOf(t, Private(&plan.Link{BandwidthBytesPerSec: 1e4}), nil, true, 1e4)
	up, down := c.bands[0].Pace(0), c.bands[1].Pace(0)
	up.Busy(begin)
	c.now = begin + 3*ms
	down.Busy(c.now)
	assert.Equal(t, begin+10*ms, up.After(begin, 0, 100))
	assert.EqualValues(t, math.MaxInt64, down.After(c.now, 0, 100))
	c.now = begin + 10*ms
	up.Busy(begin + 5*ms) // after that of the other side
	assert.EqualValues(t, math.MaxInt64, up.After(c.now, 0, 100))
	assert.Equal(t, begin+20*ms, down.After(begin+3*ms, 0, 100))
	c.now = begin + 20*ms
	down.Idle()
	assert.Equal(t, begin+30*ms, up.After(begin+10*ms, 0, 100))
}

// Two sides that begin before they hear of each other find out: the one that was handed over first goes on.
func TestTurnsOfBothSidesAtOnce(t *testing.T) {
	c := cellOf(t, Private(&plan.Link{BandwidthBytesPerSec: 1e4}), nil, true, 1e4)
	quiet := func() {}
	loud := []func(){c.bands[0].changed, c.bands[1].changed}
	c.bands[0].changed, c.bands[1].changed = quiet, quiet
	up, down := c.bands[0].Pace(0), c.bands[1].Pace(0)
	down.Busy(begin)
	up.Busy(begin)
	assert.Equal(t, begin+10*ms, up.After(begin, 0, 100))
	assert.Equal(t, begin+10*ms, down.After(begin, 0, 100))
	c.now = begin + 2*ms
	loud[0]()
	loud[1]()
	assert.Equal(t, begin+10*ms, up.After(begin, 0, 100))
	assert.EqualValues(t, math.MaxInt64, down.After(begin, 0, 100), "of equal ones, that of the first device goes on")
	c.bands[0].changed = loud[0]
	c.now = begin + 10*ms
	up.Idle()
	assert.Equal(t, begin+18*ms, down.After(begin, 0, 100), "20 bytes had left")
}

// A half-duplex link may have a bandwidth over time.
func TestTurnsOnATracedLink(t *testing.T) {
	c := cellOf(t, Private(&plan.Link{Trace: "wifi.csv"}), ratesOf(t, false, 0, 10), true, 0)
	up := c.bands[0].Pace(0)
	up.Busy(begin)
	assert.EqualValues(t, math.MaxInt64, up.After(begin, 0, 100))
	assert.Equal(t, begin+10*ms, up.Next())
	c.now = up.Next()
	assert.Equal(t, begin+20*ms, up.After(begin, 0, 100))
}

// Who says that it sends, and doesn't, holds nobody up for longer than its largest token takes twice, and a second.
func TestNobodyIsHeldUpByOneTokenForEver(t *testing.T) {
	c := cellOf(t, Private(&plan.Link{BandwidthBytesPerSec: 1e4}), nil, true, 1e4)
	down := c.bands[1].Pace(0)
	require.NoError(t, c.bands[1].Told(0, []Sending{{Token: 1}}))
	down.Busy(begin)
	assert.EqualValues(t, math.MaxInt64, down.After(begin, 0, 100))
	c.now = down.Next()
	assert.Equal(t, begin+2*10*ms+1000*ms, c.now)
	assert.Equal(t, c.now+10*ms, down.After(begin, 0, 100))
}

// Nor for more tokens than can have been handed over before.
func TestNobodyIsHeldUpByManyTokensForEver(t *testing.T) {
	c := cellOf(t, Private(&plan.Link{BandwidthBytesPerSec: 1e4}), nil, true, 1e4)
	down := c.bands[1].Pace(0)
	c.now += ms
	down.Busy(c.now)
	for token := range uint64(2) {
		require.NoError(t, c.bands[1].Told(0, []Sending{{Token: token}}))
		assert.EqualValues(t, math.MaxInt64, down.After(c.now, 0, 100))
	}
	require.ErrorIs(t, c.bands[1].Told(0, []Sending{{Token: 2}}), ErrSending)
	assert.Equal(t, c.now+10*ms, down.After(c.now, 0, 100))
}

func TestSendingsThatCanNotBe(t *testing.T) {
	c := cellOf(t, tenPerMs(), nil, false, 0, 0)
	c.now += 5 * ms
	b := c.bands[2]
	require.NoError(t, b.Told(0, []Sending{{Link: 0, Token: 3, Since: 2}}))
	for text, all := range map[string][]Sending{
		"no such sending: device 0 does not send on link 1":                                   {{Link: 1}},
		"no such sending: device 0 does not send on link 7":                                   {{Link: 7}},
		"no such sending: device 0 sends a token on link 0 that it will have in 1.000000001s": {{Since: 5*ms + 1e9 + 1}},
		"no such sending: device 0 sends a token on link 0 that it had before the last one":   {{Token: 4, Since: 1}},
		"no such sending: device 0 sends two tokens at a time on link 0": {
			{Token: 4, Since: 2}, {Token: 5, Since: 3},
		},
	} {
		assert.EqualError(t, b.Check(0, all), text)
	}
	assert.EqualError(t, b.Check(0, []Sending{{Token: 3, Since: 3}}),
		"no such sending: device 0 sends a token on link 0 that it had before the last one")
	assert.EqualError(t, b.Check(2, []Sending{{Link: 1}}), "no such sending: device 2 does not send on link 1",
		"it is this one")
	require.NoError(t, b.Check(0, []Sending{{Token: 4, Since: 2}}))
	require.NoError(t, b.Check(0, nil))
}

// Two senders of one device run on one clock, in turns: each waits for what the other one has said.
func TestSendersShareAMedium(t *testing.T) {
	all := []Direction{{Link: 0, From: 0, TokenBytes: 100, Tokens: 3}, {Link: 1, From: 0, TokenBytes: 100, Tokens: 3}}
	l := newLog(100, 100)
	start := &Start{}
	start.Set(begin)
	b := NewBand(tenPerMs(), nil, 2, 0, all, start, l.clock.Now, func() {})
	pace := b.Pace(0)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	s := NewSender(&plan.Link{Medium: "cell"}, pace, 100, map[int]int{0: 2}, l, l.clock)
	pace.Bind(s)
	b.Pace(1).Busy(begin) // all the time
	for seq := range l.sizes {
		s.Push(boundary.TokenID{Seq: uint64(seq)}, begin)
	}
	require.NoError(t, s.Run(ctx))
	assert.Equal(t, [][2]int64{{begin, begin + 20*ms}, {begin + 20*ms, begin + 40*ms}}, l.spans)
	assert.False(t, slices.ContainsFunc(b.Sends(), func(x Sending) bool { return x.Link == 0 && x.Token != 2 }))
}
