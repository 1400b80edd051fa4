package sim

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/trace"
)

// failing is what is to come of a fault.
type failing struct {
	outages failure.Outages
	to      int64 // when the present or the next outage ends
	place   int   // of the present one in the trace
}

// mostBarren is how many faults at random times may come one after the other without a result: then
// the times between them are too short for one.
const mostBarren = 10_000

// schedule sets when the faults begin, and when those end that happen once.
func (r *run) schedule() {
	r.failing = make([]failing, len(r.plan.Faults))
	for i := range r.plan.Faults {
		r.failing[i].outages = r.plan.Outages(&r.plan.Faults[i])
		r.fail(i)
		if r.plan.Faults[i].Random == nil {
			r.push(pending{kind: faultEnds, at: r.failing[i].to, index: int32(i)})
			r.faults++
		}
	}
}

// fail sets when a fault begins the next time, if ever.
func (r *run) fail(i int) {
	from, to, ok := r.failing[i].outages.Next()
	if ok {
		r.failing[i].to = int64(to)
		r.push(pending{kind: faultBegins, at: int64(from), index: int32(i)})
	}
}

// down takes note that a fault begins.
func (r *run) down(i int) error {
	f := &r.plan.Faults[i]
	o := trace.Outage{FromNs: r.now}
	if f.Device >= 0 {
		o.Device = r.plan.Platform.Devices[f.Device].Name
	} else {
		o.Link = r.plan.Platform.Links[f.Link].Name
	}
	r.failing[i].place = len(r.trace.Outages)
	r.trace.Outages = append(r.trace.Outages, o)
	if f.Random == nil {
		return nil
	}
	r.push(pending{kind: faultEnds, at: r.failing[i].to, index: int32(i)})
	r.faults++
	if r.barren++; r.barren > max(mostBarren, 100*len(r.plan.Faults)) {
		return fmt.Errorf("%w: no result came in the time of %d faults, until %v; let the times between faults be longer, "+
			"or the repairs shorter", ErrStalled, r.barren, time.Duration(r.now))
	}
	return nil
}

// up takes note that a fault is over, and that what it held up goes on.
func (r *run) up(i int) {
	r.trace.Outages[r.failing[i].place].ToNs = r.now
	r.faults--
	r.moved = r.now
	if r.plan.Faults[i].Random != nil {
		r.fail(i)
	}
}
