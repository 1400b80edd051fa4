// Package arrival says when frames are due: at a fixed rate, or at random times that a seed
// fixes ahead, so that simulation and deployment have the same ones. It knows no clock.
package arrival

import (
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
)

// Schedule says when the frames of a source are due, in ns since the run's start.
type Schedule struct {
	// PeriodNs is the time between frames, the first of which is due at 0. Of Poisson arrivals
	// it is the mean, and the first frame comes after such a time, too. 0: there is no schedule.
	PeriodNs int64
	// Poisson lets the times between frames be independent and exponentially distributed.
	Poisson bool
	Seed    uint64 // of Poisson arrivals
}

// Times gives the times of a Schedule, frame by frame. The zero Times is of no schedule. It
// allocates nothing.
type Times struct {
	of    Schedule
	frame int64 // that was asked for last, of Poisson arrivals
	at    int64
	known bool
}

// Of returns the times of a schedule.
func Of(s Schedule) Times { return Times{of: s} }

// Scheduled reports whether there is a schedule.
func (t *Times) Scheduled() bool { return t.of.PeriodNs > 0 }

// At returns when a frame, counted from 0, is due. Of Poisson arrivals, frames are best asked
// for in order: what lies between the last one and this one is drawn; before the last one, it
// begins anew.
func (t *Times) At(frame int64) int64 {
	if !t.of.Poisson {
		return frame * t.of.PeriodNs
	}
	if !t.known || frame < t.frame {
		t.frame, t.at, t.known = 0, t.of.gap(0), true
	}
	for t.frame < frame {
		t.frame++
		t.at += t.of.gap(t.frame)
	}
	return t.at
}

// gap returns the time before a frame, rounded to ns.
func (s Schedule) gap(frame int64) int64 {
	return int64(math.Round(-math.Log(draw.Uniform(s.Seed, uint64(frame))) * float64(s.PeriodNs)))
}
