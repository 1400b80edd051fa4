package trace

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// several is the format of a trace whose events lie on several clocks. That of others has
// no number, as it has not changed since.
const several = 2

// header is the first line of a trace.
type header struct {
	Format int `json:"format,omitempty"`
	*Trace
}

// Write writes a trace as JSON Lines: the header, then one event a line, in
// order. Equal traces give equal bytes.
func Write(w io.Writer, t *Trace) error {
	f, err := NewWriter(w, t)
	if err != nil {
		return err
	}
	for i := range t.Events {
		if err := f.Add(&t.Events[i]); err != nil {
			return err
		}
	}
	return f.Flush()
}

// Writer writes a trace event by event, as Write does.
type Writer struct {
	b *bufio.Writer
	e *json.Encoder
	n int
}

// NewWriter writes the header of t to w, and returns a Writer for the events. Those of t
// itself are not written.
func NewWriter(w io.Writer, t *Trace) (*Writer, error) {
	b := bufio.NewWriterSize(w, 1<<16)
	f := &Writer{b: b, e: json.NewEncoder(b)}
	f.e.SetEscapeHTML(false)
	h := header{Trace: t}
	if t.Clocks != nil {
		h.Format = several
	}
	if err := f.e.Encode(h); err != nil {
		return nil, fmt.Errorf("write trace header: %w", err)
	}
	return f, nil
}

// Add writes the next event.
func (f *Writer) Add(e *Event) error {
	if err := f.e.Encode(e); err != nil {
		return fmt.Errorf("write trace event %d: %w", f.n, err)
	}
	f.n++
	return nil
}

// Flush writes what is held back; it does not close what lies below.
func (f *Writer) Flush() error {
	if err := f.b.Flush(); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	return nil
}

// Read reads what Write wrote. What can't be read is an error that wraps
// ErrFormat and names the line.
func Read(r io.Reader) (*Trace, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	t := &Trace{}
	h := header{Trace: t}
	switch err := dec.Decode(&h); {
	case err != nil:
		return nil, fmt.Errorf("%w: line 1: %w", ErrFormat, err)
	case h.Format > several:
		return nil, fmt.Errorf("%w: line 1: format %d; this program reads up to %d: update it", ErrFormat, h.Format, several)
	}
	for line := 2; ; line++ {
		var e Event
		err := dec.Decode(&e)
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrFormat, line, err)
		}
		switch e.Kind {
		case Firing, Send, Recv, Ack, Capture, Drop:
		default:
			return nil, fmt.Errorf("%w: line %d: kind %q; expected firing, send, recv, ack, capture or drop", ErrFormat, line,
				e.Kind)
		}
		if e.End < e.Start {
			return nil, fmt.Errorf("%w: line %d: it ends at %d, before its start at %d", ErrFormat, line, e.End, e.Start)
		}
		t.Events = append(t.Events, e)
	}
}
