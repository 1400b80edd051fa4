package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"
)

// ErrLatencies says that a latency over time can't be used.
var ErrLatencies = errors.New("no latency over time")

// Latency is the one-way latency of a link from a time on, until the next one's.
type Latency struct {
	At      time.Duration // since the run's start
	Latency time.Duration
}

// Latencies are the one-way latency of a link over time, in either direction. They are
// read-only; nil is none at any time.
type Latencies struct {
	at   []int64 // ns, from 0
	ns   []int64
	loop int64 // length of a loop; 0: the last one goes on
}

// maxLatency bounds a latency; a day is far beyond any.
const maxLatency = 24 * time.Hour

// NewLatencies returns the latency that a list says, whose times begin at 0 and rise. loop is as
// NewRates has it. At names a latency, by its index, in errors, which wrap ErrLatencies.
func NewLatencies(list []Latency, loop bool, at func(i int) string) (*Latencies, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: it has no rows", ErrLatencies)
	}
	l := &Latencies{}
	for i, x := range list {
		switch {
		case x.Latency < 0 || x.Latency > maxLatency:
			return nil, fmt.Errorf("%s: %w: %gs; expected 0 to %gs", at(i), ErrLatencies, x.Latency.Seconds(),
				maxLatency.Seconds())
		case i == 0 && x.At != 0:
			return nil, fmt.Errorf("%s: %w: it begins at %gs; expected 0", at(i), ErrLatencies, x.At.Seconds())
		case i > 0 && x.At <= list[i-1].At:
			return nil, fmt.Errorf("%s: %w: %gs comes after %gs; times must rise", at(i), ErrLatencies, x.At.Seconds(),
				list[i-1].At.Seconds())
		}
		l.at, l.ns = append(l.at, int64(x.At)), append(l.ns, int64(x.Latency))
	}
	if last := len(list) - 1; loop && last > 0 {
		l.loop = 2*l.at[last] - l.at[last-1]
	}
	return l, nil
}

// At returns the latency at a time, both in ns.
func (l *Latencies) At(at int64) int64 {
	if l == nil {
		return 0
	}
	if l.loop > 0 {
		at %= l.loop
	}
	return l.ns[max(sort.Search(len(l.at), func(i int) bool { return l.at[i] > at })-1, 0)]
}

// Mean returns the mean latency, over a loop or else until the last one begins.
func (l *Latencies) Mean() time.Duration {
	if l == nil {
		return 0
	}
	end, sum := l.at[len(l.at)-1], 0.0
	if l.loop > 0 {
		end = l.loop
	}
	if end == 0 {
		return time.Duration(l.ns[0])
	}
	for i, ns := range l.ns {
		until := end
		if i+1 < len(l.at) {
			until = l.at[i+1]
		}
		sum += float64(ns) * float64(until-l.at[i])
	}
	return time.Duration(sum / float64(end))
}

// latencies is what Latencies are in JSON.
type latencies struct {
	AtNs      []int64 `json:"at_ns"`
	LatencyNs []int64 `json:"latency_ns"`
	Loop      bool    `json:"loop,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (l *Latencies) MarshalJSON() ([]byte, error) {
	return json.Marshal(latencies{l.at, l.ns, l.loop > 0})
}

// UnmarshalJSON implements json.Unmarshaler; what can't be wraps ErrLatencies.
func (l *Latencies) UnmarshalJSON(b []byte) error {
	var of latencies
	if err := json.Unmarshal(b, &of); err != nil {
		return err
	}
	if len(of.AtNs) != len(of.LatencyNs) {
		return fmt.Errorf("%w: %d times and %d latencies", ErrLatencies, len(of.AtNs), len(of.LatencyNs))
	}
	list := make([]Latency, len(of.AtNs))
	for i, at := range of.AtNs {
		list[i] = Latency{time.Duration(at), time.Duration(of.LatencyNs[i])}
	}
	read, err := NewLatencies(list, of.Loop, func(i int) string { return fmt.Sprintf("latency %d", i) })
	if err == nil {
		*l = *read
	}
	return err
}
