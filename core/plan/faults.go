package plan

import (
	"time"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/failure"
)

// Detection is how long nothing is heard of a device before those at the other
// ends of its links count it as lost, in both drivers, unless a fault says otherwise:
// long enough for two of the heartbeats that an agent gives every half second.
const Detection = 1250 * time.Millisecond

// Fault is an interruption of a run, or many at random times. The process of a device dies At a
// time since the run's start, as if killed, loses all but its records, and is started again after
// For; or nothing crosses a link for that long, and what is on it is lost. The
// devices at the other ends count the peer as lost when it has been away for
// longer than Detect.
type Fault struct {
	Device int           `json:"device"` // index in Platform.Devices, -1 for a link's
	Link   int           `json:"link"`   // index in Platform.Links, -1 for a device's
	At     time.Duration `json:"at_ns"`
	For    time.Duration `json:"for_ns"`
	Detect time.Duration `json:"detect_ns"`
	// Random says when it happens in place of At and For; nil: once, at that time.
	Random *failure.Process `json:"random,omitempty"`
}

// End returns when a fault that happens once is over.
func (f *Fault) End() time.Duration { return f.At + f.For }

// Outages returns when a fault of the plan happens: at random, under the plan's seed and the name
// of the device or link, so that what else fails doesn't matter.
func (p *Plan) Outages(f *Fault) failure.Outages {
	if f.Random == nil {
		return failure.Once(f.At, f.For)
	}
	return failure.Random(*f.Random, draw.Mix(p.Seed, draw.Named("faults of "+p.Target(f))))
}

// Target names what a fault is of, as in "device server".
func (p *Plan) Target(f *Fault) string {
	if f.Device >= 0 {
		return "device " + p.Platform.Devices[f.Device].Name
	}
	return "link " + p.Platform.Links[f.Link].Name
}
