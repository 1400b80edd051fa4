// Package profile holds what a firing and a message cost, as measured: the
// input of every prediction. It may not measure anything itself.
package profile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/quantile"
)

// ErrMissing says that something was never measured; its cost is unknown, not 0.
var ErrMissing = errors.New("not measured")

// Entry is the measured cost of one kind of firing.
type Entry struct {
	Samples []time.Duration `json:"samples_ns"` // kernel time per firing at slowdown 1, in order of measurement
	// References are, for every sample, the time that a fixed reference computation took
	// beside it, so that a drift of the machine is known; none where that was not timed.
	References []time.Duration `json:"reference_ns,omitempty"`
	OutBytes   []int64         `json:"out_bytes,omitempty"` // per output port: median bytes of a token
	// Basis says how the samples were come by where they were not measured, such as "scaled from
	// …"; empty: they were measured.
	Basis string `json:"basis,omitempty"`
}

// Median returns the middle sample, 0 if there is none.
func (e Entry) Median() time.Duration { return quantile.Median(e.Samples) }

// Reference returns the middle of References, and false if a sample has none.
func (e Entry) Reference() (time.Duration, bool) {
	if len(e.Samples) == 0 || len(e.References) != len(e.Samples) || slices.Min(e.References) <= 0 {
		return 0, false
	}
	return quantile.Median(e.References), true
}

// Corrected returns what the firings cost on the machine as it is when the reference
// computation takes now: every sample times now over the reference beside it. It returns
// e and false if a sample has no reference.
func (e Entry) Corrected(now time.Duration) (Entry, bool) {
	if _, ok := e.Reference(); !ok || now <= 0 {
		return e, false
	}
	c := Entry{OutBytes: e.OutBytes}
	for i, s := range e.Samples {
		c.Samples = append(c.Samples, time.Duration(float64(s)*float64(now)/float64(e.References[i])))
		c.References = append(c.References, now)
	}
	return c, true
}

// Add appends the samples of another measurement of the same firings. References are kept
// if all samples of both have one.
func (e *Entry) Add(other Entry) {
	if len(e.References) != len(e.Samples) || len(other.References) != len(other.Samples) {
		e.References, other.References = nil, nil
	}
	e.Samples = append(slices.Clip(e.Samples), other.Samples...)
	e.References = append(slices.Clip(e.References), other.References...)
	if len(other.OutBytes) > 0 {
		e.OutBytes = other.OutBytes
	}
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

// Profile is all that was measured on one machine, and on the devices and links of
// a plan that have profiles of their own.
type Profile struct {
	Machine   string           `json:"machine"`
	Entries   map[string]Entry `json:"entries"` // by plan.Work.CostKey; see Skipped
	Transport Transport        `json:"transport"`
	// Devices are those with profiles of their own, by the plan's names: see CostOn.
	Devices map[string]*Device `json:"devices,omitempty"`
	// Links are those that were measured, or whose bandwidth over time is given, by the plan's
	// names.
	Links map[string]*Link `json:"links,omitempty"`
	// Media are those whose capacity over time is given, by the plan's names.
	Media map[string]*Medium `json:"media,omitempty"`
}

// Cost returns the entry for a cost key, or an error wrapping ErrMissing.
func (p *Profile) Cost(key string) (Entry, error) {
	e, ok := p.Entries[key]
	if !ok || len(e.Samples) == 0 {
		return Entry{}, fmt.Errorf("%w: %s; run edgeprune profile", ErrMissing, key)
	}
	return e, nil
}

// Corrected returns the profile of the machine as it is when the reference computation
// takes now. Entries without references, the transport and the devices with profiles of
// their own stay as they are.
func (p *Profile) Corrected(now time.Duration) *Profile {
	c := *p
	c.Entries = make(map[string]Entry, len(p.Entries))
	for key, e := range p.Entries {
		c.Entries[key], _ = e.Corrected(now)
	}
	return &c
}
