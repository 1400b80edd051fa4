package impairment

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Outages are the times in which nothing crosses a link. They are read-only. Times are in ns
// since the run's start.
type Outages struct {
	once     []span // apart from each other, in order
	periodic []plan.Outage
}

type span struct{ from, to int64 }

// NewOutages returns the outages of a link; nil for none. Those that come again leave some time
// between them: see plan.CheckOutages.
func NewOutages(list []plan.Outage) *Outages {
	if len(list) == 0 {
		return nil
	}
	o := &Outages{}
	for _, x := range list {
		if x.Every > 0 {
			o.periodic = append(o.periodic, x)
		} else {
			o.once = append(o.once, span{int64(x.From), int64(x.From + x.For)})
		}
	}
	slices.SortFunc(o.once, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	apart := o.once[:0]
	for _, s := range o.once {
		if n := len(apart); n > 0 && s.from <= apart[n-1].to {
			apart[n-1].to = max(apart[n-1].to, s.to)
			continue
		}
		apart = append(apart, s)
	}
	o.once = apart
	return o
}

// Up returns the first time from at on at which something crosses. It is at itself without
// outages.
func (o *Outages) Up(at int64) int64 {
	if o == nil {
		return at
	}
	for {
		until := at
		if i := o.after(at) - 1; i >= 0 {
			until = max(until, o.once[i].to)
		}
		for i := range o.periodic {
			x := &o.periodic[i]
			if at < int64(x.From) {
				continue
			}
			if in := (at - int64(x.From)) % int64(x.Every); in < int64(x.For) {
				until = max(until, at-in+int64(x.For))
			}
		}
		if until == at {
			return at
		}
		at = until
	}
}

// after returns the index of the first outage that begins after a time.
func (o *Outages) after(at int64) int {
	i, _ := slices.BinarySearchFunc(o.once, at, func(s span, at int64) int {
		if s.from <= at {
			return -1
		}
		return 1
	})
	return i
}

// next returns when the next outage begins after a time at which there is none.
func (o *Outages) next(at int64) int64 {
	next := int64(math.MaxInt64)
	if i := o.after(at); i < len(o.once) {
		next = o.once[i].from
	}
	for i := range o.periodic {
		x := &o.periodic[i]
		if begin := int64(x.From); at < begin {
			next = min(next, begin)
		} else {
			next = min(next, at+int64(x.Every)-(at-begin)%int64(x.Every))
		}
	}
	return next
}

// After returns when something has crossed that begins at a time and keeps the link busy for so
// many ns.
func (o *Outages) After(at, busy int64) int64 {
	if o == nil {
		return at + busy
	}
	for {
		at = o.Up(at)
		next := o.next(at)
		if next-busy >= at {
			return at + busy
		}
		busy -= next - at
		at = next
	}
}

// AfterBytes returns when n bytes have crossed that begin at a time, at a bandwidth over time.
func (o *Outages) AfterBytes(at, n int64, rates *profile.Rates) int64 {
	if o == nil {
		return rates.After(at, n)
	}
	rest := float64(n)
	for {
		at = o.Up(at)
		if n <= 0 {
			return at
		}
		crossed, next := rates.Bytes(at), o.next(at)
		end := max(rates.Time(crossed+rest), at)
		if end <= next {
			return end
		}
		if rest -= rates.Bytes(next) - crossed; rest <= 0 {
			return next
		}
		at = next
	}
}
