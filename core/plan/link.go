package plan

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// Duplex says whether both directions of a link can carry data at once.
type Duplex string

// The duplex modes.
const (
	Full Duplex = "full"
	Half Duplex = "half"
)

// Link joins two devices. A bandwidth of 0 leaves it unshaped: as fast as the
// transport goes.
type Link struct {
	Name    string   `yaml:"name" json:"name"`       // no other link's
	Between []string `yaml:"between" json:"between"` // two device names
	// BandwidthBytesPerSec may have a unit in YAML, such as 100Mbit/s.
	BandwidthBytesPerSec quantity.BytesPerSec `yaml:"bandwidth_bytes_per_sec,omitempty" json:"bandwidth_bytes_per_sec"`
	Latency              time.Duration        `yaml:"latency,omitempty" json:"latency_ns"` // one way
	Duplex               Duplex               `yaml:"duplex,omitempty" json:"duplex"`      // default full
	// Seal has a deployment encrypt the tokens that cross the link, from device to device. The
	// time that this takes is not simulated.
	Seal bool `yaml:"seal,omitempty" json:"seal,omitempty"`
	// Profile names a file of what tokens cost on the link, which edgeprune testbed probe writes,
	// relative to the plan's file; "": that is computed from bandwidth and latency. A deployment
	// on a testbed takes the link as it is.
	Profile string `yaml:"profile,omitempty" json:"profile,omitempty"`
	// Trace names a file of the link's bandwidth, latency or both over time, relative to the plan's
	// file, and TraceLoop lets it begin anew at its end: see profile.Rates and profile.Latencies. It
	// counts from the run's start.
	Trace     string   `yaml:"trace,omitempty" json:"trace,omitempty"`
	TraceLoop bool     `yaml:"trace_loop,omitempty" json:"trace_loop,omitempty"`
	Jitter    Jitter   `yaml:"jitter,omitempty" json:"jitter,omitzero"` // default none
	Loss      Loss     `yaml:"loss,omitempty" json:"loss,omitzero"`     // default none
	Outages   []Outage `yaml:"outages,omitempty" json:"outages,omitempty"`
	// Medium names what the link shares with others; "": it is private.
	Medium string `yaml:"medium,omitempty" json:"medium,omitempty"`
	// Unverified says why the figures can't be vouched for; empty if they can.
	Unverified string `yaml:"unverified,omitempty" json:"unverified,omitempty"`
	// CopyOf is, in a compiled plan, the name of the link that this one is a copy of.
	CopyOf string    `yaml:"-" json:"copy_of,omitempty"`
	Pos    graph.Pos `yaml:"-" json:"-"`
}

// Shaped reports whether a deployment has to emulate the link. One that was measured is there.
func (l *Link) Shaped() bool {
	return l.Profile == "" &&
		(l.BandwidthBytesPerSec > 0 || l.Latency > 0 || l.Trace != "" || l.Medium != "" || len(l.Outages) > 0)
}

// Serialisation returns the time that n bytes occupy the sender's side of the
// link: n / bandwidth, or 0 on an unshaped link. It is MaxTokenTime at most.
func (l *Link) Serialisation(n int64) time.Duration {
	if l.BandwidthBytesPerSec <= 0 {
		return 0
	}
	return time.Duration(min(float64(n)/float64(l.BandwidthBytesPerSec)*1e9, float64(MaxTokenTime)))
}

// MaxTokenTime bounds what a token is said to take for a link, so that times don't overflow.
const MaxTokenTime = 50 * MaxLinkTime

// CheckImpairments returns what is wrong with jitter, losses and outages, and under which key, as a
// path below the link's.
func (l *Link) CheckImpairments() (key string, err error) {
	if err := l.Jitter.Check(); err != nil {
		return "jitter", err
	}
	if err := l.Loss.Check(); err != nil {
		return "loss", err
	}
	if at, err := CheckOutages(l.Outages); err != nil {
		return fmt.Sprintf("outages[%d]", at), err
	}
	return "", nil
}
