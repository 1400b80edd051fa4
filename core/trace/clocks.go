package trace

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/trace/clocks"
)

// Clocks says which clocks a run's events were recorded on, where these are several.
type Clocks struct {
	// List holds the clocks; the first one is that of the run's time line. One without
	// devices is the coordinator's.
	List []Clock `json:"list"`
	// Probes are messages there and back between two clocks, as NTP's.
	Probes []Probe `json:"probes"`
	// Consumers are, by FIFO of the plan's graph, the actors that take its tokens.
	Consumers []int `json:"consumers"`
}

// Clock is a monotonic clock and the devices that record on it.
type Clock struct {
	ID      string   `json:"id"`
	Began   int64    `json:"began"` // what it showed at the run's start there, in ns
	Devices []string `json:"devices"`
}

// Probe is a message from clock From to clock To and its answer, in ns since the run's
// start on either clock.
type Probe struct {
	From     int   `json:"from"` // index in the list of clocks
	To       int   `json:"to"`
	Sent     int64 `json:"sent"`     // on From
	Taken    int64 `json:"taken"`    // on To
	Answered int64 `json:"answered"` // on To
	Back     int64 `json:"back"`     // on From
}

// tokens appends the tokens between clocks: of every FIFO, the nth that was received is the
// nth that was sent.
func (l *Line) tokens(messages []clocks.Message, t *Trace) []clocks.Message {
	sent := map[int][]*Event{}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == Send {
			sent[e.FIFO] = append(sent[e.FIFO], e)
		}
	}
	taken := map[int]int{}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind != Recv {
			continue
		}
		n := taken[e.FIFO]
		taken[e.FIFO]++
		if n < len(sent[e.FIFO]) {
			s := sent[e.FIFO][n]
			messages = l.message(messages, s.Device, s.Start, e)
		}
	}
	return messages
}

// acknowledgements appends those between clocks: each was sent after the last firing that it
// covers had ended.
func (l *Line) acknowledgements(messages []clocks.Message, t *Trace) []clocks.Message {
	fired := map[int][]*Event{} // by actor, in the order of frames
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == Firing {
			fired[e.Actor] = append(fired[e.Actor], e)
		}
	}
	byFrame := func(e *Event, frame int64) int { return cmp.Compare(e.Frame, frame) }
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind != Ack || e.FIFO < 0 || e.FIFO >= len(t.Clocks.Consumers) {
			continue
		}
		firings := fired[t.Clocks.Consumers[e.FIFO]]
		if at, found := slices.BinarySearchFunc(firings, e.Frame, byFrame); found {
			messages = l.message(messages, firings[at].Device, firings[at].End, e)
		}
	}
	return messages
}

// message appends one that was received as e, if it went from one clock to another.
func (l *Line) message(messages []clocks.Message, from string, sent int64, e *Event) []clocks.Message {
	f, known := l.clock[from]
	to, too := l.clock[e.Device]
	if !known || !too || f == to {
		return messages
	}
	return append(messages, clocks.Message{From: f, To: to, Sent: sent, Received: e.End})
}
