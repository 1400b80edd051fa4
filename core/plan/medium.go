package plan

import (
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// Contention says what stations cost that send on a medium at the same time: NoContention,
// Linear, or the name of a Wi-Fi standard of package dcf, which has figures of its own.
type Contention string

// The contentions that are no Wi-Fi standard. With Linear, every station beyond the first makes
// messages take PerStation of their time more.
const (
	NoContention Contention = "none"
	Linear       Contention = "linear"
)

// MessageBytes is how long the messages of a medium are that says nothing of that: what Ethernet
// and Wi-Fi carry in a frame.
const MessageBytes = 1500

// Medium is what several links share, such as the air of a Wi-Fi cell. The tokens that cross it
// at a time share its capacity max-min fair, each within what its own link passes (see package
// share). A token at a time of every direction of a link crosses, of both together if the link is
// half duplex; the others wait. Acknowledgements and Hellos take nothing of it, as on other
// links: they are some hundred bytes. A link that has a profile was probed while nothing else
// crossed: its rate is what it passes, and the medium is there, so that no deployment emulates it.
type Medium struct {
	Name string `yaml:"name" json:"name"` // no other medium's
	// CapacityBytesPerSec is what crosses at a time, without what PerMessage and Contention cost;
	// of Wi-Fi the bit rate. It may have a unit in YAML, such as 54Mbit/s.
	CapacityBytesPerSec quantity.BytesPerSec `yaml:"capacity_bytes_per_sec,omitempty" json:"capacity_bytes_per_sec"`
	// PerMessage is how long every message takes beside its bytes. A token crosses in messages of
	// MessageBytes, of which the last may be shorter; 0: plan.MessageBytes.
	PerMessage   time.Duration `yaml:"per_message,omitempty" json:"per_message_ns,omitempty"`
	MessageBytes int64         `yaml:"message_bytes,omitempty" json:"message_bytes,omitempty"`
	Contention   Contention    `yaml:"contention,omitempty" json:"contention,omitempty"` // default none
	PerStation   float64       `yaml:"per_station,omitempty" json:"per_station,omitempty"`
	// Trace names a CSV file of the capacity over time in place of CapacityBytesPerSec, relative to
	// the plan's file, and TraceLoop lets it begin anew at its end: see profile.Rates.
	Trace     string `yaml:"trace,omitempty" json:"trace,omitempty"`
	TraceLoop bool   `yaml:"trace_loop,omitempty" json:"trace_loop,omitempty"`
	// Unverified says why the figures can't be vouched for; empty if they can.
	Unverified string    `yaml:"unverified,omitempty" json:"unverified,omitempty"`
	Pos        graph.Pos `yaml:"-" json:"-"`
}

// Medium returns the index of the medium that a link is on, or -1.
func (p *Platform) Medium(l *Link) int {
	for i := range p.Media {
		if l.Medium != "" && p.Media[i].Name == l.Medium {
			return i
		}
	}
	return -1
}
