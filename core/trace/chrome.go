package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// chromeEvent is an event of the Chrome trace-event format; times are in µs.
type chromeEvent struct {
	Name string         `json:"name"`
	Cat  string         `json:"cat,omitempty"`
	Ph   string         `json:"ph"` // X: complete, i: instant, M: metadata
	Pid  int            `json:"pid"`
	Tid  int            `json:"tid"`
	Ts   micros         `json:"ts"`
	Dur  *micros        `json:"dur,omitempty"`
	S    string         `json:"s,omitempty"` // scope of an instant
	Args map[string]any `json:"args,omitempty"`
}

// micros is a time in ns that is written in µs.
type micros int64

// MarshalJSON implements json.Marshaler.
func (m micros) MarshalJSON() ([]byte, error) {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Appendf(nil, "%s%d.%03d", sign, m/1000, m%1000), nil
}

// Chrome writes a trace in the Chrome trace-event format, which Perfetto opens:
// a process per device, a thread per processing unit and per direction of a link. Events of
// several clocks are put on one time line, with its uncertainty as an argument; errors of
// that wrap ErrClocks.
func Chrome(w io.Writer, t *Trace) error {
	line, err := NewLine(t)
	if err != nil {
		return err
	}
	c := &chrome{line: line, w: bufio.NewWriterSize(w, 1<<16), pids: map[string]int{}, tids: map[[2]string]int{}}
	c.text(`{"displayTimeUnit":"ms","traceEvents":[`)
	for i := range t.Events {
		c.event(&t.Events[i])
	}
	c.text("\n]}\n")
	if c.err == nil {
		c.err = c.w.Flush()
	}
	if c.err != nil {
		return fmt.Errorf("write Chrome trace: %w", c.err)
	}
	return nil
}

type chrome struct {
	line  *Line
	w     *bufio.Writer
	pids  map[string]int    // by device
	tids  map[[2]string]int // by device and row
	comma string
	err   error
}

func (c *chrome) text(s string) {
	if c.err == nil {
		_, c.err = c.w.WriteString(s)
	}
}

func (c *chrome) put(e chromeEvent) {
	b, err := json.Marshal(e)
	if c.err == nil {
		c.err = err
	}
	c.text(c.comma + "\n" + string(b))
	c.comma = ","
}

// row returns the process and thread of a row, and names them when they are new.
func (c *chrome) row(device, name string) (pid, tid int) {
	pid, ok := c.pids[device]
	if !ok {
		pid = len(c.pids) + 1
		c.pids[device] = pid
		c.put(chromeEvent{Name: "process_name", Ph: "M", Pid: pid, Args: map[string]any{"name": device}})
	}
	key := [2]string{device, name}
	tid, ok = c.tids[key]
	if !ok {
		tid = len(c.tids) + 1
		c.tids[key] = tid
		c.put(chromeEvent{Name: "thread_name", Ph: "M", Pid: pid, Tid: tid, Args: map[string]any{"name": name}})
	}
	return pid, tid
}

func (c *chrome) event(e *Event) {
	row := e.Unit
	switch e.Kind {
	case Send:
		row = "send " + e.Unit
	case Recv, Ack:
		row = "receive"
	case Capture, Drop:
		row = "capture"
	}
	pid, tid := c.row(e.Device, row)
	at := c.line.At(e.Device, e.Start)
	out := chromeEvent{Name: e.Name, Cat: string(e.Kind), Pid: pid, Tid: tid, Ts: micros(at.Middle()),
		Args: map[string]any{"frame": e.Frame}}
	if c.line.Several() {
		out.Args["clock_uncertainty_us"] = micros(at.Spread())
	}
	if e.Bytes > 0 {
		out.Args["bytes"] = e.Bytes
	}
	if e.Number > 0 {
		out.Args["number"] = e.Number
	}
	if e.Kind == Firing || e.Kind == Send {
		d := micros(e.End - e.Start)
		out.Ph, out.Dur = "X", &d
	} else {
		out.Ph, out.S = "i", "t"
	}
	c.put(out)
}
