// Package trace is the record of a run: what fired, what was sent, and when.
// Both drivers write it and all figures are computed from it. It may not read
// a clock or a file.
package trace

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
)

// Kind says what an event records.
type Kind string

// The kinds of events.
const (
	Firing Kind = "firing" // an actor fired on a unit from Start to End
	// Send: a token occupied the sender's side of a link from Start, or when the one before it there
	// had left (see Sender), to End: its last byte had left the device, as far as that can be told.
	Send Kind = "send"
	Recv Kind = "recv" // a token has wholly arrived; Start = End
	Ack  Kind = "ack"  // an acknowledgement has arrived; Start = End
	// Capture: a frame that a source captured at Start entered at End, as frame Frame of the run.
	Capture Kind = "capture"
	// Drop: a frame that a source captured at Start was dropped at End; Frame is due to enter next.
	Drop Kind = "drop"
)

// Event is one line of a trace. Times are in ns since the run's start, in
// virtual time for the simulator and on the device's own monotonic clock for a
// deployment: where devices have different clocks, a Line compares them.
type Event struct {
	Kind   Kind   `json:"kind"`
	Device string `json:"device"`
	Unit   string `json:"unit,omitempty"` // Firing: the processing unit; Send: the link
	Name   string `json:"name"`           // the actor's or FIFO's name
	Actor  int    `json:"actor"`          // index in the plan's graph; -1 for FIFO events
	FIFO   int    `json:"fifo"`           // index in the plan's graph; -1 for those of actors
	// the graph iteration, from 0: the actor's firing; Send, Recv: the producer's; Ack: the consumer's
	// last one it covers
	Frame int64 `json:"frame"`
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	Rate  int   `json:"rate,omitempty"`  // Firing of a configuration actor: the atr that it set
	Bytes int64 `json:"bytes,omitempty"` // payload of Send and Recv
	// Nominal is, of a Send, what End-Start would be if the link took every byte just
	// in time: Bytes at the link's bandwidth. It is 0 where no bandwidth is given.
	Nominal int64 `json:"nominal_ns,omitempty"`
	// Firing: ns of the kernel itself, before it was stretched; see plan.Unit.ProcessorTime
	Kernel int64 `json:"kernel,omitempty"`
	Number int64 `json:"number,omitempty"` // Capture, Drop: of the frame, among those that its source captured; from 1
}

