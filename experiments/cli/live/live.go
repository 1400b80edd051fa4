// Package live computes from two successive answers of a testbed's agents how fast its devices
// work, and what bounds them. It is pure: it may neither ask agents, nor read a clock, nor print.
package live

import (
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Reading is what an agent has answered.
type Reading struct {
	Device string
	Error  string            // why there is no status
	Status *wire.AgentStatus // with its detail; nil: it has not answered
}

// Rates are those of a device between two readings: frames that all its actors have done, and all
// bytes of its agent's connections, those of messages about the run among them.
type Rates struct {
	FramesPerSec        float64 `json:"frames_per_sec"`
	SentBytesPerSec     float64 `json:"sent_bytes_per_sec"`
	ReceivedBytesPerSec float64 `json:"received_bytes_per_sec"`
}

// RatesOf returns the rates between two answers of a device, on its own clock; nil if they are
// not of one agent, as far as it is known. An engine that goes back, as after a restart of a peer,
// does so with its frames: they count as none.
func RatesOf(before, now *wire.AgentStatus) *Rates {
	seconds := between(before, now)
	if seconds == 0 {
		return nil
	}
	r := &Rates{
		SentBytesPerSec:     float64(now.SentBytes-before.SentBytes) / seconds,
		ReceivedBytesPerSec: float64(now.ReceivedBytes-before.ReceivedBytes) / seconds,
	}
	if before.Run == now.Run {
		r.FramesPerSec = max(0, float64(now.Frames-before.Frames)/seconds)
	}
	return r
}

// between returns the time between two answers of one agent in seconds; 0: they are not of one.
func between(before, now *wire.AgentStatus) float64 {
	if before == nil || now == nil || before.PID != now.PID || !before.Started.Equal(now.Started) ||
		now.AtNs <= before.AtNs {
		return 0
	}
	return float64(now.AtNs-before.AtNs) / 1e9
}

// Row is a device. What is not known, or not yet, is nil. Its field names in JSON are part of the
// interface of edgeprune top.
type Row struct {
	Device string     `json:"device"`
	Error  string     `json:"error,omitempty"` // why there is no answer; the rest is empty then
	State  wire.State `json:"state,omitempty"`
	Run    string     `json:"run,omitempty"`
	Owner  string     `json:"owner,omitempty"` // the coordinator that the device is held for
	Role   string     `json:"role,omitempty"`  // of the device in the run
	Frames int64      `json:"frames"`
	Total  int64      `json:"total"`
	// Seconds are those between the two readings, on the device's clock, that all rates are of; 0: there
	// are not two of one agent.
	Seconds float64 `json:"seconds,omitempty"`
	Rates   *Rates  `json:"rates,omitempty"`
	Units   []Unit  `json:"units,omitempty"`
	Links   []Link  `json:"links,omitempty"`
	FIFOs   []FIFO  `json:"fifos,omitempty"`
	// RecordWait is the share of the time, of all lanes, in which firings waited for records to be
	// sent.
	RecordWait *float64 `json:"record_wait,omitempty"`
	Hottest    *Zone    `json:"hottest,omitempty"`
	PowerMode  string   `json:"power_mode,omitempty"`
	Throttled  []string `json:"throttled,omitempty"`
	// Watts is the mean power of the device between the readings, by its meters, and Joules what
	// they have counted in the run so far.
	Watts  *float64 `json:"watts,omitempty"`
	Joules *float64 `json:"joules,omitempty"`
	// Failed is why the run has failed there, Waits what actors wait for that don't fire.
	Failed string   `json:"failed,omitempty"`
	Waits  []string `json:"waits,omitempty"`
}

// Unit is a processing unit. Busy is the share of the time, of all its lanes, in which it fired;
// by firings that have ended, so that it may be more than 1 where these are long.
type Unit struct {
	Name     string   `json:"name"`
	Provider string   `json:"provider"`
	Lanes    int      `json:"lanes"`
	Busy     *float64 `json:"busy,omitempty"`
}

// Link is what the device sends and receives over a link to or from a peer. Busy is the share of the
// time in which tokens that have left occupied the sender's side.
type Link struct {
	Name                string   `json:"name"`
	Peer                string   `json:"peer"`
	Busy                *float64 `json:"busy,omitempty"`
	SentBytesPerSec     *float64 `json:"sent_bytes_per_sec,omitempty"`
	ReceivedBytesPerSec *float64 `json:"received_bytes_per_sec,omitempty"`
	ResentTokens        int64    `json:"resent_tokens,omitempty"`
	// CapacityBytesPerSec is the bandwidth to the peer, as the plan gives it or as it was measured; 0: not
	// known.
	CapacityBytesPerSec float64 `json:"capacity_bytes_per_sec,omitempty"`
	Shaped              bool    `json:"shaped,omitempty"` // the device sends no faster
}

// FIFO is how full one is now.
type FIFO struct {
	Name     string `json:"name"`
	Peer     string `json:"peer,omitempty"`
	Sends    bool   `json:"sends,omitempty"` // to the peer
	Tokens   int    `json:"tokens"`
	Capacity int    `json:"capacity"`
}

// Zone is the temperature of a part of the device.
type Zone struct {
	Name    string  `json:"name"`
	Celsius float64 `json:"celsius"`
}
