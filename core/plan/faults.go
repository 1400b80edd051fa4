package plan

import (
	"time"
)

// Detection is how long nothing is heard of a device before those at the other
// ends of its links count it as lost, in both drivers, unless a fault says otherwise:
// long enough for two of the heartbeats that an agent gives every half second.
const Detection = 1250 * time.Millisecond

// Fault is an interruption of a run. The process of a device dies At a time since
// the run's start, as if killed, loses all but its records, and is started again after
// For; or nothing crosses a link for that long, and what is on it is lost. The
// devices at the other ends count the peer as lost when it has been away for
// longer than Detect.
type Fault struct {
	Device int           `json:"device"` // index in Platform.Devices, -1 for a link's
	Link   int           `json:"link"`   // index in Platform.Links, -1 for a device's
	At     time.Duration `json:"at_ns"`
	For    time.Duration `json:"for_ns"`
	Detect time.Duration `json:"detect_ns"`
}

// End returns when the fault is over.
func (f *Fault) End() time.Duration { return f.At + f.For }
