package profile

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
)

// Device is what firings cost on one device, as measured there.
type Device struct {
	Fingerprint device.Fingerprint `json:"fingerprint"`
	Entries     map[string]Entry   `json:"entries"` // by plan.Work.CostKey; see Skipped
	// Dispatch is from one firing's end to the next one's start; 0 if it was not measured.
	Dispatch time.Duration `json:"dispatch_ns,omitempty"`
}

// CostOn returns the entry for a cost key on a device of the plan: of the device's own
// profile if it has one, else of the machine that runs the program. An entry that is not
// there is an error wrapping ErrMissing: no other device's costs are taken.
func (p *Profile) CostOn(device, key string) (Entry, error) {
	d := p.Devices[device]
	if d == nil {
		return p.Cost(key)
	}
	e, ok := d.Entries[key]
	if !ok || len(e.Samples) == 0 {
		return Entry{}, fmt.Errorf("%w on device %s: %s; run edgeprune profile --testbed FILE --device %s on what needs it",
			ErrMissing, device, key, device)
	}
	return e, nil
}

// OutBytesOn returns the bytes of a token at every output port of firings with a cost key on
// a device; nil if they were not measured.
func (p *Profile) OutBytesOn(device, key string) []int64 {
	if d := p.Devices[device]; d != nil {
		return d.Entries[key].OutBytes
	}
	return p.Entries[key].OutBytes
}

// DispatchOn returns the time from one firing's end to the next one's start on a device, that
// of the machine that runs the program where the device's was not measured.
func (p *Profile) DispatchOn(device string) time.Duration {
	if d := p.Devices[device]; d != nil && d.Dispatch > 0 {
		return d.Dispatch
	}
	return p.Transport.Dispatch
}