// Trace is the record of one run.
type Trace struct {
	Plan     string `json:"plan"`
	Driver   string `json:"driver"` // "sim" or "deploy"
	Seed     uint64 `json:"seed"`
	Emulated bool   `json:"emulated"`          // a device was slowed or a link was shaped
	Partial  string `json:"partial,omitempty"` // why the run ended early; empty if it did not
	// Selected says which events of the run were kept, "" all of them. Without the others, what is
	// computed from a whole trace, such as the laws of Check, does not apply.
	Selected string `json:"selected,omitempty"`
	// Restarts is how often the run was interrupted: a device or the NATS server was
	// started again, a link failed, or a device did a lost peer's work. If any was, tokens
	// may have been sent and frames fired for twice, and of the laws that Check knows only
	// that of the results holds. What the simulator records leaves out firings that
	// counted for nothing; of what a deployment records, events may be missing.
	Restarts int `json:"restarts,omitempty"`
	// Outages are the times at which devices and links with faults were down, in the order of their
	// beginnings, and EndNs when a run with faults ended, in ns since its start. In a
	// deployment they are those in which the coordinator kept agents ended, on its clock.
	Outages []Outage `json:"outages,omitempty"`
	EndNs   int64    `json:"end_ns,omitempty"`
	// Dropped is how many events agents had to forget, as nobody took them. With any,
	// Check doesn't apply.
	Dropped int64 `json:"dropped,omitempty"`
	// Counted is what the devices' own counters say of their units at the end of a
	// complete run; the simulator has none.
	Counted []Counted `json:"counted,omitempty"`
	// Captured is what became of the frames of sources that capture them at times of their own,
	// by the sources' counters, at the end of a complete run.
	Captured []Captured `json:"captured,omitempty"`
	// Crossed is what crossed links that lose some of it, by FIFO, at the end of a complete run.
	Crossed []Crossed `json:"crossed,omitempty"`
	// Unchecked names conservation laws that could not be checked, each with its reason.
	Unchecked []string `json:"unchecked,omitempty"`
	// Waited names the devices whose firings waited for their records, as these were not
	// taken as fast as they came: the run's times hold that. The simulator has none.
	Waited []Waited `json:"waited,omitempty"`
	// Metered is what the devices' power meters counted, of those that have any that were
	// read; the simulator has none.
	Metered []energy.Metered `json:"metered,omitempty"`
	// States are those of the devices when the run was loaded on them and when it had ended, of
	// those whose agents read them; the simulator has none. What others kept busy includes other
	// agents on the machine.
	States []device.Of `json:"device_states,omitempty"`
	// BeganUnixNs is when the run began by the coordinator's clock of the day, in ns of the
	// Unix epoch; 0: not known, as of the simulator's. Nothing but recordings of meters beside
	// the devices is compared with it.
	BeganUnixNs int64 `json:"began_unix_ns,omitempty"`
	// Clocks is nil where all events were recorded on one clock.
	Clocks *Clocks `json:"clocks,omitempty"`
	// Assumed says what the simulator took for want of a measurement.
	Assumed []string `json:"assumed,omitempty"`
	// Fitted says what the simulator fitted to measured samples, and how well that fits.
	Fitted  []string `json:"fitted,omitempty"`
	Events  []Event  `json:"-"`
	Results []Result `json:"-"` // what the sinks recorded; the simulator records none
}

// Outage is a time at which a device or a link was down.
type Outage struct {
	Device string `json:"device,omitempty"`
	Link   string `json:"link,omitempty"`
	FromNs int64  `json:"from_ns"`
	ToNs   int64  `json:"to_ns,omitempty"` // 0: it was not over when the run ended
}

// Counted holds the counters of a processing unit.
type Counted struct {
	Device  string `json:"device"`
	Unit    string `json:"unit"`
	Firings int64  `json:"firings"`
	BusyNs  int64  `json:"busy_ns"` // of all lanes together
}

// Captured counts the frames of a source.
type Captured struct {
	Device string `json:"device"`
	Name   string `json:"name"`  // of the actor
	Actor  int    `json:"actor"` // index in the plan's graph
	admission.Counts
}

// String says it for people.
func (c Captured) String() string {
	return fmt.Sprintf("source %s: %d frames captured, %d entered, %d dropped, %d left waiting", c.Name, c.Captured,
		c.Captured-c.Dropped-c.Waiting, c.Dropped, c.Waiting)
}

// Crossed counts the bytes of a FIFO's tokens on a link that loses some, which are sent again.
type Crossed struct {
	Name      string `json:"name"` // of the FIFO
	Link      string `json:"link"`
	FIFO      int    `json:"fifo"`  // index in the plan's graph
	Bytes     int64  `json:"bytes"` // that left the sender
	LostBytes int64  `json:"lost_bytes"`
}

// Waited is for how long firings of a device waited for records to be sent.
type Waited struct {
	Device string `json:"device"`
	Ns     int64  `json:"ns"` // of all lanes of all units together
}

// String says it for people.
func (w Waited) String() string {
	return fmt.Sprintf("device %s: firings waited %v in all for records of the run to be sent", w.Device,
		time.Duration(w.Ns).Round(time.Microsecond))
}

// Result is what a sink recorded for one frame.
type Result struct {
	Instance string    `json:"instance,omitempty"` // of the application
	Frame    int64     `json:"frame"`
	Values   []float32 `json:"values"` // the token's rows that are in use, row-major
}
