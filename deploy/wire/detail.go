package wire

import (
	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
)

// Detail is what StatusRequest.Detail asks for besides.
type Detail struct {
	Work *Work `json:"work,omitempty"` // in the run; nil: none is loaded
	// State is the device's now; nil: the agent was not told where to read it.
	State *device.State `json:"state,omitempty"`
}

// Work is what a device has done in a run, and what its FIFOs hold. Counts are since the run
// was loaded on it, times in ns.
type Work struct {
	Role  string     `json:"role"` // of the device in the plan
	Units []UnitWork `json:"units"`
	Links []LinkWork `json:"links,omitempty"`
	FIFOs []FIFOWork `json:"fifos,omitempty"` // those to and from other devices first
	// FIFOsLeftOut is how many more FIFOs there are: of a device with very many, not all are told.
	FIFOsLeftOut int   `json:"fifos_left_out,omitempty"`
	WaitedNs     int64 `json:"waited_ns"` // firings waited for records to be sent, the sum over all lanes
	Fallbacks    int   `json:"fallbacks"` // as in AgentStatus
	// Captured are the frames that sources have captured by themselves, Dropped those of them that
	// never entered, by the drop policy.
	Captured int64 `json:"captured,omitempty"`
	Dropped  int64 `json:"dropped,omitempty"`
	// Energy is what the meters of the device have counted since the run's start; nil: none is
	// read, or EnergyMissing says what is missing.
	Energy        *energy.Amount `json:"energy,omitempty"`
	EnergyMissing string         `json:"energy_missing,omitempty"`
}

// UnitWork is that of a processing unit.
type UnitWork struct {
	Name     string `json:"name"`
	Provider string `json:"provider"` // of ONNX Runtime
	Lanes    int    `json:"lanes"`    // firings that it may run at a time
	Firings  int64  `json:"firings"`  // that are done
	BusyNs   int64  `json:"busy_ns"`  // by these, the sum over all lanes
}

// LinkWork is what crosses a link between the device and a peer: tokens, and their bytes without
// headers. Between devices that no link joins, Name is empty.
type LinkWork struct {
	Name          string `json:"name"`
	Peer          string `json:"peer"`
	SentTokens    int64  `json:"sent_tokens"`
	SentBytes     int64  `json:"sent_bytes"`
	ResentTokens  int64  `json:"resent_tokens"` // sent once more, as the peer lacked them
	ReceivedBytes int64  `json:"received_bytes"`
	// ReceivedTokens are those that have wholly arrived.
	ReceivedTokens int64 `json:"received_tokens"`
	// BusyNs is for how long tokens that were sent have occupied the sender's side.
	BusyNs int64 `json:"busy_ns"`
	// BytesPerSec is the bandwidth that the plan gives the link in each direction, or at which it
	// was measured to pass tokens to the peer; 0: neither is known. Shaped says that the device
	// sends no faster.
	BytesPerSec float64 `json:"bytes_per_sec,omitempty"`
	Shaped      bool    `json:"shaped,omitempty"`
}

// FIFOWork is how full a FIFO is, or its half on the device.
type FIFOWork struct {
	Name     string `json:"name"`
	Peer     string `json:"peer,omitempty"`  // the device of the other half
	Sends    bool   `json:"sends,omitempty"` // it is the producer's half, whose tokens await the peer's commit
	Tokens   int    `json:"tokens"`          // whose memory is in use, or spoken for
	Capacity int    `json:"capacity"`
}

// clean makes all texts fit to print.
func (d *Detail) clean() {
	if w := d.Work; w != nil {
		clean(&w.Role, NoteBytes)
		clean(&w.EnergyMissing, TextBytes)
		for i := range w.Units {
			clean(&w.Units[i].Name, NoteBytes)
			clean(&w.Units[i].Provider, NoteBytes)
		}
		for i := range w.Links {
			clean(&w.Links[i].Name, NoteBytes)
			clean(&w.Links[i].Peer, NoteBytes)
		}
		for i := range w.FIFOs {
			clean(&w.FIFOs[i].Name, NoteBytes)
			clean(&w.FIFOs[i].Peer, NoteBytes)
		}
	}
	if d.State != nil {
		cleanState(d.State)
	}
}

// cleanState makes all texts of a device's state fit to print.
func cleanState(s *device.State) {
	clean(&s.PowerMode, NoteBytes)
	s.Missing = cleanAll(s.Missing)
	for i := range s.Clocks {
		clean(&s.Clocks[i].Of, NoteBytes)
		clean(&s.Clocks[i].Governor, NoteBytes)
	}
	for i := range s.Zones {
		clean(&s.Zones[i].Name, NoteBytes)
	}
	for i := range s.Throttled {
		clean(&s.Throttled[i].Name, NoteBytes)
	}
}
