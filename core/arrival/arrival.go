// Package arrival says when frames are due: at a fixed rate, at random times that a seed
// fixes ahead, or at recorded times, so that simulation and deployment have the same ones. It
// knows no clock and opens no file.
package arrival

import (
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
)

// Schedule says when the frames of a source are due, in ns since the run's start.
type Schedule struct {
	// PeriodNs is the time between frames, the first of which is due at OffsetNs. Of Poisson
	// arrivals it is the mean, and the first frame comes after such a time, too. 0: there is no
	// schedule, but for Recorded.
	PeriodNs int64
	OffsetNs int64
	// Poisson lets the times between frames be independent and exponentially distributed.
	Poisson bool
	Seed    uint64 // of Poisson arrivals
	// Recorded are the times, of which those before OffsetNs are left out and the others come that
	// much earlier; nil: there are none. It is shared and read-only.
	Recorded *Record
}

// Scheduled reports whether frames are due at times of their own.
func (s *Schedule) Scheduled() bool { return s.PeriodNs > 0 || s.Recorded != nil }

// Times gives the times of a Schedule, frame by frame. The zero Times is of no schedule. It
// allocates nothing.
type Times struct {
	of    Schedule
	frame int64 // that was asked for last, of Poisson arrivals
	at    int64
	known bool
	first int64 // of recorded arrivals: the number of the time of frame 0
}

// Of returns the times of a schedule.
func Of(s Schedule) Times {
	t := Times{of: s}
	if s.Recorded != nil {
		t.first = s.Recorded.from(s.OffsetNs)
	}
	return t
}

// Scheduled reports whether there is a schedule.
func (t *Times) Scheduled() bool { return t.of.Scheduled() }

// At returns when a frame, counted from 0, is due. Of Poisson arrivals, frames are best asked
// for in order: what lies between the last one and this one is drawn; before the last one, it
// begins anew. After the last of a record that does not begin anew, no frame is ever due.
func (t *Times) At(frame int64) int64 {
	switch {
	case t.of.Recorded != nil:
		at := t.of.Recorded.At(t.first + frame)
		if at == math.MaxInt64 {
			return at
		}
		return at - t.of.OffsetNs
	case !t.of.Poisson:
		return t.of.OffsetNs + frame*t.of.PeriodNs
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
func (s *Schedule) gap(frame int64) int64 {
	return int64(math.Round(-math.Log(draw.Uniform(s.Seed, uint64(frame))) * float64(s.PeriodNs)))
}
