// Package summary is what a simulated run comes to without its trace: numbers whose memory
// depends on the plan and not on how many frames it has. It may not run anything.
package summary

import (
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Run is what a run comes to. Times are virtual, from the run's start.
type Run struct {
	Header  *trace.Trace // of the run's trace, without events
	Firings int64        // that ended and were not void
	End     time.Duration
	// Latency is of the frames of all instances from the workload's Warmup on: see Frame.
	Latency   *quantile.Sketch
	Instances []Instance // with a source, in the order of these
	Sources   []Source   // whose frames wait, in the order of the graph
	Units     []Unit     // with actors, in the order of the platform
	Links     []Link     // that tokens cross, by direction, in the order of the platform
	Media     []Medium   // of the platform, in its order
	FIFOs     []FIFO     // in the order of the graph
	Devices   []Device   // with actors, in the order of the platform
	Actors    []Counted  // by actor: firings for frames from Warmup on
	Sends     []Counted  // by FIFO: tokens over a link of such frames
}

// Frame is what becomes of one frame of one instance.
type Frame struct {
	Instance int   // index in Run.Instances
	Number   int64 // of the graph iteration, from 0
	// BeganNs is when its latency begins: when it was captured or due, or else with the first
	// firing of a source. EndedNs is when the last sink's firing ended.
	BeganNs, EndedNs int64
	// EndpointNs is the measure of the union of the times in which the device of the instance's
	// source fired for it, or sent tokens of it. In a run that was interrupted, firings and
	// tokens that were repeated count as well, but for what came after the result.
	EndpointNs int64
	Bytes      int64 // that this device sent
	ATR        int   // the largest that a configuration actor set; 0 without one
}

// Instance is one instance of the application.
type Instance struct {
	Name   string
	Frames int64 // from the workload's Warmup on
	// Latency is that of these frames; nil where whoever had the plan run took the frames.
	Latency *quantile.Sketch
}

// Source is an actor whose frames wait for it: those that were captured, or those that were
// due by a schedule.
type Source struct {
	Actor  int     // index in the plan's graph
	Name   string  // of the actor
	Queue  float64 // frames that waited, on average until the run's end
	Most   int     // frames that waited at a time
	Counts *trace.Captured
}

// Unit is a processing unit.
type Unit struct {
	Device      string        `json:"device"`
	Unit        string        `json:"unit"`
	Lanes       int           `json:"lanes"`
	Firings     int64         `json:"firings"`
	Busy        time.Duration `json:"busy_ns"`     // of all lanes together, without the time between firings
	Utilisation float64       `json:"utilisation"` // Busy of the time of all lanes until the run's end
}

// Link is one direction of a link, or both of a half-duplex one.
type Link struct {
	Link string `json:"link"`
	From string `json:"from"` // the device that sends
	To   string `json:"to"`
	Half bool   `json:"half_duplex,omitempty"` // From and To send in turns
	// Tokens and Bytes were sent; LostTokens and LostBytes of them a fault has kept from
	// arriving, and Underway were on their way when the run ended.
	Tokens     int64 `json:"tokens"`
	Bytes      int64 `json:"bytes"`
	LostTokens int64 `json:"lost_tokens,omitempty"`
	LostBytes  int64 `json:"lost_bytes,omitempty"`
	Underway   int64 `json:"tokens_under_way,omitempty"`
	// UnderwayBytes are theirs.
	UnderwayBytes int64 `json:"bytes_under_way,omitempty"`
	// RepeatedBytes were lost by the link's loss and sent again, beside Bytes.
	RepeatedBytes int64 `json:"repeated_bytes,omitempty"`
	// Busy is how long the link passed bytes, or waited to in an outage, Sending how long tokens occupied their senders,
	// which may have room for bytes that the link has yet to pass.
	Busy        time.Duration `json:"busy_ns"`
	Sending     time.Duration `json:"sending_ns"`
	Utilisation float64       `json:"utilisation"` // Busy of the time until the run's end
	Queue       float64       `json:"queue_mean"`  // tokens that waited for the link, on average until then
	Most        int           `json:"queue_max"`
}

// Medium is what links share.
type Medium struct {
	Medium string `json:"medium"`
	Tokens int64  `json:"tokens"` // that have crossed it
	// Busy is the time that what crossed takes at the capacity of its time, Active the time in
	// which something crossed: more where what crossed was held up by its own links.
	Busy        time.Duration `json:"busy_ns"`
	Active      time.Duration `json:"active_ns"`
	Utilisation float64       `json:"utilisation"` // Busy of the time until the run's end
	Crossing    float64       `json:"crossing"`    // tokens that crossed at a time, on average until then
}

// FIFO is a FIFO of the graph.
type FIFO struct {
	FIFO int // index in the plan's graph
	// Queue is how many tokens waited at its consumer on average until the run's end: they had
	// come and no firing had taken them. nil: it is not known, of a FIFO of control tokens, and of
	// one of variable rate in a plan with faults.
	Queue *float64
	// Most is the greatest number of tokens that waited after any event, tokens that were taken
	// at once not among them; 65,535 stands for itself and all above. nil: it is not known, of a
	// FIFO of variable rate.
	Most *int
	// Of a FIFO over a link; "" and 0 of others.
	Link        string
	Tokens      int64
	SendQueue   float64       // how many tokens waited for the link on average until the run's end
	Busy        time.Duration // occupying the sender
	Utilisation float64       // of one direction of the link, by this FIFO's tokens, as Busy says
}

// Device is what a device did until the run's end.
type Device struct {
	Device string `json:"device"`
	Busy   energy.Busy
	// Energy is that of the device by its power figures; nil: not known, see Missing.
	Energy  *energy.States
	Missing string
	Basis   string // of the power figures
}

// Counted is how often something happened and how long it took in all.
type Counted struct{ N, Ns int64 }

// Observer is what somebody wants to see of a run that is summed up. What is passed to a
// function is the caller's until it returns; an error ends the run. The zero Observer wants
// nothing.
type Observer struct {
	// Frame takes every frame as it leaves, in the order of numbers within each instance, from
	// the first on. nil: the Latency of Instances is filled in, and nothing else is known of frames,
	// which takes less time.
	Frame func(*Frame) error
	// Event takes the events of the run's trace in their order, after Begin was given its header.
	// Of a plan with faults, all are kept until the run is over. nil: none is recorded, which
	// takes the least time.
	Event func(*trace.Event) error
	Begin func(*trace.Trace) error
}
