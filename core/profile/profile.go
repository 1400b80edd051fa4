// Package profile holds what a firing and a message cost, as measured: the
// input of every prediction. It may not measure anything itself.
package profile

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrMissing says that something was never measured; its cost is unknown, not 0.
var ErrMissing = errors.New("not measured")

// Entry is the measured cost of one kind of firing.
type Entry struct {
	Samples  []time.Duration `json:"samples_ns"`          // kernel time per firing at slowdown 1, in order of measurement
	OutBytes []int64         `json:"out_bytes,omitempty"` // per output port: median bytes of a token
}

// Median returns the middle sample, 0 if there is none.
func (e Entry) Median() time.Duration {
	if len(e.Samples) == 0 {
		return 0
	}
	s := slices.Clone(e.Samples)
	slices.Sort(s)
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// Mean returns the mean of the samples, 0 if there is none.
func (e Entry) Mean() time.Duration {
	if len(e.Samples) == 0 {
		return 0
	}
	sum := time.Duration(0)
	for _, s := range e.Samples {
		sum += s
	}
	return sum / time.Duration(len(e.Samples))
}

// Skipped returns the key of the firings of a dynamic actor in which its atr is 0,
// so that it has no tokens on its variable ports; key is that of its other firings.
func Skipped(key string) string { return key + " atr 0" }

// Transport is the calibrated cost of the real transport on its machine, apart
// from the shaping of a link.
type Transport struct {
	PerMessage     time.Duration `json:"per_message_ns"`      // one way, an empty token, hand-over to hand-over
	PerByte        float64       `json:"per_byte_ns"`         // one way, added per byte of payload
	SendPerMessage time.Duration `json:"send_per_message_ns"` // the part that occupies the sender
	SendPerByte    float64       `json:"send_per_byte_ns"`
	Dispatch       time.Duration `json:"dispatch_ns"` // from one firing's end to the next one's start on a device
}

// Profile is all that was measured on one machine.
type Profile struct {
	Machine   string           `json:"machine"`
	Entries   map[string]Entry `json:"entries"` // by plan.Work.CostKey; see Skipped
	Transport Transport        `json:"transport"`
}

// Cost returns the entry for a cost key, or an error wrapping ErrMissing.
func (p *Profile) Cost(key string) (Entry, error) {
	e, ok := p.Entries[key]
	if !ok || len(e.Samples) == 0 {
		return Entry{}, fmt.Errorf("%w: %s; run edgeprune profile", ErrMissing, key)
	}
	return e, nil
}
