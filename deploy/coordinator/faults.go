package coordinator

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Interrupter is Processes that can end the agent of a device for a while.
type Interrupter interface {
	// Interrupt ends the process of a device's agent as kill -9 does, and keeps it from being started
	// again until resume is called. An error says that there is none at the moment.
	Interrupt(device string) (resume func(), err error)
}

// againAfter is how long the run waits before it tries again to end a process.
const againAfter = 10 * time.Millisecond

// supportsFaults returns an error wrapping ErrUnsupported if a plan has faults that can only be
// simulated.
func supportsFaults(p *plan.Plan) error {
	for i := range p.Faults {
		f, only := &p.Faults[i], ""
		switch {
		case f.Link >= 0:
			only = "a fault of a link"
		case f.Detect != plan.Detection:
			only = "another time of detection than " + plan.Detection.String()
		default:
			continue
		}
		return fmt.Errorf("%w: plan %s, fault of %s: %s is simulated only; remove it from the plan or use --driver sim",
			ErrUnsupported, p.Name, p.Target(f), only)
	}
	return nil
}

// interrupter returns what carries out the faults of a plan; nil: it has none.
func (d *Driver) interrupter(p *plan.Plan) (Interrupter, error) {
	if len(p.Faults) == 0 {
		return nil, nil
	}
	by, ok := d.Processes.(Interrupter)
	if !ok || d.Patience == 0 {
		return nil, fmt.Errorf("%w: plan %s has faults of devices: only agents that this program has started can be ended "+
			"and started again, and only with patience; run it on this machine with --patience 60s, or use --driver sim",
			ErrUnsupported, p.Name)
	}
	return by, nil
}

// interrupt ends the agent of a fault's device at its times since the run's start, and lets it come
// back after them, until the run is over.
func (r *run) interrupt(f *plan.Fault, by Interrupter) {
	name, outages := r.name(f.Device), r.plan.Outages(f)
	for {
		from, to, ok := outages.Next()
		if !ok || !r.sleep(from) {
			return
		}
		resume, err := by.Interrupt(name)
		for err != nil { // it is just being started
			if !r.sleep(r.since() + againAfter) {
				return
			}
			resume, err = by.Interrupt(name)
		}
		at := r.since()
		goesOn := r.sleep(to)
		resume()
		r.mu.Lock()
		r.outages = append(r.outages, trace.Outage{Device: name, FromNs: int64(at), ToNs: int64(r.since())})
		r.mu.Unlock()
		if !goesOn {
			return
		}
	}
}

// since returns the time since the run's start.
func (r *run) since() time.Duration { return time.Duration(r.times.own.Now() - r.t0.Load()) }

// sleep waits for a time since the run's start, and reports whether the run still goes on then.
func (r *run) sleep(until time.Duration) bool {
	timer := time.NewTimer(until - r.since())
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.done:
	case <-r.ctx.Done():
	}
	return false
}
