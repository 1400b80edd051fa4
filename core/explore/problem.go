package explore

import (
	"fmt"
	"math"
)

// Problem is a graph of tasks, and where they can run.
type Problem struct {
	Tasks    []Task // each behind those whose tokens it takes
	Nets     []Net
	Units    []Unit
	Devices  []Device
	Channels int // that hops may keep busy: a direction of a link, or a medium that links share
	// Hop says how the token of a net crosses from a device to another one; ok is false where no
	// link joins them.
	Hop func(net, from, to int) (h Hop, ok bool)
	// Fused, if not nil, is the time in ns that a task adds to a firing that begins with task
	// first, in place of Task.Nanos: see Task.Joins. It may be negative, as measured differences are;
	// a firing as a whole takes no less than 0.
	Fused func(unit, first, task int) float64
	// FrameInterval is the time between frames in ns for which energy is counted; 0: one frame is
	// under way at a time, so that it is the latency.
	FrameInterval float64
}

// Task is what runs on one unit.
type Task struct {
	Name string
	// Nanos is how long it takes, by unit, in ns; negative: it can't run there.
	Nanos []float64
	// MemoryBytes are what its device has to hold, beside tokens.
	MemoryBytes float64
	// Joins makes one firing of the task and the one listed before it where both run on one unit:
	// it begins when all tokens are there that its tasks take, and makes all of theirs when it
	// ends. What one of its tasks makes for another is no token.
	Joins bool
}

// Net is what one task makes and others take.
type Net struct {
	From int
	To   []int // rising
	// Bytes cross a link, after the codec.
	Bytes float64
	// HeldBytes are what its tokens take on the device of a task that takes them where they were
	// made, SentBytes on either of both devices where they cross.
	HeldBytes, SentBytes float64
	// Encode and Decode are the codec's times by unit, in ns; nil: none.
	Encode, Decode []float64
	// Leakage says how much of the input the token gives away, Loss what its codec costs in
	// quality. They matter where the token crosses.
	Leakage, Loss float64
	Raw           bool // it is a frame as it was captured, coded or not
}

// Unit is a processing unit.
type Unit struct {
	Name   string
	Device int
	Lanes  int     // tasks at a time; 0 is 1. With several, tasks don't wait for the unit
	Watts  float64 // in addition to idle while it computes
}

// Device is a machine.
type Device struct {
	Name     string
	Endpoint bool
	// Idle, Send and Receive are its powers in W, the last two in addition to Idle.
	Idle, Send, Receive float64
}

// Hop is what a token takes on its way between two devices, in ns.
type Hop struct {
	Channel   int
	Occupancy float64 // it keeps the channel busy
	Flight    float64 // from there to its arrival
	Sending   float64 // it occupies its sender; counts as endpoint time
}

// check reports what is wrong with a problem.
func (p *Problem) check() error {
	if len(p.Tasks) == 0 || len(p.Units) == 0 || len(p.Devices) == 0 {
		return fmt.Errorf("%w: %d tasks, %d units and %d devices; give at least one of each", ErrProblem, len(p.Tasks),
			len(p.Units), len(p.Devices))
	}
	if len(p.Devices) > maxDevices || len(p.Units) > maxUnits {
		return fmt.Errorf("%w: %d devices and %d units; at most %d and %d", ErrProblem, len(p.Devices), len(p.Units),
			maxDevices, maxUnits)
	}
	for _, u := range p.Units {
		if u.Device < 0 || u.Device >= len(p.Devices) {
			return fmt.Errorf("%w: unit %s is of device %d of %d", ErrProblem, u.Name, u.Device, len(p.Devices))
		}
	}
	for _, t := range p.Tasks {
		if len(t.Nanos) != len(p.Units) {
			return fmt.Errorf("%w: task %s has costs for %d of %d units", ErrProblem, t.Name, len(t.Nanos), len(p.Units))
		}
		somewhere := false
		for _, ns := range t.Nanos {
			if math.IsNaN(ns) || math.IsInf(ns, 0) {
				return fmt.Errorf("%w: task %s costs %g ns", ErrProblem, t.Name, ns)
			}
			somewhere = somewhere || ns >= 0
		}
		if !somewhere {
			return fmt.Errorf("%w: task %s can run nowhere; allow it a unit", ErrProblem, t.Name)
		}
	}
	for i, n := range p.Nets {
		for k, to := range n.To {
			if n.From < 0 || to <= n.From || to >= len(p.Tasks) || k > 0 && to <= n.To[k-1] {
				return fmt.Errorf("%w: net %d goes from task %d to %v; tasks stand behind those that they need", ErrProblem,
					i, n.From, n.To)
			}
		}
	}
	return nil
}

const (
	maxDevices = 64
	maxUnits   = 250
)
