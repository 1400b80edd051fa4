// Package device is the state that a device was in while it worked: clocks, power mode,
// temperatures, throttling, memory and load. It may not read any of it, nor fill in what is
// missing.
package device

import (
	"fmt"
	"slices"
)

// State is a device's at one time. What can't be read is left out, never 0.
type State struct {
	Clocks    []Clock `json:"clocks,omitempty"`
	PowerMode string  `json:"power_mode,omitempty"` // of nvpmodel, such as "0 MAXN"
	Zones     []Zone  `json:"temperatures,omitempty"`
	// Throttled are the counters and flags that say that the hardware slowed itself down.
	Throttled []Throttle `json:"throttled,omitempty"`
	Memory    *Memory    `json:"memory,omitempty"`
	CPU       *CPU       `json:"cpu,omitempty"`
	Missing   []string   `json:"missing,omitempty"` // what could not be read
}

// Clock is that of the processors that share a policy, or of an accelerator.
type Clock struct {
	Of       string  `json:"of"` // such as "cpu 0-3" or "gpu"
	Governor string  `json:"governor,omitempty"`
	Hz       float64 `json:"hz,omitempty"` // now; 0: not shown
	// MinHz and MaxHz are the limits that are set, TopHz is what the hardware could.
	MinHz float64 `json:"min_hz,omitempty"`
	MaxHz float64 `json:"max_hz,omitempty"`
	TopHz float64 `json:"top_hz,omitempty"`
}

// Zone is the temperature of a part of the device.
type Zone struct {
	Name    string  `json:"name"`
	Celsius float64 `json:"celsius"`
}

// Throttle is a counter of events, or a flag that is on (1) or off (0).
type Throttle struct {
	Name  string `json:"name"`
	Flag  bool   `json:"flag,omitempty"` // on now; else Value counts since the device started
	Value int64  `json:"value"`
}

// Memory is in bytes.
type Memory struct {
	Total     int64 `json:"total_bytes"`
	Available int64 `json:"available_bytes"`
	SwapUsed  int64 `json:"swap_used_bytes"`
}

// CPU is processor time since the device started, in seconds over all processors.
type CPU struct {
	Busy float64 `json:"busy_s"` // of all processes
	Own  float64 `json:"own_s"`  // of the program and its children
	Up   float64 `json:"up_s"`   // for how long the device has run
}

// Span is the state before and after some work.
type Span struct {
	Before State `json:"before"`
	After  State `json:"after"`
}

// Of is the span of a device by name.
type Of struct {
	Device string `json:"device"`
	Span
}

// Join returns the spans of devices over some work and what came after it: from the states
// before the first to those after the second. A flag that was on in between is on in After. A
// device that only one of them has is as it is there.
func Join(first, second []Of) []Of {
	all := slices.Clone(first)
	for _, s := range second {
		i := slices.IndexFunc(all, func(o Of) bool { return o.Device == s.Device })
		if i < 0 {
			all = append(all, s)
			continue
		}
		flags := slices.Concat(all[i].After.Throttled, s.Before.Throttled)
		s.Before = all[i].Before
		s.After.Throttled = slices.Clone(s.After.Throttled)
		for k, t := range s.After.Throttled {
			on := slices.IndexFunc(flags, func(f Throttle) bool { return f.Flag && f.Name == t.Name && f.Value != 0 })
			if t.Flag && on >= 0 {
				s.After.Throttled[k].Value = max(t.Value, flags[on].Value)
			}
		}
		all[i] = s
	}
	return all
}

// Throttling says why the device counts as throttled in between: a counter that rose, or a flag
// that was on at one of its ends; nil if none did.
func (s *Span) Throttling() []string {
	var why []string
	for _, after := range s.After.Throttled {
		i := slices.IndexFunc(s.Before.Throttled, func(t Throttle) bool { return t.Name == after.Name })
		switch {
		case after.Flag && after.Value != 0:
			why = append(why, after.Name)
		case !after.Flag && i >= 0 && after.Value > s.Before.Throttled[i].Value:
			why = append(why, fmt.Sprintf("%s rose by %d", after.Name, after.Value-s.Before.Throttled[i].Value))
		}
	}
	for _, before := range s.Before.Throttled {
		if before.Flag && before.Value != 0 && !slices.Contains(why, before.Name) {
			why = append(why, before.Name)
		}
	}
	return why
}

// Others returns how many processors other programs kept busy on average; false if that is not
// known.
func (s *Span) Others() (processors float64, ok bool) {
	b, a := s.Before.CPU, s.After.CPU
	if b == nil || a == nil || a.Up <= b.Up {
		return 0, false
	}
	return max((a.Busy-b.Busy)-(a.Own-b.Own), 0) / (a.Up - b.Up), true
}

// Hottest returns the zone with the highest temperature at either end; false if none is known.
func (s *Span) Hottest() (Zone, bool) {
	all := slices.Concat(s.Before.Zones, s.After.Zones)
	if len(all) == 0 {
		return Zone{}, false
	}
	return slices.MaxFunc(all, func(a, b Zone) int {
		switch {
		case a.Celsius < b.Celsius:
			return -1
		case a.Celsius > b.Celsius:
			return 1
		}
		return 0
	}), true
}
