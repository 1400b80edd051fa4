package result

import (
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
)

// spans are the states of a row's devices, or that of the machine that the program ran on,
// which has no name.
func (r *Row) spans() []device.Of {
	if r.State != nil {
		return []device.Of{{Span: *r.State}}
	}
	return r.States
}

// throttling says which devices slowed themselves down, and by what that is known.
func throttling(of []device.Of) (all []string) {
	for i := range of {
		if why := of[i].Throttling(); len(why) > 0 {
			all = append(all, named(of[i].Device, strings.Join(why, ", ")))
		}
	}
	return all
}

// named is a text about a device, if that has a name.
func named(device, text string) string {
	if device == "" {
		return text
	}
	return device + ": " + text
}

// stateColumns follow where states were read. Where several devices tell theirs, a cell has
// them all by name.
var stateColumns = []column{
	{"throttled", ofRow(ofState(func(s *device.Span) string { return strings.Join(s.Throttling(), ", ") }))},
	{"others_busy_processors", ofRow(ofState(func(s *device.Span) string {
		n, ok := s.Others()
		if !ok {
			return ""
		}
		return number(n)
	}))},
	{"hottest_celsius", ofRow(ofState(func(s *device.Span) string {
		z, ok := s.Hottest()
		if !ok {
			return ""
		}
		return number(z.Celsius)
	}))},
	{"power_mode", ofRow(ofState(func(s *device.Span) string { return s.After.PowerMode }))},
}

// ofState is a value of the devices' states in a measurement.
func ofState(text func(*device.Span) string) func(*Row) string {
	return func(r *Row) string {
		var all []string
		for _, s := range r.spans() {
			if t := text(&s.Span); t != "" {
				all = append(all, named(s.Device, t))
			}
		}
		return strings.Join(all, "; ")
	}
}
