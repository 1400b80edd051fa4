package sim

import (
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Measured is the link model of links that have profiles: see profile.Link. Of a link with a
// bandwidth over time alone, it takes that one in place of the link's, and latency and
// transport as Queue does. It is Queue for all other links.
type Measured struct{}

// Cross takes the link to be busy for the bytes at the measured bandwidth, after a pause less
// its burst; the sender to be done when the rest fits its buffer; and the token to
// arrive as much later as one of its size did.
func (Measured) Cross(l *plan.Link, p *profile.Profile, from string, n int64) Crossing {
	link := p.Links[l.Name]
	if link == nil {
		return Queue{}.Cross(l, p, from, n)
	}
	d := link.Direction(from)
	if d == nil {
		return traced(l, p, link.Rates, from, n)
	}
	c := Crossing{
		Occupancy: d.Pass(n), Burst: d.Burst(), Sending: d.Send(n), Work: d.Work(n), Flight: d.Rest(n),
		Handover: -d.Pass(d.Holds(n)),
	}
	if d.BufferBytes == 0 { // there is always room
		c.Handover = -unlimited
	}
	if link.Rates != nil {
		c = over(c, link.Rates, n)
		c.Burst = 0
		if d.BufferBytes > 0 {
			c.Handover = -time.Duration(float64(d.Holds(n)) / link.Rates.Mean() * 1e9)
		}
	}
	if l.Jitter.Kind == plan.Empirical {
		c.Jitter = d.Deviations(n)
	}
	return c
}

// unlimited is longer than any token waits for a link.
const unlimited = 365 * 24 * time.Hour

// traced is Queue on a link whose bandwidth over time is given.
func traced(l *plan.Link, p *profile.Profile, rates *profile.Rates, from string, n int64) Crossing {
	if rates == nil {
		return Queue{}.Cross(l, p, from, n)
	}
	bare := *l
	bare.BandwidthBytesPerSec = 0
	alone := Queue{}.Cross(&bare, p, from, last(n)) // the last message, behind the link's last byte
	whole := Queue{}.Cross(&bare, p, from, n)
	return over(Crossing{Handover: alone.Occupancy, Sending: whole.Occupancy, Work: whole.Occupancy,
		Flight: alone.Occupancy + alone.Flight}, rates, n)
}

// over has a token cross at a bandwidth over time. Its Occupancy is that at the mean.
func over(c Crossing, rates *profile.Rates, n int64) Crossing {
	c.Rates, c.Bytes = rates, n
	c.Occupancy = time.Duration(float64(n) / rates.Mean() * 1e9)
	return c
}

// Ack takes half of the round trip of the smallest tokens.
func (Measured) Ack(l *plan.Link, p *profile.Profile) time.Duration {
	link := p.Links[l.Name]
	if link == nil || len(link.Directions[0].Sizes) == 0 {
		return Queue{}.Ack(l, p)
	}
	return time.Duration(link.Directions[0].RoundTripNs.Median+link.Directions[1].RoundTripNs.Median) / 4
}
