package trace

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Write writes a trace as JSON Lines: the header, then one event a line, in
// order. Equal traces give equal bytes.
func Write(w io.Writer, t *Trace) error {
	b := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		return fmt.Errorf("write trace header: %w", err)
	}
	for i := range t.Events {
		if err := enc.Encode(&t.Events[i]); err != nil {
			return fmt.Errorf("write trace event %d: %w", i, err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	return nil
}

// Read reads what Write wrote. What can't be read is an error that wraps
// ErrFormat and names the line.
func Read(r io.Reader) (*Trace, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	t := &Trace{}
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("%w: line 1: %w", ErrFormat, err)
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
		case Firing, Send, Recv, Ack:
		default:
			return nil, fmt.Errorf("%w: line %d: kind %q; expected firing, send, recv or ack", ErrFormat, line, e.Kind)
		}
		if e.End < e.Start {
			return nil, fmt.Errorf("%w: line %d: it ends at %d, before its start at %d", ErrFormat, line, e.End, e.Start)
		}
		t.Events = append(t.Events, e)
	}
}
