package trace

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// value is a float32 as JSON that keeps every number exactly. What JSON has no number for is a
// text: "NaN", "+Inf", "-Inf".
type value float32

// MarshalJSON writes the shortest number that is read back as the same.
func (v value) MarshalJSON() ([]byte, error) {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.AppendQuote(nil, strconv.FormatFloat(f, 'g', -1, 32)), nil
	}
	return strconv.AppendFloat(nil, float64(v), 'g', -1, 32), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *value) UnmarshalJSON(b []byte) error {
	text := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	}
	f, err := strconv.ParseFloat(text, 32)
	*v = value(f)
	return err
}

// line is a result as it is written.
type line struct {
	Instance string  `json:"instance,omitempty"`
	Frame    int64   `json:"frame"`
	Values   []value `json:"values"`
}

// WriteResults writes what sinks recorded as JSON Lines, a result a line: instance, frame and
// values. Equal results give equal bytes.
func WriteResults(w io.Writer, list []Result) error {
	b := bufio.NewWriterSize(w, 1<<16)
	e := json.NewEncoder(b)
	for _, r := range list {
		l := line{Instance: r.Instance, Frame: r.Frame, Values: make([]value, len(r.Values))}
		for i, x := range r.Values {
			l.Values[i] = value(x)
		}
		if err := e.Encode(l); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// ReadResults reads what WriteResults wrote. What can't be read is an error that wraps
// ErrFormat and names the result.
func ReadResults(r io.Reader) ([]Result, error) {
	var list []Result
	for d := json.NewDecoder(bufio.NewReader(r)); ; {
		var l line
		err := d.Decode(&l)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: result %d: %w", ErrFormat, len(list)+1, err)
		}
		x := Result{Instance: l.Instance, Frame: l.Frame, Values: make([]float32, len(l.Values))}
		for i, v := range l.Values {
			x.Values[i] = float32(v)
		}
		list = append(list, x)
	}
}
